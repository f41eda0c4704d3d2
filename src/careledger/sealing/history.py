"""History: each epoch's keys sealed under the next, back to the first.

Each epoch has an epoch key and a history key; under the history key the keys of
the epoch before are sealed and published with the rotation. Who holds both keys
of an epoch walks back to the first. History keys are wrapped only to holders of
all epochs, and only they can start an epoch: somebody without the old history
key would break the chain for all.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Annotated, Final

import msgspec

from careledger.sealing.aead import open_with, seal_with
from careledger.sealing.binding import Binding
from careledger.sealing.chance import Draw, random_bytes
from careledger.sealing.keyring import MAX_EPOCHS, AllEpochs, EpochKey
from careledger.sealing.keys import KEY_SIZE, derive
from careledger.sealing.padding import pad, unpad
from careledger.sealing.problems import Tampered
from careledger.sealing.secret import Secret, decode_secret, encode_secret

_HISTORY: Final = b"careledger/history/v1"


class Before(Secret, frozen=True):
    """What an epoch's history opens to.

    Attributes:
        ring: the keys of the last epoch that has a history of its own.
        between: epochs since then whose history is broken, with their keys.
    """

    ring: AllEpochs
    between: Annotated[tuple[EpochKey, ...], msgspec.Meta(max_length=MAX_EPOCHS)] = ()


@dataclass(frozen=True, slots=True)
class NewEpoch:
    """A started epoch: its keys, and the history to publish with it."""

    ring: AllEpochs
    history: bytes


def first_epoch(epoch: int, draw: Draw = random_bytes) -> AllEpochs:
    """Return the keys of a new record's first epoch, numbered `epoch`."""
    return AllEpochs(epoch, draw(KEY_SIZE), draw(KEY_SIZE))


def next_epoch(
    held: AllEpochs,
    binding: Binding,
    between: tuple[EpochKey, ...] = (),
    draw: Draw = random_bytes,
) -> NewEpoch:
    """Start the epoch that `binding` names and seal `held` as its history.

    Args:
        held: the keys of the epoch before.
        binding: place of the new epoch.
        between: where a rotation in between published no usable history, the
            keys of its epoch, so that later holders of all epochs have them too.
        draw: source of the keys.

    Raises:
        Tampered: the epochs do not ascend.
        TooLarge: more than `MAX_EPOCHS` in between.
    """
    if not _ascending((held.epoch, *(step.epoch for step in between), binding.epoch)):
        raise Tampered
    ring = first_epoch(binding.epoch, draw)
    key = derive(ring.history_key, _HISTORY)
    before = pad(encode_secret(Before(held, between)))
    return NewEpoch(ring, seal_with(key, binding.info(_HISTORY), before, draw))


def walk_history(
    ring: AllEpochs, binding: Binding, histories: Mapping[int, bytes]
) -> dict[int, bytes]:
    """Return every epoch's key, by number, back to the first without a history.

    Args:
        ring: where to start.
        binding: place of the ring; its epoch is not looked at.
        histories: the sealed history of each epoch but the first.

    Raises:
        Tampered: a history does not open, or does not lead back.
    """
    keys = {ring.epoch: ring.epoch_key}
    while ring.epoch in histories:
        before = step_back(ring, binding, histories[ring.epoch])
        keys |= {step.epoch: step.key for step in before.between}
        ring = before.ring
        keys[ring.epoch] = ring.epoch_key
    return keys


def step_back(ring: AllEpochs, binding: Binding, sealed: bytes) -> Before:
    """Return what the history of a keyring's epoch opens to.

    Args:
        ring: of that epoch.
        binding: place of the ring; its epoch is not looked at.
        sealed: as it was published with the epoch.

    Raises:
        Tampered: it does not open, or does not lead back.
    """
    place = Binding(binding.chain_id, binding.record, ring.epoch)
    key = derive(ring.history_key, _HISTORY)
    opened = unpad(open_with(key, place.info(_HISTORY), sealed))
    before = decode_secret(opened, Before)
    # Its author can be hostile: epochs that do not descend would never end.
    steps = (before.ring.epoch, *(step.epoch for step in before.between), ring.epoch)
    if not _ascending(steps):
        raise Tampered
    return before


def _ascending(numbers: Sequence[int]) -> bool:
    return all(low < high for low, high in pairwise(numbers))
