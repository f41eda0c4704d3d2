"""What every session with parts in records does, whoever it belongs to."""

from careledger.client import mending, missed, reading, rotating, unopened, writing
from careledger.client.keystore import Keystore
from careledger.client.line import Line
from careledger.client.part import Part
from careledger.client.reading import Listed
from careledger.client.ready import ready_to_write
from careledger.client.writing import NewResource


class Participant:
    """The session of somebody who takes part in records.

    Attributes:
        line: to the node.
        store: the keystore.
    """

    def __init__(self, line: Line, store: Keystore) -> None:
        self.line, self.store = line, store
        self._parts: dict[bytes, Part] = {}

    def part(self, record: bytes) -> Part:
        """Return this session's part in a record.

        Raises:
            NotInThisHome: it has none.
        """
        if record not in self._parts:
            used = self.store.find(record)
            self._parts[record] = Part(
                self.line, self.store.keys(used.index), record, used.kept
            )
        return self._parts[record]

    def append(self, record: bytes, *resources: NewResource) -> list[bytes]:
        """Add entries; rotate first if somebody left (`ready_to_write`, `append`)."""
        part = self.part(record)
        ready_to_write(part)
        return writing.append(part, resources)

    def list_entries(self, record: bytes) -> list[Listed]:
        """Return the entries that this handle may have (`reading.list_entries`)."""
        return reading.list_entries(self.part(record))

    def cannot_open(self, record: bytes) -> None:
        """Report keys that do not open (`unopened.cannot_open`)."""
        unopened.cannot_open(self.part(record))

    def report_unopened(self, record: bytes) -> bool:
        """Report keys if they do not open; tell if so (`unopened.report_unopened`)."""
        return unopened.report_unopened(self.part(record))

    def mend_past(self, record: bytes) -> bool:
        """Start keys that lead back to all earlier ones, if need be (`mending`)."""
        return mending.mend_past(self.part(record))

    def give_missed(self, record: bytes) -> list[bytes]:
        """Give the current keys to who slept, or could not open them (`missed`)."""
        return missed.give_missed(self.part(record))

    def rewrap(self, record: bytes, handle: bytes) -> None:
        """Give another participant its keys again (`rotating.rewrap`)."""
        rotating.rewrap(self.part(record), handle)
