"""The heart: a state, a header and transactions in; a diff and verdicts out."""

from collections.abc import Callable, Sequence
from typing import Any, Final, assert_never

from careledger.ledger import timers
from careledger.ledger.actions import Action
from careledger.ledger.actions import coin as for_coin
from careledger.ledger.actions import emergency as for_emergency
from careledger.ledger.actions import governance as for_governance
from careledger.ledger.actions import records as for_records
from careledger.ledger.actions import referral as for_referral
from careledger.ledger.actions import registry as for_registry
from careledger.ledger.actions import tokens as for_tokens
from careledger.ledger.admission import admit
from careledger.ledger.blocks import (
    BlockResult,
    Header,
    Receipt,
    TransactionLeaf,
    in_order,
)
from careledger.ledger.context import Context
from careledger.ledger.envelopes import Transaction
from careledger.ledger.genesis import chain_id_of
from careledger.ledger.refusals.base import Refusal, Void
from careledger.ledger.state import Base, Draft, Event, PreState, difference
from careledger.ledger.workflows import (
    acceptance,
    coin,
    custodians,
    emergency,
    entries,
    governance,
    key_changes,
    opening,
    records,
    recovery,
    referral,
    registry,
    renewal,
    rotation,
    standing_orders,
    tokens,
)
from careledger.primitives.encoding import encode

Handler = Callable[[Context, Any], None]

HANDLERS: Final[dict[type[Action], Handler]] = {
    for_coin.Transfer: coin.on_transfer,
    for_coin.PlaceHold: coin.on_place_hold,
    for_coin.ReleaseHold: coin.on_release_hold,
    for_coin.ReturnHold: coin.on_return_hold,
    for_coin.PlaceOrder: standing_orders.on_place_order,
    for_coin.CancelOrder: standing_orders.on_cancel_order,
    for_governance.AdmitOrganisation: governance.on_admit,
    for_governance.SetStatus: governance.on_set_status,
    for_governance.ReplaceOrganisationKey: governance.on_replace_key,
    for_governance.SetGovernors: governance.on_set_governors,
    for_governance.SetParameter: governance.on_set_parameter,
    for_governance.MintCoin: governance.on_mint,
    for_governance.AdmitNode: governance.on_admit_node,
    for_governance.RetireNode: governance.on_retire_node,
    for_registry.RegisterMember: registry.on_register_member,
    for_registry.AdmitPatient: registry.on_admit_patient,
    for_registry.ChangeCard: registry.on_change_card,
    for_registry.SetMemberStatus: registry.on_set_member_status,
    for_registry.ChangeKey: key_changes.on_change_key,
    for_registry.ReplaceKey: key_changes.on_replace_key,
    for_registry.CancelKeyChange: key_changes.on_cancel_key_change,
    for_registry.ChangeMailbox: registry.on_change_mailbox,
    for_registry.OpenIssuerEpoch: registry.on_open_issuer_epoch,
    for_registry.CloseIssuerEpoch: registry.on_close_issuer_epoch,
    for_registry.WithdrawRecognition: registry.on_withdraw_recognition,
    for_tokens.OpenTokenKey: tokens.on_open_key,
    for_tokens.CloseTokenKey: tokens.on_close_key,
    for_tokens.IssueTokens: tokens.on_issue,
    for_records.OpenRecord: opening.on_open,
    for_records.SetPolicy: records.on_set_policy,
    for_records.Declare: records.on_declare,
    for_records.SetCustodians: custodians.on_set_custodians,
    for_records.Append: entries.on_append,
    for_records.Read: entries.on_read,
    for_records.Erase: entries.on_erase,
    for_records.CancelErase: entries.on_cancel_erase,
    for_records.Erased: entries.on_erased,
    for_records.Retained: entries.on_retained,
    for_records.Rotate: rotation.on_rotate,
    for_records.Rewrap: rotation.on_rewrap,
    for_records.CannotOpen: rotation.on_cannot_open,
    for_records.Recover: recovery.on_recover,
    for_records.ConfirmRecovery: recovery.on_confirm,
    for_records.RecoverByWitness: recovery.on_recover_by_witness,
    for_records.VetoRecovery: recovery.on_veto,
    for_referral.Invite: referral.on_invite,
    for_referral.InviteForMinor: referral.on_invite_for_minor,
    for_referral.Approve: referral.on_approve,
    for_referral.Accept: acceptance.on_accept,
    for_referral.Revoke: referral.on_revoke,
    for_referral.Renew: renewal.on_renew,
    for_referral.ReplaceHandle: renewal.on_replace_handle,
    for_emergency.SetPlan: emergency.on_set_plan,
    for_emergency.BreakGlass: emergency.on_break_glass,
    for_emergency.Review: emergency.on_review,
}
"""The table of contents of the rules: one handler for each action."""


