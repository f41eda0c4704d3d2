"""Verify, audit, backup and restore, as an operator drills them."""

import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import apsw
import pytest

from careledger.engines.row_files import HEAD, MARKER
from careledger.ledger.state import Table
from careledger.primitives.encoding import UInt
from tests.cli.terminal import Terminal

KEY = "ab" * 32


def minted(terminal: Terminal, amount: int = 5) -> str:
    return str(terminal.ok("governance", "mint", KEY, str(amount))["transaction"])


def lose(terminal: Terminal) -> None:
    """Lose the ledger as a broken disk would: all of it."""
    for file in terminal.home.glob("ledger.db*"):
        if not file.name.endswith(".signed"):
            file.unlink()


def prove(terminal: Terminal, transaction: str) -> None:
    file = str(terminal.home.parent / f"{transaction}.tlog-proof")
    terminal.ok("proof", "make", file, "--transaction", transaction)


def test_a_whole_ledger_is_verified_and_keeps_its_promises(terminal: Terminal) -> None:
    minted(terminal)
    verified = terminal.ok("ledger", "verify")
    assert (verified["height"], verified["transactions"]) == (1, 1)
    audited = terminal.ok("ledger", "audit")
    assert (audited["height"], audited["violations"]) == (1, 0)
    assert audited["entries"] > 5


def test_a_flipped_byte_is_found_and_its_place_named(terminal: Terminal) -> None:
    minted(terminal)
    ledger = terminal.home / "ledger.db"
    content = bytearray(ledger.read_bytes())
    content[content.index(b"governance.mint")] ^= 1
    ledger.write_bytes(content)
    error = terminal.fails("engine.damaged", "ledger", "verify").facts["error"]
    assert error["detail"] == "log leaf 1"


def test_a_damaged_copy_is_found_and_no_good_ledger_is_touched(
    terminal: Terminal,
) -> None:
    minted(terminal)
    copy = terminal.home.parent / "copy"
    terminal.ok("ledger", "backup", str(copy))
    content = bytearray(copy.read_bytes())
    content[content.index(b"governance.mint")] ^= 1
    copy.write_bytes(content)
    for check in ("verify", "audit"):
        terminal.fails("engine.bad-copy", "ledger", check, str(copy))
        terminal.ok("ledger", check)


def test_an_audit_finds_a_damaged_start(terminal: Terminal) -> None:
    with sqlite3.connect(terminal.home / "ledger.db") as connection:
        connection.execute(
            "UPDATE fact SET value = CAST(value || x'00' AS BLOB) WHERE name = 'genesis'"
        )
    error = terminal.fails("engine.damaged", "ledger", "audit").facts["error"]
    assert "genesis" in error["detail"]


