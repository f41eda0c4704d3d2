"""Scene: everybody's data is imported, and opened by its owner."""

from collections.abc import Sequence
from itertools import islice
from typing import Final

from careledger.cli.demo.bundles import slices
from careledger.cli.demo.clinic import promise
from careledger.cli.demo.counting import for_each
from careledger.cli.demo.problems import BundleNotValid
from careledger.cli.demo.stage import Stage
from careledger.cli.demo.story import Story
from careledger.cli.demo.town import Case, Town
from careledger.cli.output import Output
from careledger.fhir.import_problems import NothingStored
from careledger.fhir.import_report import ImportReport
from careledger.fhir.importing import Choices, import_sources
from careledger.fhir.sources import Source

_PAGE: Final = 256
"""Entries that one transaction states to read."""

_SHOWN: Final = 10
"""Findings that are shown of a bundle that cannot be imported."""


def play_filling(stage: Stage, story: Story) -> None:
    """Practitioners import every bundle; the patients open every entry."""
    town = stage.town
    _import(town, stage.out, town.cases[0], town.bundles.reference)

    def import_one(case: Case) -> None:
        case.report = _import(town, stage.out, case, [case.source])

    for_each(stage.out, "bundles imported", town.cases, import_one)
    _tell_imported(town, story)
    opened = sum(for_each(stage.out, "patients read", town.cases, _open_all))
    stored = sum(case.report.stored for case in town.cases)
    promise(opened == stored, "every entry opens as it was received")
    story.tell(
        "as each patient: read, opened with the own key; beside it: the bundle",
        {"equal": opened, "of": stored},
        lambda a: (
            f"Each patient opens all own entries with the own key: {a['equal']:,} of"
            f" {a['of']:,} are, byte for byte, what the bundles have."
        ),
    )


def _import(
    town: Town, out: Output, case: Case, sources: Sequence[Source]
) -> ImportReport:
    """Import into a patient's record; hospitals and staff go to the town's store.

    Raises:
        BundleNotValid: something is wrong in it; the first findings are shown.
    """
    # A patient's own record is the context for what is sensitive.
    choices = Choices(into=case.record)
    try:
        return import_sources(case.doctor, case.record, sources, town.store, choices)
    except NothingStored as error:
        for one in error.report.faults[:_SHOWN]:
            place = f"{one.source}, {one.number}: {one.path}".rstrip(": ")
            out.note(f"{place}: {one.message} [{one.code}]")
        raise BundleNotValid(error.report.faults[0].source) from None


def _tell_imported(town: Town, story: Story) -> None:
    reports = [case.report for case in town.cases]
    found = {
        "found": sum(one.found for one in reports),
        "stored": sum(one.stored for one in reports),
        "listed": sum(
            len(case.doctor.list_entries(case.record)) for case in town.cases
        ),
        "reference": len(town.store),
        "received": sum(one.received for one in reports),
        "transactions": sum(one.transactions for one in reports),
    }
    promise(
        found["found"] == found["stored"] == found["listed"], "every resource is stored"
    )
    story.tell(
        "as each practitioner: import, then list of entries",
        found,
        lambda a: (
            f"The practitioners import {a['found']:,} FHIR resources"
            f" ({a['received'] / 1e6:.1f} MB), each judged and sealed by itself:"
            f" {a['listed']:,} are listed. {a['reference']:,} resources about hospitals"
            " and staff are kept apart."
        ),
    )


def _open_all(case: Case) -> int:
    """Return how many entries are what the bundle has, in its order.

    Bundle and entries are read side by side, a page at a time.
    """
    equal, received = 0, slices(case.source)
    for page in _pages(case.report.entries):
        opened = case.patient.read(case.record, page)
        same = zip(opened, islice(received, len(page)), strict=True)
        equal += sum(one.content == raw for one, raw in same)
    promise(next(received, None) is None, "no resource of a bundle is left out")
    return equal


def _pages(entries: Sequence[bytes]) -> list[Sequence[bytes]]:
    return [entries[at : at + _PAGE] for at in range(0, len(entries), _PAGE)]
