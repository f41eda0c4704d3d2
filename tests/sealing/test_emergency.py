"""Emergency shares: sealed to agents, released to handles, joined by two."""

from dataclasses import replace
from itertools import combinations

import msgspec
import pytest

from careledger.primitives.encoding import encode
from careledger.primitives.hashing import marked_hash
from careledger.sealing.binding import Binding
from careledger.sealing.emergency import (
    Reader,
    Share,
    join_shares,
    open_released,
    open_share,
    release_share,
    seal_shares,
)
from careledger.sealing.history import first_epoch
from careledger.sealing.hpke import OpeningKey, seal
from careledger.sealing.padding import pad_to
from careledger.sealing.problems import BadKey, NotARecipient, Tampered, WrongShares
from careledger.sealing.shamir import split
from tests.sealing.known import ALICE, BOB

PLACE, OWNER = Binding("test-1", b"r" * 32, 7), b"o" * 32
KEYS = [OpeningKey(bytes([n]) * 32) for n in range(3)]
AGENTS = [Reader(bytes([n]) * 32, key.public) for n, key in enumerate(KEYS)]
DOCTOR = Reader(b"d" * 32, ALICE.public)
RING = first_epoch(7)
SEALED = seal_shares(RING, PLACE, OWNER, AGENTS)
SHARES = [
    open_share(key, agent.handle, sealed, PLACE, OWNER)
    for key, agent, sealed in zip(KEYS, AGENTS, SEALED, strict=True)
]


def test_from_plan_to_emergency():
    for two in combinations(range(3), 2):
        released = [
            open_released(
                ALICE,
                DOCTOR.handle,
                release_share(SHARES[n], PLACE, AGENTS[n].handle, DOCTOR),
                PLACE,
                AGENTS[n].handle,
            )
            for n in two
        ]
        assert join_shares(released) == RING
    assert join_shares(SHARES) == RING


def test_one_agent_is_not_enough():
    for shares in ([], SHARES[:1], [SHARES[0], SHARES[0]]):
        with pytest.raises(WrongShares):
            join_shares(shares)


def test_false_shares_and_shares_of_another_plan_are_noticed():
    other = seal_shares(first_epoch(7), PLACE, OWNER, AGENTS)
    foreign = open_share(KEYS[1], AGENTS[1].handle, other[1], PLACE, OWNER)
    false = msgspec.structs.replace(SHARES[1], value=bytes(128))
    liar = msgspec.structs.replace(SHARES[1], check=bytes(32))
    for second in (foreign, false, liar):
        with pytest.raises(WrongShares):
            join_shares([SHARES[0], second])


@pytest.mark.parametrize("secret", [bytes(128), pad_to(b"?", 128)])
def test_a_plan_that_never_held_a_keyring(secret):
    check = marked_hash(b"careledger/emergency-check/v1", secret)
    shares = [Share(n, value, check) for n, value in split(secret, 2, 3).items()]
    with pytest.raises(WrongShares):
        join_shares(shares)


def test_shares_open_for_their_agent_in_their_place_only():
    for key, handle, place, sender in (
        (KEYS[1], AGENTS[0].handle, PLACE, OWNER),
        (KEYS[0], AGENTS[1].handle, PLACE, OWNER),
        (KEYS[0], AGENTS[0].handle, replace(PLACE, epoch=8), OWNER),
        (KEYS[0], AGENTS[0].handle, PLACE, b"x" * 32),
    ):
        with pytest.raises(NotARecipient):
            open_share(key, handle, SEALED[0], place, sender)


def test_a_planned_share_is_no_released_share():
    with pytest.raises(NotARecipient):
        open_released(KEYS[0], AGENTS[0].handle, SEALED[0], PLACE, OWNER)
    released = release_share(SHARES[0], PLACE, AGENTS[0].handle, DOCTOR)
    with pytest.raises(NotARecipient):
        open_released(BOB, DOCTOR.handle, released, PLACE, AGENTS[0].handle)
    with pytest.raises(NotARecipient):
        open_share(ALICE, DOCTOR.handle, released, PLACE, AGENTS[0].handle)


def test_what_is_no_share():
    info = PLACE.info(b"careledger/emergency-share/v1", OWNER, AGENTS[0].handle)
    for content in (b"?", encode(RING)):
        with pytest.raises(Tampered):
            open_share(
                KEYS[0],
                AGENTS[0].handle,
                seal(AGENTS[0].public, info, content),
                PLACE,
                OWNER,
            )


@pytest.mark.parametrize("agents", [AGENTS[:2], [*AGENTS, AGENTS[0]]])
def test_three_agents(agents):
    with pytest.raises(WrongShares):
        seal_shares(RING, PLACE, OWNER, agents)


def test_bad_keys_are_refused():
    with pytest.raises(BadKey):
        seal_shares(RING, PLACE, OWNER, [*AGENTS[:2], Reader(b"x" * 32, b"")])


def test_shares_are_not_printed():
    assert repr(SHARES[0]) == "Share(…)"
