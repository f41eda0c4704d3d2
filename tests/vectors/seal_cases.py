"""Fixed keys, fixed chance, and the form of a case, for the golden vectors of sealing."""

import hashlib

from careledger.sealing.binding import Binding
from careledger.sealing.keys import derive
from careledger.sealing.seeds import handle_keys

CHAIN, EPOCH = "vectors-1", 3
RECORD, ENTRY = bytes(range(32)), bytes(range(16))
PLACE = Binding(CHAIN, RECORD, EPOCH)
SEED = bytes(range(100, 132))
ALICE, BOB = handle_keys(SEED, b"phone", 0), handle_keys(SEED, b"phone", 1)
ALICE_SEED = derive(
    derive(SEED, b"careledger/handle/v1", b"phone", bytes(8)), b"careledger/x-wing/v1"
)
OTHER_SEED = bytes(range(200, 232))
SENDER = BOB.signing.public


def chance(name):
    """Return a source of chance that is the same in every run."""
    calls = iter(range(1000))
    return lambda size: hashlib.shake_256(
        b"%s %d" % (name.encode(), next(calls))
    ).digest(size)


def case(name, expect="ok", result=None, **how):
    """Return one case; `how` is `exchange`, `flip` or `slices`."""
    if "exchange" in how:
        how["with"] = how.pop("exchange")
    return (
        {"name": name, "expect": expect}
        | how
        | ({} if result is None else {"result": result.hex()})
    )


def place(**changes):
    """Return the arguments that bind to a place."""
    return {"chain_id": CHAIN, "record": RECORD.hex(), "epoch": EPOCH} | changes
