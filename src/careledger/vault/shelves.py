"""Where a blob lies, and whether it is still what its hash says.

Nothing leaves unverified: each block is hashed before it is handed out. A small
blob is one block; of a larger one each block has its hash in the index.
"""

from collections.abc import Iterator, Sequence

from careledger.primitives.hashing import HASH_SIZE, sha256
from careledger.vault.blobs import BLOCK, SMALL, BlobStore, Staged
from careledger.vault.index import Arrival, Index, Kept, Usage
from careledger.vault.problems import VaultDamaged


class Shelves:
    """The places for blobs, and the index that knows what lies where."""

    def __init__(self, index: Index, large: BlobStore) -> None:
        self.index, self.large = index, large

    def blocks(self, kept: Kept, start: int, stop: int) -> Iterator[bytes]:
        """Yield the bytes from `start` to `stop`, in parts of at most `BLOCK`.

        Raises:
            VaultDamaged: a block is missing, cut or changed; nothing of it came.
            VaultUnwell: its place failed.
        """
        for first in range(start - start % BLOCK, stop, BLOCK):
            block = self._block(kept, first)
            yield block[max(0, start - first) : stop - first]

    def _block(self, kept: Kept, first: int) -> bytes:
        if kept.size <= SMALL:
            with self.index.reading():
                block = self.index.small.read(kept.blob, first, BLOCK)
        else:
            block = self.large.read(kept.blob, first, BLOCK)
        number = first // BLOCK * HASH_SIZE
        wanted = (kept.blocks or kept.blob)[number : number + HASH_SIZE]
        if sha256(block) != wanted:
            raise VaultDamaged(kept.blob.hex())
        return block

    def keep(
        self, custodian: bytes, arrivals: Sequence[Arrival], room: Usage, now: int
    ) -> None:
        """Put blobs in their places, and note who keeps them.

        Raises:
            NotKept, OverQuota: not admitted; nothing was put.
            VaultFull, VaultUnwell: nothing was kept.
        """
        large = [one.staged for one in arrivals if one.staged.size > SMALL]
        if large:
            with self.index.changing():
                self.index.admit(custodian, arrivals, room)
                for staged in large:
                    self.index.expect(staged.blob, now)
            # A crash from here on leaves blobs that the next sweep finds loose.
            for staged in large:
                self.large.put(staged)
        with self.index.changing():
            self.index.admit(custodian, arrivals, room)
            for one in arrivals:
                if one.staged.size <= SMALL:
                    self.index.small.put(one.staged)
                self.index.keep(custodian, one, now)
        # COMMIT POINT above: blobs and claims are durable together.

    def replace(self, staged: Staged, now: int) -> bool:
        """Put a blob in place of the one that has rotted, unless that was erased.

        Raises:
            VaultFull, VaultUnwell: the rotten one is still there.
        """
        if staged.size > SMALL:
            with self.index.changing():
                self.index.expect(staged.blob, now)
            self.large.put(staged)
        with self.index.changing():
            if self.index.find(staged.blob) is None:
                return False
            if staged.size <= SMALL:
                self.index.small.put(staged)
            self.index.replaced(staged)
        return True

    def condemn(self, blob: bytes, now: int) -> bool:
        """Mark a blob as rotten; tell whether it is still kept at all."""
        with self.index.changing():
            self.index.mark(blob, max(1, now))
            return self.index.find(blob) is not None

    def clear(self, kept: Kept) -> None:
        """Take the mark off a blob that is whole after all."""
        if kept.rotten:
            with self.index.changing():
                self.index.mark(kept.blob, 0)

    def tidy(self, until: int) -> None:
        """Remove large blobs that nobody has kept since `until`, ledger time.

        Raises:
            VaultFull, VaultUnwell: its place failed; the rest waits.
        """
        with self.index.reading():
            loose = self.index.loose(until)
        for blob in loose:
            with self.index.changing():
                # Somebody may have brought it again since we looked.
                if blob in self.index.loose(until):
                    self.large.remove(blob)
                    self.index.tidied(blob)
