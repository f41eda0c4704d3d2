"""Transcripts: from a new network to a proof, command by command."""

import sqlite3
import stat
import time
from pathlib import Path

import pytest

from careledger.cli.parsing import moment
from careledger.client.home import find_home
from tests.cli.terminal import Terminal

KEY = "ab" * 32


def applied(terminal: Terminal, kind: str = "insurer", entity: str = "E-9") -> Terminal:
    """Let an organisation apply from its own home; return its terminal."""
    home = terminal.home.parent / kind
    other = terminal.at(home)
    other.ok(
        "governance", "apply", str(terminal.home / "genesis"), str(home) + ".application",
        "--organisation", f"Blue {kind}", "--entity", entity, "--kind", kind,
    )  # fmt: skip
    return other


def file_of(other: Terminal) -> str:
    return str(other.home) + ".application"


def purse_of(terminal: Terminal) -> str:
    return find_home(terminal.home).config.keys.purse


def test_a_new_network_is_private_and_says_that_it_is_simulated(
    terminal: Terminal,
) -> None:
    facts = terminal.ok("node", "status")
    assert facts["network"] == "simulated/test.example"
    assert facts["simulated"] is True
    assert (facts["height"], facts["governors"]) == (0, "2 of 2")
    assert stat.S_IMODE(terminal.home.stat().st_mode) == 0o700
    for file in terminal.home.iterdir():
        assert stat.S_IMODE(file.stat().st_mode) == 0o600, file


@pytest.mark.parametrize(
    "words",
    [
        ("node", "status"),
        ("ledger", "inspect"),
        ("ledger", "inspect", "0"),
        ("coin", "balance"),
        (),
    ],
)
def test_every_output_of_a_simulated_network_says_so(
    terminal: Terminal, words: tuple[str, ...]
) -> None:
    assert "simulated network" in terminal.run(*words).out
    assert terminal.ok(*words)["simulated"] is True


def test_an_error_in_a_simulated_network_says_so(terminal: Terminal) -> None:
    done = terminal.fails("void.nobody-known", "coin", "transfer", KEY, "1")
    assert "simulated network" in done.err
    assert done.facts["simulated"] is True


def test_real_networks_do_not_call_themselves_simulated(empty: Terminal) -> None:
    facts = empty.ok(
        "network", "init", "real.example", "--organisation", "H", "--entity", "E"
    )
    assert facts["network"] == "real.example"
    assert "simulated" not in facts
    assert "simulated" not in empty.run("node", "status").out


def test_admission_suspension_and_expulsion(terminal: Terminal) -> None:
    insurer = applied(terminal)
    admitted = terminal.ok("governance", "admit", file_of(insurer))
    name = admitted["organisation"]
    assert (admitted["code"], admitted["name"]) == ("ok", "Blue insurer")
    terminal.fails(
        "governance.already-admitted", "governance", "admit", file_of(insurer)
    )
    terminal.fails("governance.wrong-status", "governance", "reinstate", name)
    assert terminal.ok("governance", "suspend", name)["status"] == "suspended"
    assert terminal.ok("governance", "reinstate", name)["status"] == "active"
    assert terminal.ok("governance", "expel", name)["status"] == "expelled"
    terminal.fails("governance.wrong-status", "governance", "reinstate", name)
    terminal.fails("governance.not-admitted", "governance", "suspend", KEY)
    terminal.fails("client.not-a-key", "governance", "suspend", "Blue insurer")


def test_minting_and_paying(terminal: Terminal) -> None:
    purse = purse_of(terminal)
    terminal.fails("void.nobody-known", "coin", "transfer", KEY, "1")
    terminal.ok("governance", "mint", purse, "1000")
    paid = terminal.ok("coin", "transfer", KEY, "30")
    assert (paid["code"], paid["balance"]) == ("ok", 970)
    assert terminal.ok("coin", "balance")["balance"] == 970
    assert terminal.ok("coin", "balance", KEY)["balance"] == 30
    assert terminal.ok("node", "status")["supply"] == 1000
    terminal.fails("coin.insufficient-funds", "coin", "transfer", KEY, "971")
    terminal.fails("coin.same-purse", "coin", "transfer", purse, "1")


