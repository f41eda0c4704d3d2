"""`careledger ledger backup|restore|forget-…`: keeping a ledger safe."""

import os
from pathlib import Path
from typing import Annotated, Final

import apsw
import typer

from careledger.cli.commands import command
from careledger.cli.ledgers import setup_for
from careledger.cli.output import table
from careledger.cli.parsing import check_free
from careledger.cli.problems import NoNodeHere
from careledger.cli.session import Session
from careledger.cli.verifying import is_signed_known, shown, standing, warnings
from careledger.client import seen
from careledger.client.home import Home
from careledger.client.problems import CannotWrite
from careledger.engines.backup import back_up, restore
from careledger.engines.forgetting import forget_signed

_FORGOTTEN: Final = (
    "What this node has signed before is not known. From now on this ledger counts as"
    " signed: no older one is opened here. Tell whoever has proofs of this node."
)

_UNSEEN: Final = (
    "Forgotten: the log that the node shows next is believed to be the right one. Now"
    " look what of yours is missing in it."
)


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    _add_copies(app)
    _add_going_on(app)


def _add_copies(app: typer.Typer) -> None:
    @command(app, "backup")
    def backup(
        session: Session,
        file: Annotated[Path, typer.Argument(help="Where to put the copy.")],
    ) -> None:
        """Copy the ledger as it is now, while others may be using it."""
        home = session.home()
        check_free(file)
        if not os.access(file.parent, os.W_OK | os.X_OK):
            raise CannotWrite(str(file))
        try:
            head = back_up(home.ledger, file)
        except (apsw.FullError, apsw.IOError, OSError) as error:
            raise CannotWrite(str(file)) from error
        facts = {"file": str(file), **standing(head)}
        session.out.answer(facts, "The copy is on disk.", *table(shown(facts)))

    @command(app, "restore")
    def put_back(
        session: Session,
        file: Annotated[Path, typer.Argument(help="A copy made by ledger backup.")],
    ) -> None:
        """Put a copy in the place of a lost ledger; never an older one than signed."""
        home = _home_of_node(session)
        try:
            on_wait = setup_for(session).on_wait
            head = restore(file, home.ledger, home.genesis, on_wait)
        except (apsw.FullError, OSError) as error:
            raise CannotWrite(str(home.ledger)) from error
        facts = {**standing(head), "signed_before_is_known": is_signed_known(home)}
        session.out.answer(
            facts,
            "The ledger is restored.",
            *table(shown(facts)),
            *warnings(facts),
            "What came after the copy is not in it. Now run: careledger ledger verify",
        )


def _add_going_on(app: typer.Typer) -> None:
    @command(app, "forget-signed")
    def forget(session: Session) -> None:
        """Go on without ledger.db.signed, after it was lost for good."""
        home = _home_of_node(session)
        head = forget_signed(home.ledger, setup_for(session).on_wait)
        facts = standing(head)
        session.out.answer(facts, _FORGOTTEN, *table(shown(facts)))

    @command(app, "forget-seen")
    def forget_seen(session: Session) -> None:
        """Go on with a node whose ledger was restored from an older backup.

        In the home of a person: it remembers the last checkpoint that it has checked,
        and refuses a node that shows an older or another log.
        """
        seen.forget(session.home().path / seen.SEEN)
        session.out.answer({}, _UNSEEN)


def _home_of_node(session: Session) -> Home:
    home = session.home()
    if not home.config.keys.node:
        raise NoNodeHere(str(home.path))
    return home
