"""Envelopes: exact bytes come back, or nothing does."""

from dataclasses import replace

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from careledger.primitives.hashing import sha256
from careledger.sealing.aead import open_with, seal_with
from careledger.sealing.chance import random_bytes
from careledger.sealing.envelope import ENTRY_LIMIT, open_entry, seal_entry
from careledger.sealing.hpke import bound_info
from careledger.sealing.keys import derive, entry_key
from careledger.sealing.padding import pad, padme_size
from careledger.sealing.problems import Tampered, TooLarge
from tests.sealing.known import counting, flipped

EPOCH_KEY = bytes(range(32))
RESOURCE = b'{"resourceType":"Observation","status":"final"}'
SEALED = seal_entry(EPOCH_KEY, RESOURCE, counting())
KEY = entry_key(EPOCH_KEY, SEALED.entry_id)
MARKER = b"careledger/entry/v1"


def rehashed(blob):
    """Return the entry with another blob, as a colluding vault and ledger would."""
    return replace(SEALED, blob=blob, blob_hash=sha256(blob))


def crafted(content):
    """Return an entry that a hostile holder of the key sealed without `seal_entry`."""
    bound = bound_info(MARKER, SEALED.entry_id)
    return rehashed(seal_with(derive(KEY, MARKER), bound, content, random_bytes))


@given(st.binary(max_size=5000))
def test_round_trip(resource):
    sealed = seal_entry(EPOCH_KEY, resource)
    assert open_entry(entry_key(EPOCH_KEY, sealed.entry_id), sealed) == resource


def test_two_seals_share_nothing():
    one, two = seal_entry(EPOCH_KEY, RESOURCE), seal_entry(EPOCH_KEY, RESOURCE)
    assert one.entry_id != two.entry_id
    assert one.blob != two.blob
    assert one.commitment != two.commitment


def test_the_size_is_padded():
    frame = zstandard.ZstdCompressor(level=3).compress(RESOURCE)
    assert len(SEALED.blob) == padme_size(4 + len(frame) + 1) + 12 + 16


def test_every_changed_bit_is_noticed():
    for bit in range(8 * len(SEALED.blob)):
        changed = flipped(SEALED.blob, bit)
        with pytest.raises(Tampered):
            open_entry(KEY, replace(SEALED, blob=changed))
        with pytest.raises(Tampered):
            open_entry(KEY, rehashed(changed))


@pytest.mark.parametrize("size", [0, 1, 11, 12, 27, 28])
def test_a_cut_blob_is_noticed(size):
    with pytest.raises(Tampered):
        open_entry(KEY, rehashed(SEALED.blob[:size]))


def test_another_key_id_or_commitment_is_noticed():
    for key, entry in (
        (bytes(32), SEALED),
        (KEY, replace(SEALED, entry_id=bytes(16))),
        (KEY, replace(SEALED, commitment=bytes(32))),
        (KEY, replace(SEALED, blob_hash=bytes(32))),
    ):
        with pytest.raises(Tampered):
            open_entry(key, entry)


def test_a_second_key_for_one_blob_is_refused():
    """Even one that opens the blob: the ledger committed to the first."""
    other = derive(b"another", b"key")
    bound = bound_info(MARKER, SEALED.entry_id)
    blob = seal_with(derive(other, MARKER), bound, pad(b""), random_bytes)
    assert open_with(derive(other, MARKER), bound, blob) == pad(b"")
    with pytest.raises(Tampered):
        open_entry(other, rehashed(blob))


def framed(resource, size=None, **options):
    """Return sealed content whose header says `size`."""
    frame = zstandard.ZstdCompressor(**options).compress(resource)
    size = len(resource) if size is None else size
    return pad(size.to_bytes(4, "big") + frame)


BOMB = bytes(ENTRY_LIMIT + 1)


@pytest.mark.parametrize(
    "content",
    [
        framed(BOMB),
        framed(BOMB, size=10),
        framed(b"abc", size=4),
        framed(b"abc", size=2),
        framed(b"abc", write_content_size=False),
        pad(framed(b"abc").rstrip(b"\0")[:-1] + b"more"),
        pad(framed(b"abc" * 50).rstrip(b"\0")[:-3]),
        pad(b"\0\0\0\3no frame"),
        pad(b"\0\0"),
        pad(b""),
        b"",
    ],
    ids=lambda content: f"{len(content)}",
)
def test_hostile_contents_are_refused(content):
    with pytest.raises(Tampered):
        open_entry(KEY, crafted(content))


def test_crafting_by_hand_works_at_all():
    assert open_entry(KEY, crafted(framed(b"abc"))) == b"abc"


def test_large_resources_are_attachments():
    with pytest.raises(TooLarge):
        seal_entry(EPOCH_KEY, BOMB)
