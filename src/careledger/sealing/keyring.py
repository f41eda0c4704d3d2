"""Keyrings: what a participant of a record may hold.

    AllEpochs      this epoch and everything before it
    FromEpoch      some epochs, from one on
    SingleEntries  single entries, at most 128

From an epoch key come the keys of its entries; the history key opens the epoch
before (`history`), so that a keyring of all epochs has one size however old the
record is. The other two kinds hold no history key, and none of the three can be
widened.
"""

from collections.abc import Iterable, Mapping
from typing import Annotated, Final

import msgspec

from careledger.primitives.encoding import UInt
from careledger.sealing.keys import EntryId, Key, entry_key
from careledger.sealing.problems import NotHeld, TooLarge
from careledger.sealing.secret import Secret

MAX_GRANTS: Final = 128
"""Entries in one keyring of single entries."""

MAX_EPOCHS: Final = 256
"""Epochs in one keyring of some epochs; who held more keeps them."""

RING_SIZE: Final = 128
"""Bytes of a padded keyring of all epochs, or of one: the two look alike."""


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
