"""Patient tokens: asking for one and signing it blindly (RFC 9474 §4).

    patient   request, inverse = blind(key, message, secret)
    issuer    answer = blind_sign(signer, request)
    ledger    verify_issue(key, request, answer)
    patient   token = finalize(key, message, answer, inverse)

The blinding factor and the salt are not drawn but derived from the patient's
secret, the key and the message. Whoever lacks the secret cannot tell them from
chance, which is all the RFC's proof needs; and a patient who lost the device
between request and answer calls `blind` again with the restored seed and goes on.
The price: who has the seed can join requests and tokens, as it can all else.

CareLedger uses RSABSSA-SHA384-PSS-Deterministic: its message, a fresh handle,
cannot be guessed by the issuer. `prepare` serves messages that could be.

Python's integers take time that depends on their values. The signer hides its
base and its exponents behind chance and looks at every result before it is let
out (RFC 9474 §7.1): one faulty CRT signature gives the factors away.
"""

import math
import secrets
from typing import ClassVar, Final, Literal

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from careledger.errors import CareLedgerError
from careledger.primitives import blind_signatures as public
from careledger.primitives.blind_signatures import EXPONENT, TokenKey
from careledger.primitives.hashing import marked_hash
from careledger.primitives.pss import SALT_SIZE, encode_message

TokenSigner = rsa.RSAPrivateKey
"""The issuer's private key: kept by the issuer, one for each ledger."""

PREFIX_SIZE: Final = 32
"""Bytes that `prepare` puts before a message in the randomised variants."""

EXTRA_SIZE: Final = 32
"""Bytes drawn beyond the modulus, so that reducing leaves no bias worth a name."""

_MARKER: Final = b"careledger/token-blinding/v1"


class NotATokenSigner(CareLedgerError):
    """A file that holds no private key for tokens."""

    code: ClassVar[str] = "tokens.not-a-signer"
    happened: ClassVar[str] = "This is not a private key for patient tokens."
    to_do: ClassVar[str] = "Give the PKCS#8 file (DER) that was made for tokens."


class SignerFault(CareLedgerError):
    """A signature that came out wrong; it was destroyed, not released."""

    code: ClassVar[str] = "tokens.signer-fault"
    happened: ClassVar[str] = "The signer computed a wrong signature and kept it back."
    to_do: ClassVar[str] = "Restore the key from its backup on a sound machine."


def generate_signer(bits: Literal[2048, 3072] = 3072) -> TokenSigner:
    """Return a new private key of `bits` bits."""
    return rsa.generate_private_key(public_exponent=EXPONENT, key_size=bits)


def save_signer(signer: TokenSigner) -> bytes:
    """Return the key as PKCS#8 in DER, not encrypted: for a sealed store only."""
    form, plain = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    return signer.private_bytes(serialization.Encoding.DER, form, plain)


def load_signer(der: bytes) -> TokenSigner:
    """Return the key that `save_signer` wrote.

    Raises:
        NotATokenSigner: not PKCS#8 in DER, not RSA, or not consistent.
        BadTokenKey: RSA, but not of the form that the ledger accepts.
    """
    try:
        signer = serialization.load_der_private_key(der, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise NotATokenSigner from error
    if not isinstance(signer, rsa.RSAPrivateKey):
        raise NotATokenSigner
    public.check_key(token_key(signer))
    return signer


def token_key(signer: TokenSigner) -> TokenKey:
    """Return the public key to register on the ledger."""
    numbers = signer.public_key().public_numbers()
    size = (numbers.n.bit_length() + 7) // 8
    return TokenKey(numbers.n.to_bytes(size, "big"), numbers.e)


def prepare(message: bytes) -> bytes:
    """Return `message` behind 32 random bytes (RFC 9474 §4.1, PrepareRandomize).

    For a message that the issuer might guess. The result is what is blinded and
    verified, so it must be kept and shown. The other variants use the message.
    """
    return secrets.token_bytes(PREFIX_SIZE) + message


def blind(key: TokenKey, message: bytes, secret: bytes) -> tuple[bytes, int]:
    """Return the request to the issuer and the number that unblinds its answer.

    The same arguments give the same result. Salt and factor are HKDF-SHA-256
    (RFC 5869) of the secret. The factor is reduced from 32 bytes more than the
    modulus has, so no residue is more likely than another by over 2^-256: the
    reduction of FIPS 186-5 §A.4.1, and every client needs the same one step.

    Args:
        key: the issuer's, as registered on the ledger.
        message: what the token will sign.
        secret: 32 bytes of the patient's seed kept for this purpose.

    Raises:
        BadTokenKey: as `check_key`.
        BadIssue: as `blind_with`.
    """
    public.check_key(key)
    info = marked_hash(_MARKER, key.modulus, message)
    length = SALT_SIZE + len(key.modulus) + EXTRA_SIZE
    octets = HKDF(hashes.SHA256(), length, salt=None, info=info).derive(secret)
    factor = int.from_bytes(octets[SALT_SIZE:], "big") % public.modulus_of(key)
    return blind_with(key, message, octets[:SALT_SIZE], factor)


def blind_with(
    key: TokenKey, message: bytes, salt: bytes, factor: int
) -> tuple[bytes, int]:
    """Return what `blind` does once salt and factor are known (RFC 9474 §4.2).

    Raises:
        BadTokenKey: as `check_key`.
        BadIssue: message or factor is not prime to the modulus. With an honest
            key that never happens; with another the request would show it.
    """
    size, modulus = len(key.modulus), public.modulus_of(key)
    encoded = public.to_integer(key, encode_message(message, salt, size))
    if math.gcd(encoded * factor, modulus) != 1:
        raise public.BadIssue
    request = encoded * public.encrypt(key, factor) % modulus
    return request.to_bytes(size, "big"), pow(factor, -1, modulus)


def blind_sign(signer: TokenSigner, request: bytes) -> bytes:
    """Return the issuer's answer to `request` (RFC 9474 §4.3).

    Raises:
        BadIssue: not as long as the modulus, zero, or not below the modulus.
        SignerFault: the result was wrong; nothing is released.
    """
    key = token_key(signer)
    number, modulus = public.to_integer(key, request), public.modulus_of(key)
    mask = secrets.randbelow(modulus - 1) + 1
    masked = number * public.encrypt(key, mask) % modulus
    answer = _decrypt(signer, masked) * pow(mask, -1, modulus) % modulus
    if public.encrypt(key, answer) != number:
        raise SignerFault
    return answer.to_bytes(len(request), "big")


def finalize(key: TokenKey, message: bytes, answer: bytes, inverse: int) -> bytes:
    """Return the token: the answer unblinded and verified (RFC 9474 §4.4).

    Args:
        key: the issuer's.
        message: as given to `blind`.
        answer: what the issuer returned.
        inverse: what `blind` returned.

    Raises:
        BadTokenKey: as `check_key`.
        BadIssue: the answer is out of range.
        BadToken: the answer is for another request or from another key.
    """
    number = public.to_integer(key, answer) * inverse % public.modulus_of(key)
    token = number.to_bytes(len(key.modulus), "big")
    public.verify(key, message, token)
    return token


def _decrypt(signer: TokenSigner, number: int) -> int:
    """Return `number`^d mod n by CRT (RFC 8017 §5.1.2), exponents masked."""
    numbers = signer.private_numbers()
    p, q = numbers.p, numbers.q
    by_p = pow(number, numbers.dmp1 + secrets.randbits(64) * (p - 1), p)
    by_q = pow(number, numbers.dmq1 + secrets.randbits(64) * (q - 1), q)
    return by_q + q * ((by_p - by_q) * numbers.iqmp % p)
