"""Rotten blobs are replaced from other custodians of the same record.

Nobody is trusted: what comes must hash to what was asked for before it takes the
place of the rotten one. Until then `VaultDamaged` names it.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple, Protocol

from careledger.errors import CareLedgerError
from careledger.vault.index import Claim, Kept
from careledger.vault.problems import OverQuota
from careledger.vault.shelves import Shelves
from careledger.vault.staging import Staging


class Fellow(Protocol):
    """Another custodian's vault, as far as a mend needs it. A `Vault` is one."""

    def hand_over(self, custodian: bytes, entry: bytes) -> Iterator[bytes]:
        """Return the blob of an entry that `custodian`, our handle, keeps too.

        Raises:
            CareLedgerError: it cannot, or does not want to.
        """
        ...


class Mended(NamedTuple):
    """What a mend did, by hash.

    Attributes:
        mended: replaced and verified.
        rotten: nobody had them.
    """

    mended: tuple[bytes, ...]
    rotten: tuple[bytes, ...]


def mend(
    shelves: Shelves,
    staging: Staging,
    fellows: Sequence[Fellow],
    ledger_time: Callable[[], int],
) -> Mended:
    """Replace every blob that is marked rotten, as far as fellows have it.

    Raises:
        VaultFull, VaultUnwell: our own disk; what was mended before stays so.
    """
    with shelves.index.reading():
        marked = shelves.index.rotten()
    mended: list[bytes] = []
    left: list[bytes] = []
    for kept in marked:
        with shelves.index.reading():
            claims = shelves.index.claims_on(kept.blob)
        healed = any(
            _replace(shelves, staging, kept, _handed(fellow, claim), ledger_time())
            for claim in claims
            for fellow in fellows
        )
        (mended if healed else left).append(kept.blob)
    return Mended(tuple(mended), tuple(left))


class _NothingCame(Exception):
    """A fellow refused, failed, or was cut off."""


def _handed(fellow: Fellow, claim: Claim) -> Iterator[bytes]:
    """Yield what a fellow gives; its failures are not to be taken for ours."""
    try:
        yield from fellow.hand_over(claim.custodian, claim.entry)
    except (CareLedgerError, OSError):
        raise _NothingCame from None


def _replace(
    shelves: Shelves,
    staging: Staging,
    kept: Kept,
    pieces: Iterator[bytes],
    now: int,
) -> bool:
    """Put what came in place of a rotten blob, if it is the blob."""
    try:
        with staging.receive(pieces, kept.size) as staged:
            if staged.blob != kept.blob:
                return False
            return shelves.replace(staged, now)
    except (_NothingCame, OverQuota):
        return False
