"""Invitations: equal bodies, one organisation, one person."""

import msgspec
import pytest

from careledger.primitives.encoding import encode
from careledger.sealing.cards import IdentityCard
from careledger.sealing.history import first_epoch
from careledger.sealing.hpke import OpeningKey, bound_info, seal
from careledger.sealing.invitations import (
    INVITATION_SIZE,
    Addressee,
    Invitation,
    Routed,
    open_invitation,
    open_mailbox,
    seal_invitation,
)
from careledger.sealing.keyring import single_entries
from careledger.sealing.padding import pad_to
from careledger.sealing.problems import BadKey, NotARecipient, Tampered
from tests.sealing.known import ALICE, BOB, flipped

CHAIN, MEMBER = "test-1", b"member-17"
MAILBOX = OpeningKey(b"m" * 32)
TO = Addressee(MEMBER, ALICE.public, MAILBOX.public)
INVITATION = Invitation(
    b"r" * 32, 3, b"s" * 32, b"i" * 32, first_epoch(3), None, "for your opinion"
)
BODY = seal_invitation(INVITATION, CHAIN, TO)
ROUTED = open_mailbox([MAILBOX], CHAIN, BODY)
OUTER, INNER = INVITATION_SIZE - 1136, INVITATION_SIZE - 2 * 1136 - 128


def test_the_organisation_routes_and_the_person_reads():
    assert ROUTED.member == MEMBER
    assert open_invitation(ALICE, MEMBER, CHAIN, ROUTED) == INVITATION


def test_the_largest_invitation_has_the_same_size():
    name = "\U0001f3e5" * 200
    grants = [(0, i.to_bytes(16, "big")) for i in range(128)]
    full = Invitation(
        record=b"r" * 64,
        epoch=2**53 - 1,
        invitation_seed=b"s" * 32,
        inviter=b"i" * 32,
        keyring=single_entries({0: bytes(32)}, grants),
        card=IdentityCard(name, b"m" * 64, name, name, b"s" * 32),
        note="\U0001f3e5" * 1000,
    )
    to = Addressee(b"m" * 64, ALICE.public, MAILBOX.public)
    body = seal_invitation(full, CHAIN, to)
    assert len(body) == len(BODY) == INVITATION_SIZE
    routed = open_mailbox([MAILBOX], CHAIN, body)
    assert len(routed.sealed) == len(ROUTED.sealed)
    assert open_invitation(ALICE, b"m" * 64, CHAIN, routed) == full


def test_last_months_mailbox_key_still_opens():
    assert open_mailbox([BOB, MAILBOX], CHAIN, BODY) == ROUTED


def test_other_organisations_learn_nothing():
    for keys in ([], [BOB], [BOB, ALICE]):
        with pytest.raises(NotARecipient):
            open_mailbox(keys, CHAIN, BODY)
    with pytest.raises(NotARecipient):
        open_mailbox([MAILBOX], "test-2", BODY)


def test_other_members_are_not_recipients():
    with pytest.raises(NotARecipient):
        open_invitation(BOB, b"member-18", CHAIN, ROUTED)


def test_the_organisation_cannot_read_or_redirect():
    for key, member, chain, routed in (
        (MAILBOX, MEMBER, CHAIN, ROUTED),
        (ALICE, b"member-18", CHAIN, Routed(b"member-18", ROUTED.sealed)),
        (ALICE, MEMBER, "test-2", ROUTED),
        (ALICE, MEMBER, CHAIN, Routed(MEMBER, flipped(ROUTED.sealed, 9999))),
    ):
        with pytest.raises(Tampered):
            open_invitation(key, member, chain, routed)


@pytest.mark.parametrize("byte", [0, 1000, 1120, 5000, INVITATION_SIZE - 1])
def test_changed_bodies_open_for_nobody(byte):
    with pytest.raises(NotARecipient):
        open_mailbox([MAILBOX], CHAIN, flipped(BODY, 8 * byte))


def to_mailbox(content):
    info = bound_info(b"careledger/invitation-mailbox/v1", CHAIN.encode())
    return seal(MAILBOX.public, info, content)


@pytest.mark.parametrize(
    "content", [b"", pad_to(b"?", OUTER), pad_to(encode(ROUTED), OUTER + 1)]
)
def test_hostile_outsides(content):
    assert open_mailbox([MAILBOX], CHAIN, to_mailbox(pad_to(encode(ROUTED), OUTER)))
    with pytest.raises(Tampered):
        open_mailbox([MAILBOX], CHAIN, to_mailbox(content))


@pytest.mark.parametrize("content", [b"", pad_to(b"?", INNER), pad_to(b"?", INNER + 1)])
def test_hostile_insides(content):
    info = bound_info(b"careledger/invitation-person/v1", CHAIN.encode(), MEMBER)
    routed = Routed(MEMBER, seal(ALICE.public, info, content))
    with pytest.raises(Tampered):
        open_invitation(ALICE, MEMBER, CHAIN, routed)


def test_bad_keys_are_refused():
    for to in (
        Addressee(MEMBER, b"", MAILBOX.public),
        Addressee(MEMBER, ALICE.public, b""),
    ):
        with pytest.raises(BadKey):
            seal_invitation(INVITATION, CHAIN, to)


def test_invitations_do_not_print():
    assert "opinion" not in repr(INVITATION)
    assert msgspec.structs.asdict(INVITATION)["note"] == "for your opinion"
