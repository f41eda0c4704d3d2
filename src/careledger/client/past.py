"""The past of a record: where sealed histories lead, and from where to go on.

Each epoch's history opens to the keys of the epoch before, and only who starts an
epoch knows what was sealed there: a hostile one can seal rubbish under good keys.
Who came later, or recovers, would then reach nothing before it. So whoever takes a
new epoch over walks it, and compares it with what earlier epochs gave; whoever
starts the next one starts from the keys that lead back the farthest, and passes on
beside them those of the epochs since.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from careledger.primitives.hashing import marked_hash, same
from careledger.sealing.binding import Binding
from careledger.sealing.history import Before, step_back
from careledger.sealing.keyring import MAX_EPOCHS, AllEpochs, EpochKey
from careledger.sealing.problems import Tampered

_COMMITMENT: Final = b"careledger/epoch-commitment/v1"


def epoch_commitment(epoch: int, key: bytes) -> bytes:
    """Return the public commitment (32 bytes) to the key of an epoch."""
    return marked_hash(_COMMITMENT, epoch.to_bytes(8, "big"), key)


def check_keys(keys: Mapping[int, bytes], committed: Mapping[int, bytes]) -> None:
    """Check epoch keys against what the ledger committed to.

    Raises:
        Tampered: one is another.
    """
    for epoch, key in keys.items():
        if not same(committed.get(epoch, b""), epoch_commitment(epoch, key)):
            raise Tampered


@dataclass(frozen=True, slots=True)
class Start:
    """From where the next epoch starts.

    Attributes:
        ring: what its history opens to.
        between: the keys, passed on beside it, of epochs since then.
        newest: the newest keyring of all epochs.
    """

    ring: AllEpochs
    between: tuple[EpochKey, ...]
    newest: AllEpochs

    @property
    def mends(self) -> bool:
        """Whether it leads to more than the newest keyring by itself does."""
        return self.ring != self.newest or bool(self.between)


class Past:
    """What the sealed histories of a record lead to; each is opened once.

    Args:
        binding: place of the record; its epoch is not looked at.
        histories: sealed, of each epoch but the first.
        committed: what the ledger committed to, by epoch.
    """

    def __init__(
        self,
        binding: Binding,
        histories: Mapping[int, bytes],
        committed: Mapping[int, bytes],
    ) -> None:
        self._binding, self._committed = binding, committed
        self._histories = histories
        self._steps: dict[AllEpochs, Before | None] = {}

    def reach(self, ring: AllEpochs) -> dict[int, bytes]:
        """Return the epoch keys to which a keyring leads, by number."""
        keys = {ring.epoch: ring.epoch_key}
        while (before := self._before(ring)) is not None:
            ring = before.ring
            keys |= _keys(before)
        return keys

    def opens(self, ring: AllEpochs) -> bool:
        """Tell whether the history of a keyring's own epoch opens, to keys it had."""
        return ring.epoch not in self._histories or self._before(ring) is not None

    def walk(self, rings: Iterable[AllEpochs]) -> dict[int, bytes]:
        """Return the epoch keys to which any of the keyrings leads, by number."""
        keys: dict[int, bytes] = {}
        for start in sorted(rings, key=lambda one: -one.epoch):
            ring, keys[start.epoch] = start, start.epoch_key
            while ring not in self._steps and (before := self._before(ring)):
                ring = before.ring
                keys |= _keys(before)
        return keys

    def start(self, rings: Collection[AllEpochs], held: Mapping[int, bytes]) -> Start:
        """Return from where to start, so that the fewest epochs are lost.

        Args:
            rings: of all epochs, at least one.
            held: every epoch key that is known.
        """
        last = max(rings, key=lambda one: one.epoch)
        if set(held) <= set(self.reach(last)) and all(r in self._steps for r in rings):
            return Start(last, (), last)  # no other can lead farther
        starts = [(one, _since(one, held)) for one in rings]
        newest = max(starts, key=lambda one: (one[0].epoch, self._count(*one)))[0]
        ring, between = max(
            starts, key=lambda one: (self._count(*one), one[0].epoch, one[0] == newest)
        )
        return Start(ring, between, newest)

    def _count(self, ring: AllEpochs, between: tuple[EpochKey, ...]) -> int:
        return len(self.reach(ring)) + len(between)

    def _before(self, ring: AllEpochs) -> Before | None:
        """Return what a keyring's history opens to; `None` at the first or a break."""
        if ring not in self._steps:
            self._steps[ring] = self._open(ring)
        return self._steps[ring]

    def _open(self, ring: AllEpochs) -> Before | None:
        if ring.epoch not in self._histories:
            return None
        try:
            before = step_back(ring, self._binding, self._histories[ring.epoch])
            check_keys(_keys(before), self._committed)
        except Tampered:
            return None
        return before


def _keys(before: Before) -> dict[int, bytes]:
    between = {one.epoch: one.key for one in before.between}
    return {before.ring.epoch: before.ring.epoch_key, **between}


def _since(ring: AllEpochs, held: Mapping[int, bytes]) -> tuple[EpochKey, ...]:
    """Return the keys of the epochs since a keyring, the newest 256 at most."""
    later = sorted(epoch for epoch in held if epoch > ring.epoch)[-MAX_EPOCHS:]
    return tuple(EpochKey(epoch, held[epoch]) for epoch in later)
