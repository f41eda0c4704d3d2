"""Emergency shares: two of three agents open a record, and only for two doctors.

At each rotation the keyring is split (`shamir`, 2 of 3) and each share sealed to
one emergency agent. Against a committed `BreakGlass` an agent seals its share
again, to each of the two emergency handles. One share says nothing; two give
the keyring, and the check in each tells whether it is the right one.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Annotated, Final

import msgspec

from careledger.primitives.hashing import marked_hash, same
from careledger.sealing.binding import Binding
from careledger.sealing.chance import Draw, random_bytes
from careledger.sealing.hpke import OpeningKey, seal
from careledger.sealing.keyring import RING_SIZE, AllEpochs
from careledger.sealing.keys import Key
from careledger.sealing.padding import pad_to, unpad_from
from careledger.sealing.problems import Tampered, WrongShares
from careledger.sealing.secret import Secret, decode_secret, encode_secret
from careledger.sealing.shamir import join, split

AGENTS: Final = 3
"""Emergency agents of a record."""

THRESHOLD: Final = 2
"""Shares that open it."""

_PLAN: Final = b"careledger/emergency-share/v1"
_RELEASE: Final = b"careledger/emergency-release/v1"
_CHECK: Final = b"careledger/emergency-check/v1"


class Share(Secret, frozen=True, tag="emergency-share"):
    """One share of a record's keyring.

    Attributes:
        number: 1 to 3.
        value: the share.
        check: hash of what the shares join to, which is too random to guess.
    """

    number: Annotated[int, msgspec.Meta(ge=1, le=AGENTS)]
    value: Annotated[bytes, msgspec.Meta(min_length=RING_SIZE, max_length=RING_SIZE)]
    check: Key


@dataclass(frozen=True, slots=True)
class Reader:
    """An emergency agent or an emergency handle.

    Attributes:
        handle: its Ed25519 key.
        public: its X-Wing key.
    """

    handle: bytes
    public: bytes


def seal_shares(
    ring: AllEpochs,
    binding: Binding,
    sender: bytes,
    agents: Sequence[Reader],
    draw: Draw = random_bytes,
) -> tuple[bytes, ...]:
    """Return the three sealed shares, in the order of `agents`.

    Args:
        ring: the keys of the epoch in force.
        binding: the record and that epoch.
        sender: the handle that signs the transaction.
        agents: exactly three, of at least two organisations (the ledger checks).
        draw: source of the polynomial.

    Raises:
        WrongShares: not exactly three agents.
        BadKey: an agent's key is no key.
    """
    if len(agents) != AGENTS:
        raise WrongShares
    secret = pad_to(encode_secret(ring), RING_SIZE)
    check = marked_hash(_CHECK, secret)
    values = split(secret, THRESHOLD, AGENTS, draw)
    return tuple(
        _seal(_PLAN, Share(number, values[number], check), binding, sender, agent)
        for number, agent in enumerate(agents, start=1)
    )


def open_share(
    key: OpeningKey, handle: bytes, sealed: bytes, binding: Binding, sender: bytes
) -> Share:
    """Return the share that an agent keeps.

    Raises:
        NotARecipient: sealed to another agent, place or sender, or changed.
        Tampered: it opens, and is no share.
    """
    return _open(key, sealed, binding.info(_PLAN, sender, handle))


def release_share(share: Share, binding: Binding, agent: bytes, to: Reader) -> bytes:
    """Return an agent's share sealed to one of the two emergency handles.

    Call it only after the `BreakGlass` that names `to` is committed.

    Raises:
        BadKey: the reader's key is no key.
    """
    return _seal(_RELEASE, share, binding, agent, to)


def open_released(
    key: OpeningKey, handle: bytes, sealed: bytes, binding: Binding, agent: bytes
) -> Share:
    """Return a share that `agent` released to the emergency handle `handle`.

    Raises:
        NotARecipient: sealed to another handle, place or by another agent, or
            changed.
        Tampered: it opens, and is no share.
    """
    return _open(key, sealed, binding.info(_RELEASE, agent, handle))


def join_shares(shares: Iterable[Share]) -> AllEpochs:
    """Return the keyring from two released shares; further ones are not read.

    Raises:
        WrongShares: too few, of different plans, or false.
    """
    chosen = list({share.number: share for share in shares}.values())[:THRESHOLD]
    # One share alone joins to itself, and fails the check like a false one.
    secret = join({share.number: share.value for share in chosen})
    if not all(same(marked_hash(_CHECK, secret), share.check) for share in chosen):
        raise WrongShares
    try:
        return decode_secret(unpad_from(secret, RING_SIZE), AllEpochs)
    except Tampered:
        raise WrongShares from None


def _seal(
    marker: bytes, share: Share, binding: Binding, sender: bytes, to: Reader
) -> bytes:
    return seal(
        to.public, binding.info(marker, sender, to.handle), encode_secret(share)
    )


def _open(key: OpeningKey, sealed: bytes, info: bytes) -> Share:
    return decode_secret(key.open(info, sealed), Share)
