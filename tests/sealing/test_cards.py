"""Identity cards: what the registrar vouched for, and what it did not."""

import hashlib

import msgspec
import pytest

from careledger.sealing.binding import Binding
from careledger.sealing.bodies import seal_body_to
from careledger.sealing.cards import (
    IdentityCard,
    endorsement_commitment,
    open_card,
    seal_card,
    verify_card,
    verify_listing,
)
from careledger.sealing.problems import NotARecipient, Tampered, Unverified
from tests.sealing.known import ALICE, BOB

PLACE = Binding("test-1", b"r" * 32, 7)
HANDLE, SALT = b"h" * 32, b"s" * 32
CARD = IdentityCard("Dr Ada", b"member-17", "North Hospital", "practitioner", SALT)
C = endorsement_commitment(CARD.member, HANDLE, SALT)
BODY = seal_card(CARD, PLACE, HANDLE, ALICE.public)


def test_the_owner_opens_and_verifies():
    card = open_card(ALICE, BODY, PLACE, HANDLE)
    assert card == CARD
    verify_card(card, HANDLE, C)
    verify_listing(card, "Dr Ada", "North Hospital")


def test_the_commitment_as_bytes():
    parts = (b"careledger/endorsement/v1", b"member-17", HANDLE, SALT)
    raw = b"".join(len(part).to_bytes(4, "big") + part for part in parts)
    assert hashlib.sha256(raw).digest() == C


@pytest.mark.parametrize(
    ("changes", "handle", "committed"),
    [
        ({"member": b"member-18"}, HANDLE, C),
        ({"salt": b"t" * 32}, HANDLE, C),
        ({}, b"i" * 32, C),
        ({}, HANDLE, bytes(32)),
    ],
    ids=["member", "salt", "handle", "commitment"],
)
def test_a_false_card_is_unverified(changes, handle, committed):
    card = msgspec.structs.replace(CARD, **changes)
    with pytest.raises(Unverified):
        verify_card(card, handle, committed)


@pytest.mark.parametrize(
    "listing", [("Dr Eve", "North Hospital"), ("Dr Ada", "South Hospital")]
)
def test_the_directory_has_the_last_word_on_names(listing):
    with pytest.raises(Unverified):
        verify_listing(CARD, *listing)


def test_nobody_else_opens_it_and_it_goes_with_one_handle():
    with pytest.raises(NotARecipient):
        open_card(BOB, BODY, PLACE, HANDLE)
    with pytest.raises(NotARecipient):
        open_card(ALICE, BODY, PLACE, b"i" * 32)


def test_what_is_no_card():
    info = PLACE.info(b"careledger/identity-card/v1", HANDLE)
    with pytest.raises(Tampered):
        open_card(ALICE, seal_body_to(ALICE.public, info, b"?"), PLACE, HANDLE)


def test_names_are_not_printed():
    assert "Ada" not in repr(CARD)
