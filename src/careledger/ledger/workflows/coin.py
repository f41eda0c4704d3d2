"""The native coin: purses, transfers and holds.

Only this module touches its tables. Coin is in purses or in holds and nowhere
else; only `mint` makes more of it, so the sum of all is the supply at every
height (`ledger/invariants.py`).
"""

from collections.abc import Iterator
from typing import Final

from careledger.ledger import timers
from careledger.ledger.actions import coin as actions
from careledger.ledger.actions.base import Amount, PublicKey
from careledger.ledger.context import Context
from careledger.ledger.listing import Listing
from careledger.ledger.parameters import DAY, parameters
from careledger.ledger.refusals.coin import (
    BadDate,
    InsufficientFunds,
    NoSuchHold,
    SamePurse,
    TooMuchCoin,
)
from careledger.ledger.state import Draft, Table
from careledger.ledger.usage import Usage
from careledger.primitives.encoding import MAX_INTEGER, Message, Millis, UInt

FURTHEST: Final = 3_660 * DAY
"""How far ahead the coin plans: ten years, in milliseconds."""


class Purse(Message, frozen=True):
    """A purse.

    Attributes:
        balance: minor units.
        usage: what it used of its quota (in the same leaf).
        held: coin in the holds that it is a party to. It counts when the purse
            signs: who set everything aside must be able to release it.
    """

    balance: UInt = 0
    usage: Usage = Usage()
    held: UInt = 0


class Hold(Message, frozen=True):
    """Coin set aside: paid to the payee on release, back to the payer at `until`."""

    payer: PublicKey
    payee: PublicKey
    amount: Amount
    until: Millis


EMPTY: Final = Purse()
_PURSES: Table[Purse] = Table(b"\x30", Purse, EMPTY)
_SUPPLY: Table[int] = Table(b"\x31", UInt, 0)
_HOLDS: Table[Hold | None] = Table(b"\x32", Hold, None)


# What other workflows may call.


def balance(draft: Draft, purse: bytes) -> int:
    """Return the coin in `purse`, minor units."""
    return _PURSES.get(draft, purse).balance


def supply(draft: Draft) -> int:
    """Return all coin there is, minor units."""
    return _SUPPLY.get(draft)


def charge(draft: Draft, purse: bytes, weight: int, now: int) -> bool:
    """Count `weight` actions of a purse; tell whether the purse is known.

    Raises:
        OverQuota: it has used up its quota for today.
    """
    found = _PURSES.get(draft, purse)
    limits = parameters(draft)
    worth = found.balance + found.held
    if not worth or worth < limits.smallest_balance:
        return False
    usage = found.usage.after(weight, now, limits.purse_quota)
    _PURSES.put(draft, purse, Purse(found.balance, usage, found.held))
    return True


def transfer(draft: Draft, payer: bytes, payee: bytes, amount: int) -> None:
    """Move `amount` from one purse to another.

    Raises:
        SamePurse: the two are one.
        InsufficientFunds: `payer` holds less than `amount`.
    """
    if payer == payee:
        raise SamePurse
    _take(draft, payer, amount)
    _give(draft, payee, amount)


def mint(draft: Draft, purse: bytes, amount: int) -> None:
    """Create coin. Only genesis and governance call this.

    Raises:
        TooMuchCoin: the supply would exceed 2^53 − 1.
    """
    total = supply(draft) + amount
    if total > MAX_INTEGER:
        raise TooMuchCoin
    _SUPPLY.put(draft, b"", total)
    _give(draft, purse, amount)


def hold(draft: Draft, hold_id: bytes, new: Hold) -> None:
    """Set coin aside under `hold_id`; it returns to the payer at `new.until`.

    Raises:
        InsufficientFunds: the payer holds less than the amount.
    """
    _take(draft, new.payer, new.amount)
    _count_held(draft, new, new.amount)
    _HOLDS.put(draft, hold_id, new)
    timers.set_timer(draft, new.until, "hold-expires", hold_id)


def settle(draft: Draft, hold_id: bytes, purse: bytes) -> None:
    """Empty a hold into `purse`.

    Raises:
        NoSuchHold: there is none.
    """
    held = _hold(draft, hold_id)
    _HOLDS.put(draft, hold_id, None)
    timers.cancel_timer(draft, held.until, "hold-expires", hold_id)
    _count_held(draft, held, -held.amount)
    _give(draft, purse, held.amount)


