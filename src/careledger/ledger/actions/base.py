"""The vocabulary of actions: who signs, and with what bounds.

Actions name actors by index into the envelope's `signers`, so that the signer is
always taken from a checked signature, never from a claim. Each action states in
`signed_by` which of its fields are such indexes, and as what they sign.
"""

from typing import Annotated, ClassVar, Final, Literal

from msgspec import Meta

from careledger.primitives.encoding import MAX_INTEGER, Message

Role = Literal[
    "governor",
    "organisation",
    "member",
    "purse",
    "opener",
    "handle",
    "invitation",
    "custodian",
    "recovery",
    "witness",
    "emergency",
    "new",
]
"""As what somebody signs. `new` proves possession of a key, and nothing else."""

Signer = Annotated[int, Meta(ge=0, le=7)]
"""An index into the envelope's `signers`."""

Signers = Annotated[tuple[Signer, ...], Meta(min_length=1, max_length=7)]
"""Indexes into the envelope's `signers`."""

PublicKey = Annotated[bytes, Meta(min_length=32, max_length=32)]
"""An Ed25519 public key (RFC 8032)."""

Hash = Annotated[bytes, Meta(min_length=32, max_length=32)]
"""A SHA-256 digest, or an identifier made as one."""

EntryId = Annotated[bytes, Meta(min_length=16, max_length=16)]
"""The random identifier of an entry."""

Signature = Annotated[bytes, Meta(min_length=64, max_length=64)]
"""An Ed25519 signature (RFC 8032)."""

SEALING_KEY_SIZE: Final = 1216
"""Bytes of an X-Wing public key."""

SealingKey = Annotated[
    bytes, Meta(min_length=SEALING_KEY_SIZE, max_length=SEALING_KEY_SIZE)
]
"""An X-Wing public key: ML-KEM-768 and X25519."""

Amount = Annotated[int, Meta(ge=1, le=MAX_INTEGER)]
"""Coin in minor units."""


class Action(Message, frozen=True):
    """The base of everything that an envelope may ask for.

    Attributes:
        signed_by: field name → role, for each field that names signers.
        publishes: fields with the SHA-256 of an X-Wing key that must travel along.
        load: what it takes of an envelope's `MAX_LOAD`; 0 for what is quick.
    """

    signed_by: ClassVar[dict[str, Role]] = {}
    publishes: ClassVar[tuple[str, ...]] = ()
    load: ClassVar[int] = 0


def named_signers(action: Action) -> list[tuple[Role, int]]:
    """Return each (role, index) that `action` names."""
    named: list[tuple[Role, int]] = []
    for field, role in action.signed_by.items():
        value = getattr(action, field)
        if isinstance(value, int):
            named.append((role, value))
        else:
            named.extend((role, index) for index in value)
    return named
