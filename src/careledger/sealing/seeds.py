"""One seed, many keys; 24 words; guardians.

    seed (32 bytes, 24 words BIP-39)
    ├── (device, i)   handle i: Ed25519 and X-Wing, for one record once
    ├── (context, i)  purse i of a context
    └── member        the key pair in the directory
    recovery secret (32 bytes, SLIP-39 2-of-3, held by guardians)
    └── n             recovery key n of a record

The two roots are drawn apart: guardians who conspire reach what is sealed to the
recovery keys, and never the seed. Indexes are 8 bytes, big-endian.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from mnemonic import Mnemonic
from shamir_mnemonic import (  # type: ignore[import-untyped]  # it ships no types
    MnemonicError,
    combine_mnemonics,
    generate_mnemonics,
)

from careledger.primitives.signing import SigningKey
from careledger.sealing.hpke import OpeningKey
from careledger.sealing.keys import KEY_SIZE, derive
from careledger.sealing.problems import WrongShares, WrongWords

WORDS: Final = 24
"""Words of a seed: 256 bits and 8 of checksum."""

GUARDIANS: Final = 3
"""Shares of a recovery secret."""

THRESHOLD: Final = 2
"""Shares that give it back."""

_ENGLISH: Final = Mnemonic("english")


@dataclass(frozen=True, slots=True)
class KeyPair:
    """What a handle, a member or a recovery key consists of."""

    signing: SigningKey
    opening: OpeningKey


def handle_keys(seed: bytes, device: bytes, index: int) -> KeyPair:
    """Return handle number `index` of a device: for one record, once."""
    return _pair(derive(seed, b"careledger/handle/v1", device, _number(index)))


def member_keys(seed: bytes) -> KeyPair:
    """Return the key pair that the directory shows."""
    return _pair(derive(seed, b"careledger/member/v1"))


def purse_key(seed: bytes, context: bytes, index: int) -> SigningKey:
    """Return purse number `index` of a context; contexts share no purse."""
    return SigningKey(derive(seed, b"careledger/purse/v1", context, _number(index)))


def recovery_keys(recovery_secret: bytes, number: int) -> KeyPair:
    """Return recovery key `number`: of one record, so that records stay apart."""
    return _pair(derive(recovery_secret, b"careledger/recovery/v1", _number(number)))


def words_of(seed: bytes) -> str:
    """Return the 24 words (BIP-39, English) of a 32-byte seed."""
    return str(_ENGLISH.to_mnemonic(seed))


def seed_of(words: str) -> bytes:
    """Return the seed that `words_of` was given; case and spacing do not matter.

    Raises:
        WrongWords: not 24, not from the list, or the checksum fails.
    """
    listed = words.lower().split()
    if len(listed) != WORDS:
        raise WrongWords
    try:
        return bytes(_ENGLISH.to_entropy(listed))
    except (ValueError, LookupError):
        # The library's text repeats what was typed: it must not travel on.
        raise WrongWords from None


def split_recovery_secret(recovery_secret: bytes) -> tuple[str, ...]:
    """Return three SLIP-39 shares, any two of which give the secret back.

    The passphrase of SLIP-39 is left empty: it would be one more thing to lose.
    """
    groups = generate_mnemonics(
        1, [(THRESHOLD, GUARDIANS)], recovery_secret, iteration_exponent=0
    )
    return tuple(groups[0])


def join_recovery_secret(shares: Iterable[str]) -> bytes:
    """Return the recovery secret from two of its shares; further ones are not read.

    Raises:
        WrongShares: too few, of different sets, mistyped, or not a secret of ours.
    """
    distinct = dict.fromkeys(" ".join(share.lower().split()) for share in shares)
    try:
        secret = bytes(combine_mnemonics(list(distinct)[:THRESHOLD]))
    except (MnemonicError, ValueError):
        # The library's text repeats what was typed: it must not travel on.
        raise WrongShares from None
    if len(secret) != KEY_SIZE:
        raise WrongShares
    return secret


def _pair(root: bytes) -> KeyPair:
    return KeyPair(
        signing=SigningKey(derive(root, b"careledger/ed25519/v1")),
        opening=OpeningKey(derive(root, b"careledger/x-wing/v1")),
    )


def _number(index: int) -> bytes:
    return index.to_bytes(8, "big")
