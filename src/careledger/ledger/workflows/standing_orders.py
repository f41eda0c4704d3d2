"""Standing orders: one payment several times, at its dates and by itself.

Only this module touches its table. A payment that the purse does not hold is missed,
and said to be; the next one is still made.
"""

from collections.abc import Iterator

from careledger.ledger import timers
from careledger.ledger.actions import coin as actions
from careledger.ledger.actions.base import Amount, PublicKey
from careledger.ledger.context import Context
from careledger.ledger.listing import Listing
from careledger.ledger.refusals.coin import NoSuchOrder, SamePurse
from careledger.ledger.state import Draft, Table
from careledger.ledger.workflows import coin
from careledger.primitives.encoding import Message, Millis, UInt


class Order(Message, frozen=True):
    """A standing order: `left` more payments, the next at `due`."""

    payer: PublicKey
    payee: PublicKey
    amount: Amount
    due: Millis
    every: UInt
    left: UInt


_ORDERS: Table[Order | None] = Table(b"\x33", Order, None)


# Handlers: one per action.


def on_place_order(at: Context, action: actions.PlaceOrder) -> None:
    """Plan the same payment several times."""
    payer = at.signers[action.payer]  # WHO
    if payer == action.payee:  # MAY
        raise SamePurse
    coin.check_date(action.first, at.now)
    coin.check_date(action.first + action.every * (action.times - 1), at.now)
    new = Order(  # DO
        payer, action.payee, action.amount, action.first, action.every, action.times
    )
    _ORDERS.put(at.draft, at.new_id(), new)
    timers.set_timer(at.draft, new.due, "order-due", at.new_id())
    at.draft.say("coin.order-placed", payer, action.payee, at.new_id())  # SAY


def on_cancel_order(at: Context, action: actions.CancelOrder) -> None:
    """End a standing order."""
    payer = at.signers[action.payer]  # WHO
    order = _order(at.draft, action.order)
    if order.payer != payer:  # MAY
        raise NoSuchOrder
    _ORDERS.put(at.draft, action.order, None)  # DO
    timers.cancel_timer(at.draft, order.due, "order-due", action.order)
    at.draft.say("coin.order-cancelled", payer, order.payee, action.order)  # SAY


def _order(draft: Draft, order_id: bytes) -> Order:
    order = _ORDERS.get(draft, order_id)
    if order is None:
        raise NoSuchOrder
    return order


# Timer.


def pay_order(draft: Draft, order_id: bytes) -> None:
    """Make one payment of a standing order, or say that it was missed."""
    order = _order(draft, order_id)
    _plan_next(draft, order_id, order)
    if coin.balance(draft, order.payer) < order.amount:
        draft.say("coin.payment-missed", order.payer, order.payee, order_id)
        return
    coin.transfer(draft, order.payer, order.payee, order.amount)
    draft.say("coin.order-paid", order.payer, order.payee, order_id)


def _plan_next(draft: Draft, order_id: bytes, order: Order) -> None:
    if order.left == 1:
        _ORDERS.put(draft, order_id, None)
        return
    due = order.due + order.every
    _ORDERS.put(
        draft,
        order_id,
        Order(order.payer, order.payee, order.amount, due, order.every, order.left - 1),
    )
    timers.set_timer(draft, due, "order-due", order_id)


# Audit.


def planned(listing: Listing) -> Iterator[tuple[int, timers.Timer]]:
    """Yield (due, timer) for each standing order."""
    for order_id, order in listing.present(_ORDERS).items():
        yield order.due, timers.Timer("order-due", order_id)


def audit(listing: Listing) -> Iterator[str]:
    """Yield orders that would never end."""
    for order in listing.present(_ORDERS).values():
        if not order.left:
            yield "coin: a standing order has no payment left"
