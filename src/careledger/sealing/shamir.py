"""Shamir's secret sharing over GF(2⁸) (Shamir, CACM 1979).

Each byte of the secret is the constant term of a random polynomial of degree
`threshold − 1`; share x is its value at x. Fewer shares than the threshold say
nothing. A false share gives a false secret: who joins shares must be able to
tell. The field is that of AES (FIPS 197 §4): polynomial x⁸ + x⁴ + x³ + x + 1.
Products are computed without tables, so that no secret byte is an address.
"""

from collections.abc import Mapping
from typing import Final

from careledger.sealing.chance import Draw, random_bytes
from careledger.sealing.problems import WrongShares

MAX_SHARES: Final = 255
"""Numbers of the field but 0, where the secret is."""

_REDUCTION: Final = 0x1B


def split(
    secret: bytes, threshold: int, count: int, draw: Draw = random_bytes
) -> dict[int, bytes]:
    """Return `count` shares (≤ `MAX_SHARES`), each as long as `secret`, by number."""
    coefficients = [draw(len(secret)) for _ in range(threshold - 1)]
    return {x: _evaluate((secret, *coefficients), x) for x in range(1, count + 1)}


def join(shares: Mapping[int, bytes]) -> bytes:
    """Return the secret from exactly as many shares as the threshold.

    Raises:
        WrongShares: none, of different lengths, or with a number out of range.
    """
    lengths = {len(share) for share in shares.values()}
    if len(lengths) != 1 or not all(0 < x <= MAX_SHARES for x in shares):
        raise WrongShares
    secret = bytes(lengths.pop())
    for x, share in shares.items():
        weight = _weight(x, [other for other in shares if other != x])
        secret = bytes(
            s ^ _times(weight, y) for s, y in zip(secret, share, strict=True)
        )
    return secret


def _evaluate(polynomial: tuple[bytes, ...], x: int) -> bytes:
    value = bytes(len(polynomial[0]))
    for coefficient in reversed(polynomial):
        value = bytes(_times(x, v) ^ c for v, c in zip(value, coefficient, strict=True))
    return value


def _weight(x: int, others: list[int]) -> int:
    """Return Lagrange's coefficient of share `x` at 0."""
    weight = 1
    for other in others:
        weight = _times(weight, _times(other, _inverse(other ^ x)))
    return weight


def _times(left: int, right: int) -> int:
    product = 0
    for bit in range(8):
        product ^= -(right >> bit & 1) & left
        left = (left << 1) ^ (-(left >> 7) & (0x100 | _REDUCTION))
    return product


def _inverse(value: int) -> int:
    """Return `value` to the power 254 = 2 + 4 + … + 128: Fermat in this field."""
    inverse, power = 1, value
    for _ in range(7):
        power = _times(power, power)
        inverse = _times(inverse, power)
    return inverse
