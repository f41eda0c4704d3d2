"""Statements: consents and directives, sealed for who holds the whole record."""

from dataclasses import dataclass
from typing import Annotated, Final

import msgspec

from careledger.client.part import Part, current_key, refresh
from careledger.ledger.actions.records import Declare
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
        NotHeld, WrapDoesNotOpen: the current key is not there.
    """
    epoch = part.seat().epoch
    key, binding = current_key(part, epoch), part.line.binding(part.record, epoch)
    body = seal_body(key, _MARKER, binding, encode_secret(Statement(content)))
    part.line.act([part.keys.signing], [Declare(0)], [body])


def statements(part: Part) -> list[Declared]:
    """Return the record's statements, oldest first.

    Raises:
        NothingHere: this part does not hold all epochs.
    """
    lines = part.line.ask(part.keys.signing, Statements(), tuple[StatementLine, ...])
    if any(one.epoch not in part.epochs for one in lines):
        refresh(part)
    return [Declared(one.author, _open(part, one)) for one in lines]


def _open(part: Part, line: StatementLine) -> bytes | None:
    binding = part.line.binding(part.record, line.epoch)
    try:
        body = open_body(part.epochs[line.epoch], _MARKER, binding, line.body)
        return decode_secret(body, Statement).content
    except (Tampered, KeyError):
        return None
