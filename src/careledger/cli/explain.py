"""`careledger explain CODE`: every error has a code, every code an explanation."""

import difflib
import importlib
import inspect
import pkgutil
from collections.abc import Collection
from typing import Annotated, Final

import typer

import careledger
from careledger.cli.commands import command
from careledger.cli.problems import UnknownCode
from careledger.cli.session import Session
from careledger.errors import CareLedgerError, every_error
from careledger.fhir.findings import MESSAGES

_NEAR: Final = 0.7
"""How alike two words are, of 1, that one may be a slip for the other."""


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
        code: Annotated[
            str,
            typer.Argument(help="Like coin.insufficient-funds; coin lists its room."),
        ],
    ) -> None:
        """Say what an error code means and what to do about it."""
        known = known_errors()
        wanted = code.removeprefix("error[").rstrip("]:.").lower()
        said = {one: error.happened for one, error in known.items()} | MESSAGES
        if wanted in MESSAGES:
            _explain_finding(session, wanted)
        elif wanted in known:
            _explain_error(session, known[wanted])
        elif found := _of_room(said, wanted):
            lines = [f"{one}  {text}" for one, text in found.items()]
            session.out.answer({"codes": found}, *lines)
        else:
            near = near_codes(said, wanted)
            raise UnknownCode(f"did you mean {' or '.join(near)}?" if near else "")


def near_codes(codes: Collection[str], wanted: str) -> list[str]:
    """Return at most three codes or rooms that could have been meant, nearest first.

    A slip in the room (`coins.frozen`) or a forgotten room (`frozen`) counts little.
    """
    rooms, names = ({one.split(".")[place] for one in codes} for place in (0, -1))
    name = wanted.rpartition(".")[2]
    near = difflib.get_close_matches(wanted, {*codes, *rooms}, n=3, cutoff=_NEAR)
    for alike in difflib.get_close_matches(name, names, n=3, cutoff=_NEAR):
        near += sorted(one for one in codes if one.endswith(f".{alike}"))
    return list(dict.fromkeys(near))[:3]


def _of_room(said: dict[str, str], wanted: str) -> dict[str, str]:
    """Return the codes of a room, such as `records`, and what each says."""
    room = wanted.rstrip(".*") + "."
    return {one: said[one] for one in sorted(said) if one.startswith(room)}


def _explain_error(session: Session, error: type[CareLedgerError]) -> None:
    meaning = (inspect.getdoc(error) or "").partition("\n\n")[0].replace("\n", " ")
    facts = {
        "code": error.code,
        "happened": error.happened,
        "to_do": error.to_do,
        "meaning": meaning,
    }
    lines = dict.fromkeys((error.happened, meaning))
    to_do = f"What to do: {error.to_do}"
    session.out.answer(facts, f"error[{error.code}]", *lines, to_do)


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
