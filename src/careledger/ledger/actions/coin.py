"""Actions of the coin."""

from typing import Annotated, ClassVar

from msgspec import Meta

from careledger.ledger.actions.base import (
    Action,
    Amount,
    Hash,
    PublicKey,
    Role,
    Signer,
)
from careledger.primitives.encoding import Millis

DAY = 86_400_000
"""Milliseconds."""


class Transfer(Action, frozen=True, tag="coin.transfer"):
    """Move coin from the payer's purse to another."""

    signed_by: ClassVar[dict[str, Role]] = {"payer": "purse"}
    payer: Signer
    payee: PublicKey
    amount: Amount


class PlaceHold(Action, frozen=True, tag="coin.place-hold"):
    """Set coin aside for a payee: paid on release, refunded at `until`."""

    signed_by: ClassVar[dict[str, Role]] = {"payer": "purse"}
    payer: Signer
    payee: PublicKey
    amount: Amount
    until: Millis


class ReleaseHold(Action, frozen=True, tag="coin.release-hold"):
    """Pay a hold to its payee; only the payer may."""

    signed_by: ClassVar[dict[str, Role]] = {"payer": "purse"}
    payer: Signer
    hold: Hash


class ReturnHold(Action, frozen=True, tag="coin.return-hold"):
    """Give a hold back to its payer; only the payee may."""

    signed_by: ClassVar[dict[str, Role]] = {"payee": "purse"}
    payee: Signer
    hold: Hash


class PlaceOrder(Action, frozen=True, tag="coin.place-order"):
    """Pay the same amount `times` times, first at `first`, then every `every` ms."""

    signed_by: ClassVar[dict[str, Role]] = {"payer": "purse"}
    payer: Signer
    payee: PublicKey
    amount: Amount
    first: Millis
    every: Annotated[int, Meta(ge=DAY, le=366 * DAY)]
    times: Annotated[int, Meta(ge=1, le=1000)]


class CancelOrder(Action, frozen=True, tag="coin.cancel-order"):
    """End a standing order; only the payer may."""

    signed_by: ClassVar[dict[str, Role]] = {"payer": "purse"}
    payer: Signer
    order: Hash
