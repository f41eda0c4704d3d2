"""Identity cards: who is behind a handle, told to the owner alone.

The registrar's endorsement of a handle carries `c`, a commitment to (member id,
handle, salt). The card opens it. A card that does not is still shown, as
*unverified*: opening and verifying are two calls. `c` covers the member id; name
and organisation are the card's word until they match the public directory.
"""

from typing import Annotated, Final

import msgspec

from careledger.primitives.hashing import marked_hash, same
from careledger.sealing.binding import Binding
from careledger.sealing.bodies import open_body_with, seal_body_to
from careledger.sealing.hpke import OpeningKey
from careledger.sealing.problems import Unverified
from careledger.sealing.secret import Secret, decode_secret, encode_secret

SALT_SIZE: Final = 32
"""Bytes of an endorsement's salt: without it, `c` could be guessed."""

MemberId = Annotated[bytes, msgspec.Meta(min_length=1, max_length=64)]
Label = Annotated[str, msgspec.Meta(max_length=200)]
Salt = Annotated[bytes, msgspec.Meta(min_length=SALT_SIZE, max_length=SALT_SIZE)]

_MARKER: Final = b"careledger/identity-card/v1"


class IdentityCard(Secret, frozen=True, tag="identity-card"):
    """Who is behind a handle.

    Attributes:
        name: as the person is called.
        member: id in the directory, or the pseudonymous one of a patient.
        organisation: that answers for the member.
        role: in this record.
        salt: of the endorsement's commitment.
    """

    name: Label
    member: MemberId
    organisation: Label
    role: Label
    salt: Salt


def endorsement_commitment(member: bytes, handle: bytes, salt: bytes) -> bytes:
    """Return `c` (32 bytes): what an endorsement says about who a handle is."""
    return marked_hash(b"careledger/endorsement/v1", member, handle, salt)


def seal_card(
    card: IdentityCard, binding: Binding, handle: bytes, public: bytes
) -> bytes:
    """Return the card of `handle` as a body for the holder of `public`.

    Raises:
        BadKey: `public` is no key.
        TooLarge: a text of the card is too long.
    """
    return seal_body_to(public, binding.info(_MARKER, handle), encode_secret(card))


def open_card(
    key: OpeningKey, body: bytes, binding: Binding, handle: bytes
) -> IdentityCard:
    """Return the card that came with `handle`; it is unverified so far.

    Raises:
        NotARecipient: sealed to another key, for another place or handle.
        Tampered: it opens, and is no card.
    """
    content = open_body_with(key, binding.info(_MARKER, handle), body)
    return decode_secret(content, IdentityCard)


def verify_card(card: IdentityCard, handle: bytes, committed: bytes) -> None:
    """Check that the registrar endorsed `handle` for the card's member.

    Args:
        card: as opened.
        handle: the Ed25519 key on the ledger.
        committed: `c` of the endorsement on the ledger.

    Raises:
        Unverified: the card does not open `c`.
    """
    expected = endorsement_commitment(card.member, handle, card.salt)
    if not same(committed, expected):
        raise Unverified


def verify_listing(card: IdentityCard, name: str, organisation: str) -> None:
    """Check the card's words against the directory's entry for its member.

    Raises:
        Unverified: another name or organisation is listed.
    """
    if (card.name, card.organisation) != (name, organisation):
        raise Unverified
