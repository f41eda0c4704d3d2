"""What the coin refuses."""

from typing import ClassVar

from careledger.ledger.refusals.base import Refusal


class InsufficientFunds(Refusal):
    """The purse holds less than the amount."""

    code: ClassVar[str] = "coin.insufficient-funds"
    happened: ClassVar[str] = "The purse holds less than the amount."
    to_do: ClassVar[str] = "Send less, or fill the purse first."


class SamePurse(Refusal):
    """Payer and payee are one purse."""

    code: ClassVar[str] = "coin.same-purse"
    happened: ClassVar[str] = "Payer and payee are the same purse."
    to_do: ClassVar[str] = "Name another purse as payee."


class TooMuchCoin(Refusal):
    """Minting would take the supply beyond 2^53 − 1."""

    code: ClassVar[str] = "coin.too-much"
    happened: ClassVar[str] = "The supply of coin would exceed its limit."
    to_do: ClassVar[str] = "Mint less."


class NoSuchHold(Refusal):
    """No such hold, or not this purse's to decide: the two look alike."""

    code: ClassVar[str] = "coin.no-such-hold"
    happened: ClassVar[str] = "There is no such hold that this purse may decide on."
    to_do: ClassVar[str] = "Check the hold's id and sign with the purse it names."


class NoSuchOrder(Refusal):
    """No such standing order of this purse."""

    code: ClassVar[str] = "coin.no-such-order"
    happened: ClassVar[str] = "This purse has no such standing order."
    to_do: ClassVar[str] = "Check the order's id and sign with the paying purse."


class BadDate(Refusal):
    """A date in the past, or further ahead than the ledger plans."""

    code: ClassVar[str] = "coin.bad-date"
    happened: ClassVar[str] = "The date has passed or lies more than ten years ahead."
    to_do: ClassVar[str] = "Choose a date between now and ten years from now."
