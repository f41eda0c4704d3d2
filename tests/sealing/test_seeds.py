"""Seeds: keys apart, words that come back, guardians two of three."""

import traceback
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shamir_mnemonic import generate_mnemonics

from careledger.sealing.problems import WrongShares, WrongWords
from careledger.sealing.seeds import (
    handle_keys,
    join_recovery_secret,
    member_keys,
    purse_key,
    recovery_keys,
    seed_of,
    split_recovery_secret,
    words_of,
)

SEED = bytes(range(32))


def test_every_key_is_another():
    pairs = [
        member_keys(SEED),
        *(handle_keys(SEED, d, i) for d in (b"a", b"b") for i in range(3)),
        *(recovery_keys(SEED, n) for n in range(3)),
    ]
    keys = [p.signing.public for p in pairs] + [p.opening.public[-32:] for p in pairs]
    keys += [purse_key(SEED, c, i).public for c in (b"a", b"b") for i in range(3)]
    assert len(set(keys)) == len(keys)


@given(
    st.binary(min_size=32, max_size=32), st.binary(max_size=16), st.integers(0, 2**53)
)
@settings(max_examples=20)
def test_the_seed_gives_the_same_keys_again(seed, device, index):
    once, again = handle_keys(seed, device, index), handle_keys(seed, device, index)
    assert once.signing.public == again.signing.public
    assert once.opening.public == again.opening.public


def test_keys_are_not_printed():
    assert SEED.hex() not in repr(handle_keys(SEED, b"a", 0))


@given(st.binary(min_size=32, max_size=32))
def test_words_come_back(seed):
    assert seed_of(words_of(seed)) == seed
    assert seed_of("  " + words_of(seed).upper().replace(" ", "\n") + " ") == seed


def test_the_published_word_vector():
    """BIP-39, Trezor's vectors: 32 zero bytes."""
    assert words_of(bytes(32)) == "abandon " * 23 + "art"


@pytest.mark.parametrize(
    "words",
    [
        "",
        "abandon " * 24,
        "abandon " * 11 + "about",  # a valid seed of 12 words
        "abandon " * 23 + "zzzz",
        "abandon " * 22 + "art abandon",
    ],
)
def test_wrong_words_are_told_without_repeating_them(words):
    with pytest.raises(WrongWords) as raised:
        seed_of(words)
    shown = "".join(traceback.format_exception_only(raised.value))
    assert raised.value.__context__ is None or raised.value.__suppress_context__
    assert "abandon" not in shown


def test_any_two_guardians_suffice():
    shares = split_recovery_secret(SEED)
    assert [len(share.split()) for share in shares] == [33, 33, 33]
    for two in combinations(shares, 2):
        assert join_recovery_secret(two) == SEED
    assert join_recovery_secret(share.upper() for share in shares) == SEED


def test_other_shares_do_not():
    shares, others = split_recovery_secret(SEED), split_recovery_secret(SEED)
    mistyped = shares[1].rsplit(" ", 1)[0] + " zero"
    short = generate_mnemonics(1, [(2, 3)], bytes(16), iteration_exponent=0)[0]
    for wrong in (
        [],
        shares[:1],
        [shares[0], shares[0]],
        [shares[0], others[1]],
        [shares[0], mistyped],
        [shares[0], "words"],
        short[:2],
    ):
        with pytest.raises(WrongShares):
            join_recovery_secret(wrong)
