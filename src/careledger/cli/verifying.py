"""`careledger ledger verify|audit`: whether a ledger, or a copy of it, is whole."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Final

import typer

from careledger.cli.commands import command
from careledger.cli.ledgers import check_network, setup_for
from careledger.cli.output import table
from careledger.cli.parsing import counted, moment
from careledger.cli.problems import BrokenPromise
from careledger.cli.session import Session
from careledger.client.home import Home
from careledger.engines.backup import restore
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

CopyArgument = Annotated[
    Path | None,
    typer.Argument(
        help="A copy made by ledger backup, to check instead: a node may serve."
    ),
]


def add_to(app: typer.Typer) -> None:
    """Add the commands."""

    @command(app, "verify")
    def verify(session: Session, copy: CopyArgument = None) -> None:
        """Check every signature, hash, verdict and row of the ledger from genesis."""
        home, on_wait = session.home(), setup_for(session).on_wait
        with _unpacked(home, copy) as path, session.out.progress("verifying") as step:
            done = verify_ledger(path, step, on_wait)
        facts = {
            **standing(done.head),
            "transactions": done.transactions,
            "bodies": done.bodies,
            "signed_before_is_known": is_signed_known(home),
        }
        session.out.answer(
            facts,
            f"Checked from genesis: {counted(done.transactions, 'transaction')}.",
            *table(shown(facts)),
            *warnings(facts),
        )

    @command(app, "audit")
    def audit(session: Session, copy: CopyArgument = None) -> None:
        """Check that the state keeps its promises, such as coin = supply."""
        home = session.home()
        with _unpacked(home, copy) as path:
            entries, head = _state_of(session, home, path)
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


@contextmanager
def _unpacked(home: Home, copy: Path | None) -> Iterator[Path]:
    """Give the home's ledger, or for a while the one that a copy is of.

    Raises:
        BadCopy, OtherLedger: as for `restore`.
    """
    if copy is None:
        yield home.ledger
        return
    with TemporaryDirectory() as folder:
        path = Path(folder, home.ledger.name)
        restore(copy, path, home.genesis)
        yield path


def _state_of(
    session: Session, home: Home, path: Path
) -> tuple[list[tuple[bytes, bytes]], Head]:
    lock = FileLock(path, setup_for(session).on_wait)
    try:
        check_network(home, path)
        store = open_store(path)
        try:
            return list(state_entries(store)), store.head
        finally:
            store.close()
    finally:
        lock.release()


def state_entries(store: Store) -> Iterator[tuple[bytes, bytes]]:
    """Yield every key and value of the state, bucket by bucket.

    Raises:
        LedgerDamaged: a bucket is not what the tree says.
    """
    for bucket in store.buckets.checked():
        for key, _, value in entries_of(bucket):
            yield key, value


def is_signed_known(home: Home) -> bool:
    """Tell whether it is known what this home's node has signed last."""
    return last_signed(home.ledger) is not None


def warnings(facts: dict[str, object]) -> list[str]:
    """Return what must be said beside such facts."""
    return [] if facts["signed_before_is_known"] else [_UNSIGNED]


def shown(facts: dict[str, object]) -> dict[str, object]:
    """Return the facts for people, without what is said in other words."""
    hidden = ("time", "signed_before_is_known")
    return {name: value for name, value in facts.items() if name not in hidden}


def standing(head: Head) -> dict[str, object]:
    """Return where a ledger stands, as answers show it."""
    return {
        "height": head.height,
        "time": head.time,
        "moment": moment(head.time),
        "leaves": head.size,
        "log_root": head.log_root,
    }
