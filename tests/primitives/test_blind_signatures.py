"""Tokens as the ledger sees them: the RFC's vectors, OpenSSL, and hostile bytes."""

import json
from functools import cache
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from hypothesis import example, given, settings
from hypothesis import strategies as st

from careledger.primitives.blind_signatures import (
    EXPONENT,
    MAX_SIZE,
    MIN_SIZE,
    BadIssue,
    BadToken,
    BadTokenKey,
    TokenKey,
    check_key,
    encrypt,
    modulus_of,
    to_integer,
    token_message,
    verify,
    verify_issue,
)
from careledger.primitives.encoding import NotCanonical, decode, encode
from careledger.primitives.pss import (
    SALT_SIZE,
    SMALLEST,
    NotEncoded,
    encode_message,
    verify_message,
)

RFC = json.loads(
    (Path(__file__).parents[1] / "vectors/tokens/rfc9474.json").read_text()
)
RFC_KEY = TokenKey(bytes.fromhex(RFC["key"]["n"]), int(RFC["key"]["e"], 16))
SALTS = st.sampled_from([0, SALT_SIZE])
FEW = settings(max_examples=40)


@pytest.fixture(params=RFC["vectors"], ids=lambda v: v["name"])
def vector(request):
    return request.param


@cache
def signer(number=0):
    """Two keys for all tests: making one takes long."""
    return rsa.generate_private_key(public_exponent=EXPONENT, key_size=2048)


@cache
def public(number=0):
    n = signer(number).public_key().public_numbers().n
    return TokenKey(n.to_bytes(256, "big"), EXPONENT)


def library_padding(salt_size):
    return padding.PSS(mgf=padding.MGF1(hashes.SHA384()), salt_length=salt_size)


def library_sign(message, salt_size=SALT_SIZE, number=0):
    return signer(number).sign(message, library_padding(salt_size), hashes.SHA384())


def private_power(number_):
    numbers = signer().private_numbers()
    return pow(number_, numbers.d, numbers.public_numbers.n)


def octets(number_):
    return number_.to_bytes(256, "big")


# --- the RFC's own vectors


def test_tokens_of_the_rfc_are_accepted(vector):
    verify(
        RFC_KEY,
        bytes.fromhex(vector["input_msg"]),
        bytes.fromhex(vector["sig"]),
        salt_size=vector["salt_size"],
    )


def test_tokens_of_the_rfc_are_refused_with_the_other_salt_size(vector):
    with pytest.raises(BadToken):
        verify(
            RFC_KEY,
            bytes.fromhex(vector["input_msg"]),
            bytes.fromhex(vector["sig"]),
            salt_size=SALT_SIZE - vector["salt_size"],
        )


def test_messages_are_encoded_as_in_the_rfc(vector):
    message = bytes.fromhex(vector["input_msg"])
    encoded = encode_message(message, bytes.fromhex(vector["salt"]), 512)
    verify_message(message, encoded, vector["salt_size"])
    # The RFC prints the encoded message for three of its four variants.
    assert encoded.hex() == vector.get("encoded_msg", encoded.hex())
    inverse = int(vector["inv"], 16)
    factor = pow(inverse, -1, modulus_of(RFC_KEY))
    request = int.from_bytes(encoded, "big") * encrypt(RFC_KEY, factor)
    assert request % modulus_of(RFC_KEY) == int(vector["blinded_msg"], 16)


def test_issues_of_the_rfc_are_accepted(vector):
    verify_issue(
        RFC_KEY,
        bytes.fromhex(vector["blinded_msg"]),
        bytes.fromhex(vector["blind_sig"]),
    )


def test_an_answer_to_another_request_is_no_issue():
    one, other = RFC["vectors"][:2]
    with pytest.raises(BadIssue):
        verify_issue(
            RFC_KEY,
            bytes.fromhex(one["blinded_msg"]),
            bytes.fromhex(other["blind_sig"]),
        )


# --- against the library's own PSS


@FEW
@given(message=st.binary(max_size=300), salt_size=SALTS)
def test_signatures_of_the_library_are_accepted(message, salt_size):
    verify(public(), message, library_sign(message, salt_size), salt_size=salt_size)


