"""The wall: an entity or group is insurer or research company, never both.

EHDS, Regulation (EU) 2025/327, art. 54. Only this module touches its table: how
many of each an entity or group has. Only governance calls it.
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from careledger.ledger.listing import Listing
from careledger.ledger.refusals.governance import BehindTheWall
from careledger.ledger.state import Draft, Table
from careledger.primitives.encoding import Message, UInt


class Side(Message, frozen=True):
    """How many insurers and research companies an entity or group has."""

    insurers: UInt = 0
    research: UInt = 0


class Party(NamedTuple):
    """What the wall needs to know of an organisation."""

    entity: bytes
    group: bytes
    kinds: tuple[str, ...]


_SIDES: Table[Side] = Table(b"\x07", Side, Side())


def count(draft: Draft, party: Party, step: int) -> None:
    """Count an organisation in (`step` 1) or out (−1), for its entity and group.

    Raises:
        BehindTheWall: insurer and research would meet in one entity or group.
    """
    for name in dict.fromkeys((party.entity, party.group)):
        new = _moved(_SIDES.get(draft, name), party, step)
        if new.insurers and new.research:
            raise BehindTheWall
        _SIDES.put(draft, name, new)


def _moved(side: Side, party: Party, step: int) -> Side:
    return Side(
        side.insurers + step * ("insurer" in party.kinds),
        side.research + step * ("research" in party.kinds),
    )


def audit(listing: Listing, parties: Iterable[Party]) -> Iterator[str]:
    """Yield what is wrong: counts that are not those of `parties`, or a breach."""
    counts: dict[bytes, Side] = {}
    for party in parties:
        for name in dict.fromkeys((party.entity, party.group)):
            counts[name] = _moved(counts.get(name, Side()), party, 1)
    sides = listing.rows(_SIDES)
    if sides != {name: side for name, side in counts.items() if side != Side()}:
        yield "wall: the counts are not those of the organisations"
    if any(side.insurers and side.research for side in sides.values()):
        yield "wall: insurer and research company in one entity or group"
