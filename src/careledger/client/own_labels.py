"""What a patient calls its records: sealed with the record, for the owner alone.

A label goes with the founding of each record, as a statement that opens for nobody
but the seed that opened the record, and the recovery secret that guards it: others
who hold its keys see that there is one, as in every record, all of one size. So the
words give labels back, and so do guardians, who give ownership to another seed.
"""

from typing import Annotated, Final

import msgspec

from careledger.client.keystore import Keystore, Label
from careledger.client.line import Line
from careledger.sealing import aead
from careledger.sealing.chance import random_bytes
from careledger.sealing.keys import KEY_SIZE, derive
from careledger.sealing.padding import pad_to, unpad_from
from careledger.sealing.problems import Tampered
from careledger.sealing.secret import Secret, decode_secret, encode_secret

_MARKER: Final = b"careledger/own-label/v1"

_SIZE: Final = 1024
"""Bytes of every padded label: the longest has 200 characters of four bytes."""

_LABEL: Final = _SIZE + aead.OVERHEAD
"""Bytes of every sealed label, without its key."""


class OwnLabel(Secret, frozen=True, tag="own-label/v1"):
    """A statement that is for its author's own eyes.

    Attributes:
        sealed: the label under a key of the seed, then that key under one of the
            recovery secret; labels made before there were two have the first alone.
    """

    sealed: Annotated[bytes, msgspec.Meta(max_length=_LABEL + KEY_SIZE + aead.OVERHEAD)]


class _Text(Secret, frozen=True):
    label: Label


def seal_label(line: Line, store: Keystore, record: bytes, label: str) -> OwnLabel:
    """Return the label of a record, sealed for the keystore's seed and secret."""
    padded = pad_to(encode_secret(_Text(label)), _SIZE)
    info, key = line.binding(record, 0).info(_MARKER), _key(store)
    sealed = aead.seal_with(key, info, padded, random_bytes)
    guarded = aead.seal_with(_guarding(store), info, key, random_bytes)
    return OwnLabel(sealed + guarded)


def open_label(line: Line, store: Keystore, record: bytes, one: OwnLabel) -> str | None:
    """Return the label; none: it is for other seeds and secrets, or another record."""
    info = line.binding(record, 0).info(_MARKER)
    sealed, guarded = one.sealed[:_LABEL], one.sealed[_LABEL:]
    try:
        return _open(_key(store), info, sealed)
    except Tampered:
        try:
            return _open(aead.open_with(_guarding(store), info, guarded), info, sealed)
        except Tampered:
            return None


def _open(key: bytes, info: bytes, sealed: bytes) -> str:
    padded = aead.open_with(key, info, sealed)
    return decode_secret(unpad_from(padded, _SIZE), _Text).label


def _key(store: Keystore) -> bytes:
    return derive(store.seed, _MARKER, store.device)


def _guarding(store: Keystore) -> bytes:
    return derive(store.kept.recovery_secret, _MARKER)