@FEW
@given(message=st.binary(max_size=300), salt=st.binary(min_size=48, max_size=48))
def test_our_encoding_is_accepted_by_the_library(message, salt):
    for part in (salt, b""):
        number = int.from_bytes(encode_message(message, part, 256), "big")
        signer().public_key().verify(
            octets(private_power(number)),
            message,
            library_padding(len(part)),
            hashes.SHA384(),
        )


@FEW
@given(
    message=st.binary(max_size=50),
    salt_size=SALTS,
    place=st.integers(0, 255),
    bit=st.integers(0, 7),
)
@example(message=b"", salt_size=48, place=0, bit=7)
@example(message=b"", salt_size=0, place=255, bit=0)
def test_both_refuse_every_damaged_encoding(message, salt_size, place, bit):
    encoded = bytearray(encode_message(message, bytes(salt_size), 256))
    encoded[place] ^= 1 << bit
    with pytest.raises(NotEncoded):
        verify_message(message, bytes(encoded), salt_size)
    number = int.from_bytes(encoded, "big")
    if number < modulus_of(public()):
        token = octets(private_power(number))
        with pytest.raises(BadToken):
            verify(public(), message, token, salt_size=salt_size)
        with pytest.raises(InvalidSignature):
            signer().public_key().verify(
                token, message, library_padding(salt_size), hashes.SHA384()
            )


@given(
    message=st.binary(max_size=80),
    salt=st.sampled_from([b"", bytes(48), b"\x01" * 48, b"\xff" * 48]),
    size=st.integers(SMALLEST, 600),
)
def test_encoding_fills_the_key_but_for_its_top_bit(message, salt, size):
    encoded = encode_message(message, salt, size)
    assert len(encoded) == size
    assert encoded[0] < 0x80
    assert encoded[-1] == 0xBC
    verify_message(message, encoded, len(salt))
    with pytest.raises(NotEncoded):
        verify_message(message + b"\x00", encoded, len(salt))


@given(encoded=st.binary(min_size=SMALLEST, max_size=600), salt_size=SALTS)
def test_random_bytes_are_never_an_encoding(encoded, salt_size):
    with pytest.raises(NotEncoded):
        verify_message(b"", encoded, salt_size)


# --- what is refused


def test_the_wrong_key_is_refused():
    token = library_sign(b"message")
    verify(public(), b"message", token)
    with pytest.raises(BadToken):
        verify(public(1), b"message", token)


@FEW
@given(bit=st.integers(0, 2047))
def test_a_flipped_bit_is_refused(bit):
    token = int.from_bytes(library_token(), "big") ^ (1 << bit)
    with pytest.raises(BadToken):
        verify(public(), b"message", octets(token))


@cache
def library_token():
    return library_sign(b"message")


def test_a_token_for_another_handle_or_ledger_is_refused():
    mine = token_message(b"ledger", bytes(32))
    token = library_sign(mine)
    verify(public(), mine, token)
    for other in (
        token_message(b"ledger", bytes(31) + b"\x01"),
        token_message(b"another", bytes(32)),
    ):
        with pytest.raises(BadToken):
            verify(public(), other, token)


@given(
    one=st.tuples(st.binary(max_size=9), st.binary(min_size=32, max_size=32)),
    two=st.tuples(st.binary(max_size=9), st.binary(min_size=32, max_size=32)),
)
def test_two_handles_never_share_a_message(one, two):
    assert (token_message(*one) == token_message(*two)) == (one == two)


@pytest.mark.parametrize("distance", [0, 1])
def test_a_token_not_below_the_modulus_is_refused(distance):
    number = modulus_of(public()) + distance
    for raw in (octets(number), octets(2**2048 - 1), octets(0)):
        with pytest.raises(BadToken):
            verify(public(), b"message", raw)


def test_adding_the_modulus_makes_no_second_answer():
    key = TokenKey(GOOD, EXPONENT)
    verify_issue(key, octets(1), octets(1))  # 1^e = 1 whatever the key
    for pair in ((1, modulus_of(key) + 1), (modulus_of(key) + 1, 1)):
        with pytest.raises(BadIssue):
            verify_issue(key, *map(octets, pair))


