"""The whole life of a token, its vectors, and a signer that is broken on purpose."""

import json
import math
from functools import cache
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA384
from hypothesis import given, settings
from hypothesis import strategies as st

from careledger.primitives.blind_signatures import (
    EXPONENT,
    BadIssue,
    BadToken,
    BadTokenKey,
    TokenKey,
    modulus_of,
    token_message,
    verify,
    verify_issue,
)
from careledger.primitives.pss import SALT_SIZE, encode_message
from careledger.sealing import tokens
from careledger.sealing.tokens import (
    PREFIX_SIZE,
    NotATokenSigner,
    SignerFault,
    blind,
    blind_sign,
    blind_with,
    finalize,
    generate_signer,
    load_signer,
    prepare,
    save_signer,
    token_key,
)

VECTORS = Path(__file__).parents[1] / "vectors/tokens"
RFC = json.loads((VECTORS / "rfc9474.json").read_text())
BLINDING = json.loads((VECTORS / "blinding.json").read_text())
MESSAGES, SECRETS = st.binary(max_size=100), st.binary(min_size=32, max_size=32)
FEW = settings(max_examples=25)


@cache
def signer(number=0):
    return generate_signer(2048)


@cache
def rfc_signer():
    p, q, n, e, d = (int(RFC["key"][name], 16) for name in "pqned")
    return rsa.RSAPrivateNumbers(
        p,
        q,
        d,
        rsa.rsa_crt_dmp1(d, p),
        rsa.rsa_crt_dmq1(d, q),
        rsa.rsa_crt_iqmp(p, q),
        rsa.RSAPublicNumbers(e, n),
    ).private_key()


def damaged(signer_, **changes):
    """The same key with a bit of its CRT values gone wrong, as in bad memory."""
    good = signer_.private_numbers()
    names = ("p", "q", "d", "dmp1", "dmq1", "iqmp")
    values = {name: getattr(good, name) for name in names} | changes
    numbers = rsa.RSAPrivateNumbers(**values, public_numbers=good.public_numbers)
    return numbers.private_key(unsafe_skip_rsa_key_validation=True)


# --- vectors


@pytest.mark.parametrize("vector", RFC["vectors"], ids=lambda v: v["name"])
def test_every_step_of_the_rfc(vector):
    key = token_key(rfc_signer())
    modulus = modulus_of(key)
    inverse = int(vector["inv"], 16)
    message = bytes.fromhex(vector["input_msg"])
    request, back = blind_with(
        key, message, bytes.fromhex(vector["salt"]), pow(inverse, -1, modulus)
    )
    assert (request.hex(), back) == (vector["blinded_msg"], inverse)
    answer = blind_sign(rfc_signer(), request)
    assert answer.hex() == vector["blind_sig"]
    verify_issue(key, request, answer)
    number = int.from_bytes(answer, "big") * inverse % modulus
    assert number.to_bytes(512, "big").hex() == vector["sig"]
    if vector["salt_size"] == SALT_SIZE:
        assert finalize(key, message, answer, inverse).hex() == vector["sig"]


@pytest.mark.parametrize("vector", RFC["vectors"], ids=lambda v: v["name"])
def test_the_randomised_variants_put_a_prefix_before_the_message(vector):
    prefix, message = (bytes.fromhex(vector[k]) for k in ("msg_prefix", "msg"))
    assert len(prefix) == (PREFIX_SIZE if vector["randomized"] else 0)
    assert (prefix + message).hex() == vector["input_msg"]


@pytest.mark.parametrize("case", BLINDING["cases"], ids=lambda c: c["secret"][:8])
def test_blinding_is_derived_as_it_always_was(case):
    chain, handle, secret = (
        bytes.fromhex(case[k]) for k in ("chain", "handle", "secret")
    )
    message = token_message(chain, handle)
    assert message.hex() == case["message"]
    request, inverse = blind(token_key(rfc_signer()), message, secret)
    assert (request.hex(), format(inverse, "x")) == (case["request"], case["inverse"])


# --- the life of a token


@FEW
@given(message=MESSAGES, secret=SECRETS)
def test_a_token_is_asked_for_issued_finished_and_accepted(message, secret):
    key = token_key(signer())
    request, inverse = blind(key, message, secret)
    answer = blind_sign(signer(), request)
    verify_issue(key, request, answer)
    token = finalize(key, message, answer, inverse)
    verify(key, message, token)
    signer().public_key().verify(
        token, message, padding.PSS(padding.MGF1(SHA384()), SALT_SIZE), SHA384()
    )


