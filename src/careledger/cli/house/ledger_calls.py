"""The node's own ledger, told to commands that run beside it.

Only the user whose node it is can call (`serving.listening`), and may read the file
itself; so nothing is kept back here but the seed of the salts.
"""

from collections.abc import Callable
from itertools import islice

from careledger.cli.house.rooms import Rooms
from careledger.primitives.encoding import decode, encode


def ledger_calls(rooms: Rooms) -> dict[str, Callable[[bytes], bytes]]:
    """Return call → what answers it; see `beside.Beside` for the other end."""
    query = rooms.engine.query
    return {
        "chain": lambda _: encode(rooms.transport.chain_id),
        "head": lambda _: encode(query.head._replace(seed=b"")),
        "state": lambda raw: encode(query.state(decode(raw, bytes))),
        "receipt": lambda raw: encode(query.receipt(decode(raw, bytes))),
        "leaf": lambda raw: encode(query.leaf(decode(raw, int))),
        "block": lambda raw: encode(list(islice(query.blocks(decode(raw, int)), 1))),
        "prove-state": lambda raw: encode(query.prove_state(decode(raw, bytes))),
        "prove-leaf": lambda raw: encode(query.prove_leaf(*_two(raw))),
        "checkpoint": lambda _: encode(rooms.checkpoint()),
    }


def _two(raw: bytes) -> tuple[int, int]:
    position, size = decode(raw, tuple[int, int])
    return position, size