@pytest.mark.parametrize(
    "change", [lambda t: t[1:], lambda t: b"\0" + t, lambda t: b""]
)
def test_a_token_of_another_length_is_refused(change):
    with pytest.raises(BadToken):
        verify(public(), b"message", change(library_token()))


@pytest.mark.parametrize("number", [0, "n", "2n"])
def test_an_issue_out_of_range_is_refused(number):
    n = modulus_of(public())
    # 0^e = 0 and n^e = 0: equal as residues, so only the range refuses them.
    raw = {0: octets(0), "n": octets(n), "2n": (2 * n).to_bytes(257, "big")}[number]
    for pair in ((raw, raw), (raw, octets(0)), (octets(0), raw)):
        with pytest.raises(BadIssue):
            verify_issue(public(), *pair)


@FEW
@given(request_=st.binary(min_size=255, max_size=257), answer=st.binary(max_size=600))
def test_a_random_issue_is_refused(request_, answer):
    with pytest.raises(BadIssue):
        verify_issue(public(), request_, answer)


@given(number=st.integers(1, 2**2000))
def test_numbers_survive_their_bytes(number):
    assert to_integer(public(), octets(number)) == number


# --- keys

GOOD = bytes([0x80]) + bytes(MIN_SIZE - 2) + b"\x01"


@pytest.mark.parametrize("size", [MIN_SIZE, 384, MAX_SIZE])
def test_keys_of_the_accepted_sizes_pass(size):
    check_key(TokenKey(b"\x80" + bytes(size - 2) + b"\x01", EXPONENT))


BAD_KEYS = {
    "empty": TokenKey(b"", EXPONENT),
    "one byte": TokenKey(b"\xff", EXPONENT),
    "short": TokenKey(GOOD[:1] + GOOD[2:], EXPONENT),
    "long": TokenKey(b"\xff" * (MAX_SIZE + 1), EXPONENT),
    "leading zero": TokenKey(b"\x00" + GOOD, EXPONENT),
    "top bit clear": TokenKey(b"\x7f" + GOOD[1:], EXPONENT),
    "even": TokenKey(GOOD[:-1] + b"\x02", EXPONENT),
    "zero": TokenKey(bytes(MIN_SIZE), EXPONENT),
    "exponent 1": TokenKey(GOOD, 1),
    "exponent 3": TokenKey(GOOD, 3),
    "exponent 0": TokenKey(GOOD, 0),
    "exponent negative": TokenKey(GOOD, -65537),
}


@pytest.mark.parametrize("key", BAD_KEYS.values(), ids=BAD_KEYS)
def test_a_bad_key_is_refused_wherever_it_is_used(key):
    raw = bytes(max(len(key.modulus), 1))
    for use in (
        lambda: check_key(key),
        lambda: to_integer(key, raw),
        lambda: verify(key, b"", raw),
        lambda: verify_issue(key, raw, raw),
    ):
        with pytest.raises(BadTokenKey):
            use()


@pytest.mark.parametrize(
    "name", sorted(BAD_KEYS.keys() - {"leading zero", "top bit clear", "even", "zero"})
)
def test_bad_sizes_and_exponents_do_not_even_decode(name):
    with pytest.raises(NotCanonical):
        decode(encode(BAD_KEYS[name]), TokenKey)


def test_a_key_survives_its_bytes():
    assert decode(encode(public()), TokenKey) == public()


@settings(max_examples=100)
@given(
    modulus=st.binary(max_size=600),
    exponent=st.sampled_from([EXPONENT, 0, -1, 1, 3, 2**64]),
    message=st.binary(max_size=64),
    token=st.binary(max_size=600),
)
@example(modulus=GOOD, exponent=EXPONENT, message=b"", token=GOOD)
@example(modulus=b"\xff" * 512, exponent=EXPONENT, message=b"", token=b"\xfe" * 512)
def test_hostile_bytes_meet_our_errors_and_no_other(modulus, exponent, message, token):
    key = TokenKey(modulus, exponent)
    with pytest.raises((BadTokenKey, BadToken)):
        verify(key, message, token)
    with pytest.raises((BadTokenKey, BadIssue)):
        verify_issue(key, token, message)
