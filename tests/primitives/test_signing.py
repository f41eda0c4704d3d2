"""Ed25519: the RFC's vectors, Wycheproof's, and forgeries made here.

The forgeries need points that no library hands out, so this file has the curve
in plain integers (RFC 8032 §5.1): slow, public values only.
"""

import json
from hashlib import sha512
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from careledger.primitives.signing import (
    KEY_SIZE,
    SIGNATURE_SIZE,
    BadSignature,
    SigningKey,
    verify,
)

WYCHEPROOF = Path(__file__).parents[3] / "shared/data/vectors/wycheproof_ed25519.json"

P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P
ZERO = (0, 1)
SECRET = 0x5EED0F0000000000000000000000000000000000000000000000000000C0FFEE
NONCE = 0x0DDBA11


def add(one, other):
    (x1, y1), (x2, y2) = one, other
    cross = D * x1 * x2 * y1 * y2 % P
    return (
        (x1 * y2 + x2 * y1) * pow(1 + cross, -1, P) % P,
        (y1 * y2 + x1 * x2) * pow(1 - cross, -1, P) % P,
    )


def times(factor, point):
    total = ZERO
    while factor:
        if factor & 1:
            total = add(total, point)
        point, factor = add(point, point), factor >> 1
    return total


def at_height(y):
    """The point with this y and an even x, or None."""
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    for root in (1, pow(2, (P - 1) // 4, P)):
        x = pow(square, (P + 3) // 8, P) * root % P
        if x * x % P == square:
            return (x if x % 2 == 0 else P - x, y)
    return None


def octets(point, *, y=None, sign=None):
    height = point[1] if y is None else y
    odd = point[0] & 1 if sign is None else sign
    return (height | odd << 255).to_bytes(32, "little")


def small_points():
    """The eight points whose eightfold is zero, as multiples of one of order 8."""
    for y in range(2, 100):
        point = at_height(y)
        torsion = times(ORDER, point) if point else ZERO
        if times(4, torsion) != ZERO:
            return [times(i, torsion) for i in range(8)]
    raise AssertionError


BASE = at_height(4 * pow(5, -1, P) % P)
SMALL = small_points()
PUBLIC, COMMITMENT = times(SECRET, BASE), times(NONCE, BASE)


def sign_by_hand(public, commitment, message, secret=SECRET, nonce=NONCE):
    """R and S for keys and commitments given as bytes, whatever they encode."""
    challenge = int.from_bytes(sha512(commitment + public + message).digest(), "little")
    return commitment + ((nonce + challenge * secret) % ORDER).to_bytes(32, "little")


def accepted(public, message, signature):
    try:
        verify(public, message, signature)
    except BadSignature:
        return False
    return True


MESSAGES = [bytes([number]) for number in range(24)]


def refused_for_all(public, commitment, secret=SECRET, nonce=NONCE):
    return not any(
        accepted(public, m, sign_by_hand(public, commitment, m, secret, nonce))
        for m in MESSAGES
    )


# --- what is accepted

# RFC 8032 §7.1: seed, public key, message, signature
RFC_8032 = [
    (
        "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        (
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
            "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"
        ),
    ),
    (
        "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        (
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
            "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
        ),
    ),
    (
        "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        (
            "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
            "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"
        ),
    ),
]


@pytest.mark.parametrize("vector", RFC_8032, ids=["test-1", "test-2", "test-3"])
def test_signatures_of_the_rfc(vector):
    seed, public, message, signature = map(bytes.fromhex, vector)
    key = SigningKey(seed)
    assert key.public == public
    assert key.sign(message) == signature
    verify(public, message, signature)


@given(seed=st.binary(min_size=32, max_size=32), message=st.binary(max_size=500))
def test_what_is_signed_is_accepted(seed, message):
    key = SigningKey(seed)
    signature = key.sign(message)
    assert (len(key.public), len(signature)) == (KEY_SIZE, SIGNATURE_SIZE)
    verify(key.public, message, signature)


def test_the_curve_of_this_file_is_the_curve():
    # The control for every forgery below: made by hand and honest, it passes.
    public, commitment = octets(PUBLIC), octets(COMMITMENT)
    for message in MESSAGES:
        verify(public, message, sign_by_hand(public, commitment, message))
    assert times(ORDER, BASE) == ZERO
    assert len({*SMALL}) == 8


# --- what is not


