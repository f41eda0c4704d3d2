"""A process that imports through its parent's node, to be killed by the parent.

    python import_child.py SOCKET

The parent sends what the child needs and then serves its questions, one by one.
"""

import sys
from multiprocessing.connection import Client
from threading import Lock

from careledger.client.cards import Identity
from careledger.client.keystore import Kept, Keystore
from careledger.client.line import Line
from careledger.client.practitioner import Practitioner
from careledger.fhir.importing import import_sources
from careledger.fhir.reference_store import ReferenceStore
from careledger.fhir.sources import bytes_source
from careledger.primitives.encoding import decode


class Piped:
    """A transport to the parent."""

    def __init__(self, connection, chain_id, log_key) -> None:
        self.chain_id, self.log_key = chain_id, log_key
        self._connection, self._lock = connection, Lock()

    def _call(self, name, *args):
        with self._lock:
            self._connection.send((name, args))
            return self._connection.recv()

    def time(self):
        return self._call("time")

    def submit(self, envelope):
        return self._call("submit", envelope)

    def ask(self, asked):
        return self._call("ask", asked)

    def growth(self, old, new):
        return self._call("growth", old, new)


def main() -> None:
    connection = Client(sys.argv[1], "AF_UNIX")
    chain_id, log_key, seed, kept, record, content = connection.recv()
    store = Keystore(seed)
    store.change(
        **{name: getattr(decode(kept, Kept), name) for name in Kept.__struct_fields__}
    )
    line = Line(Piped(connection, chain_id, log_key))
    ada = Practitioner(
        line, store, Identity("Dr. Ada Lind", store.member.signing.public, "")
    )
    report = import_sources(ada, record, [bytes_source("1", content)], ReferenceStore())
    connection.send(("done", (report.stored,)))


if __name__ == "__main__":
    main()
