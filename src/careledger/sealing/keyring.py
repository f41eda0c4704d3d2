"""Keyrings: what a participant of a record may hold.

    AllEpochs      this epoch and everything before it
    FromEpoch      some epochs, from one on
    SingleEntries  single entries, at most 128

Each epoch has an epoch key, from which its entries' keys come, and a history
key, under which the keys of the epoch before are sealed. Who holds both walks
back to the first epoch, so this keyring has one size however old the record is.
Others never get a history key, and none of the three can be widened.

Only a holder of all epochs can start an epoch: somebody without the old history
key would break the chain for all.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Annotated, Final

import msgspec

from careledger.primitives.encoding import Message, NotCanonical, UInt, decode, encode
from careledger.sealing.aead import open_with, seal_with
from careledger.sealing.binding import Binding
from careledger.sealing.chance import Draw, random_bytes
from careledger.sealing.keys import KEY_SIZE, EntryId, Key, derive, entry_key
from careledger.sealing.padding import pad, unpad
from careledger.sealing.problems import NotHeld, Tampered, TooLarge

MAX_GRANTS: Final = 128
"""Entries in one keyring of single entries."""

MAX_EPOCHS: Final = 256
"""Epochs in one keyring of some epochs; who held more keeps them."""

RING_SIZE: Final = 128
"""Bytes of a padded keyring of all epochs, or of one: the two look alike."""

_HISTORY: Final = b"careledger/history/v1"


class Secret(Message, frozen=True):
    """A message that never shows its content when printed."""

    def __repr__(self) -> str:
        """Return the name of the kind and nothing of the content."""
        return f"{type(self).__name__}(…)"


class EpochKey(Secret, frozen=True):
    """The key of one epoch."""

    epoch: UInt
    key: Key


class EntryGrant(Secret, frozen=True):
    """The key of one entry."""

    entry_id: EntryId
    key: Key


class AllEpochs(Secret, frozen=True, tag="all-epochs"):
    """This epoch and, through the history key, everything before it."""

    epoch: UInt
    epoch_key: Key
    history_key: Key


class FromEpoch(Secret, frozen=True, tag="from-epoch"):
    """Some epochs, the oldest first."""

    keys: Annotated[
        tuple[EpochKey, ...], msgspec.Meta(min_length=1, max_length=MAX_EPOCHS)
    ]


class SingleEntries(Secret, frozen=True, tag="single-entries"):
    """Single entries: no epoch key, now or later."""

    grants: Annotated[
        tuple[EntryGrant, ...], msgspec.Meta(min_length=1, max_length=MAX_GRANTS)
    ]


Keyring = AllEpochs | FromEpoch | SingleEntries


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
    """
    if not _ascending((held.epoch, *(step.epoch for step in between), binding.epoch)):
        raise Tampered
    ring = first_epoch(binding.epoch, draw)
    key = derive(ring.history_key, _HISTORY)
    before = pad(encode(Before(held, between)))
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
        place = Binding(binding.chain_id, binding.record, ring.epoch)
        before = _open_history(ring, place, histories[ring.epoch])
        keys |= {step.epoch: step.key for step in before.between}
        ring = before.ring
        keys[ring.epoch] = ring.epoch_key
    return keys


def from_now_on(ring: AllEpochs) -> FromEpoch:
    """Return the keyring that reaches this epoch and nothing before it."""
    return FromEpoch((EpochKey(ring.epoch, ring.epoch_key),))


def some_epochs(keys: Mapping[int, bytes], first: int) -> FromEpoch:
    """Return the keyring of the epochs from `first` on, the newest 256 at most.

    Raises:
        NotHeld: `keys` has none of them.
    """
    reached = sorted(epoch for epoch in keys if epoch >= first)[-MAX_EPOCHS:]
    if not reached:
        raise NotHeld
    return FromEpoch(tuple(EpochKey(epoch, keys[epoch]) for epoch in reached))


def single_entries(
    keys: Mapping[int, bytes], entries: Iterable[tuple[int, bytes]]
) -> SingleEntries:
    """Return the keyring of single entries, each given as (epoch, entry id).

    Raises:
        NotHeld: an epoch that `keys` does not have, or no entry at all.
        TooLarge: more than `MAX_GRANTS`.
    """
    grants = tuple(
        EntryGrant(entry_id, _entry_key(keys, epoch, entry_id))
        for epoch, entry_id in entries
    )
    if not grants:
        raise NotHeld
    if len(grants) > MAX_GRANTS:
        raise TooLarge
    return SingleEntries(grants)


def held_epochs(ring: Keyring) -> dict[int, bytes]:
    """Return the epoch keys in the keyring itself, by number, without a walk."""
    if isinstance(ring, AllEpochs):
        return {ring.epoch: ring.epoch_key}
    if isinstance(ring, FromEpoch):
        return {step.epoch: step.key for step in ring.keys}
    return {}


def find_entry_key(
    ring: Keyring, walked: Mapping[int, bytes], epoch: int, entry_id: bytes
) -> bytes:
    """Return the key of one entry.

    Args:
        ring: what the participant holds.
        walked: further epoch keys, as `walk_history` returned them; may be empty.
        epoch: the entry's epoch.
        entry_id: the entry.

    Raises:
        NotHeld: the keyring does not reach this entry.
    """
    if isinstance(ring, SingleEntries):
        granted = {grant.entry_id: grant.key for grant in ring.grants}
        if entry_id not in granted:
            raise NotHeld
        return granted[entry_id]
    return _entry_key({**walked, **held_epochs(ring)}, epoch, entry_id)


def _entry_key(keys: Mapping[int, bytes], epoch: int, entry_id: bytes) -> bytes:
    if epoch not in keys:
        raise NotHeld
    return entry_key(keys[epoch], entry_id)


def _open_history(ring: AllEpochs, place: Binding, sealed: bytes) -> Before:
    key = derive(ring.history_key, _HISTORY)
    try:
        before = decode(unpad(open_with(key, place.info(_HISTORY), sealed)), Before)
    except NotCanonical:
        raise Tampered from None
    # Its author can be hostile: epochs that do not descend would never end.
    steps = (before.ring.epoch, *(step.epoch for step in before.between), ring.epoch)
    if not _ascending(steps):
        raise Tampered
    return before


def _ascending(numbers: Sequence[int]) -> bool:
    return all(low < high for low, high in pairwise(numbers))
