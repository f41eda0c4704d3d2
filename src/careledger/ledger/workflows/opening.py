"""Opening: a patient's token makes a record, with its owner's seat and its keys.

It has no table of its own: the leaf is that of `records`, the seat and the places of
the keys are those of `seats`, and the token is spent with `tokens`.
"""

from typing import Final

from careledger.ledger.actions import records as actions
from careledger.ledger.actions.referral import AllEpochs
from careledger.ledger.context import Context
from careledger.ledger.workflows import records, seats, tokens

DEEPEST: Final = 5
"""The owner's depth: what it offers starts at 4 or less."""


def on_open(at: Context, action: actions.OpenRecord) -> None:
    """Open a record for an owner handle that a token was issued for."""
    owner = at.signers[action.owner]  # WHO
    tokens.spend(at.chain_id, at.draft, action.token_key, owner, action.token)  # MAY
    new_id = at.new_id()  # DO
    custodians = tuple(at.signers[index] for index in action.custodians)
    records.enter(at.draft, new_id, _new_record(action, custodians))
    _claim_keys(at, new_id, action, custodians)
    seats.take_seat(at.draft, new_id, seats.OWNER, _owner_seat(at, owner, action))
    records.note(at.draft, new_id, at.tx_id)
    at.draft.say("records.opened", owner, new_id)  # SAY


def _claim_keys(
    at: Context,
    new_id: bytes,
    action: actions.OpenRecord,
    custodians: tuple[bytes, ...],
) -> None:
    claim = seats.claim_key
    for handle in custodians:
        claim(at.draft, handle, seats.Place(new_id, "custodian"))
    claim(at.draft, action.witness, seats.Place(new_id, "witness"))
    claim(at.draft, action.recovery, seats.Place(new_id, "recovery"))


def _new_record(
    action: actions.OpenRecord, custodians: tuple[bytes, ...]
) -> records.Record:
    return records.Record(
        status="open",
        stale=False,
        epoch=0,
        key_commitment=action.key_commitment,
        wrapped=(seats.OWNER,),
        present=(seats.OWNER,),
        seats=1,
        accused=(),
        custodians=tuple(records.Custodian(handle, 0) for handle in custodians),
        recovery=action.recovery,
        recovery_sealing=action.recovery_sealing,
        policy=action.policy,
        depth=action.depth,
        shares=0,
        recovered=0,
    )


def _owner_seat(at: Context, owner: bytes, action: actions.OpenRecord) -> seats.Seat:
    return seats.Seat(
        handle=owner,
        role="owner",
        capabilities=("read", "refer", "write"),
        scope=AllEpochs(),
        until=0,
        depth=DEEPEST,
        inviter=seats.OWNER,
        sealing_key=action.sealing_key,
        recognition=None,
        ended=0,
        since=at.now,
        wrapped_by=seats.OWNER,
    )