def test_a_decision_travels_between_the_governors_homes(empty: Terminal) -> None:
    folder = empty.home.parent
    governor, founder = empty.at(folder / "governor"), empty.at(folder / "founder")
    key = governor.ok("governance", "new-key")["governor"]
    founder.ok(
        "network", "init", "two.example", "--organisation", "H", "--entity", "E",
        "--governor", key, "--threshold", "2",
    )  # fmt: skip
    mint = ("governance", "mint", KEY, "5")
    founder.fails("cli.draft-needed", *mint)
    draft = str(folder / "draft")
    assert founder.ok(*mint, "--draft", draft)["missing"] == [key]
    founder.fails("cli.file-exists", *mint, "--draft", draft)
    missing = founder.fails("client.signatures-missing", "governance", "submit", draft)
    assert missing.facts["error"]["detail"] == "1 of 2"
    sign = ("governance", "sign", draft)
    governor.fails("home.no-genesis", *sign)
    done = governor.run(*sign, "--genesis", str(founder.home / "genesis"))
    assert done.code == 0
    assert "governance.mint" in done.err
    assert founder.ok("governance", "submit", draft)["code"] == "ok"
    assert founder.ok("coin", "balance", KEY)["balance"] == 5
    founder.fails("governance.no-quorum", *mint, "--draft", draft + "2", "--with", KEY)


def test_who_governs_nothing_can_still_draft(empty: Terminal) -> None:
    folder = empty.home.parent
    governor, founder = empty.at(folder / "governor"), empty.at(folder / "founder")
    key = governor.ok("governance", "new-key")["governor"]
    words = ("network", "init", "x.example", "--organisation", "H", "--entity", "E")
    founder.ok(*words, "--governor", key, "--own-governors", "0")
    draft = str(folder / "draft")
    drafted = founder.ok("governance", "mint", KEY, "5", "--draft", draft)
    assert drafted["missing"] == [key]
    founder.fails("home.no-such-key", "governance", "sign", draft)
    governor.ok("governance", "sign", draft, "--genesis", str(founder.home / "genesis"))
    assert founder.ok("governance", "submit", draft)["code"] == "ok"


def test_a_stranger_cannot_sign_a_draft(terminal: Terminal) -> None:
    stranger = terminal.at(terminal.home.parent / "stranger")
    stranger.ok("governance", "new-key")
    draft = str(terminal.home.parent / "draft")
    terminal.ok("governance", "mint", KEY, "5", "--draft", draft)
    genesis = str(terminal.home / "genesis")
    sign = ("governance", "sign", draft, "--genesis", genesis)
    stranger.fails("client.not-your-draft", *sign)
    applicant = applied(terminal)
    applicant.fails("home.no-such-key", "governance", "sign", draft)


def test_a_home_belongs_to_one_network(terminal: Terminal) -> None:
    other = terminal.at(terminal.home.parent / "other")
    other.ok("network", "init", "other.example", "--organisation", "O", "--entity", "E")
    draft, insurer = str(other.home.parent / "draft"), applied(terminal)
    other.ok("governance", "mint", KEY, "1", "--draft", draft)
    terminal.fails("home.other-network", "governance", "sign", draft)
    words = ("governance", "sign", draft, "--genesis", str(other.home / "genesis"))
    terminal.fails("home.other-network", *words)
    other.fails("governance.bad-application", "governance", "admit", file_of(insurer))


def test_a_ledger_of_another_network_is_not_taken_for_the_homes(
    terminal: Terminal,
) -> None:
    other = terminal.at(terminal.home.parent / "other")
    other.ok("network", "init", "other.example", "--organisation", "O", "--entity", "E")
    settings = terminal.home / "careledger.toml"
    ledger = other.home / "ledger.db"
    settings.write_text(f'ledger = "{ledger}"\n{settings.read_text()}')
    for words in (("node", "status"), ("governance", "mint", KEY, "1")):
        error = terminal.fails("home.other-network", *words).facts["error"]
        assert error["detail"] == f"{ledger} and {terminal.home / 'genesis'}"


