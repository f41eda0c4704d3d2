"""Files that travel between a person and an organisation: requests and papers."""

from pathlib import Path
from typing import Final

from careledger.client.directory import PublicCard
from careledger.client.files import read_message, write_message
from careledger.client.papers import Paper
from careledger.ledger.actions.base import PublicKey
from careledger.primitives.encoding import Message

_PAPER: Final = b"careledger/paper-file/v1\n"
_REQUEST: Final = b"careledger/practitioner-file/v1\n"


class PractitionerRequest(Message, frozen=True, tag="practitioner-request/v1"):
    """What a practitioner hands to hospital and registrar.

    Attributes:
        member: the person's key.
        card: as the directory will show it.
    """

    member: PublicKey
    card: PublicCard


def write_paper(path: Path, paper: Paper) -> None:
    """Write a paper to a file.

    Raises:
        CannotWrite: the file cannot be written.
    """
    write_message(path, _PAPER, paper)


def read_paper(path: Path) -> Paper:
    """Return the paper in a file.

    Raises:
        CannotRead: the file cannot be read.
        HalfWritten: cut, changed, or no paper.
    """
    return read_message(path, _PAPER, Paper)


def write_request(path: Path, request: PractitionerRequest) -> None:
    """Write a practitioner's request to a file.

    Raises:
        CannotWrite: the file cannot be written.
    """
    write_message(path, _REQUEST, request)


def read_request(path: Path) -> PractitionerRequest:
    """Return the request in a file.

    Raises:
        CannotRead: the file cannot be read.
        HalfWritten: cut, changed, or no request.
    """
    return read_message(path, _REQUEST, PractitionerRequest)
