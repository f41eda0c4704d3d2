"""`careledger ledger verify|audit|backup|restore|forget-signed`: keeping it safe."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Final

import apsw
import typer

from careledger.cli.commands import command
from careledger.cli.ledgers import setup_for
from careledger.cli.output import table
from careledger.cli.parsing import check_free, counted, moment
from careledger.cli.problems import BrokenPromise, NoNodeHere
from careledger.cli.session import Session
from careledger.client.home import Home
from careledger.client.problems import CannotWrite
from careledger.engines.backup import back_up, restore
from careledger.engines.forgetting import forget_signed
from careledger.engines.head import Head
from careledger.engines.lock import FileLock
from careledger.engines.opening import open_store
from careledger.engines.signed import last_signed
from careledger.engines.store import Store
from careledger.engines.verify import verify_ledger
from careledger.ledger.bucket import entries_of
from careledger.ledger.invariants import violations

_UNSIGNED: Final = (
    "WARNING: ledger.db.signed is not here, so nobody knows what this node has signed"
    " before. If it has ever signed (a proof, a checkpoint), what came after this copy"
    " makes a second history of it. Until the file is back, or given up by"
    " careledger ledger forget-signed, this ledger is checked and copied, and not used."
)
_FORGOTTEN: Final = (
    "What this node has signed before is not known. From now on this ledger counts as"
    " signed: no older one is opened here. Tell whoever has proofs of this node."
)


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    _add_checks(app)
    _add_copies(app)
    _add_going_on(app)


def _add_checks(app: typer.Typer) -> None:
    @command(app, "verify")
    def verify(session: Session) -> None:
        """Check every signature, hash, verdict and row of the ledger from genesis."""
        home = session.home()
        with session.out.progress("verifying") as step:
            done = verify_ledger(home.ledger, step, setup_for(session).on_wait)
        facts = {
            **_facts(done.head),
            "transactions": done.transactions,
            "bodies": done.bodies,
            "signed_before_is_known": _is_signed_known(home),
        }
        session.out.answer(
            facts,
            f"Checked from genesis: {counted(done.transactions, 'transaction')}.",
            *table(_shown(facts)),
            *_warnings(facts),
        )

    @command(app, "audit")
    def audit(session: Session) -> None:
        """Check that the state keeps its promises, such as coin = supply."""
        home = session.home()
        lock = FileLock(home.ledger, setup_for(session).on_wait)
        try:
            store = open_store(home.ledger)
            entries = list(state_entries(store))
            head = store.head
            store.close()
        finally:
            lock.release()
        broken = violations(entries)
        if broken:
            for one in broken:
                session.out.note(one)
            raise BrokenPromise("; ".join(broken))
        facts = {
            "height": head.height,
            "time": head.time,
            "entries": len(entries),
            "violations": 0,
        }
        session.out.answer(facts, "The state keeps its promises.", *table(facts))


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
        facts = {"file": str(file), **_facts(head)}
        session.out.answer(facts, "The copy is on disk.", *table(_shown(facts)))

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
        facts = {**_facts(head), "signed_before_is_known": _is_signed_known(home)}
        session.out.answer(
            facts,
            "The ledger is restored.",
            *table(_shown(facts)),
            *_warnings(facts),
            "What came after the copy is not in it. Now run: careledger ledger verify",
        )


def _add_going_on(app: typer.Typer) -> None:
    @command(app, "forget-signed")
    def forget(session: Session) -> None:
        """Go on without ledger.db.signed, after it was lost for good."""
        home = _home_of_node(session)
        head = forget_signed(home.ledger, setup_for(session).on_wait)
        facts = _facts(head)
        session.out.answer(facts, _FORGOTTEN, *table(_shown(facts)))


def _home_of_node(session: Session) -> Home:
    home = session.home()
    if not home.config.keys.node:
        raise NoNodeHere(str(home.path))
    return home


def _is_signed_known(home: Home) -> bool:
    return last_signed(home.ledger) is not None


def _warnings(facts: dict[str, object]) -> list[str]:
    return [] if facts["signed_before_is_known"] else [_UNSIGNED]


def state_entries(store: Store) -> Iterator[tuple[bytes, bytes]]:
    """Yield every key and value of the state, bucket by bucket.

    Raises:
        LedgerDamaged: a bucket is not what the tree says.
    """
    for bucket in store.buckets.checked():
        for key, _, value in entries_of(bucket):
            yield key, value


def _shown(facts: dict[str, object]) -> dict[str, object]:
    """Return the facts for people, without what is said in other words."""
    hidden = ("time", "signed_before_is_known")
    return {name: value for name, value in facts.items() if name not in hidden}


def _facts(head: Head) -> dict[str, object]:
    return {
        "height": head.height,
        "time": head.time,
        "moment": moment(head.time),
        "leaves": head.size,
        "log_root": head.log_root,
    }
