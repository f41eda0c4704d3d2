"""Keys from keys: one derivation, one commitment.

A key is used for one purpose. What a purpose needs is derived with HKDF-SHA256
(RFC 5869, empty salt) under a marker of its own, so that a key handed out for
one purpose says nothing about any other.
"""

from typing import Annotated, Final

import msgspec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from careledger.primitives.hashing import marked_hash, same
from careledger.sealing.hpke import bound_info
from careledger.sealing.problems import Tampered

KEY_SIZE: Final = 32
"""Bytes of every symmetric key."""

ENTRY_ID_SIZE: Final = 16
"""Bytes of an entry's random id."""

Key = Annotated[bytes, msgspec.Meta(min_length=KEY_SIZE, max_length=KEY_SIZE)]
EntryId = Annotated[
    bytes, msgspec.Meta(min_length=ENTRY_ID_SIZE, max_length=ENTRY_ID_SIZE)
]


def derive(key: bytes, marker: bytes, *fields: bytes) -> bytes:
    """Return the 32-byte key for the purpose that `marker` and `fields` name."""
    info = bound_info(marker, *fields)
    return HKDF(SHA256(), KEY_SIZE, salt=b"", info=info).derive(key)


def entry_key(epoch_key: bytes, entry_id: bytes) -> bytes:
    """Return the key of one entry: all that a single-entry grant hands out."""
    return derive(epoch_key, b"careledger/entry-key/v1", entry_id)


def commitment(entry_id: bytes, key: bytes) -> bytes:
    """Return the public commitment (32 bytes) to the key of an entry.

    AES-GCM commits to no key: one ciphertext can be made to open to two contents
    under two keys. The core of `Append` carries this hash, so there is one key,
    and nobody can show two people two contents.
    """
    return marked_hash(b"careledger/key-commitment/v1", entry_id, key)


def check_commitment(committed: bytes, entry_id: bytes, key: bytes) -> None:
    """Check that `key` is the key that the ledger's commitment names.

    Raises:
        Tampered: another key was committed.
    """
    if not same(committed, commitment(entry_id, key)):
        raise Tampered
