"""The `import` benchmark: FHIR bundles into sealed, stored, committed entries.

`resources_per_s` counts everything from the first byte read to the last commit on
disk: parse, validate, resolve, seal each resource as its own entry, store in the
vault, append to the ledger. One record per patient; the bundled patients, or a
folder of one's own. Setting the network up is not counted.
"""

import argparse
import resource
import tempfile
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from benchmarks.machine import machine
from careledger import demo_data
from careledger.client.practitioner import Practitioner
from careledger.fhir.files import fhir_files
from careledger.fhir.import_report import ImportReport
from careledger.fhir.importing import Choices, import_sources
from careledger.fhir.reference_store import ReferenceStore
from careledger.fhir.sources import Source, bytes_source, file_source
from careledger.local import LocalNetwork

POOL = 10
WARM_UP = 3


def options(parser: argparse.ArgumentParser) -> None:
    """Add this benchmark's options."""
    parser.add_argument("--bundles", type=Path, help="a folder of FHIR files")
    parser.add_argument("--patients", type=int, default=180, help="at most")


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Run the benchmark; return its figures."""
    public, patients = sources(args.bundles, args.patients)
    with (
        tempfile.TemporaryDirectory() as name,
        LocalNetwork.create(Path(name) / "network") as network,
    ):
        ada = network.practitioner("Dr. Ada Lind")
        records = list(new_records(network, ada, len(patients) + 1))
        store = ReferenceStore()
        # The first resource of each type makes a validator: once per process.
        warm_up = [
            *public,
            *(bytes_source("1", one) for one in islice(demo_data.patients(), WARM_UP)),
        ]
        import_sources(ada, records.pop(), warm_up, store, Choices(keep_going=True))
        before = peak_mb()
        started = time.perf_counter()
        reports = [
            import_sources(ada, record, [one], store, Choices(keep_going=True))
            for one, record in zip(patients, records, strict=True)
        ]
        seconds = time.perf_counter() - started
    return figures(reports, seconds) | {
        "memory_mb": peak_mb(),
        "memory_mb_before": before,
        "machine": machine(),
    }


def figures(reports: list[ImportReport], seconds: float) -> dict[str, Any]:
    """Return what the imports of all patients come to."""
    stored = sum(one.stored for one in reports)
    transactions = sum(one.transactions for one in reports)
    received = sum(one.received for one in reports)
    return {
        "benchmark": "import",
        "patients": len(reports),
        "resources_per_s": round(stored / seconds),
        "resources": stored,
        "faults": sum(len(one.faults) for one in reports),
        "seconds": round(seconds, 2),
        "transactions": transactions,
        "resources_per_transaction": round(stored / max(1, transactions), 1),
        "bytes": received,
        "sealed_bytes": sum(one.sealed for one in reports),
        "mb_per_s": round(received / seconds / 1e6, 1),
    }


def sources(folder: Path | None, most: int) -> tuple[list[Source], list[Source]]:
    """Return hospitals and practitioners, and one source per patient."""
    if folder is None:
        public = [demo_data.hospitals(), demo_data.practitioners()]
        patients = [
            bytes_source("1", one) for one in islice(demo_data.patients(), most)
        ]
        return [bytes_source("0", one) for one in public], patients
    files = fhir_files(folder)
    info = [one for one in files if "Information" in one.name]
    people = [one for one in files if one not in info][:most]
    return [file_source(one) for one in info], [file_source(one) for one in people]


def new_records(
    network: LocalNetwork, ada: Practitioner, count: int
) -> Iterator[bytes]:
    """Yield records of new patients, each with the practitioner in it."""
    for number in range(count):
        if number % POOL == 0:
            ada.fill_pool(network.registrar, "practitioner", POOL)
        network.patient().register(network.joining(ada, personal=b""))
        for invitation in ada.inbox(network.office_of(ada)):
            yield ada.accept(invitation)


def peak_mb() -> int:
    """Return the most memory that this process ever held, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
