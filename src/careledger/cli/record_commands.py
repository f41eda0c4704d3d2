"""Commands that patients and practitioners share: list, read and add entries."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from careledger.cli.beginnings import find_by_beginning
from careledger.cli.checking import read_resources
from careledger.cli.commands import command
from careledger.cli.output import table
from careledger.cli.own_records import Actor, RecordArgument, find_record
from careledger.cli.parsing import check_free, moment
from careledger.cli.record_problems import NoSuchEntry
from careledger.cli.session import Session
from careledger.cli.standings import own_records
from careledger.client.files import write_file
from careledger.client.patient import OWN_RECORD, Patient
from careledger.client.session_problems import NoPurpose
from careledger.client.writing import NewResource

_ENTRY_SIZE = 16


def find_entries(actor: Actor, record: bytes, texts: list[str]) -> list[bytes]:
    """Return the entries whose ids are given, whole or by their beginning.

    Raises:
        NoSuchEntry: none begins so, or what was given is no id.
        WhichOne: no beginning, or more than one entry begins so.
    """
    listed = [one.entry.entry for one in actor.list_entries(record)]
    return [_entry(listed, text.lower()) for text in texts]


def add_to(app: typer.Typer, sit: Callable[[Session], Actor]) -> None:
    """Add the commands; `sit` opens the session of whose home it is."""
    _add_lists(app, sit)
    _add_content(app, sit)


def _add_lists(app: typer.Typer, sit: Callable[[Session], Actor]) -> None:
    @command(app, "records")
    def records(session: Session) -> None:
        """List the records that this home has a part in; only this home knows.

        Of those that need an endorsement the node says how it stands.
        """
        listed = own_records(sit(session))
        lines = [f"{one.record.hex()}  {one.label}{one.told}" for one in listed]
        session.out.answer(
            {"records": [one.facts for one in listed]}, *(lines or ["No record yet."])
        )

    @command(app, "entries")
    def entries(session: Session, record: RecordArgument) -> None:
        """List the entries of a record that this home may read."""
        actor = sit(session)
        listed = actor.list_entries(find_record(session, actor, record))
        facts = [
            {
                "entry": one.entry.entry,
                "type": one.manifest.resource_type if one.manifest else "",
                "label": one.manifest.label if one.manifest else "",
                "author": one.entry.author,
                "time": one.entry.time,
            }
            for one in listed
        ]
        lines = [
            f"{one.entry.entry.hex()}  {moment(one.entry.time)}  seat"
            f" {one.entry.author}  {one.manifest.resource_type if one.manifest else ''}"
            f"  {one.manifest.label if one.manifest else ''}"
            for one in listed
        ]
        session.out.answer(
            {"entries": facts}, *(lines or ["No entry is open to you here."])
        )


def _add_content(app: typer.Typer, sit: Callable[[Session], Actor]) -> None:
    @command(app, "read")
    def read(
        session: Session,
        record: RecordArgument,
        entry: Annotated[
            str, typer.Argument(help="The entry: its id, or the beginning of it.")
        ],
        purpose: Annotated[
            str,
            typer.Option(help="Why; the patient sees it. Needed in others' records."),
        ] = "",
        to: Annotated[
            Path | None, typer.Option(help="Write the exact bytes to this file.")
        ] = None,
    ) -> None:
        """Read an entry; the patient sees who read it, when and why."""
        if to is not None:
            check_free(to)
        actor = sit(session)
        found = find_record(session, actor, record)
        said = purpose.strip() or _own_reason(actor)
        [opened] = actor.read(found, find_entries(actor, found, [entry]), said)
        text = opened.content.decode(errors="replace")
        if to is not None:
            write_file(to, opened.content)
        facts = {"entry": opened.entry, "author": opened.author, "content": text}
        lines = [f"written to {to}"] if to else text.expandtabs().splitlines()
        session.out.answer(facts, *lines)

    @command(app, "append")
    def append(
        session: Session,
        record: RecordArgument,
        file: Annotated[
            list[Path], typer.Argument(help="A FHIR resource in JSON; several at once.")
        ],
        label: Annotated[str, typer.Option(help="For lists; it is sealed.")] = "",
    ) -> None:
        """Add FHIR resources, sealed to those who take part in the record."""
        contents = read_resources(session, file)
        resources = [NewResource(one, label) for one in contents]
        actor = sit(session)
        added = actor.append(find_record(session, actor, record), *resources)
        rows = {str(one): entry.hex() for one, entry in zip(file, added, strict=True)}
        session.out.answer({"entries": added}, "Added.", *table(rows))


def _own_reason(actor: Actor) -> str:
    """Return what an owner who says nothing reads for.

    Raises:
        NoPurpose: the record is somebody else's.
    """
    if isinstance(actor, Patient):
        return OWN_RECORD
    raise NoPurpose


def _entry(listed: list[bytes], text: str) -> bytes:
    if len(text) == 2 * _ENTRY_SIZE:
        try:
            return bytes.fromhex(text)
        except ValueError:
            raise NoSuchEntry from None
    return find_by_beginning(listed, text, NoSuchEntry)
