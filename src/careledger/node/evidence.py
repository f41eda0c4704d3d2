"""Proofs of several leaves at one moment, against a signed checkpoint."""

from collections.abc import Callable, Sequence
from typing import Final

from careledger.engines.reading import ProvenKey, Reader
from careledger.ledger.log import NoSuchLeaf
from careledger.node.answers import Evidence
from careledger.node.problems import NothingHere, TooBusyToProve
from careledger.primitives.checkpoints import parse_checkpoint
from careledger.primitives.notes import parse_note

_TRIES: Final = 8


class Prover:
    """Makes evidence; signs a checkpoint only when the log has grown."""

    def __init__(self, reader: Reader, checkpoint: Callable[[], bytes]) -> None:
        self._reader = reader
        self._sign = checkpoint
        self._last: tuple[int, bytes] = (0, b"")

    def checkpoint(self) -> bytes:
        """Return a signed checkpoint that covers the log as it is."""
        size, note = self._last
        if size < self._reader.head.size:
            note = self._sign()
            size = parse_checkpoint(parse_note(note).text).size
            self._last = (size, note)
        return note

    def growth(self, old: int, new: int) -> tuple[bytes, ...]:
        """Return the consistency proof between two sizes of the log.

        Raises:
            NothingHere: the log is not that long, or did not grow so.
        """
        if not 0 < old <= new:
            raise NothingHere
        try:
            return tuple(self._reader.prove_growth(old, new))
        except NoSuchLeaf:
            raise NothingHere from None

    def prove(self, keys: Sequence[bytes]) -> Evidence:
        """Return proofs of all `keys` as they were at one moment.

        Raises:
            TooBusyToProve: the ledger grew during every attempt.
        """
        for _ in range(_TRIES):
            proven = [self._reader.prove_state(key) for key in keys]
            if len({one.head.size for one in proven}) == 1:
                return self._evidence(proven)
        raise TooBusyToProve

    def _evidence(self, proven: list[ProvenKey]) -> Evidence:
        index = proven[0].head.size - 1
        note = self.checkpoint()
        size = parse_checkpoint(parse_note(note).text).size
        return Evidence(
            checkpoint=note,
            index=index,
            path=tuple(self._reader.prove_leaf(index, size)),
            leaf=self._reader.leaf(index),
            proofs=tuple(one.proof for one in proven),
        )
