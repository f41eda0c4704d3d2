"""What a patient calls its records: sealed with the record, for the seed alone.

A label goes with the founding of each record, as a statement that opens for nobody
but the seed that opened the record: others who hold its keys see that there is one,
as in every record, all of one size. So the words give labels back, and guardians,
who give ownership to another seed, do not.
"""

from typing import Annotated, Final

import msgspec

from careledger.client.keystore import Keystore, Label
from careledger.client.line import Line
from careledger.sealing import aead
from careledger.sealing.chance import random_bytes
from careledger.sealing.keys import derive
from careledger.sealing.padding import pad_to, unpad_from
from careledger.sealing.problems import Tampered
from careledger.sealing.secret import Secret, decode_secret, encode_secret

_MARKER: Final = b"careledger/own-label/v1"

_SIZE: Final = 1024
"""Bytes of every padded label: the longest has 200 characters of four bytes."""


class OwnLabel(Secret, frozen=True, tag="own-label/v1"):
    """A statement that is for its author's own eyes."""

    sealed: Annotated[bytes, msgspec.Meta(max_length=_SIZE + aead.OVERHEAD)]


class _Text(Secret, frozen=True):
    label: Label


def seal_label(line: Line, store: Keystore, record: bytes, label: str) -> OwnLabel:
    """Return the label of a record, sealed under the keystore's seed."""
    padded = pad_to(encode_secret(_Text(label)), _SIZE)
    info = line.binding(record, 0).info(_MARKER)
    return OwnLabel(aead.seal_with(_key(store), info, padded, random_bytes))


def open_label(line: Line, store: Keystore, record: bytes, one: OwnLabel) -> str | None:
    """Return the label; none: sealed under another seed, or for another record."""
    info = line.binding(record, 0).info(_MARKER)
    try:
        padded = aead.open_with(_key(store), info, one.sealed)
        return decode_secret(unpad_from(padded, _SIZE), _Text).label
    except Tampered:
        return None


def _key(store: Keystore) -> bytes:
    return derive(store.seed, _MARKER, store.device)