@given(
    message=st.binary(min_size=1, max_size=40),
    part=st.sampled_from(["key", "message", "signature"]),
    data=st.data(),
)
def test_one_flipped_bit_anywhere_is_refused(message, part, data):
    key = SigningKey(bytes(32))
    parts = {"key": key.public, "message": message, "signature": key.sign(message)}
    bit = data.draw(st.integers(0, len(parts[part]) * 8 - 1))
    changed = bytearray(parts[part])
    changed[bit // 8] ^= 1 << bit % 8
    parts[part] = bytes(changed)
    with pytest.raises(BadSignature):
        verify(parts["key"], parts["message"], parts["signature"])


@given(public=st.binary(max_size=80), signature=st.binary(max_size=160))
def test_hostile_bytes_meet_our_error_and_no_other(public, signature):
    with pytest.raises(BadSignature):
        verify(public, b"message", signature)


@pytest.mark.parametrize("change", [-64, -1, 1, 64])
def test_a_signature_of_another_length_is_refused(change):
    key = SigningKey(bytes(32))
    signature = (key.sign(b"m") + bytes(64))[: 64 + change]
    with pytest.raises(BadSignature):
        verify(key.public, b"m", signature)


def test_a_byte_cannot_move_from_message_to_signature():
    # libsodium takes both in one piece: only the length keeps them apart.
    key = SigningKey(bytes(32))
    signature = key.sign(b"message")
    for cut in (1, 7):
        with pytest.raises(BadSignature):
            verify(key.public, b"message"[cut:], signature + b"message"[:cut])
    with pytest.raises(BadSignature):
        verify(key.public, signature[-1:] + b"message", signature[:-1])


@pytest.mark.parametrize("size", [0, 31, 33, 64])
def test_a_key_of_another_length_is_refused(size):
    key = SigningKey(bytes(32))
    public = (key.public + bytes(32))[:size]
    with pytest.raises(BadSignature):
        verify(public, b"m", key.sign(b"m"))


@settings(max_examples=30)
@given(message=st.binary(max_size=40), more=st.integers(1, 15))
def test_the_same_s_in_another_form_is_refused(message, more):
    # S and S + L are one residue: a verifier that takes both lets anybody turn
    # one signature into another (RFC 8032 §5.1.7).
    key = SigningKey(bytes(32))
    signature = key.sign(message)
    number = int.from_bytes(signature[32:], "little") + more * ORDER
    if number < 2**256:
        with pytest.raises(BadSignature):
            verify(key.public, message, signature[:32] + number.to_bytes(32, "little"))


@pytest.mark.parametrize("number", [ORDER, ORDER + 1, 2**253, 2**255, 2**256 - 1])
def test_s_not_below_the_order_is_refused(number):
    public, commitment = octets(PUBLIC), octets(COMMITMENT)
    with pytest.raises(BadSignature):
        verify(public, b"m", commitment + number.to_bytes(32, "little"))


@pytest.mark.parametrize("number", range(8))
def test_a_small_key_signs_nothing(number):
    # With such a key S = r fits one message in eight or even all of them.
    assert refused_for_all(octets(SMALL[number]), octets(COMMITMENT), secret=0)


@pytest.mark.parametrize("number", range(8))
def test_a_small_commitment_is_refused(number):
    assert refused_for_all(octets(PUBLIC), octets(SMALL[number]), nonce=0)


def other_forms():
    """Every second encoding of a point that has one and that we can sign for.

    y and y + p name one height where y < 19; x = 0 has two signs. Of all these
    only the small points have a discrete logarithm that anybody knows.
    """
    for point in SMALL:
        if point[1] < 19:
            yield octets(point, y=point[1] + P)
        if point[0] == 0:
            yield octets(point, sign=1)
        if point[0] == 0 and point[1] < 19:
            yield octets(point, y=point[1] + P, sign=1)


def test_there_are_other_forms():
    assert len({*other_forms()}) == 6


@pytest.mark.parametrize("form", sorted({*other_forms()}), ids=lambda f: f.hex()[:8])
def test_another_form_of_a_small_point_is_refused(form):
    assert refused_for_all(form, octets(COMMITMENT), secret=0)
    assert refused_for_all(octets(PUBLIC), form, nonce=0)


@pytest.mark.parametrize("height", range(19))
@pytest.mark.parametrize("sign", [0, 1])
def test_a_height_not_below_the_prime_is_refused_as_key_and_commitment(height, sign):
    form = octets(ZERO, y=height + P, sign=sign)
    assert refused_for_all(form, octets(COMMITMENT))
    assert refused_for_all(octets(PUBLIC), form)


def test_the_rule_is_the_equation_without_the_cofactor():
    """Pins which of the two rules RFC 8032 §5.1.7 allows is in force.

    Both sides times 8 would forgive a small point added to R, or to the key. A
    library that does so would accept what older nodes refuse, which splits the
    ledger: such an update fails here first.
    """
    for small in SMALL[1:]:
        moved = octets(add(COMMITMENT, small))
        assert refused_for_all(octets(PUBLIC), moved)
        mixed = octets(add(PUBLIC, small))
        order = next(n for n in (2, 4, 8) if times(n, small) == ZERO)
        for message in MESSAGES:
            signature = sign_by_hand(mixed, octets(COMMITMENT), message)
            digest = sha512(signature[:32] + mixed + message).digest()
            challenge = int.from_bytes(digest, "little") % ORDER
            assert accepted(mixed, message, signature) == (challenge % order == 0)


# --- Wycheproof


def wycheproof():
    groups = json.loads(WYCHEPROOF.read_text())["testGroups"]
    return [(g["publicKey"]["pk"], test) for g in groups for test in g["tests"]]


@pytest.mark.skipif(not WYCHEPROOF.exists(), reason=f"no {WYCHEPROOF.name} here")
def test_wycheproof():
    cases = wycheproof()
    assert len(cases) > 100
    assert {test["result"] for _, test in cases} == {"valid", "invalid"}
    for public, test in cases:
        parts = (bytes.fromhex(x) for x in (public, test["msg"], test["sig"]))
        assert accepted(*parts) == (test["result"] == "valid"), test["tcId"]


def test_small_points_follow_one_another():
    for one, two in pairwise(SMALL):
        assert add(one, SMALL[1]) == two
