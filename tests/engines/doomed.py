"""A process that dies at a given step of a commit, telling what it was told.

python doomed.py LEDGER STEP NTH PAYER
"""

import os
import signal
import sys
from pathlib import Path

from careledger.engines import store
from careledger.engines.buckets import Buckets
from careledger.engines.embedded import Engine
from careledger.engines.levels import StateTree
from careledger.engines.log_store import LogStore
from careledger.engines.row_files import RowFiles
from careledger.engines.store import Store
from careledger.engines.tail import Tail
from tests.engines.market import setup, transfer

STEPS = {
    "begin": (Store, "begin"),
    "tree": (StateTree, "apply"),
    "rows": (RowFiles, "write"),
    "log": (LogStore, "append"),
    "leaves": (LogStore, "write"),
    "journal": (store, "write_journal"),
    "bodies": (Store, "_write_rest"),
    "copy": (Store, "_copy"),
    "sync": (RowFiles, "sync"),
    "pages": (Buckets, "finish"),
    "commit": (Store, "_commit"),
    "settled": (Buckets, "settle"),
    "committed": (LogStore, "written"),
    "remembered": (Tail, "add"),
}


def die_at(step: str, nth: int) -> None:
    """Kill this process before the `nth` call of a step."""
    owner, name = STEPS[step]
    original = getattr(owner, name)
    left = [nth]

    def doomed(*args: object) -> object:
        left[0] -= 1
        if not left[0]:
            os.kill(os.getpid(), signal.SIGKILL)
        return original(*args)

    setattr(owner, name, doomed)


def main() -> None:
    path, step, nth, payer = sys.argv[1:]
    with Engine.open(Path(path), setup()) as engine:
        die_at(step, int(nth))
        for _ in range(100):
            verdict = engine.submit(transfer(int(payer), 0)).result()
            sys.stdout.write(verdict.tx_id.hex() + "\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
