"""Renewal: who has a seat shows a new endorsement, or moves to a fresh handle.

It has no table of its own: the seats are those of `seats`.
"""

import msgspec

from careledger.ledger.actions import referral as actions
from careledger.ledger.context import Context
from careledger.ledger.refusals.records import NotPermitted
from careledger.ledger.refusals.referral import WrongEndorsement
from careledger.ledger.workflows import authorisation, records, seats


def on_renew(at: Context, action: actions.Renew) -> None:
    """Present a new endorsement: same registrar, role and commitment.

    Whoever was dormant while the keys were rotated needs a rewrap to write again.
    """
    record_id, number = authorisation.sitting(at, action.handle)  # WHO
    records.record(at.draft, record_id)
    mine = seats.seat(at.draft, record_id, number)
    old = mine.recognition
    new = authorisation.recognition_for(
        at, mine.handle, mine.role, action.endorsed
    )  # MAY
    if old is None or new is None:
        raise NotPermitted
    if (new.registrar, new.commitment) != (old.registrar, old.commitment):
        raise WrongEndorsement
    changed = msgspec.structs.replace(mine, recognition=new)  # DO
    seats.put_seat(at.draft, record_id, number, changed)
    at.draft.say("referral.renewed", record_id, mine.handle)  # SAY


def on_replace_handle(at: Context, action: actions.ReplaceHandle) -> None:
    """Move a seat to a fresh handle."""
    record_id, number = authorisation.acting(at, action.handle)  # WHO, MAY
    mine = seats.seat(at.draft, record_id, number)
    if mine.role == "emergency":  # the two people are who they are
        raise NotPermitted
    fresh = at.signers[action.fresh]
    recognised = authorisation.recognition_for(at, fresh, mine.role, action.endorsed)
    seats.claim_key(at.draft, fresh, seats.Place(record_id, "seat", number))  # DO
    moved = msgspec.structs.replace(
        mine,
        handle=fresh,
        sealing_key=action.sealing_key,
        recognition=recognised,
        wrap=action.wrap,
    )
    seats.put_seat(at.draft, record_id, number, moved)
    for peer in records.record(at.draft, record_id).present:
        other = seats.seat(at.draft, record_id, peer)
        if seats.joined(at.draft, mine.handle, other.handle):
            seats.join(at.draft, fresh, other.handle, at.now)
    at.draft.say("referral.handle-replaced", record_id, mine.handle, fresh)  # SAY