def test_an_audit_names_the_broken_promise(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    more: Table[int] = Table(b"\x31", UInt, 0)

    def forged(_: object) -> Iterator[tuple[bytes, bytes]]:
        yield more.prefix, b"\x07"

    monkeypatch.setattr("careledger.cli.verifying.state_entries", forged)
    done = terminal.fails("cli.audit-failed", "ledger", "audit")
    assert "coin" in done.facts["error"]["detail"]


def test_an_audit_names_a_bucket_that_cannot_be_read(terminal: Terminal) -> None:
    rows = terminal.home / "ledger.db-rows-1"
    content = bytearray(rows.read_bytes())
    count = len(MARKER) + HEAD.size
    content[count : count + 4] = b"\0\0\xff\xff"
    rows.write_bytes(content)
    error = terminal.fails("engine.damaged", "ledger", "audit").facts["error"]
    assert "bucket" in error["detail"]


def test_a_lost_ledger_comes_back_and_goes_on(terminal: Terminal) -> None:
    copy = str(terminal.home.parent / "copy")
    prove(terminal, minted(terminal))
    backed = terminal.ok("ledger", "backup", copy)
    terminal.fails("cli.file-exists", "ledger", "backup", copy)
    terminal.fails("engine.exists", "ledger", "restore", copy)
    lose(terminal)
    terminal.fails("engine.not-found", "node", "status")
    restored = terminal.ok("ledger", "restore", copy)
    assert restored["log_root"] == backed["log_root"]
    assert terminal.ok("ledger", "verify")["log_root"] == backed["log_root"]
    minted(terminal, 6)
    assert terminal.ok("coin", "balance", KEY)["balance"] == 11


def test_nothing_is_restored_where_no_node_is(terminal: Terminal) -> None:
    copy = str(terminal.home.parent / "copy")
    terminal.ok("ledger", "backup", copy)
    guest = terminal.at(terminal.home.parent / "guest")
    words = ("--organisation", "N", "--entity", "E-2", "--kind", "insurer")
    paper = str(terminal.home.parent / "paper")
    genesis = str(terminal.home / "genesis")
    guest.ok("governance", "apply", genesis, paper, *words)
    guest.fails("cli.no-node-here", "ledger", "restore", copy)
    guest.fails("cli.no-node-here", "ledger", "forget-signed")
    assert not (guest.home / "ledger.db").exists()


def test_a_restore_says_whether_it_is_known_what_was_signed(terminal: Terminal) -> None:
    copy = str(terminal.home.parent / "copy")
    prove(terminal, minted(terminal))
    terminal.ok("ledger", "backup", copy)
    lose(terminal)
    assert "WARNING" not in terminal.run("ledger", "restore", copy).out
    lose(terminal)
    signed = terminal.home / "ledger.db.signed"
    signed.unlink()
    said = terminal.run("ledger", "restore", copy).out
    assert "WARNING: ledger.db.signed is not here" in said
    lose(terminal)
    facts = terminal.ok("ledger", "restore", copy)
    assert facts["signed_before_is_known"] is False


def test_a_ledger_whose_note_of_what_was_signed_is_lost_is_given_up_on_purpose(
    terminal: Terminal,
) -> None:
    prove(terminal, minted(terminal))
    terminal.fails("engine.signed-known", "ledger", "forget-signed")
    assert terminal.ok("ledger", "verify")["signed_before_is_known"] is True
    (terminal.home / "ledger.db.signed").unlink()
    refused = terminal.fails("engine.signed-unknown", "node", "status").facts["error"]
    assert "careledger ledger forget-signed" in refused["to_do"]
    assert "WARNING: ledger.db.signed" in terminal.run("ledger", "verify").out
    assert terminal.ok("ledger", "verify")["signed_before_is_known"] is False
    leaves = terminal.ok("ledger", "forget-signed")["leaves"]
    status = terminal.ok("node", "status")
    assert (status["leaves"], status["signed_leaves"]) == (leaves, 0)
    prove(terminal, minted(terminal))
    assert terminal.ok("node", "status")["signed_leaves"] > leaves


def test_a_copy_older_than_what_was_signed_would_fork(terminal: Terminal) -> None:
    copy = str(terminal.home.parent / "copy")
    minted(terminal)
    terminal.ok("ledger", "backup", copy)
    prove(terminal, minted(terminal))
    lose(terminal)
    terminal.fails("engine.forked", "ledger", "restore", copy)
    assert not (terminal.home / "ledger.db").exists()


def test_what_is_no_copy_of_this_network(terminal: Terminal) -> None:
    copy = terminal.home.parent / "copy"
    other = terminal.at(terminal.home.parent / "other")
    other.ok("network", "init", "other.example", "--organisation", "O", "--entity", "E")
    other.ok("ledger", "backup", str(copy))
    lose(terminal)
    terminal.fails("engine.other-network", "ledger", "restore", str(copy))
    copy.write_bytes(b"no ledger")
    terminal.fails("engine.bad-copy", "ledger", "restore", str(copy))
    with sqlite3.connect(copy.with_name("empty")) as empty:
        empty.execute("CREATE TABLE fact(name TEXT, value BLOB)")
    empty.close()
    terminal.fails("engine.bad-copy", "ledger", "restore", str(copy.with_name("empty")))
    terminal.fails("engine.bad-copy", "ledger", "restore", str(copy) + "2")
    assert not (terminal.home / "ledger.db").exists()


def test_a_write_ahead_log_of_the_lost_ledger_is_not_replayed(
    terminal: Terminal,
) -> None:
    copy = str(terminal.home.parent / "copy")
    terminal.ok("ledger", "backup", copy)
    lose(terminal)
    left = terminal.home / "ledger.db-wal"
    left.write_bytes(b"frames")
    terminal.fails("engine.write-ahead-log-left", "ledger", "restore", copy)
    left.write_bytes(b"")
    terminal.ok("ledger", "restore", copy)


def test_nothing_is_written_beside_a_copy(terminal: Terminal) -> None:
    folder = terminal.home.parent / "shelf"
    folder.mkdir()
    terminal.ok("ledger", "backup", str(folder / "copy"))
    lose(terminal)
    before = sorted(Path(folder).iterdir())
    terminal.ok("ledger", "restore", str(folder / "copy"))
    assert sorted(folder.iterdir()) == before
    shutil.rmtree(folder)


@pytest.mark.parametrize("left", [100, 4_096, 5_000])
def test_a_cut_ledger_is_called_damaged_by_every_command(
    terminal: Terminal, left: int
) -> None:
    ledger = terminal.home / "ledger.db"
    whole = ledger.read_bytes()
    lose(terminal)
    ledger.write_bytes(whole[:left])
    error = terminal.fails("engine.damaged", "node", "status").facts["error"]
    assert error["detail"] == str(ledger)
    ledger.write_bytes(b"no ledger" * left)
    terminal.fails("engine.damaged", "node", "status")


def test_a_copy_that_cannot_be_written_is_said(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = terminal.home / "nowhere" / "copy"
    words = ("ledger", "backup", str(file))
    assert terminal.fails("home.cannot-write", *words).facts["error"]["detail"] == str(
        file
    )

    def fill(ledger: Path, target: Path) -> None:
        raise apsw.FullError

    monkeypatch.setattr("careledger.cli.keeping.back_up", fill)
    there = str(terminal.home / "copy")
    terminal.fails("home.cannot-write", "ledger", "backup", there)


def test_progress_leaves_no_trace_in_a_log(terminal: Terminal) -> None:
    done = terminal.run("ledger", "verify")
    assert (done.code, done.err) == (0, "")
