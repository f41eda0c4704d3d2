"""Wraps: a keyring sealed to a handle; a rotation: wraps for all full holders.

A wrap is bound to chain, record, epoch, sender and recipient: it opens nowhere
else, and nobody can pass it on as their own. The wraps of a rotation have one
size, whatever they hold. A participant with single entries is no `Holder`, so
there is no way to hand it an epoch key.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Annotated, Final

import msgspec

from careledger.primitives.encoding import Message, encode
from careledger.sealing.binding import Binding
from careledger.sealing.bodies import fill_pages
from careledger.sealing.chance import Draw, random_bytes
from careledger.sealing.hpke import OVERHEAD, OpeningKey, seal
from careledger.sealing.keyring import (
    RING_SIZE,
    AllEpochs,
    Keyring,
    SingleEntries,
    from_now_on,
    held_epochs,
)
from careledger.sealing.padding import (
    BODY_LIMIT,
    pad_body,
    pad_to,
    unpad_body,
    unpad_from,
)
from careledger.sealing.problems import BadKey, NotARecipient, Tampered
from careledger.sealing.secret import decode_secret, encode_secret

HANDLE_SIZE: Final = 32
"""Bytes of a handle's Ed25519 key, its name on the ledger."""

_MARKER: Final = b"careledger/wrap/v1"

_ROOM: Final = OVERHEAD + 64
"""Bytes around a large keyring in its body: the seal and the encoding of `Wrap`."""


class Reach(Enum):
    """What a full holder may hold."""

    ALL_EPOCHS = "all-epochs"
    FROM_NOW_ON = "from-now-on"


@dataclass(frozen=True, slots=True)
class Holder:
    """A full holder: who gets the key of every new epoch.

    Attributes:
        handle: its Ed25519 key.
        public: its X-Wing key.
        reach: whether it also gets the history.
    """

    handle: bytes
    public: bytes
    reach: Reach


class Wrap(Message, frozen=True):
    """A keyring sealed to one handle.

    Attributes:
        recipient: the handle's Ed25519 key.
        sealed: the keyring, by HPKE.
    """

    recipient: Annotated[
        bytes, msgspec.Meta(min_length=HANDLE_SIZE, max_length=HANDLE_SIZE)
    ]
    sealed: Annotated[bytes, msgspec.Meta(max_length=BODY_LIMIT)]


def wrap_keyring(
    ring: Keyring, binding: Binding, sender: bytes, recipient: bytes, public: bytes
) -> Wrap:
    """Seal a keyring to a handle.

    Args:
        ring: what the recipient may hold.
        binding: the record, and the epoch in force.
        sender: the Ed25519 key of the handle that signs the transaction.
        recipient: the Ed25519 key of the handle that will open it.
        public: the recipient's X-Wing key.

    Raises:
        BadKey: `public` is no key.
        TooLarge: the keyring does not fit into a body.
    """
    info = binding.info(_MARKER, sender, recipient)
    return Wrap(recipient, seal(public, info, _pad_ring(encode_secret(ring))))


def wrap_for(
    holder: Holder,
    ring: Keyring,
    binding: Binding,
    sender: bytes,
    draw: Draw = random_bytes,
) -> Wrap:
    """Seal a keyring to a holder; one whose key is none gets what opens for nobody.

    Such a wrap has the size of a real one: who published junk has locked out itself,
    and keeps nobody else from new keys. The caller checks that the key is the one
    that the holder committed to.

    Raises:
        TooLarge: the keyring does not fit into a body.
    """
    try:
        return wrap_keyring(ring, binding, sender, holder.handle, holder.public)
    except BadKey:
        size = OVERHEAD + len(_pad_ring(encode_secret(ring)))
        return Wrap(holder.handle, draw(size))


def open_wrap(
    key: OpeningKey, handle: bytes, wrap: Wrap, binding: Binding, sender: bytes
) -> Keyring:
    """Return the keyring in a wrap.

    Args:
        key: the handle's X-Wing key.
        handle: the handle's Ed25519 key.
        wrap: as the ledger delivered it.
        binding: the record and epoch of the transaction it came with.
        sender: the handle that signed that transaction.

    Raises:
        NotARecipient: it is for another handle.
        Tampered: it is for this handle and does not open, or holds keys of another
            epoch: reason for a `CannotOpen`.
    """
    if wrap.recipient != handle:
        raise NotARecipient
    try:
        padded = key.open(binding.info(_MARKER, sender, handle), wrap.sealed)
    except NotARecipient:
        raise Tampered from None
    # A union is no `type` to the type checker.
    ring: Keyring = decode_secret(_unpad_ring(padded), Keyring)  # type: ignore[arg-type]
    _check_epoch(ring, binding.epoch)
    return ring


def rotate(
    ring: AllEpochs,
    binding: Binding,
    sender: bytes,
    holders: Iterable[Holder],
    recovery: Holder,
) -> tuple[Wrap, ...]:
    """Wrap a new epoch to exactly the full holders and the recovery key.

    Args:
        ring: the new epoch, from `next_epoch`.
        binding: its place.
        sender: the handle that signs the rotation.
        holders: every full holder, the sender included.
        recovery: the record's recovery key; it always gets all epochs.
    """
    recovery = Holder(recovery.handle, recovery.public, Reach.ALL_EPOCHS)
    return tuple(
        wrap_for(each, _ring_for(each, ring), binding, sender)
        for each in (*holders, recovery)
    )


def pack_wraps(wraps: Sequence[Wrap]) -> tuple[bytes, ...]:
    """Return the wraps in their order, in as few bodies as hold them.

    Raises:
        TooLarge: one wrap alone is larger than a body.
    """
    return tuple(pad_body(encode(page), 0) for page in fill_pages(wraps))


def unpack_wraps(body: bytes) -> tuple[Wrap, ...]:
    """Return the wraps in one body.

    Raises:
        Tampered: it is no body of wraps.
    """
    return decode_secret(unpad_body(body, 0), tuple[Wrap, ...])


def _ring_for(holder: Holder, ring: AllEpochs) -> Keyring:
    return ring if holder.reach is Reach.ALL_EPOCHS else from_now_on(ring)


def _pad_ring(ring: bytes) -> bytes:
    if len(ring) < RING_SIZE:
        return pad_to(ring, RING_SIZE)
    return pad_body(ring, _ROOM)


def _unpad_ring(padded: bytes) -> bytes:
    if len(padded) == RING_SIZE:
        return unpad_from(padded, RING_SIZE)
    return unpad_body(padded, _ROOM)


def _check_epoch(ring: Keyring, epoch: int) -> None:
    if not isinstance(ring, SingleEntries) and max(held_epochs(ring)) != epoch:
        raise Tampered
