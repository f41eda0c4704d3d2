"""The network's parameters: one leaf, changed by governance only."""

from collections.abc import Iterator
from typing import Final

import msgspec

from careledger.ledger.listing import Listing
from careledger.ledger.refusals.governance import TooSmall
from careledger.ledger.state import Draft, Table
from careledger.primitives.encoding import Message, UInt

DAY: Final = 86_400_000
"""Milliseconds."""

PROTOCOL: Final = 1
"""The version of the rules. A change of rules raises it and keeps the old path."""


class Parameters(Message, frozen=True):
    """What governance can turn.

    Attributes:
        purse_quota: actions per purse and day.
        organisation_quota: actions per organisation (or governor) and day.
        member_quota: actions per member and day.
        record_quota: actions per record and day.
        participation_quota: actions per participation and day.
        smallest_balance: coin (minor units) from which a purse counts as known.
    """

    purse_quota: UInt = 1_000
    organisation_quota: UInt = 100_000
    member_quota: UInt = 1_000
    record_quota: UInt = 10_000
    participation_quota: UInt = 2_000
    smallest_balance: UInt = 1


FULL_ENVELOPE: Final = 64
"""Actions of the largest envelope: with a smaller quota it would never pass."""

SMALLEST: Final = Parameters(
    FULL_ENVELOPE, FULL_ENVELOPE, FULL_ENVELOPE, FULL_ENVELOPE, FULL_ENVELOPE, 1
)
"""The smallest value of each parameter that governors can set."""

_PARAMETERS: Table[Parameters] = Table(b"\x01", Parameters, Parameters())


def parameters(draft: Draft) -> Parameters:
    """Return the parameters in force."""
    return _PARAMETERS.get(draft)


def set_parameter(draft: Draft, name: str, value: int) -> None:
    """Change one parameter by its field name.

    Raises:
        TooSmall: it would keep ordinary work from being done.
    """
    if value < getattr(SMALLEST, name):
        raise TooSmall
    _PARAMETERS.put(
        draft, b"", msgspec.structs.replace(parameters(draft), **{name: value})
    )


def set_parameters(draft: Draft, new: Parameters) -> None:
    """Set all parameters (genesis); a network for tests may begin with less."""
    _PARAMETERS.put(draft, b"", new)


def audit(listing: Listing) -> Iterator[str]:
    """Yield what is wrong with the parameters' entry."""
    if any(key != b"" for key in listing.rows(_PARAMETERS)):
        yield "parameters: there is more than one set of them"
