"""A hospital's pools of fresh keys, and that none of them was lost.

Their files are made when the first key is taken, so one that is not there is new or
lost. The ledger tells: the first keys follow from the seed, and whatever has used one
of them leaves a receipt, or sits in a record.
"""

from typing import Final

from careledger.client.home import Home
from careledger.client.hospital import Pools
from careledger.client.keystore import Keystore
from careledger.client.line import Line
from careledger.client.offices import Offices
from careledger.client.problems import HalfWritten, PoolDamaged, PoolMissing
from careledger.node.answers import Receipt
from careledger.node.problems import NothingHere
from careledger.node.questions import MyReceipts, Prove
from careledger.primitives.signing import SigningKey

_FIRST: Final = 8
"""Keys that are asked about: the first papers may never have been submitted."""


def open_pools(home: Home, offices: Offices, line: Line) -> Pools:
    """Return a hospital's pools of custodian, witness and agent keys.

    Raises:
        PoolMissing: the file of one is not there, and its keys are in use.
        PoolDamaged: the file of one is cut or changed.
    """
    pools = Pools(
        *(_pool(home, offices, one) for one in ("custodians", "witnesses", "agents"))
    )
    custodians = home.path / _file("custodians")
    if not custodians.exists() and _are_used(line, pools.custodians):
        raise PoolMissing(str(custodians))
    witnesses = home.path / _file("witnesses")
    # No key of the one kind is taken without one of the other.
    if not witnesses.exists() and pools.custodians.kept.next:
        raise PoolMissing(str(witnesses))
    agents = home.path / _file("agents")
    if not agents.exists() and _are_used(line, pools.agents):
        raise PoolMissing(str(agents))
    return pools


def _file(name: str) -> str:
    return f"{name}.keystore"


def _pool(home: Home, offices: Offices, name: str) -> Keystore:
    path = home.path / _file(name)
    try:
        return Keystore(offices.pools(), name[:1].encode(), path)
    except HalfWritten:
        raise PoolDamaged(str(path)) from None


def _are_used(line: Line, pool: Keystore) -> bool:
    return any(_is_used(line, pool.keys(one).signing) for one in range(_FIRST))


def _is_used(line: Line, key: SigningKey) -> bool:
    if line.ask(key, MyReceipts(), tuple[Receipt, ...]):
        return True
    try:
        line.fetch(key, Prove(("seats",), numbers=(0,)))
    except NothingHere:
        return False
    return True
