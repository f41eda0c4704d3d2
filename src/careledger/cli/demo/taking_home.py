"""Scene, for one's own bundles: each patient exports everything, and compares."""

import shutil
from collections import Counter
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from careledger.cli.demo.bundles import slices
from careledger.cli.demo.clinic import promise
from careledger.cli.demo.counting import for_each
from careledger.cli.demo.stage import Stage
from careledger.cli.demo.story import Story
from careledger.cli.demo.town import Case, Town
from careledger.fhir.export_check import check_export
from careledger.fhir.exporting import RESOURCES, exact_path, export_patient
from careledger.primitives.hashing import sha256


def play_taking_home(stage: Stage, story: Story) -> None:
    """Export everybody's records, one after the other; check them offline."""
    town = stage.town
    take_home = partial(_take_home, town, stage.folder / "export")
    # One after the other: what is held in memory is one patient's.
    taken = for_each(stage.out, "exports", town.cases, take_home)
    found = {name: sum(one[name] for one in taken) for name in taken[0]}
    town.taken = found["equal"]
    stored = sum(case.report.stored for case in town.cases)
    promise(set(found.values()) == {stored}, "what is exported is what was received")
    story.tell(
        "as each patient: export; check of the folder, offline; beside it: the bundle",
        found,
        lambda a: (
            f"Each patient exports everything: {a['exported']:,} resources. Offline,"
            f" {a['checked']:,} of them are proven; {a['equal']:,} equal what was"
            " received, byte for byte."
        ),
    )


def _take_home(town: Town, folder: Path, case: Case) -> dict[str, int]:
    """Export one patient's records, check the folder, compare, and remove it."""
    log_key = town.network.transport.log_key
    found = {
        "exported": export_patient(case.patient, folder).resources,
        "checked": check_export(folder, log_key).resources,
        "equal": _equal(case, folder),
    }
    shutil.rmtree(folder)
    return found


def _equal(case: Case, folder: Path) -> int:
    """Return how many exported resources are one of the bundle's, each used once."""
    received = Counter(map(sha256, slices(case.source)))
    exported = Counter(map(sha256, _exported(folder)))
    return (received & exported).total()


def _exported(folder: Path) -> Iterator[bytes]:
    """Yield the exact bytes of every resource in an export."""
    for record in sorted(folder.glob("record-*")):
        with (record / RESOURCES).open("rb") as lines:
            for number, line in enumerate(lines, start=1):
                exact = exact_path(record, number)
                yield exact.read_bytes() if exact.exists() else line.removesuffix(b"\n")
