"""Identity: who I am, and the cards of others as an owner sees them."""

from dataclasses import dataclass
from typing import Final

from careledger.client.keystore import Keystore
from careledger.client.part import Part
from careledger.node.answers import ParticipantLine
from careledger.sealing.cards import IdentityCard, open_card, verify_card
from careledger.sealing.keys import derive
from careledger.sealing.problems import NotARecipient, Tampered, Unverified

_SALT: Final = b"careledger/endorsement-salt/v1"


@dataclass(frozen=True, slots=True)
class Identity:
    """Who a person is.

    Attributes:
        name: as in the directory.
        member: id.
        organisation: its name, as in the directory.
    """

    name: str
    member: bytes
    organisation: str


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody behind a seat, as the owner sees it.

    Attributes:
        name: what the card says; empty without one.
        organisation: what the card says.
        member: what the card says.
        verified: whether the registrar vouched for it.
    """

    name: str = ""
    organisation: str = ""
    member: bytes = b""
    verified: bool = False


def endorsement_salt(store: Keystore, handle: bytes) -> bytes:
    """Return the salt of a handle's endorsement; the seed gives it back."""
    return derive(store.seed, _SALT, handle)


def card_for(store: Keystore, me: Identity, handle: bytes, role: str) -> IdentityCard:
    """Return the card that opens the endorsement of one of my handles."""
    salt = endorsement_salt(store, handle)
    return IdentityCard(me.name, me.member, me.organisation, role, salt)


def person_behind(owner: Part, line: ParticipantLine) -> Person:
    """Return who is behind a seat; *unverified* unless the registrar vouched."""
    if not line.card:
        return Person()
    binding = owner.line.binding(owner.record, 0)
    try:
        card = open_card(owner.keys.opening, line.card, binding, line.handle)
    except (NotARecipient, Tampered):
        return Person()
    try:
        verify_card(card, line.handle, line.commitment)
    except Unverified:
        return Person(card.name, card.organisation, card.member)
    return Person(card.name, card.organisation, card.member, verified=True)