def execute_block(
    state: PreState, header: Header, transactions: Sequence[Transaction]
) -> BlockResult:
    """Run the timers that are due, then every transaction in its order.

    Args:
        state: the state before the block.
        header: height, time and the log's root before the block.
        transactions: opened, with every signature checked, in any order.

    Returns:
        What the block does. Nothing has been stored yet. An exception means a bug
        or a broken machine: the caller must stop before it commits.
    """
    base = Base(state)
    block = Draft(base)
    result = BlockResult()
    chain_id = chain_id_of(block)
    _run_timers(state, block, header.time)
    result.timer_events.extend(block.events)
    for tx in in_order(header.previous_root, transactions):
        try:
            charged = admit(state, block, header, chain_id, tx)
        except Void as void:
            result.voids.append((tx.tx_id, void.code))
            continue
        block.writes.update(charged.writes)
        code, done = _run(block, header, tx)
        events = charged.events + done.events
        bodies = _kept(block, tx, code, events) if tx.bodies else ()
        _record(result, tx, code, events, bodies)
    result.diff = difference(base, block)
    return result


def _run(block: Draft, header: Header, tx: Transaction) -> tuple[str, Draft]:
    """Carry out all actions, or none: return the code and the draft to report."""
    draft = Draft(block)
    chain_id, signers = tx.content.chain_id, tx.content.signers
    try:
        for position, action in enumerate(tx.content.actions):
            at = Context(draft, chain_id, signers, header.time, tx.tx_id, position)
            HANDLERS[type(action)](at, action)
    except Refusal as refusal:
        return refusal.code, Draft(block)
    block.writes.update(draft.writes)
    return "ok", draft


def _kept(
    block: Draft, tx: Transaction, code: str, events: list[Event]
) -> tuple[bytes, ...]:
    """Return the bodies to store: those that an erasure can still reach.

    What a refused one brought is nobody's, and what comes to a record after its
    erasure would stay for ever.
    """
    noted = (one.concerns[0] for one in events if one.name == records.NOTED)
    late = any(records.even_erased(block, one).status == "erased" for one in noted)
    return () if late or code != "ok" else tx.bodies


def _record(
    result: BlockResult,
    tx: Transaction,
    code: str,
    events: list[Event],
    bodies: tuple[bytes, ...],
) -> None:
    """Add a transaction's leaf, receipt, index keys, bodies and events.

    A record that its own keys touched is among the events even of a refused one:
    who asks for the record's history finds every event of it under one id.
    """
    result.receipts.append(Receipt(tx.tx_id, len(result.leaves), code))
    result.leaves.append(encode(TransactionLeaf(tx.core, tx.signatures, code)))
    parties = [*tx.content.signers]
    for event in events:
        parties += event.concerns
    result.parties.append(tuple(dict.fromkeys(parties)))
    result.bodies.append(tuple(zip(tx.content.body_hashes, bodies, strict=False)))
    result.events.append(events)


def _run_timers(state: PreState, block: Draft, now: int) -> None:
    """Run what is due, each on a draft of its own.

    A timer that a rule refuses is over: it must never stop the network.
    """
    for timer in timers.take_due(state, block, now):
        draft = Draft(block)
        try:
            _ring(draft, timer, now)
        except Refusal:
            continue
        block.keep(draft)


def _ring(draft: Draft, timer: timers.Timer, now: int) -> None:
    match timer.kind:
        case "hold-expires":
            coin.expire_hold(draft, timer.subject)
        case "order-due":
            standing_orders.pay_order(draft, timer.subject)
        case "key-takes-effect":
            key_changes.put_key_in_effect(draft, timer.subject)
        case "erasure-due":
            entries.erase_now(draft, timer.subject, now)
        case "review-due":
            emergency.review_overdue(draft, timer.subject)
        case "recovery-due":
            recovery.move_ownership(draft, timer.subject, now)
        case "invitation-lapses":
            referral.lapse(draft, timer.subject)
        case _:
            assert_never(timer.kind)