@pytest.mark.parametrize("flipped", [b"", b"test.example"])
def test_a_damaged_start_of_a_ledger_is_not_taken_for_another_network(
    terminal: Terminal, flipped: bytes
) -> None:
    genesis = bytearray((terminal.home / "genesis").read_bytes())
    genesis[genesis.index(flipped)] ^= 1
    with sqlite3.connect(terminal.home / "ledger.db") as ledger:
        sql = "UPDATE fact SET value=? WHERE name='genesis'"
        ledger.execute(sql, (bytes(genesis),))
    ledger.close()
    for words in (("node", "status"), ("coin", "balance")):
        error = terminal.fails("engine.damaged", *words).facts["error"]
        assert error["detail"] == "fact genesis"
    terminal.fails("engine.damaged", "ledger", "verify")


def test_inspecting_blocks_and_transactions(terminal: Terminal) -> None:
    for amount in range(1, 5):
        last = terminal.ok("governance", "mint", KEY, str(amount))
    found = terminal.ok("ledger", "inspect", last["transaction"])
    assert found["actions"][0]["kind"] == "governance.mint"
    assert found["actions"][0]["amount"] == 4
    for height in range(5):
        assert terminal.ok("ledger", "inspect", str(height))["height"] == height
    assert terminal.ok("ledger", "inspect", "4")["transactions"] == [
        last["transaction"]
    ]
    heights = [block["height"] for block in terminal.ok("ledger", "inspect")["blocks"]]
    assert heights == [4, 3, 2, 1, 0]
    terminal.fails("cli.not-found", "ledger", "inspect", "5")
    terminal.fails("cli.not-found", "ledger", "inspect", KEY)
    terminal.fails("client.not-a-key", "ledger", "inspect", "abc")


def test_a_proof_is_checked_without_the_ledger(terminal: Terminal) -> None:
    purse = purse_of(terminal)
    minted = terminal.ok("governance", "mint", purse, "7")["transaction"]
    folder = terminal.home.parent
    proof, state = str(folder / "t.tlog-proof"), str(folder / "s.tlog-proof")
    made = terminal.ok("proof", "make", proof, "--transaction", minted)
    assert made["proves"] == "transaction"
    terminal.fails("cli.file-exists", "proof", "make", proof, "--transaction", minted)
    made = terminal.ok("proof", "make", state, "--state", "30" + purse)
    assert made["proves"] == "presence"
    nothing = (
        "proof",
        "make",
        str(folder / "n.tlog-proof"),
        "--state",
        "30" + "ee" * 32,
    )
    assert terminal.ok(*nothing)["proves"] == "absence"
    keys = str(terminal.home / "network.keys")
    stranger = terminal.at(folder / "nowhere")
    said = stranger.ok("proof", "verify", proof, "--keys", keys)
    assert (said["kind"], said["tx_id"], said["simulated"]) == (
        "transaction",
        minted,
        True,
    )
    said = stranger.ok("proof", "verify", state, "--keys", keys)
    assert (said["kind"], said["key"]) == ("state", "30" + purse)
    ends = (said["checkpoint_time"] + said["age"], time.time() * 1000)
    assert abs(ends[0] - ends[1]) < 60_000  # every time is in milliseconds
    spoilt = Path(proof).read_bytes().replace(b"index ", b"index 1")
    Path(proof).write_bytes(spoilt)
    stranger.fails("cli.proof-refused", "proof", "verify", proof, "--keys", keys)
    alone = stranger.fails("home.cannot-read", "proof", "verify", proof)
    assert "--keys FILE" in alone.facts["error"]["to_do"]
    Path(state + ".none").write_text("# nobody\n")
    nobody = ("proof", "verify", state, "--keys", state + ".none")
    assert "no key of the log" in stranger.fails("home.half-written", *nobody).err
    Path(proof).write_bytes(bytes(2**20 + 1))
    stranger.fails("home.cannot-read", "proof", "verify", proof, "--keys", keys)
    Path(state + ".keys").write_text("log nonsense\n")
    bad = ("proof", "verify", state, "--keys", state + ".keys")
    assert "line 1" in stranger.fails("home.half-written", *bad).err