def test_a_restored_seed_finishes_an_interrupted_issue():
    key, message, secret = token_key(signer()), b"handle", bytes(32)
    answer = blind_sign(signer(), blind(key, message, secret)[0])
    _, inverse = blind(key, message, secret)
    verify(key, message, finalize(key, message, answer, inverse))


def test_a_signer_answers_the_same_request_alike():
    request, _ = blind(token_key(signer()), b"handle", bytes(32))
    assert blind_sign(signer(), request) == blind_sign(signer(), request)


def test_a_randomised_message_is_never_the_same():
    one, other = prepare(b"handle"), prepare(b"handle")
    assert one != other
    assert one[PREFIX_SIZE:] == other[PREFIX_SIZE:] == b"handle"


# --- what the issuer cannot see


@FEW
@given(message=MESSAGES, one=SECRETS, other=SECRETS)
def test_requests_for_one_message_have_nothing_in_common(message, one, other):
    key = token_key(signer())
    (request, inverse), (second, back) = (
        blind(key, message, one),
        blind(key, message, other),
    )
    if one == other:
        assert (request, inverse) == (second, back)
        return
    assert inverse != back
    # Of 2048 independent bits, 1024 differ; 800 is ten standard deviations away.
    differ = int.from_bytes(request, "big") ^ int.from_bytes(second, "big")
    assert differ.bit_count() > 800


@FEW
@given(secret=SECRETS)
def test_one_secret_never_blinds_two_messages_or_keys_alike(secret):
    # With one factor for both, request ÷ request = message ÷ message: a link.
    inverses = {
        blind(token_key(signer(number)), message, secret)[1]
        for number in (0, 1)
        for message in (b"", b"one", b"two")
    }
    assert len(inverses) == 6


@FEW
@given(message=MESSAGES, secret=SECRETS)
def test_every_request_fits_every_token(message, secret):
    # Unlinkable: for this request and any other token a factor exists that joins
    # them, so the issuer's record excludes nobody.
    key, modulus = token_key(signer()), modulus_of(token_key(signer()))
    request, _ = blind(key, message, secret)
    other = int.from_bytes(
        encode_message(b"somebody else", bytes(SALT_SIZE), 256), "big"
    )
    factor = int.from_bytes(blind_sign(signer(), request), "big") * pow(
        signer_power(other), -1, modulus
    )
    again, _ = blind_with(key, b"somebody else", bytes(SALT_SIZE), factor % modulus)
    assert again == request


def signer_power(number):
    return int.from_bytes(blind_sign(signer(), number.to_bytes(256, "big")), "big")


# --- what is refused


def test_an_answer_to_another_request_makes_no_token():
    key = token_key(signer())
    _, inverse = blind(key, b"mine", bytes(32))
    other, _ = blind(key, b"yours", bytes(32))
    with pytest.raises(BadToken):
        finalize(key, b"mine", blind_sign(signer(), other), inverse)


def test_an_answer_from_another_key_makes_no_token():
    smaller, larger = sorted(
        (signer(), signer(1)), key=lambda one: modulus_of(token_key(one))
    )
    key = token_key(larger)  # so that every answer of the other is in its range
    request, inverse = blind(key, b"mine", bytes(32))
    asked = bytes(1) + request[1:]  # in range for either key
    with pytest.raises(BadToken):
        finalize(key, b"mine", blind_sign(smaller, asked), inverse)


@pytest.mark.parametrize("answer", [b"", bytes(256), b"\xff" * 256, bytes(257)])
def test_an_answer_out_of_range_makes_no_token(answer):
    key = token_key(signer())
    with pytest.raises(BadIssue):
        finalize(key, b"mine", answer, 1)


@pytest.mark.parametrize(
    "request_", [b"", bytes(256), b"\xff" * 256, bytes(255), bytes(257)]
)
def test_a_request_out_of_range_is_not_signed(request_):
    with pytest.raises(BadIssue):
        blind_sign(signer(), request_)


@pytest.mark.parametrize("part", ["d", "dmp1", "dmq1", "iqmp"])
def test_a_damaged_signer_releases_nothing(part):
    request, _ = blind(token_key(signer()), b"mine", bytes(32))
    blind_sign(signer(), request)
    broken = damaged(signer(), **{part: getattr(signer().private_numbers(), part) ^ 4})
    if part == "d":  # CRT never looks at d: the answer is right and may leave
        assert blind_sign(broken, request) == blind_sign(signer(), request)
        return
    with pytest.raises(SignerFault):
        blind_sign(broken, request)


