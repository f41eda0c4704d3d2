"""Authorisation: which signer may act at a record, and who may take a seat.

Every handler of a record asks here first. The module has no table of its own: the
seats and the places of keys are those of `seats`. Whoever may not act learns nothing
else: an unknown, a moved, an ended and a forbidden handle look alike.
"""

from typing import Final

from careledger.ledger.actions.referral import Capability, Endorsed
from careledger.ledger.context import Context
from careledger.ledger.refusals.records import NotPermitted
from careledger.ledger.refusals.referral import WrongEndorsement
from careledger.ledger.workflows import registry, seats

NEEDS_RECOGNITION: Final = ("agent", "emergency", "insurer", "practitioner")
"""Roles that a registrar must have endorsed."""


def acting(at: Context, index: int, *capabilities: Capability) -> tuple[bytes, int]:
    """Return the record and seat of a signing handle that may act now.

    Raises:
        NotPermitted: unknown, of another kind, not active, or not allowed to do
            one of `capabilities`. All look alike.
    """
    record, number = sitting(at, index)
    if not seats.is_active(at.draft, record, number, at.now):
        raise NotPermitted
    mine = seats.seat(at.draft, record, number)
    if not all(one in mine.capabilities for one in capabilities):
        raise NotPermitted
    return record, number


def acting_owner(at: Context, index: int) -> bytes:
    """Return the record that a signing handle owns.

    Raises:
        NotPermitted: it owns none.
    """
    record, number = acting(at, index)
    if number != seats.OWNER:
        raise NotPermitted
    return record


def acting_as(at: Context, index: int, kind: seats.KeyKind) -> bytes:
    """Return the record that a signing key serves as `kind` (not a seat).

    Raises:
        NotPermitted: it serves none as that.
    """
    found = seats.place(at.draft, at.signers[index])
    if found.kind != kind:
        raise NotPermitted
    return found.record


def sitting(at: Context, index: int) -> tuple[bytes, int]:
    """Return the record and seat of a signing handle, active or dormant.

    Raises:
        NotPermitted: unknown, of another kind, moved away, or over.
    """
    handle = at.signers[index]
    found = seats.known_place(at.draft, handle, "seat", at.now)
    if found is None:
        raise NotPermitted
    return found.record, found.seat


def recognition_for(
    at: Context, handle: bytes, role: str, endorsed: Endorsed | None
) -> seats.Recognition | None:
    """Return the recognition that a new handle needs for its role.

    Raises:
        WrongEndorsement: missing, or for another handle or role.
        NotRecognised: not good now.
    """
    if role not in NEEDS_RECOGNITION:
        return None
    if endorsed is None:
        raise WrongEndorsement
    word = endorsed.endorsement
    if word.handle != handle or word.role != role:
        raise WrongEndorsement
    registry.recognise(at.draft, word, endorsed.signature, at)
    return seats.Recognition(word.registrar, word.epoch, word.commitment, word.until)
