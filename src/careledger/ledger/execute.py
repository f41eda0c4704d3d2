"""The heart: a state, a header and transactions in; a diff and verdicts out."""

from collections.abc import Sequence
from typing import assert_never

from careledger.ledger import timers
from careledger.ledger.actions import AnyAction
from careledger.ledger.actions import coin as for_coin
from careledger.ledger.actions import governance as for_governance
from careledger.ledger.actions import registry as for_registry
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
from careledger.ledger.state import Base, Draft, PreState, difference
from careledger.ledger.workflows import coin, governance, registry
from careledger.primitives.encoding import encode


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
        _record(result, tx, *_run(block, header, tx))
    result.diff = difference(base, block)
    return result


def _run(block: Draft, header: Header, tx: Transaction) -> tuple[str, Draft]:
    """Carry out all actions, or none: return the code and the draft to report."""
    draft = Draft(block)
    content = tx.content
    try:
        for position, action in enumerate(content.actions):
            at = Context(
                draft,
                content.chain_id,
                content.signers,
                header.time,
                tx.tx_id,
                position,
            )
            carry_out(at, action)
    except Refusal as refusal:
        return refusal.code, Draft(block)
    block.writes.update(draft.writes)
    return "ok", draft


def _record(result: BlockResult, tx: Transaction, code: str, draft: Draft) -> None:
    """Add a transaction's leaf, receipt, index keys, bodies and events."""
    result.receipts.append(Receipt(tx.tx_id, len(result.leaves), code))
    result.leaves.append(encode(TransactionLeaf(tx.core, tx.signatures, code)))
    parties = dict.fromkeys(tx.content.signers)
    for event in draft.events:
        parties.update(dict.fromkeys(event.concerns))
    result.parties.append(tuple(parties))
    result.bodies.append(tuple(zip(tx.content.body_hashes, tx.bodies, strict=False)))
    result.events.append(draft.events)


def _run_timers(state: PreState, block: Draft, now: int) -> None:
    for timer in timers.take_due(state, block, now):
        match timer.kind:
            case "hold-expires":
                coin.expire_hold(block, timer.subject)
            case "order-due":
                coin.pay_order(block, timer.subject)
            case "key-takes-effect":
                registry.put_key_in_effect(block, timer.subject)
            case _:
                assert_never(timer.kind)


def carry_out(at: Context, action: AnyAction) -> None:  # noqa: C901, PLR0912, PLR0915
    """Hand one action to its handler: the table of contents of the rules.

    Raises:
        Refusal: the rule that said no.
    """
    match action:
        case for_coin.Transfer():
            coin.on_transfer(at, action)
        case for_coin.PlaceHold():
            coin.on_place_hold(at, action)
        case for_coin.ReleaseHold():
            coin.on_release_hold(at, action)
        case for_coin.ReturnHold():
            coin.on_return_hold(at, action)
        case for_coin.PlaceOrder():
            coin.on_place_order(at, action)
        case for_coin.CancelOrder():
            coin.on_cancel_order(at, action)
        case for_governance.AdmitOrganisation():
            governance.on_admit(at, action)
        case for_governance.SetStatus():
            governance.on_set_status(at, action)
        case for_governance.ReplaceOrganisationKey():
            governance.on_replace_key(at, action)
        case for_governance.SetGovernors():
            governance.on_set_governors(at, action)
        case for_governance.SetParameter():
            governance.on_set_parameter(at, action)
        case for_governance.MintCoin():
            governance.on_mint(at, action)
        case for_governance.AdmitNode():
            governance.on_admit_node(at, action)
        case for_governance.RetireNode():
            governance.on_retire_node(at, action)
        case for_registry.RegisterMember():
            registry.on_register_member(at, action)
        case for_registry.AdmitPatient():
            registry.on_admit_patient(at, action)
        case for_registry.ChangeCard():
            registry.on_change_card(at, action)
        case for_registry.SetMemberStatus():
            registry.on_set_member_status(at, action)
        case for_registry.ChangeKey():
            registry.on_change_key(at, action)
        case for_registry.ReplaceKey():
            registry.on_replace_key(at, action)
        case for_registry.CancelKeyChange():
            registry.on_cancel_key_change(at, action)
        case for_registry.ChangeMailbox():
            registry.on_change_mailbox(at, action)
        case for_registry.OpenIssuerEpoch():
            registry.on_open_issuer_epoch(at, action)
        case for_registry.CloseIssuerEpoch():
            registry.on_close_issuer_epoch(at, action)
        case for_registry.WithdrawRecognition():
            registry.on_withdraw_recognition(at, action)
        case _:
            assert_never(action)
