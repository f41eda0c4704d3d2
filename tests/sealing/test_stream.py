"""Streams: any size, constant memory, no chunk cut, moved, repeated or added."""

import io
import tracemalloc

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given, settings
from hypothesis import strategies as st

from careledger.primitives.hashing import sha256
from careledger.sealing.keys import derive
from careledger.sealing.padding import padme_size
from careledger.sealing.problems import Tampered, WrongSize
from careledger.sealing.stream import (
    CHUNK_SIZE,
    open_file,
    open_stream,
    seal_file,
    seal_stream,
    sealed_size,
)
from tests.sealing.known import counting, flipped

KEY = bytes(range(32))
HEADER = 32 + 8 + 16
PIECE = CHUNK_SIZE + 16


def seal(content, **options):
    reader = io.BytesIO(content)
    return b"".join(seal_stream(KEY, len(content), reader.read, **options))


def opened(sealed, key=KEY):
    return b"".join(open_stream(key, io.BytesIO(sealed).read))


EDGES = [0, 1, 2, 100, CHUNK_SIZE - 1, CHUNK_SIZE, CHUNK_SIZE + 1, 3 * CHUNK_SIZE + 7]


@pytest.mark.parametrize("size", EDGES)
def test_round_trip_at_the_edges(size):
    content = (b"careledger" * (size // 10 + 1))[:size]
    sealed = seal(content)
    assert len(sealed) == sealed_size(size)
    assert opened(sealed) == content


@given(st.binary(max_size=3000))
@settings(max_examples=50)
def test_round_trip(content):
    assert opened(seal(content)) == content


def test_sizes_are_padded_across_chunks():
    size = 70 * CHUNK_SIZE + 1
    chunks = -(-padme_size(size) // CHUNK_SIZE)
    assert chunks == 72
    sealed = seal(bytes(size))
    assert len(sealed) == HEADER + padme_size(size) + 16 * chunks
    assert opened(sealed) == bytes(size)


def test_every_changed_bit_is_noticed():
    sealed = seal(b"short", draw=counting())
    for bit in range(8 * len(sealed)):
        with pytest.raises(Tampered):
            opened(flipped(sealed, bit))


def test_every_cut_is_noticed():
    sealed = seal(b"a" * 200)
    for size in range(len(sealed)):
        with pytest.raises(Tampered):
            opened(sealed[:size])


LONG = seal(bytes(4 * CHUNK_SIZE), draw=counting())
HEAD, PIECES = LONG[:HEADER], [LONG[HEADER + i * PIECE :][:PIECE] for i in range(4)]


@pytest.mark.parametrize(
    "order",
    [
        (0, 1, 2),
        (0, 1, 3),
        (1, 0, 2, 3),
        (0, 1, 1, 3),
        (0, 1, 3, 2),
        (0, 1, 2, 3, 3),
        (),
    ],
)
def test_chunks_stay_in_their_place(order):
    assert opened(HEAD + b"".join(PIECES)) == bytes(4 * CHUNK_SIZE)
    with pytest.raises(Tampered):
        opened(HEAD + b"".join(PIECES[i] for i in order))


def test_chunks_of_another_file_do_not_fit():
    other = seal(bytes(4 * CHUNK_SIZE))
    with pytest.raises(Tampered):
        opened(other[:HEADER] + b"".join(PIECES))


def test_an_added_byte_is_noticed():
    with pytest.raises(Tampered):
        opened(LONG + b"\0")


def test_another_key_does_not_open():
    with pytest.raises(Tampered):
        opened(LONG, key=bytes(32))


@pytest.mark.parametrize(
    "tail", [bytes(8), b"hidden\0\0", bytes(6) + b"x\0"], ids=["zeros", "start", "end"]
)
def test_padding_carries_nothing(tail):
    """A hostile sealer hides bytes behind the content."""
    size, salt = 89, bytes(32)
    cipher = AESGCM(derive(KEY, b"careledger/stream/v1", salt))
    header = cipher.encrypt(bytes(11) + b"\x02", size.to_bytes(8, "big"), None)
    padded = (b"a" * size + tail)[: padme_size(size)]
    sealed = salt + header + cipher.encrypt(bytes(11) + b"\x01", padded, None)
    assert len(sealed) == sealed_size(size)
    if any(padded[size:]):
        with pytest.raises(Tampered):
            opened(sealed)
    else:
        assert opened(sealed) == b"a" * size


@pytest.mark.parametrize("said", [9, 11, 2 * CHUNK_SIZE])
def test_a_source_of_another_size_is_refused(said):
    with pytest.raises(WrongSize):
        list(seal_stream(KEY, said, io.BytesIO(bytes(10)).read))


@pytest.mark.parametrize("part", [1, 7, 5000])
def test_pipes_that_give_parts(part):
    content = bytes(range(256)) * 40

    def in_parts(raw):
        source = io.BytesIO(raw)
        return lambda size: source.read(min(size, part))

    sealed = b"".join(seal_stream(KEY, len(content), in_parts(content)))
    assert b"".join(open_stream(KEY, in_parts(sealed))) == content


def test_files_and_their_hash():
    content, sealed, again = bytes(100_000), io.BytesIO(), io.BytesIO()
    blob_hash = seal_file(KEY, len(content), io.BytesIO(content), sealed)
    assert blob_hash == sha256(sealed.getvalue())
    open_file(KEY, blob_hash, io.BytesIO(sealed.getvalue()), again)
    assert again.getvalue() == content
    with pytest.raises(Tampered):
        open_file(KEY, bytes(32), io.BytesIO(sealed.getvalue()), io.BytesIO())


def test_memory_does_not_grow_with_the_size():
    chunk, count = bytes(CHUNK_SIZE), 400
    tracemalloc.start()
    left = iter([chunk] * count)
    sealed = seal_stream(KEY, count * CHUNK_SIZE, lambda _: next(left, b""))
    rest = bytearray()

    def read(size):
        while len(rest) < size:
            piece = next(sealed, None)
            if piece is None:
                break
            rest.extend(piece)
        taken = bytes(rest[:size])
        del rest[:size]
        return taken

    assert sum(map(len, open_stream(KEY, read))) == count * CHUNK_SIZE
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 20 * CHUNK_SIZE
