"""Manifests: all lines, in order, for the holders of the epoch key."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from careledger.primitives.hashing import sha256
from careledger.sealing.binding import Binding
from careledger.sealing.bodies import seal_body
from careledger.sealing.manifest import (
    ManifestLine,
    Reference,
    open_manifest,
    seal_manifest,
)
from careledger.sealing.padding import BODY_SIZES
from careledger.sealing.problems import Tampered, TooLarge

PLACE, KEY = Binding("test-1", b"r" * 32, 7), b"k" * 32


def line(number, references=1):
    return ManifestLine(
        entry_id=number.to_bytes(16, "big"),
        resource_type="Observation",
        label="Blood pressure",
        content_hash=sha256(b"%d" % number),
        size=1234,
        references=tuple(
            Reference(f"Patient/{i}", i.to_bytes(16, "big")) for i in range(references)
        ),
    )


@given(st.integers(0, 256), st.integers(0, 4))
@settings(max_examples=20)
def test_round_trip(count, references):
    lines = tuple(line(n, references) for n in range(count))
    bodies = seal_manifest(KEY, PLACE, lines)
    assert all(len(body) in BODY_SIZES for body in bodies)
    assert open_manifest(KEY, PLACE, bodies) == lines


def test_256_entries_take_few_bodies():
    assert len(seal_manifest(KEY, PLACE, [line(n) for n in range(256)])) <= 3


def test_missing_and_exchanged_bodies_are_noticed():
    bodies = seal_manifest(KEY, PLACE, [line(n) for n in range(256)])
    assert len(bodies) > 1
    for wrong in (bodies[:-1], bodies[1:], bodies[::-1], (*bodies, bodies[-1])):
        with pytest.raises(Tampered):
            open_manifest(KEY, PLACE, wrong)


def test_another_key_or_place():
    bodies = seal_manifest(KEY, PLACE, [line(1)])
    for key, place in ((bytes(32), PLACE), (KEY, replace(PLACE, epoch=8))):
        with pytest.raises(Tampered):
            open_manifest(key, place, bodies)


def test_what_is_no_manifest():
    body = seal_body(KEY, b"careledger/manifest/v1", PLACE, b"?")
    with pytest.raises(Tampered):
        open_manifest(KEY, PLACE, [body])


def test_a_line_larger_than_a_body():
    references = tuple(Reference("\U0001f3e5" * 256, bytes(16)) for _ in range(32))
    large = ManifestLine(bytes(16), "Bundle", "", bytes(32), 1, references)
    with pytest.raises(TooLarge):
        seal_manifest(KEY, PLACE, [line(1), large])


def test_labels_are_not_printed():
    assert "Blood" not in repr(line(1))
