"""`careledger explain CODE`: every error has a code, every code an explanation."""

import difflib
import importlib
import inspect
import pkgutil
from typing import Annotated

import typer

import careledger
from careledger.cli.commands import command
from careledger.cli.problems import UnknownCode
from careledger.cli.session import Session
from careledger.errors import CareLedgerError, every_error
from careledger.fhir.findings import MESSAGES


def known_errors() -> dict[str, type[CareLedgerError]]:
    """Return every error by its code, after loading all rooms."""
    for module in pkgutil.walk_packages(careledger.__path__, "careledger."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    return {error.code: error for error in every_error()}


def add_to(app: typer.Typer) -> None:
    """Add the command."""

    @command(app, "explain")
    def explain(
        session: Session,
        code: Annotated[str, typer.Argument(help="Like coin.insufficient-funds.")],
    ) -> None:
        """Say what an error code means and what to do about it."""
        known = known_errors()
        wanted = code.removeprefix("error[").rstrip("]:")
        if wanted in MESSAGES:
            _explain_finding(session, wanted)
            return
        if wanted not in known:
            codes = [*known, *MESSAGES]
            near = difflib.get_close_matches(wanted, codes, n=3, cutoff=0.4)
            raise UnknownCode(f"did you mean {' or '.join(near)}?" if near else "")
        error = known[wanted]
        meaning = (inspect.getdoc(error) or "").partition("\n\n")[0].replace("\n", " ")
        facts = {
            "code": wanted,
            "happened": error.happened,
            "to_do": error.to_do,
            "meaning": meaning,
        }
        lines = dict.fromkeys((error.happened, meaning))
        to_do = f"What to do: {error.to_do}"
        session.out.answer(facts, f"error[{wanted}]", *lines, to_do)


def _explain_finding(session: Session, code: str) -> None:
    """Say what a finding of a FHIR file means; it is no error of CareLedger's."""
    facts = {
        "code": code,
        "happened": MESSAGES[code],
        "to_do": "Correct the resource where the path says, then judge it again.",
        "meaning": "A finding in a FHIR file; its path says where.",
    }
    to_do = f"What to do: {facts['to_do']}"
    session.out.answer(facts, code, facts["happened"], facts["meaning"], to_do)
