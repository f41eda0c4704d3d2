"""What commands read from the state: single entries, never a rule of their own."""

from typing import Any, Final

from careledger.cli.house.beside import Questions
from careledger.ledger.state import Base, Draft
from careledger.ledger.workflows import coin, governance
from careledger.ledger.workflows.governance import Governors, Organisation
from careledger.ledger.workflows.nodes import Node, in_force

_TOKEN_KEYS: Final = b"\x40"
"""The table of registrars' token keys (docs/spec.md)."""


class _Values:
    """The one question that looking up an entry asks of a state."""

    def __init__(self, reader: Questions) -> None:
        self._reader = reader

    def get(self, key: bytes) -> bytes | None:
        return self._reader.state(key)


def governors(reader: Questions) -> Governors:
    """Return who governs."""
    return governance.governors(_draft(reader))


def nodes(reader: Questions) -> tuple[Node, ...]:
    """Return the nodes whose signatures count."""
    return in_force(_draft(reader))


def organisation(reader: Questions, organisation_id: bytes) -> Organisation:
    """Return an organisation.

    Raises:
        NotAdmitted: there is none with this identifier.
    """
    return governance.organisation(_draft(reader), organisation_id)


def has_token_key(reader: Questions, key_id: bytes) -> bool:
    """Return whether a registrar has opened this token key."""
    return reader.state(_TOKEN_KEYS + key_id) is not None


def balance(reader: Questions, purse: bytes) -> int:
    """Return the coin in a purse, minor units."""
    return coin.balance(_draft(reader), purse)


def supply(reader: Questions) -> int:
    """Return all coin there is, minor units."""
    return coin.supply(_draft(reader))


def _draft(reader: Questions) -> Draft:
    # Single entries are read by `get` alone; order and ids are the block's business.
    state: Any = _Values(reader)
    return Draft(Base(state))
