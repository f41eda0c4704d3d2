"""What the ledger checks of a patient token (RFC 9474, RSABSSA-SHA384-PSS).

A token is an RSA signature on an owner handle that its issuer made blindly: the
issuer saw `blinded_message`, the ledger later sees the token, and nothing joins
the two. This is the public half, called from consensus: integers and hashing,
the same verdict on every machine, and no other exception than the ones below,
whatever the bytes are. Blinding and signing are `careledger.sealing.tokens`.

    at issue     verify_issue(key, blinded_message, blind_signature)
    when spent   verify(key, token_message(chain, handle), token)

A message has many valid signatures, one for each salt. So what is spent is the
handle: whoever keeps the list must never list signatures instead.
"""

from typing import Annotated, ClassVar, Final

import msgspec

from careledger.errors import CareLedgerError
from careledger.primitives.encoding import Message
from careledger.primitives.pss import SALT_SIZE, NotEncoded, verify_message

TOKEN_MARKER: Final = b"careledger/token/v1"
EXPONENT: Final = 65537
MIN_SIZE: Final = 256
"""Bytes of the shortest modulus: 2048 bits."""
MAX_SIZE: Final = 512
"""Bytes of the longest modulus, 4096 bits: this bounds the work of a check."""

_TOP_BIT: Final = 0x80


class BadTokenKey(CareLedgerError):
    """An issuer's key that is not of the one accepted form."""

    code: ClassVar[str] = "blind-signatures.bad-key"
    happened: ClassVar[str] = "The token issuer's key is not of the accepted form."
    to_do: ClassVar[str] = (
        "Use an RSA key of 2048 to 4096 bits with the exponent 65537."
    )


class BadIssue(CareLedgerError):
    """A blind signature that the issuer's key did not make for this request."""

    code: ClassVar[str] = "blind-signatures.bad-issue"
    happened: ClassVar[str] = "A blind signature does not answer its request."
    to_do: ClassVar[str] = "Sign the request again with the key on the ledger."


class BadToken(CareLedgerError):
    """A token that is not this issuer's signature on this message."""

    code: ClassVar[str] = "blind-signatures.bad-token"
    happened: ClassVar[str] = "A token was not issued by this key for this handle."
    to_do: ClassVar[str] = "Use the token made for this handle, or ask for a new one."


class TokenKey(Message, frozen=True):
    """An issuer's public key.

    Attributes:
        modulus: big-endian, the top bit set, odd; 256 to 512 bytes.
        exponent: `EXPONENT`.
    """

    modulus: Annotated[bytes, msgspec.Meta(min_length=MIN_SIZE, max_length=MAX_SIZE)]
    exponent: Annotated[int, msgspec.Meta(ge=EXPONENT, le=EXPONENT)]


def token_message(chain: bytes, handle: bytes) -> bytes:
    """Return what a token for `handle` signs.

    Args:
        chain: the ledger's own id; a token is good on one ledger only.
        handle: the owner handle's key. All have one size, so no byte can move
            between the two arguments.
    """
    return TOKEN_MARKER + chain + handle


def check_key(key: TokenKey) -> None:
    """Check the form of `key`; that its issuer knows the factors is not visible.

    Raises:
        BadTokenKey: too short or long, even, a leading zero bit, or an exponent
            other than `EXPONENT`.
    """
    modulus = key.modulus
    if not MIN_SIZE <= len(modulus) <= MAX_SIZE or key.exponent != EXPONENT:
        raise BadTokenKey
    if modulus[0] < _TOP_BIT or modulus[-1] % 2 == 0:
        raise BadTokenKey


def to_integer(key: TokenKey, octets: bytes) -> int:
    """Return the residue that `octets` encode (RFC 8017 §4.2).

    Zero is left out: no honest request or signature is a multiple of the modulus.

    Raises:
        BadTokenKey: as `check_key`.
        BadIssue: not as long as the modulus, zero, or not below the modulus.
    """
    check_key(key)
    number = int.from_bytes(octets, "big")
    if len(octets) != len(key.modulus) or not 0 < number < modulus_of(key):
        raise BadIssue
    return number


def modulus_of(key: TokenKey) -> int:
    """Return the modulus as a number."""
    return int.from_bytes(key.modulus, "big")


def encrypt(key: TokenKey, number: int) -> int:
    """Return `number`^e mod n: RSAVP1 and RSAEP of RFC 8017 §5."""
    return pow(number, EXPONENT, modulus_of(key))


def verify_issue(key: TokenKey, blinded_message: bytes, blind_signature: bytes) -> None:
    """Check that the issuer answered the request (the comparison in RFC 9474 §4.3).

    Raises:
        BadTokenKey: as `check_key`.
        BadIssue: the answer belongs to another request or key, or either of the
            two is not in range.
    """
    request = to_integer(key, blinded_message)
    if encrypt(key, to_integer(key, blind_signature)) != request:
        raise BadIssue


def verify(
    key: TokenKey, message: bytes, token: bytes, *, salt_size: int = SALT_SIZE
) -> None:
    """Check a token (RFC 8017 §8.1.2 with the parameters of RFC 9474 §5).

    Args:
        key: the issuer's.
        message: prepared message, in the ledger `token_message(…)`.
        token: as long as the modulus.
        salt_size: `SALT_SIZE`; 0 for the variants called PSSZERO.

    Raises:
        BadTokenKey: as `check_key`.
        BadToken: forged, of another key, for another message, or out of range.
    """
    try:
        number = encrypt(key, to_integer(key, token))
        verify_message(message, number.to_bytes(len(key.modulus), "big"), salt_size)
    except (BadIssue, NotEncoded) as error:
        raise BadToken from error
