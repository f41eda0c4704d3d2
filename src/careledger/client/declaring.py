"""Statements: consents and directives, sealed for who holds the whole record."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Annotated, Final

import msgspec

from careledger.client.current import sealing_key
from careledger.client.keystore import Keystore
from careledger.client.own_labels import OwnLabel, open_label, seal_label
from careledger.client.paging import every_page
from careledger.client.part import Part, current_key, refresh
from careledger.ledger.actions.records import Declare
from careledger.ledger.workflows.seats import OWNER
from careledger.node.answers import StatementLine
from careledger.node.questions import Statements
from careledger.sealing.bodies import open_body, seal_body
from careledger.sealing.problems import Tampered
from careledger.sealing.secret import Secret, decode_secret, encode_secret

_MARKER: Final = b"careledger/statement/v1"


class Statement(Secret, frozen=True, tag="statement/v1"):
    """A FHIR resource that says what may be done: a Consent, a directive."""

    content: Annotated[bytes, msgspec.Meta(max_length=12_288)]


@dataclass(frozen=True, slots=True)
class Declared:
    """A statement of the record.

    Attributes:
        author: the seat that made it.
        content: its exact bytes; `None` if it does not open.
    """

    author: int
    content: bytes | None


def declare(part: Part, content: bytes) -> None:
    """Add a statement.

    Raises:
        TooLarge: more than 12 KiB.
        NotHeld, WrapDoesNotOpen, Tampered: the current key is not there.
        StaleEpoch: somebody left: the keys must be rotated first (`rotate`).
    """
    body = _sealed(part, sealing_key(part), Statement(content))
    part.line.act([part.keys.signing], [Declare(0)], [body])


def label_body(part: Part, store: Keystore, label: str) -> bytes:
    """Return the body of the `Declare` by which a new record keeps its label."""
    first = 0, current_key(part, 0)  # its own: nobody else has given it
    return _sealed(part, first, seal_label(part.line, store, part.record, label))


def statements(part: Part) -> list[Declared]:
    """Return the record's statements, oldest first.

    The owner's own labels are none.

    Raises:
        NothingHere: this part does not hold all epochs.
    """
    found = []
    for author, one in _opened(part, _all(part)):
        # Nobody but the owner may say something that is not shown.
        if not (isinstance(one, OwnLabel) and author == OWNER):
            content = one.content if isinstance(one, Statement) else None
            found.append(Declared(author, content))
    return found


def own_label(part: Part, store: Keystore) -> str | None:
    """Return what the owner called the record; none: nothing that opens for the store.

    As a rule it is among the first statements: every record is founded with one.

    Raises:
        NothingHere: this part does not hold all epochs.
    """
    for page in _pages(part):
        for author, one in _opened(part, page):
            if isinstance(one, OwnLabel) and author == OWNER:
                label = open_label(part.line, store, part.record, one)
                if label is not None:
                    return label
    return None


def keep_label(part: Part, store: Keystore, label: str) -> None:
    """Seal a label for this keystore as well, in a record that has come back.

    Raises:
        NotHeld, WrapDoesNotOpen, Tampered: the current key is not there.
        StaleEpoch: somebody left: the keys must be rotated first (`rotate`).
    """
    one = seal_label(part.line, store, part.record, label)
    body = _sealed(part, sealing_key(part), one)
    part.line.act([part.keys.signing], [Declare(0)], [body])


def _sealed(
    part: Part, under: tuple[int, bytes], what: "Statement | OwnLabel"
) -> bytes:
    epoch, key = under
    binding = part.line.binding(part.record, epoch)
    return seal_body(key, _MARKER, binding, encode_secret(what))


def _all(part: Part) -> list[StatementLine]:
    return [line for page in _pages(part) for line in page]


def _pages(part: Part) -> Iterator[tuple[StatementLine, ...]]:
    """Return the pages of the statements.

    Raises:
        NotWhatWasAsked: they are not in order.
    """

    def ask(after: int) -> tuple[StatementLine, ...]:
        question = Statements(after)
        return part.line.ask(part.keys.signing, question, tuple[StatementLine, ...])

    return every_page(ask)


def _opened(
    part: Part, lines: Sequence[StatementLine]
) -> list[tuple[int, "Statement | OwnLabel | None"]]:
    """Return the author of each statement, and what it opens to."""
    if any(one.epoch not in part.epochs for one in lines):
        refresh(part)
    return [(one.author, _open(part, one)) for one in lines]


def _open(part: Part, line: StatementLine) -> "Statement | OwnLabel | None":
    binding = part.line.binding(part.record, line.epoch)
    try:
        body = open_body(part.epochs[line.epoch], _MARKER, binding, line.body)
        # A union is no `type` to the type checker.
        found: Statement | OwnLabel
        found = decode_secret(body, Statement | OwnLabel)  # type: ignore[arg-type]
    except (Tampered, KeyError):
        return None
    return found