def check_date(date: int, now: int) -> None:
    """Check that a date lies ahead, and within reach.

    Raises:
        BadDate: it does not.
    """
    if not now < date <= now + FURTHEST:
        raise BadDate


def _hold(draft: Draft, hold_id: bytes) -> Hold:
    held = _HOLDS.get(draft, hold_id)
    if held is None:
        raise NoSuchHold
    return held


def _take(draft: Draft, purse: bytes, amount: int) -> None:
    found = _PURSES.get(draft, purse)
    if found.balance < amount:
        raise InsufficientFunds
    _PURSES.put(draft, purse, Purse(found.balance - amount, found.usage, found.held))


def _give(draft: Draft, purse: bytes, amount: int) -> None:
    found = _PURSES.get(draft, purse)
    _PURSES.put(draft, purse, Purse(found.balance + amount, found.usage, found.held))


def _count_held(draft: Draft, new: Hold, step: int) -> None:
    for purse in (new.payer, new.payee):
        found = _PURSES.get(draft, purse)
        changed = Purse(found.balance, found.usage, found.held + step)
        _PURSES.put(draft, purse, changed)


# Handlers: one per action.


def on_transfer(at: Context, action: actions.Transfer) -> None:
    """Move coin between purses."""
    payer = at.signers[action.payer]  # WHO
    # MAY: whoever holds the purse's key
    transfer(at.draft, payer, action.payee, action.amount)  # DO
    at.draft.say("coin.transferred", payer, action.payee)  # SAY


def on_place_hold(at: Context, action: actions.PlaceHold) -> None:
    """Set coin aside for a payee."""
    payer = at.signers[action.payer]  # WHO
    if payer == action.payee:  # MAY
        raise SamePurse
    check_date(action.until, at.now)
    new = Hold(payer, action.payee, action.amount, action.until)
    hold(at.draft, at.new_id(), new)  # DO
    at.draft.say("coin.held", payer, action.payee, at.new_id())  # SAY


def on_release_hold(at: Context, action: actions.ReleaseHold) -> None:
    """Pay a hold to its payee."""
    payer = at.signers[action.payer]  # WHO
    held = _hold(at.draft, action.hold)
    if held.payer != payer:  # MAY
        raise NoSuchHold
    settle(at.draft, action.hold, held.payee)  # DO
    at.draft.say("coin.released", payer, held.payee, action.hold)  # SAY


def on_return_hold(at: Context, action: actions.ReturnHold) -> None:
    """Give a hold back to its payer."""
    payee = at.signers[action.payee]  # WHO
    held = _hold(at.draft, action.hold)
    if held.payee != payee:  # MAY
        raise NoSuchHold
    settle(at.draft, action.hold, held.payer)  # DO
    at.draft.say("coin.returned", held.payer, payee, action.hold)  # SAY


# Timer.


def expire_hold(draft: Draft, hold_id: bytes) -> None:
    """Refund a hold whose time is over."""
    held = _hold(draft, hold_id)
    settle(draft, hold_id, held.payer)
    draft.say("coin.refunded", held.payer, held.payee, hold_id)


# Audit.


def planned(listing: Listing) -> Iterator[tuple[int, timers.Timer]]:
    """Yield (due, timer) for each hold."""
    for hold_id, held in listing.present(_HOLDS).items():
        yield held.until, timers.Timer("hold-expires", hold_id)


def audit(listing: Listing) -> Iterator[str]:
    """Yield what is wrong: coin made or lost."""
    total = sum(purse.balance for purse in listing.rows(_PURSES).values())
    total += sum(held.amount for held in listing.present(_HOLDS).values())
    minted = sum(listing.rows(_SUPPLY).values())
    if total != minted:
        yield f"coin: purses and holds contain {total}, the supply is {minted}"
    expected: dict[bytes, int] = {}
    for held in listing.present(_HOLDS).values():
        for name in (held.payer, held.payee):
            expected[name] = expected.get(name, 0) + held.amount
    purses = listing.rows(_PURSES).items()
    if {name: purse.held for name, purse in purses if purse.held} != expected:
        yield "coin: what purses count as held is not what the holds contain"
