"""Messages that are only seen sealed."""

from typing import Annotated

import msgspec
import pytest

from careledger.primitives.encoding import encode
from careledger.sealing.binding import Binding
from careledger.sealing.cards import IdentityCard, seal_card
from careledger.sealing.problems import Tampered, TooLarge
from careledger.sealing.secret import Secret, decode_secret, encode_secret
from tests.sealing.known import ALICE


class Note(Secret, frozen=True, tag="note"):
    """A message of this test."""

    text: Annotated[str, msgspec.Meta(max_length=3)]


def test_round_trip():
    assert decode_secret(encode_secret(Note("abc")), Note) == Note("abc")


def test_what_the_recipient_would_refuse_is_not_sealed():
    with pytest.raises(TooLarge):
        encode_secret(Note("abcd"))
    card = IdentityCard("n" * 201, b"m", "o", "r", bytes(32))
    with pytest.raises(TooLarge):
        seal_card(card, Binding("test-1", b"r", 0), b"h" * 32, ALICE.public)


@pytest.mark.parametrize("raw", [b"", b"\xc1", encode(Note("abcd")), b"\x92\xa4note"])
def test_hostile_contents_are_tampered(raw):
    with pytest.raises(Tampered):
        decode_secret(raw, Note)


def test_nothing_is_printed():
    assert repr(Note("abc")) == str(Note("abc")) == "Note(…)"
    assert list(Note("abc").__rich_repr__()) == []