def test_a_faulty_answer_would_give_the_factors_away():
    # The control of the test above: without the check the key is lost at once.
    key, numbers = token_key(signer()), signer().private_numbers()
    request, _ = blind(key, b"mine", bytes(32))
    number = int.from_bytes(request, "big")
    by_p = pow(number, numbers.dmp1 ^ 4, numbers.p)
    by_q = pow(number, numbers.dmq1, numbers.q)
    faulty = by_q + numbers.q * ((by_p - by_q) * numbers.iqmp % numbers.p)
    with pytest.raises(BadIssue):
        verify_issue(key, request, faulty.to_bytes(256, "big"))
    difference = pow(faulty, EXPONENT, modulus_of(key)) - number
    assert math.gcd(difference, modulus_of(key)) == numbers.q


def test_the_signer_hides_base_and_exponents(monkeypatch):
    seen = []

    def recorded(*arguments):
        seen.append(arguments)
        return pow(*arguments)

    monkeypatch.setattr(tokens, "pow", recorded, raising=False)
    numbers = signer().private_numbers()
    request, _ = blind(token_key(signer()), b"mine", bytes(32))
    seen.clear()
    for _ in range(2):
        blind_sign(signer(), request)
    secret = [call for call in seen if call[2] in (numbers.p, numbers.q)]
    assert len(secret) == 4
    bases = {base for base, _, _ in secret} - {int.from_bytes(request, "big")}
    exponents = {power for _, power, _ in secret} - {numbers.dmp1, numbers.dmq1}
    assert len(bases) == 2
    assert len(exponents) == 4


@pytest.mark.parametrize("factor", [0, 3, 5])
def test_a_key_with_a_small_factor_gets_no_request(factor):
    modulus = 15 * (2**2044 + 1)
    key = TokenKey(modulus.to_bytes(256, "big"), EXPONENT)
    with pytest.raises(BadIssue):
        blind_with(key, b"mine", bytes(SALT_SIZE), factor)


def test_a_message_that_shares_a_factor_with_the_key_gets_no_request():
    salts = (number.to_bytes(SALT_SIZE, "big") for number in range(100))
    salt = next(
        s
        for s in salts
        if int.from_bytes(encode_message(b"mine", s, 256), "big") % 3 == 0
    )
    key = TokenKey((3 * (2**2047 // 3 | 1) + 6).to_bytes(256, "big"), EXPONENT)
    assert modulus_of(key) % 3 == 0
    with pytest.raises(BadIssue):
        blind_with(key, b"mine", salt, 2)


def test_a_key_that_the_ledger_would_refuse_gets_no_request():
    with pytest.raises(BadTokenKey):
        blind(TokenKey(b"\xff" * 255, EXPONENT), b"mine", bytes(32))


# --- keys at rest


@pytest.mark.parametrize("bits", [2048, 3072])
def test_a_signer_survives_its_bytes(bits):
    made = generate_signer(bits)
    again = load_signer(save_signer(made))
    assert token_key(again) == token_key(made)
    assert len(token_key(made).modulus) * 8 == bits
    request, inverse = blind(token_key(made), b"mine", bytes(32))
    finalize(token_key(made), b"mine", blind_sign(again, request), inverse)


@settings(max_examples=50)
@given(der=st.binary(max_size=100))
def test_bytes_that_are_no_key_are_refused(der):
    with pytest.raises(NotATokenSigner):
        load_signer(der)


@pytest.mark.parametrize("cut", [1, 20, 600, 1000])
def test_a_truncated_key_is_refused(cut):
    with pytest.raises(NotATokenSigner):
        load_signer(save_signer(signer())[:-cut])


def pkcs8(key, encryption):
    return key.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, encryption
    )


def test_keys_of_another_kind_are_refused():
    other = ed25519.Ed25519PrivateKey.from_private_bytes(bytes(32))
    with pytest.raises(NotATokenSigner):
        load_signer(pkcs8(other, serialization.NoEncryption()))
    locked = pkcs8(signer(), serialization.BestAvailableEncryption(b"password"))
    with pytest.raises(NotATokenSigner):
        load_signer(locked)
    with pytest.raises(NotATokenSigner):
        load_signer(
            save_signer(damaged(signer(), dmp1=signer().private_numbers().dmp1 ^ 4))
        )


def test_a_signer_that_the_ledger_would_refuse_is_refused():
    small = rsa.generate_private_key(public_exponent=EXPONENT, key_size=1024)
    odd = rsa.generate_private_key(public_exponent=3, key_size=2048)
    for key in (small, odd):
        with pytest.raises(BadTokenKey):
            load_signer(save_signer(key))
