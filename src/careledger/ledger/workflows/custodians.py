"""Custodians: the owner says who keeps a record's blobs.

It has no table of its own: a record's custodians stand in the leaf of `records`. One
that leaves goes on serving for a while, so that the others can copy what it has.
"""

from typing import Final

from careledger.ledger.actions import records as actions
from careledger.ledger.context import Context
from careledger.ledger.refusals.records import BadCustodians
from careledger.ledger.workflows import authorisation, records, seats

MOST_CUSTODIANS: Final = 4

MOST_LISTED: Final = 16
"""Custodians of a record, those on notice included."""


def on_set_custodians(at: Context, action: actions.SetCustodians) -> None:
    """Change who keeps the blobs."""
    record_id = authorisation.acting_owner(at, action.owner)  # WHO
    old = records.record(at.draft, record_id).custodians
    joining = tuple(at.signers[index] for index in action.joining)
    _check_custodians(old, joining, action.staying)  # MAY
    for handle in joining:  # DO
        seats.claim_key(at.draft, handle, seats.Place(record_id, "custodian"))
    changed = (
        *(_on_notice(one, action.staying, at.now) for one in old if _serving(one, at)),
        *(records.Custodian(handle, 0) for handle in joining),
    )
    if len(changed) > MOST_LISTED:
        raise BadCustodians
    records.change(at.draft, record_id, custodians=changed)
    at.draft.say("records.custodians-set", record_id, *joining)  # SAY


def _check_custodians(
    old: tuple[records.Custodian, ...],
    joining: tuple[bytes, ...],
    staying: tuple[bytes, ...],
) -> None:
    serving = [one.handle for one in old if one.until == 0]
    if not all(handle in serving for handle in staying):
        raise BadCustodians
    if len(dict.fromkeys(staying)) != len(staying):
        raise BadCustodians
    if not 1 <= len(joining) + len(staying) <= MOST_CUSTODIANS:
        raise BadCustodians


def _serving(one: records.Custodian, at: Context) -> bool:
    return one.until == 0 or one.until > at.now


def _on_notice(
    one: records.Custodian, staying: tuple[bytes, ...], now: int
) -> records.Custodian:
    if one.until or one.handle in staying:
        return one
    return records.Custodian(one.handle, now + records.NOTICE)
