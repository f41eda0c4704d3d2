"""Garbage collection: what was never appended, and what was erased.

It goes in pages, so that nobody waits long for it, and may die anywhere: the next
sweep ends what this one began.
"""

from typing import Final, NamedTuple

from careledger.vault.index import Claim, Index
from careledger.vault.shelves import Shelves
from careledger.vault.view import LedgerView

WAITING: Final = 86_400_000
"""How long a blob may wait for its `Append`: 24 hours, in milliseconds."""

_BEFORE_ALL: Final = Claim(b"", b"", b"", 0)


class Swept(NamedTuple):
    """What a sweep did.

    Attributes:
        dropped: claims that never got their `Append`, or whose custody ended.
        erased: claims whose entry was erased; nothing is kept for it again.
    """

    dropped: int
    erased: int


def sweep(shelves: Shelves, view: LedgerView) -> Swept:
    """Drop what was never appended, forget what was erased.

    A whole erased record needs no list: its entries answer `erased` each.
    """
    index, last = shelves.index, _BEFORE_ALL
    dropped = erased = 0
    while page := _page(index, last):
        with index.changing():
            for claim in page:
                match _judge(view, claim):
                    case "erased":
                        erased += index.bury(claim, view.time())
                    case "waited":
                        dropped += index.drop(claim)
        last = page[-1]
    shelves.tidy(view.time() - WAITING)
    index.scour()
    return Swept(dropped, erased)


def _page(index: Index, last: Claim) -> list[Claim]:
    with index.reading():
        return index.claims_after(last)


def _judge(view: LedgerView, claim: Claim) -> str:
    """Tell what becomes of a claim: `kept`, `erased` or `waited` in vain."""
    fact = view.entry_for(claim.custodian, claim.entry)
    if fact is not None and fact.blob == claim.blob:
        return "erased" if fact.erased else "kept"
    return "waited" if claim.stored + WAITING <= view.time() else "kept"
