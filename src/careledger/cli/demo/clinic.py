"""The clinic: a patient from the bundled data, two practitioners and an insurer.

Each has a keystore and a session of its own; the network is a simulated one of
three hospitals, a registrar, an insurer and an auditor, with vaults on disk.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import msgspec

from careledger.cli.demo.problems import DemoFailed
from careledger.client.insurer import Insurer
from careledger.client.patient import Patient
from careledger.client.practitioner import Practitioner
from careledger.demo_data import first_patient
from careledger.errors import CareLedgerError
from careledger.local import LocalNetwork
from careledger.node.answers import Peer
from careledger.node.questions import MyAsset
from careledger.sealing.chance import random_bytes

_SHOWN: Final = 12


class _Entry(msgspec.Struct):
    """An entry of a bundle: the resource in its exact bytes."""

    resource: msgspec.Raw


class _Bundle(msgspec.Struct):
    """A FHIR bundle, as far as it is needed."""

    entry: list[_Entry]


@dataclass
class Clinic:
    """Who plays, and what the scenes leave for each other.

    Attributes:
        network: their network.
        personal: the patient's FHIR resource `Patient`, exact bytes.
        resources: all others of the bundle, in order, exact bytes.
        patient: has not joined yet.
        ada: a practitioner at the first hospital.
        ben: a practitioner at the second.
        insurer: a member of the insurer's staff.
        record: the patient's first record.
        entries: what Ada added to it, in the order of `resources`.
    """

    network: LocalNetwork
    personal: bytes
    resources: tuple[bytes, ...]
    patient: Patient
    ada: Practitioner
    ben: Practitioner
    insurer: Insurer
    record: bytes = b""
    entries: tuple[bytes, ...] = ()


def open_clinic(folder: Path) -> Clinic:
    """Make the network, and register everybody but the patient."""
    network = LocalNetwork.create(folder, random_bytes(32))
    bundle = msgspec.json.decode(first_patient(), type=_Bundle)
    personal, *others = (bytes(one.resource) for one in bundle.entry)
    return Clinic(
        network,
        personal,
        tuple(others),
        network.patient(folder / "patient.keystore"),
        network.practitioner("Dr. Ada Lind"),
        network.practitioner("Dr. Ben Roth", 1),
        network.insurer("Nora Falk"),
    )


def asset_of(session: Patient | Practitioner, record: bytes) -> tuple[bytes, ...]:
    """Return the handles on a party's own authorised asset, as it is told them."""
    part = session.part(record)
    peers = part.line.ask(part.keys.signing, MyAsset(), tuple[Peer, ...])
    return tuple(one.handle for one in peers)


def short(identifier: bytes) -> str:
    """Return the beginning of an identifier."""
    return f"{identifier.hex()[:_SHOWN]}…"


def refusal_of(attempt: Callable[[], object]) -> str:
    """Return the code with which an attempt is refused.

    Raises:
        DemoFailed: it succeeds.
    """
    try:
        attempt()
    except CareLedgerError as error:
        return error.code
    raise DemoFailed("an attempt succeeded that should not")


def promise(kept: bool, what: str) -> None:  # noqa: FBT001 (a condition)
    """Stop the demonstration where CareLedger does not keep what it says.

    Raises:
        DemoFailed: `what` is not so.
    """
    if not kept:
        raise DemoFailed(what)