def test_the_first_line_says_what_is_proven(terminal: Terminal) -> None:
    """Who reads no further must not take an absence or a refusal for a payment."""
    purse, folder = purse_of(terminal), terminal.home.parent
    paid = terminal.ok("governance", "mint", purse, "7")["transaction"]
    code = "coin.insufficient-funds"
    detail = terminal.fails(code, "coin", "transfer", KEY, "8").facts["error"]["detail"]
    refused = detail.removeprefix("transaction ")
    keys = str(terminal.home / "network.keys")
    now = terminal.ok("node", "status")
    block = f"at block {now['height']}, {moment(now['time'])}"
    facts = {
        f"nothing was at this key {block}": ("absence", "--state", "30" + "ee" * 32),
        f"this key held the value below {block}": ("presence", "--state", "30" + purse),
        f"the transaction was refused ({code})": (
            "refused transaction",
            "--transaction",
            refused,
        ),
        "the transaction was carried out": ("transaction", "--transaction", paid),
    }
    for number, (said, (proves, *what)) in enumerate(facts.items()):
        proof = str(folder / f"{number}.tlog-proof")
        assert terminal.ok("proof", "make", proof, *what)["proves"] == proves
        verify = ("proof", "verify", proof, "--keys", keys)
        assert terminal.ok(*verify)["proves"] == proves
        first = terminal.run(*verify).out.splitlines()[0]
        assert first == f"Proven: {said}; this is the operator's word."


def test_what_cannot_be_proven(terminal: Terminal) -> None:
    file = str(terminal.home.parent / "p")
    terminal.fails("cli.not-found", "proof", "make", file, "--transaction", KEY)
    terminal.fails("cli.not-a-state-key", "proof", "make", file, "--state", "xyz")
    long = ("proof", "make", file, "--state", "30" * 1025)
    terminal.fails("cli.not-a-state-key", *long)
    assert terminal.run("proof", "make", file).code == 2
    insurer = applied(terminal)
    insurer.fails("home.no-such-key", "proof", "make", file, "--state", "30")
    assert not Path(file).exists()


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("UPPER", "--organisation", "H", "--entity", "E"), "cli.bad-network-name"),
        (("a.b", "--organisation", "", "--entity", "E"), "cli.usage"),
        (
            ("a.b", "--organisation", "H", "--entity", "E" * 36),
            "client.bad-application",
        ),
        (
            ("a.b", "--organisation", "H", "--entity", "E", "--kind", "bakery"),
            "client.bad-application",
        ),
        (
            ("a.b", "--organisation", "H", "--entity", "E", "--threshold", "2"),
            "governance.bad-governors",
        ),
        (
            ("a.b", "--organisation", "H", "--entity", "E", "--own-governors", "0"),
            "governance.bad-governors",
        ),
        (
            ("a.b", "--organisation", "H", "--entity", "E", "--governor", "abc"),
            "client.not-a-key",
        ),
    ],
)
def test_a_network_that_cannot_be_leaves_nothing_behind(
    empty: Terminal, words: tuple[str, ...], code: str
) -> None:
    empty.fails(code, "network", "init", *words)
    assert not empty.home.exists()


def test_a_home_is_never_made_twice(terminal: Terminal) -> None:
    before = {file.name: file.read_bytes() for file in terminal.home.iterdir()}
    words = ("network", "init", "again.example", "--organisation", "H", "--entity", "E")
    terminal.fails("home.exists", *words)
    terminal.fails("home.exists", "governance", "new-key")
    assert {f.name: f.read_bytes() for f in terminal.home.iterdir()} == before


def test_an_applicant_is_told_its_purse_and_which_kinds_there_are(
    terminal: Terminal,
) -> None:
    insurer = terminal.at(terminal.home.parent / "insurer")
    genesis, file = str(terminal.home / "genesis"), str(terminal.home / "insurer-file")
    words = (
        "governance",
        "apply",
        genesis,
        file,
        "--organisation",
        "N",
        "--entity",
        "E-2",
    )
    wrong = insurer.fails("client.bad-application", *words, "--kind", "insurerr")
    assert "hospital, insurer, registrar" in wrong.facts["error"]["to_do"]
    told = insurer.ok(*words, "--kind", "insurer")
    assert told["purse"] == purse_of(insurer)
