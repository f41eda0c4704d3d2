"""Invitations: outside for the organisation's mailbox, inside for the person.

    body (16,384 bytes) = seal(mailbox, member id, seal(person, invitation))

The feed of invitations names nobody: all bodies have one size, and every
organisation tries its mailbox keys on each. Only the one that opens it learns
which member it is for, and only that member learns from whom, to what record,
and with which keys.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated, Final

import msgspec

from careledger.primitives.encoding import Message, UInt
from careledger.sealing.cards import IdentityCard, MemberId
from careledger.sealing.hpke import OVERHEAD, OpeningKey, bound_info, seal
from careledger.sealing.keyring import Keyring
from careledger.sealing.keys import Key
from careledger.sealing.padding import BODY_LIMIT, pad_to, unpad_from
from careledger.sealing.problems import NotARecipient, Tampered
from careledger.sealing.secret import Secret, decode_secret, encode_secret

INVITATION_SIZE: Final = BODY_LIMIT
"""Bytes of every invitation body."""

_OUTER: Final = INVITATION_SIZE - OVERHEAD
_INNER: Final = _OUTER - OVERHEAD - 128
"""Bytes of the padded invitation; 128 are for the member id and the encoding."""

_MAILBOX: Final = b"careledger/invitation-mailbox/v1"
_PERSON: Final = b"careledger/invitation-person/v1"


class Invitation(Secret, frozen=True, tag="invitation"):
    """What the invited person reads.

    Attributes:
        record: the record's id.
        epoch: in force when it was written.
        invitation_seed: of the Ed25519 key that signs the `Accept`.
        inviter: the handle that invites.
        keyring: what is offered.
        card: who invites, where they say so.
        note: why, in their words.
    """

    record: Annotated[bytes, msgspec.Meta(min_length=1, max_length=64)]
    epoch: UInt
    invitation_seed: Key
    inviter: Key
    keyring: Keyring
    card: IdentityCard | None
    note: Annotated[str, msgspec.Meta(max_length=1000)]


class Routed(Message, frozen=True, tag="routed"):
    """What the organisation reads.

    Attributes:
        member: whom it is for.
        sealed: the invitation, which only the member opens.
    """

    member: MemberId
    sealed: bytes


@dataclass(frozen=True, slots=True)
class Addressee:
    """Whom an invitation is for, from the directory.

    Attributes:
        member: id.
        public: the member's X-Wing key.
        mailbox: the X-Wing key of this month of the organisation's mailbox.
    """

    member: bytes
    public: bytes
    mailbox: bytes


def seal_invitation(invitation: Invitation, chain_id: str, to: Addressee) -> bytes:
    """Return the body (`INVITATION_SIZE` bytes) of an invitation.

    Raises:
        BadKey: one of the addressee's keys is no key.
        TooLarge: a text is too long, or the keyring has too many epochs to fit.
    """
    padded = pad_to(encode_secret(invitation), _INNER)
    inner = seal(to.public, _person_info(chain_id, to.member), padded)
    routed = pad_to(encode_secret(Routed(to.member, inner)), _OUTER)
    return seal(to.mailbox, _mailbox_info(chain_id), routed)


def open_mailbox(keys: Iterable[OpeningKey], chain_id: str, body: bytes) -> Routed:
    """Return whom a body from the feed is for, if for this organisation.

    Args:
        keys: the mailbox keys that may still be in use, the newest first.
        chain_id: of the network.
        body: from the feed.

    Raises:
        NotARecipient: for another organisation; the usual case.
        Tampered: it opens, and is no invitation.
    """
    padded = _try_keys(keys, _mailbox_info(chain_id), body)
    return decode_secret(unpad_from(padded, _OUTER), Routed)


def open_invitation(
    key: OpeningKey, member: bytes, chain_id: str, routed: Routed
) -> Invitation:
    """Return the invitation that the organisation passed on.

    Raises:
        NotARecipient: it is for another member.
        Tampered: it is for this member, and does not open.
    """
    if routed.member != member:
        raise NotARecipient
    try:
        padded = key.open(_person_info(chain_id, member), routed.sealed)
    except NotARecipient:
        raise Tampered from None
    return decode_secret(unpad_from(padded, _INNER), Invitation)


def _try_keys(keys: Iterable[OpeningKey], info: bytes, body: bytes) -> bytes:
    for key in keys:
        try:
            return key.open(info, body)
        except NotARecipient:
            continue
    raise NotARecipient


def _mailbox_info(chain_id: str) -> bytes:
    return bound_info(_MAILBOX, chain_id.encode())


def _person_info(chain_id: str, member: bytes) -> bytes:
    return bound_info(_PERSON, chain_id.encode(), member)
