"""A changed file: no byte of a proof can be changed, added or lost."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from careledger import offline
from careledger.ledger import proofs
from careledger.primitives.encoding import encode
from tests.offline.known import ABSENT, NODES, NOW, RAW, STATE, TRUST, refused, replaced
from tests.vectors import make_log_vectors as made


def flips(raw):
    for at in range(len(raw)):
        for flip in (1, 0x20, 0x80):
            yield raw[:at] + bytes([raw[at] ^ flip]) + raw[at + 1 :]


@pytest.mark.parametrize("raw", [RAW, STATE])
def test_no_byte_can_be_changed(raw):
    # With exactly as many signatures as the quorum needs, each byte matters.
    for changed in flips(raw):
        with pytest.raises(offline.ProofRefused):
            offline.verify(changed, TRUST, NOW)


def test_a_signature_brings_no_words_of_its_own():
    key = made.signing_key(made.ORIGIN)
    signature = key.sign(b"said elsewhere: text")
    with pytest.raises(offline.ProofRefused, match="Ed25519"):
        offline._ed25519(key.public, b"text", signature + b"said elsewhere: ")
    offline._ed25519(key.public, b"text", key.sign(b"text"))


def test_a_changed_proof_of_absence_is_refused_or_a_true_one_of_another_key():
    # Empty parts of the state share their siblings: what shows that one key is
    # absent may show the same of its neighbour. It is never a false statement.
    raw = made.state_proof(ABSENT, NODES[:3])
    original, others = offline.verify(raw, TRUST, NOW), 0
    for changed in flips(raw):
        try:
            proven = offline.verify(changed, TRUST, NOW)
        except offline.ProofRefused:
            continue
        others += 1
        key = bytes.fromhex(proven["key"])
        assert key != ABSENT
        assert key not in made.KEYS
        assert proven | {"key": original["key"]} == original
    assert others <= len(ABSENT) * 3


@given(st.integers(0, len(STATE) - 1), st.integers(0, 255), st.booleans())
def test_no_byte_can_be_added_or_lost(at, byte, added):
    kept = STATE[at:] if added else STATE[at + 1 :]
    changed = STATE[:at] + (bytes([byte]) if added else b"") + kept
    if changed != STATE:
        with pytest.raises(offline.ProofRefused):
            offline.verify(changed, TRUST, NOW)


@given(st.binary(max_size=300))
def test_noise_is_refused_with_a_reason(noise):
    refused("", noise)
    encoded = base64.b64encode(noise or b"x")
    refused("", replaced(RAW.split(b"\n")[1], b"extra " + encoded))


def test_a_spare_signature_can_only_be_lost():
    raw = made.transaction_proof(NODES)
    proven = offline.verify(replaced(NODES[3].encode(), b"xxxx", raw), TRUST, NOW)
    assert proven["nodes"] == NODES[:3]


def test_an_older_root_does_not_carry_a_newer_leaf():
    older = made.transaction_proof(NODES[:3], index=1, size=2).partition(b"\n\n")[2]
    mixed = RAW.partition(b"\n\n")[0] + b"\n\n" + older
    refused("not in the log", mixed)


def test_a_wrong_leaf_is_refused():
    other = made.transaction_leaf(code="coin.insufficient-funds")
    extra = base64.b64encode(encode([1, other]))
    changed = replaced(RAW.split(b"\n")[1], b"extra " + extra)
    refused("not in the log", changed)


def test_a_line_twice_is_refused():
    line = RAW.split(b"\n")[-2] + b"\n"
    refused("there twice", RAW + line)


@pytest.mark.parametrize(
    "signatures",
    [
        lambda made: made[::-1],
        lambda made: made[:1],
        lambda made: [*made, made[0]],
        lambda made: [made[0], b"short"],
        lambda made: [made[0], None],
    ],
)
def test_a_logged_transaction_must_be_signed(signatures):
    leaf = made.transaction_leaf(signatures)
    refused("signature|malformed", made.transaction_proof(NODES[:3], leaf=leaf))


@pytest.mark.parametrize(
    "leaf",
    [
        [1, b"", [], "ok"],
        [1, encode([bytes(32), 1, bytes(16), [], [], []]), [], "ok"],
        [1, encode("core"), [], "ok"],
        [2, b"", [], "ok"],
        "leaf",
    ],
)
def test_a_leaf_of_another_shape_is_refused(leaf):
    data = encode(leaf)
    raw = made.proof_file(data, proofs.ProvenTransaction(data), NODES[:3])
    refused("", raw)
