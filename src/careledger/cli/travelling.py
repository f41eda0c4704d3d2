"""Files that travel between a person and an organisation: requests and papers."""

from pathlib import Path
from typing import Annotated, Final

from msgspec import Meta

from careledger.client.directory import PublicCard
from careledger.client.emergencies import Colleague, Released
from careledger.client.files import read_message, write_message
from careledger.client.papers import Paper
from careledger.client.plans import AgentKey
from careledger.client.proxies import Address
from careledger.client.witnessing import WitnessRequest
from careledger.ledger.actions.base import PublicKey
from careledger.primitives.encoding import Message

_PAPER: Final = b"careledger/paper-file/v1\n"
_REQUEST: Final = b"careledger/practitioner-file/v1\n"
_WITNESS: Final = b"careledger/witness-request-file/v1\n"
_AGENT: Final = b"careledger/agent-file/v1\n"
_COLLEAGUE: Final = b"careledger/colleague-file/v1\n"
_SHARES: Final = b"careledger/released-shares-file/v1\n"
_ADDRESS: Final = b"careledger/address-file/v1\n"


class PractitionerRequest(Message, frozen=True, tag="practitioner-request/v1"):
    """What a practitioner hands to hospital and registrar.

    Attributes:
        member: the person's key.
        card: as the directory will show it.
    """

    member: PublicKey
    card: PublicCard


class Shares(Message, frozen=True, tag="shares/v1"):
    """What a hospital's agents released, each sealed to one emergency handle."""

    released: Annotated[tuple[Released, ...], Meta(max_length=10_000)]


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
    """Write a practitioner's request to a file (`write_paper`)."""
    write_message(path, _REQUEST, request)


def read_request(path: Path) -> PractitionerRequest:
    """Return the request in a file (`read_paper`)."""
    return read_message(path, _REQUEST, PractitionerRequest)


def write_witness_request(path: Path, request: WitnessRequest) -> None:
    """Write a request to the witness to a file (`write_paper`)."""
    write_message(path, _WITNESS, request)


def read_witness_request(path: Path) -> WitnessRequest:
    """Return the request to the witness in a file (`read_paper`)."""
    return read_message(path, _WITNESS, WitnessRequest)


def write_agent(path: Path, keys: AgentKey) -> None:
    """Write the keys of an emergency agent to a file (`write_paper`)."""
    write_message(path, _AGENT, keys)


def read_agent(path: Path) -> AgentKey:
    """Return the keys of an emergency agent in a file (`read_paper`)."""
    return read_message(path, _AGENT, AgentKey)


def write_colleague(path: Path, colleague: Colleague) -> None:
    """Write what a colleague stands by with to a file (`write_paper`)."""
    write_message(path, _COLLEAGUE, colleague)


def read_colleague(path: Path) -> Colleague:
    """Return what a colleague stands by with in a file (`read_paper`)."""
    return read_message(path, _COLLEAGUE, Colleague)


def write_address(path: Path, address: Address) -> None:
    """Write where somebody is reached to a file (`write_paper`)."""
    write_message(path, _ADDRESS, address)


def read_address(path: Path) -> Address:
    """Return where somebody is reached, from a file (`read_paper`)."""
    return read_message(path, _ADDRESS, Address)


def write_shares(path: Path, shares: Shares) -> None:
    """Write released shares to a file (`write_paper`)."""
    write_message(path, _SHARES, shares)


def read_shares(path: Path) -> Shares:
    """Return the released shares in a file (`read_paper`)."""
    return read_message(path, _SHARES, Shares)
