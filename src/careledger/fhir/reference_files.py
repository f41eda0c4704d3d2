"""The reference store on disk: sealed files of a home, added to and never changed.

    files = ReferenceFiles(home / "reference", keystore.seed)
    store = files.load()
    ...                     # an import adds to the store
    files.save(store)

They lie in the home of who imports, not with the node: which hospitals and
practitioners a patient's files name is nobody else's business. For the same reason
they are sealed, though each resource in them is public.

Every `save` adds files of a few megabytes; each is whole or not there. A crash in
between loses what the next import of the same file brings again.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from careledger.client.files import make_directory, write_file
from careledger.client.problems import CannotRead, HalfWritten
from careledger.fhir.json_text import BadText, parse
from careledger.fhir.reference_store import Kept, NotReferenceData, ReferenceStore
from careledger.primitives.encoding import Message, NotCanonical, decode, encode
from careledger.sealing import aead
from careledger.sealing.chance import random_bytes
from careledger.sealing.keys import derive
from careledger.sealing.problems import Tampered

_MARKER: Final = b"careledger/reference-file/v1\n"
_MOST_BYTES: Final = 4 * 2**20
"""Resources in one file, as received; what is larger goes alone."""


class _Line(Message, frozen=True):
    """One resource, as it came."""

    full_url: str
    raw: bytes


class ReferenceFiles:
    """The files of one home, numbered from `000001`."""

    def __init__(self, folder: Path, seed: bytes) -> None:
        """Use a folder that need not be there yet, and the keystore's seed."""
        self._folder, self._key = folder, derive(seed, _MARKER)
        self._saved = 0

    def load(self) -> ReferenceStore:
        """Return everything that was saved, in the order of its arrival.

        Raises:
            CannotRead: a file is there and cannot be read.
            HalfWritten: one is cut, changed, or another home's; `detail` names it.
        """
        store = ReferenceStore()
        for number in range(1, self._count() + 1):
            self._load_into(store, number)
        self._saved = len(store)
        return store

    def save(self, store: ReferenceStore) -> None:
        """Add what `store` has learned since `load`; it survives power loss then.

        Raises:
            CannotWrite: no room, or not ours.
        """
        new = store.resources()[self._saved :]
        if new:
            make_directory(self._folder)
        for number, some in enumerate(_portions(new), start=self._count() + 1):
            lines = tuple(_Line(one.full_url, one.raw) for one in some)
            sealed = aead.seal_with(
                self._key, _bound(number), encode(lines), random_bytes
            )
            # COMMIT POINT of this file: numbers have no gap, whatever happens next.
            write_file(self._path(number), _MARKER + sealed)
            self._saved += len(some)

    def _load_into(self, store: ReferenceStore, number: int) -> None:
        path = self._path(number)
        try:
            whole = path.read_bytes()
        except OSError:
            raise CannotRead(str(path)) from None
        try:
            sealed = whole.removeprefix(_MARKER)
            content = aead.open_with(self._key, _bound(number), sealed)
            for line in decode(content, tuple[_Line, ...]):
                store.add(parse(line.raw), line.raw, line.full_url)
        except (Tampered, NotCanonical, BadText, NotReferenceData):
            raise HalfWritten(str(path)) from None

    def _count(self) -> int:
        number = 0
        while self._path(number + 1).exists():
            number += 1
        return number

    def _path(self, number: int) -> Path:
        return self._folder / f"{number:06}"


def _bound(number: int) -> bytes:
    """Return what a file is bound to: its place, so that none can stand for another."""
    return _MARKER + number.to_bytes(8, "big")


def _portions(resources: list[Kept]) -> Iterator[list[Kept]]:
    some: list[Kept] = []
    room = _MOST_BYTES
    for one in resources:
        if some and len(one.raw) > room:
            yield some
            some, room = [], _MOST_BYTES
        some.append(one)
        room -= len(one.raw)
    if some:
        yield some
