"""`careledger patient …` after a loss: words, guardians, a damaged keystore.

Words and shares come from a prompt or a descriptor, never from an argument, which
other programs could read.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final

import msgspec
import typer

from careledger.cli.commands import command
from careledger.cli.passphrase import ask_lines
from careledger.cli.patient import sit
from careledger.cli.people import (
    KEYSTORE,
    begin_store,
    host_at,
    keep_seed,
    line_to,
    make_person,
    person_seed,
)
from careledger.cli.session import Session
from careledger.client.config import PersonSettings
from careledger.client.files import read_file, write_file
from careledger.client.home import NewHome
from careledger.client.keystore import Keystore
from careledger.client.line import Line
from careledger.client.problems import HalfWritten, NoSuchOffice
from careledger.client.recovering import Extended, extend_map, recover_map
from careledger.client.session_problems import NothingToRecover
from careledger.sealing.seeds import THRESHOLD, join_recovery_secret, seed_of

NodeOption = Annotated[Path, typer.Option(help="The home of the hospital's node.")]
SharesOption = Annotated[
    int | None,
    typer.Option(
        metavar="NUMBER",
        help="Read the shares, one a line, from this file descriptor.",
    ),
]

_DAMAGED: Final = "keystore.damaged"

_REBUILT: Final = "The keystore was rebuilt; labels of others' records are lost."
_BEGUN: Final = (
    "A new keystore was made: the node shows no record of this home. If there is one,"
    " move this keystore away and rebuild it with the right node."
)


@dataclass(frozen=True)
class Arrival:
    """A home that is about to be made beside a node.

    Attributes:
        new: the home, still in memory.
        line: to the node.
        node: the home of the node.
    """

    new: NewHome
    line: Line
    node: Path


def arrive(session: Session, node: Path) -> Arrival:
    """Ask for the passphrase of a new home that will speak to a node.

    Raises:
        HomeExists: there is a home already; nothing was asked or changed.
    """
    host = host_at(session, node)
    return Arrival(session.new_home(), line_to(host, host.path), node)


def ask_shares(descriptor: int | None) -> bytes:
    """Return the recovery secret that two guardians' shares give back.

    Raises:
        NothingSaid: nobody to ask.
        WrongShares: too few, mistyped, or of two kits.
    """
    prompts = [f"Share {number + 1}, 33 words" for number in range(THRESHOLD)]
    return join_recovery_secret(ask_lines(prompts, descriptor))


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    _add_words(app)
    add_rebuild(app)
    _add_kit(app)


def _add_words(app: typer.Typer) -> None:
    @command(app, "recover")
    def recover(
        session: Session,
        node: NodeOption,
        words_fd: Annotated[
            int | None,
            typer.Option(
                metavar="NUMBER", help="Read the words from this file descriptor."
            ),
        ] = None,
    ) -> None:
        """Make a new home from the 24 words: handles, keyrings and records."""
        arrival = arrive(session, node)
        said = ask_lines(["The 24 words"], words_fd)
        store = Keystore(seed_of(" ".join(said)))
        found = recover_map(arrival.line, store)
        if not found:
            raise NothingToRecover

        def fill(new: NewHome) -> None:
            keep_seed(new, store.seed)
            kept = msgspec.structs.asdict(store.kept)
            begin_store(new.path, new.offices).change(**kept)

        make_person(arrival.new, host_at(session, node), PersonSettings(), fill)
        _report(session, found, "Your records are here again.")


def add_rebuild(app: typer.Typer) -> None:
    """Add the command that heals a keystore, for any person's home."""

    @command(app, "rebuild")
    def rebuild(session: Session) -> None:
        """Rebuild a keystore that was cut, lost or older, from this home's own seed."""
        home = session.home()
        if not home.config.node:
            raise NoSuchOffice("person")
        offices = session.unlock(home)
        fresh = Keystore(person_seed(home.path, offices))
        line = line_to(home, Path(home.config.node))
        if sound := _sound(home.path, fresh.seed):
            _report_extended(session, extend_map(line, sound))
            return
        found = recover_map(line, fresh)
        _set_aside(home.path / KEYSTORE)
        kept = msgspec.structs.asdict(fresh.kept)
        begin_store(home.path, offices).change(**kept)
        facts = {"records": found, "missing": found}
        said = _REBUILT if found else _BEGUN
        session.out.answer(facts, said, *(one.hex() for one in found))


def _sound(home: Path, seed: bytes) -> Keystore | None:
    """Return the keystore that is there, if it opens: it may be an older one."""
    place = home / KEYSTORE
    try:
        return Keystore(seed, path=place) if place.exists() else None
    except HalfWritten:
        return None


def _report_extended(session: Session, found: Extended) -> None:
    said = (
        f"The keystore opens and is an older one: {len(found.missing)} of"
        f" {len(found.records)} records were missing in it, and are here again:"
        if found.missing
        else "The keystore opens, and no record was missing in it."
    )
    facts = {"records": found.records, "missing": found.missing}
    session.out.answer(facts, said, *(one.hex() for one in found.missing))


def _set_aside(place: Path) -> None:
    """Move a damaged file away: nothing is deleted.

    Raises:
        CannotWrite: the disk says no.
    """
    if place.exists():
        number = len(list(place.parent.glob(f"{_DAMAGED}*"))) + 1
        write_file(place.with_name(f"{_DAMAGED}-{number}"), read_file(place))
        place.unlink()


def _add_kit(app: typer.Typer) -> None:
    @command(app, "restore-shares")
    def restore_shares(session: Session, shares_fd: SharesOption = None) -> None:
        """Let this home know your guardians' shares again, after the words."""
        patient = sit(session)
        found = patient.restore_shares(ask_shares(shares_fd))
        _report(session, found, "The guardians' shares guard these records.")


def _report(session: Session, records: list[bytes], text: str) -> None:
    session.out.answer({"records": records}, text, *(one.hex() for one in records))
