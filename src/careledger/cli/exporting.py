"""`careledger patient export` and `check-export`: take all away, check it."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Final

import typer

from careledger.cli.commands import command
from careledger.cli.fhir_faults import listener_of
from careledger.cli.network import SIMULATED_PREFIX, TRUST
from careledger.cli.output import table
from careledger.cli.session import Session
from careledger.client.patient import Patient
from careledger.client.trust import read_log_key
from careledger.fhir.export_check import NOT_COVERED, check_export
from careledger.fhir.export_problems import EntriesMissing
from careledger.fhir.exporting import export_patient
from careledger.fhir.taking import records_of

_COMMITTED: Final = "Every resource is what the ledger committed to, and "
_ALL_OF_EXPORT: Final = _COMMITTED + (
    "of the records that this export lists none is missing."
)
_ALL_OF_HOME: Final = _COMMITTED + (
    "none is missing, nor any record that this home knows."
)
_BEYOND_HOME: Final = (
    "WARNING: this export has records that this home does not know, so its keystore may"
    " be an older one, and lack others too. Run patient rebuild, and check again:"
)
_FURTHER: Final = (
    "whether records.ndjson lists every record (no further records of its owner)"
)
_NO_HOME: Final = (
    "WARNING: not compared with the owner's home. Nobody signs the list of records:"
    " whoever had these files could have taken a whole record out of the folder and of"
    " the list, and this check would still say what it says above. To find that, run"
    " patient check-export in the owner's home, without --keys."
)


def add_to(app: typer.Typer, sit: Callable[[Session], Patient]) -> None:
    """Add the commands; `sit` opens the session of whose home it is."""

    @command(app, "export")
    def export(
        session: Session,
        folder: Annotated[
            Path, typer.Argument(metavar="DIR", help="A directory to make.")
        ],
    ) -> None:
        """Take everything away: FHIR byte for byte, pages to read, proofs."""
        patient = sit(session)
        with session.out.progress("export") as step:
            done = export_patient(patient, folder, listener_of(step))
        facts = {
            "folder": str(folder),
            "records": done.records,
            "resources": done.resources,
            "events": done.events,
            "bytes": done.size,
            "unreadable": done.unreadable,
            "missing": done.missing,
        }
        if done.missing:
            gone = ", ".join(one.hex() for one in done.missing)
            session.out.fail(EntriesMissing(gone), facts, *table(facts))
            raise typer.Exit(1)
        text = "These files are not sealed: keep them as you keep a doctor's letters."
        session.out.answer(facts, text, *table(facts))

    @command(app, "check-export")
    def check(
        session: Session,
        folder: Annotated[
            Path, typer.Argument(metavar="DIR", help="What an export wrote.")
        ],
        keys: Annotated[
            Path | None,
            typer.Option(help="Trusted keys; default: this home's, and its records."),
        ] = None,
    ) -> None:
        """Check an export offline: nothing was changed, and nothing is missing."""
        log_key = read_log_key(keys or session.path / TRUST)
        session.out.simulated = log_key.name.startswith(SIMULATED_PREFIX)
        known = records_of(sit(session)) if not keys and _of_patient(session) else None
        found = check_export(folder, log_key, known)
        facts = {
            "records": found.records,
            "resources": found.resources,
            "events": found.events,
            "erased": found.erased,
            "unreadable": found.unreadable,
            "compared_with_home": known is not None,
            "beyond_home": found.beyond_home,
            "log": str(log_key),
        }
        uncovered = (*NOT_COVERED, *(() if known is not None else (_FURTHER,)))
        bad = "Some open for nobody: their author sealed them wrongly."
        session.out.answer(
            {"good": True, **facts, "not_covered": uncovered},
            _ALL_OF_HOME if known is not None else _ALL_OF_EXPORT,
            *([] if known is not None else [_NO_HOME]),
            *([_BEYOND_HOME, *found.beyond_home] if found.beyond_home else []),
            *([bad] if found.unreadable else []),
            *table(facts),
            f"Not checked, whether there or changed: {', '.join(uncovered)}.",
        )


def _of_patient(session: Session) -> bool:
    """Say whether the home can tell which records its owner has."""
    config = session.home().config
    # Staff have records of others, which no export of theirs could hold.
    return bool(config.node) and not (config.keys.organisation or config.person.name)
