"""Custody: who keeps a record's sealed blobs, and moving them.

The owner names custodians; who is not named any more serves 30 days. New ones get
copies of the blobs at once, sealed as they are: nothing is opened on the way.
"""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Final

from careledger.client.opening import CustodyOffice, Policy
from careledger.client.papers import draw_up, finished, sign
from careledger.client.part import Part
from careledger.client.proving import prove_seats
from careledger.client.reading import list_entries, state_read
from careledger.client.session_problems import BlobsLost
from careledger.ledger.actions.base import Signature
from careledger.ledger.actions.records import SetCustodians, SetPolicy
from careledger.ledger.refusals.records import BadCustodians
from careledger.node.questions import Deposit, Fetch, Store
from careledger.node.state_keys import Custodian
from careledger.vault.problems import NotServed, VaultDamaged, VaultUnwell

PURPOSE: Final = "copy for a new custodian"
"""What the owner's own history shows for each copy."""

MOST: Final = 4
"""Custodians of one record."""

_AT_ONCE: Final = 16


def set_policy(part: Part, policy: Policy) -> None:
    """Say what others may pass on from now on.

    Raises:
        NotPermitted: not the owner.
    """
    action = SetPolicy(0, policy.referrals, policy.depth)
    part.line.act([part.keys.signing], [action])


def custodians(part: Part) -> tuple[Custodian, ...]:
    """Return who keeps the record's blobs, as proven; those on notice too.

    Raises:
        NothingHere: the part does not hold the current key.
    """
    record, _ = prove_seats(part.line, part.keys.signing, part.record, [0])
    return record.custodians


def set_custodians(
    part: Part, offices: Sequence[CustodyOffice], staying: Sequence[bytes] = ()
) -> list[bytes]:
    """Let other hospitals keep the blobs; return their new handles.

    Args:
        part: the owner's.
        offices: who joins; with those staying, one to four.
        staying: custodian handles of today that stay, as in `part.seat()`.

    Raises:
        BadCustodians: none or more than four, or one that does not serve.
        NotForThisOffice: a hospital has not signed.
        NotKept: the custodian is set and its vault takes no copy: run `copy_blobs`.
        BlobsLost: the custodians are set; no vault has some entries any more.
    """
    if not 1 <= len(offices) + len(staying) <= MOST:
        raise BadCustodians  # before handles are taken that nobody would use
    custodies = [office.offer_custody() for office in offices]
    joining = [handle for one in custodies for handle in one.custodians]
    signers = [part.handle, *joining]
    indexes = tuple(range(1, len(signers)))
    action = SetCustodians(0, indexes, tuple(staying))
    paper = sign(draw_up(part.line, signers, [action]), part.keys.signing)
    for office in offices:
        paper = office.keep_record(paper)
    part.line.submit(finished(paper))
    lost = None
    for handle in joining:
        try:
            copy_blobs(part, handle)
        except BlobsLost as error:  # what is left must reach every new custodian
            lost = error
    if lost:
        raise lost
    return joining


def copy_blobs(part: Part, custodian: bytes) -> int:
    """Bring every blob of the record to a custodian; return how many.

    Raises:
        NotKept: it does not keep this record, or has no room.
        BlobsLost: no custodian has some of them; all others are copied.
    """
    entries = [one.entry.entry for one in list_entries(part)]
    lost: list[bytes] = []
    for page in _pages(entries):
        blobs = _fetch(part, page)
        lost += [one for one in page if one not in blobs]
        if blobs:
            deposits = tuple(Deposit(*one) for one in blobs.items())
            part.line.ask(part.keys.signing, Store(custodian, deposits), Signature)
    if lost:
        raise BlobsLost(", ".join(one.hex() for one in lost))
    return len(entries)


def _fetch(part: Part, entries: Sequence[bytes]) -> dict[bytes, bytes]:
    """Return entry → blob of those that a custodian has."""
    receipt = state_read(part, part.seat(), entries, PURPOSE)
    blobs = {}
    for one in entries:
        with suppress(NotServed, VaultDamaged, VaultUnwell):
            blobs[one] = part.line.fetch(part.keys.signing, Fetch(receipt, one))
    return blobs


def _pages(entries: Sequence[bytes]) -> Iterator[Sequence[bytes]]:
    for start in range(0, len(entries), _AT_ONCE):
        yield entries[start : start + _AT_ONCE]
