"""The town: every patient of the bundles, and who treats and insures them.

All keystores are in memory; ledger and vaults are on disk, in the clinic's network.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import islice
from threading import Lock
from typing import Final

from careledger.cli.demo.bundles import Bundles, slices
from careledger.client.directory import Listing, open_directory
from careledger.client.hospital import Hospital
from careledger.client.insurer import Insurer
from careledger.client.patient import Patient
from careledger.client.practitioner import Practitioner
from careledger.demo_data import practitioners
from careledger.fhir.import_report import ImportReport
from careledger.fhir.reference_store import ReferenceStore
from careledger.fhir.sources import Source, bytes_source
from careledger.local import LocalNetwork

_PER_HOSPITAL: Final = 4
_CLERKS: Final = ("Ruth Lang", "Paul Mohr", "Ines Vogt", "Karl Thon")
_STAYS: Final = 5
"""Of so many patients, one is referred within the hospital."""


@dataclass
class Case:
    """One patient, and who takes part in the care.

    Attributes:
        source: the patient's bundle.
        patient: whose session has not joined yet.
        hospital: where the patient joins.
        doctor: the practitioner whom the patient names (A).
        colleague: the practitioner whom the patient is referred to (B).
        clerk: of the insurer.
        record: the first record's id, once it is open.
        report: what the import did.
        single: the colleague's one entry, opened with a key for it alone, equals
            its slice of the bundle.
    """

    source: Source
    patient: Patient
    hospital: Hospital
    doctor: Practitioner
    colleague: Practitioner
    clerk: Insurer
    record: bytes = b""
    report: ImportReport = field(default_factory=ImportReport)
    single: bool = False


@dataclass
class Town:
    """Everybody, in the network of the clinic.

    Attributes:
        network: theirs.
        bundles: of the patients, and of hospitals and practitioners.
        practitioners: of all hospitals.
        clerks: the insurer's staff.
        listings: the directory, by member.
        cases: one for each patient.
        store: the hospitals and practitioners that the bundles point to.
        seconds: how long both workflows took, for all.
        taken: resources that patients took home, equal byte for byte; `None`: they
            did not.
    """

    network: LocalNetwork
    bundles: Bundles
    practitioners: list[Practitioner]
    clerks: list[Insurer]
    listings: dict[bytes, Listing]
    cases: list[Case]
    store: ReferenceStore = field(default_factory=ReferenceStore)
    seconds: float = 0.0
    taken: int | None = None

    def __post_init__(self) -> None:
        self._turns = {one: Lock() for one in self.listings}

    def turn(self, who: Practitioner) -> Lock:
        """Return what somebody holds who is at work, one patient after the other."""
        return self._turns[who.me.member]

    def listing(self, who: Practitioner) -> Listing:
        """Return somebody's entry in the directory."""
        return self.listings[who.me.member]


def open_town(network: LocalNetwork, bundles: Bundles) -> Town:
    """Register practitioners and the insurer's staff; no patient has joined yet."""
    count = _PER_HOSPITAL * len(network.hospitals)
    people = [
        network.practitioner(name, number % len(network.hospitals))
        for number, name in enumerate(_names(count))
    ]
    clerks = [network.insurer(name) for name in _CLERKS]
    listed = {one.member: one for one in open_directory(clerks[0].line)}
    cases = [
        _case(network, people, clerks, number, source)
        for number, source in enumerate(bundles.patients)
    ]
    return Town(network, bundles, people, clerks, listed, cases)


def _case(
    network: LocalNetwork,
    people: Sequence[Practitioner],
    clerks: Sequence[Insurer],
    number: int,
    source: Source,
) -> Case:
    """Spread patients evenly; a colleague is usually of another hospital."""
    houses = len(network.hospitals)
    doctor = number % len(people)
    step = houses if number % _STAYS == 0 else 1 + number % (houses - 1)
    return Case(
        source,
        network.patient(),
        network.hospitals[doctor % houses],
        people[doctor],
        people[(doctor + step) % len(people)],
        clerks[number % len(clerks)],
    )


def _names(count: int) -> list[str]:
    """Return names of practitioners of the bundled data."""
    staff = map(json.loads, slices(bytes_source("practitioners", practitioners())))
    names = (one["name"][0] for one in staff if one["resourceType"] == "Practitioner")
    return [f"Dr. {one['given'][0]} {one['family']}" for one in islice(names, count)]
