"""Endorsements that lapse, between homes: who goes on, who sleeps, who hears of it."""

import io
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from careledger.cli import main
from careledger.client import rotating
from careledger.client.participant import Participant
from careledger.client.practitioner import Practitioner
from careledger.client.session_problems import KeyMissing
from careledger.errors import CareLedgerError
from careledger.ledger.refusals.referral import WrongEndorsement
from careledger.primitives.hashing import sha256
from careledger.sealing.binding import Binding
from careledger.sealing.history import NewEpoch
from careledger.sealing.hpke import OpeningKey
from careledger.sealing.keyring import AllEpochs
from careledger.sealing.wraps import Holder, Wrap
from tests.cli.houses import Home, House, joined
from tests.cli.terminal import PASSPHRASE
from tests.cli.test_records import FIRST, PATIENT, SECOND

NEARLY = "546"
"""Hours after which every endorsement is near its lapse, and none has lapsed."""

LAPSED = str(546 + 31 * 24)
WHY = ("--purpose", "follow-up")


@dataclass
class Scene:
    """A hospital, two doctors in a patient's record, and an entry of the first."""

    house: House
    ada: Home
    ben: Home
    patient: Home
    record: str
    entry: str
    desk: Path

    def wait(self, hours: str) -> None:
        self.house.end()
        self.house.begin("--hours-ahead", hours)

    def stands(self, who: Home) -> str:
        [found] = who.ok("practitioner", "records")["records"]
        return str(found["state"])

    def seats(self) -> list[tuple[str, bool, bool]]:
        found = self.patient.ok("patient", "who-has-access", self.record)["seats"]
        return [(one["name"], one["active"], one["sleeping"]) for one in found]


@pytest.fixture
def scene(founded: Path, tmp_path: Path) -> Iterator[Scene]:
    house = House(tmp_path / "h")
    shutil.copytree(founded, house.path)
    house.begin()
    names = ("Dr. Ada Lind", "Dr. Ben Holm")
    ada, ben = (joined(house, tmp_path, name) for name in names)
    for name, content in (("p", PATIENT), ("1", FIRST), ("2", SECOND)):
        (tmp_path / name).write_bytes(content)
    patient, paper = Home(tmp_path / "pat"), str(tmp_path / "admission")
    key = patient.ok("patient", "new", "--node", str(house.path))["patient"]
    house.ok("hospital", "admit", key, paper)
    personal = ("--personal", str(tmp_path / "p"))
    record = patient.ok("patient", "register", paper, *personal)["record"]
    for who, name in zip((ada, ben), names, strict=True):
        patient.ok("patient", "invite", record, name)
        who.ok("practitioner", "accept", record)
    file = str(tmp_path / "1")
    [entry] = ada.ok("practitioner", "append", record, file)["entries"]
    yield Scene(house, ada, ben, patient, record, entry, tmp_path)
    house.end()


def noted(home: Home, *words: str) -> str:
    """Return what a command, which must succeed, told a person on the way."""
    code, out, err = home.run(*words)
    assert code == 0, (out, err)
    return err


def failing(kind: type[CareLedgerError]) -> Callable[..., None]:
    """Return what takes the place of a method that must fail."""

    def fail(*_: object) -> None:
        raise kind

    return fail


def shown(home: Home, *words: str) -> str:
    """Return what a command answers to people."""
    read, write = os.pipe()
    os.write(write, PASSPHRASE.encode() + b"\n")
    os.close(write)
    given = [*words, "--home", str(home.path), "--passphrase-fd", str(read)]
    with redirect_stdout(io.StringIO()) as said, redirect_stderr(io.StringIO()):
        assert main(given) == 0
    os.close(read)
    return said.getvalue()


def test_who_uses_a_record_renews_in_time_and_a_leaver_is_told(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = scene.record
    look = ("practitioner", "entries", record)
    assert "renewed" not in noted(scene.ada, *look)
    member = scene.house.ok("registrar", "endorse", str(scene.desk / "Holm.request"))
    scene.house.ok("registrar", "dismiss", member["practitioner"])
    scene.wait(NEARLY)
    with monkeypatch.context() as patched:
        patched.setattr(Practitioner, "renew", failing(WrongEndorsement))
        told = noted(scene.ada, *look)  # goes on with what still is good
        assert "not renewed: error[referral.wrong-endorsement]" in told
    assert "Your endorsement was renewed" in noted(scene.ada, *look)
    assert "renewed" not in noted(scene.ada, *look)
    told = noted(scene.ben, *look)  # good for some days yet, so it still answers
    assert "no longer vouches for you" in told
    assert "sleeps from" in told
    renew = ("practitioner", "renew")
    assert scene.ben.fails(*renew, record) == "client.not-vouched-for"
    assert scene.ben.fails(*renew) == "client.not-vouched-for"
    assert scene.stands(scene.ben) == "active"

    scene.wait(LAPSED)
    assert scene.stands(scene.ben) == "sleeping"
    for words in (look, ("practitioner", "read", record, scene.entry, *WHY)):
        assert scene.ben.fails(*words) == "client.not-vouched-for"
    assert scene.seats()[2] == ("Dr. Ben Holm", False, True)
    scene.house.ok("registrar", "endorse", str(scene.desk / "Holm.request"))
    assert "Your endorsement was renewed" in noted(scene.ben, *look)
    assert scene.seats()[2] == ("Dr. Ben Holm", True, False)


def test_who_was_away_for_a_month_reads_and_appends(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    record, ada, patient = scene.record, scene.ada, scene.patient
    file = str(scene.desk / "2")
    scene.wait(LAPSED)
    assert scene.seats()[1] == ("Dr. Ada Lind", False, True)
    listed = shown(patient, "patient", "who-has-access", record)
    assert "Dr. Ada Lind  sleeping, endorsed until " in listed
    assert "sleeping, endorsed until " in shown(ada, "practitioner", "records")
    [new] = patient.ok("patient", "append", record, file)["entries"]  # and rotates

    told = noted(ada, "practitioner", "read", record, scene.entry, *WHY)
    assert "Your endorsement was renewed" in told
    assert "changed while your part slept" in told
    read = ("practitioner", "read", record, new, *WHY)
    assert ada.fails(*read) == "sealing.not-held"
    append = ("practitioner", "append", record, file)
    assert ada.fails(*append) == "client.no-current-key"
    with monkeypatch.context() as patched:
        patched.setattr(Participant, "give_missed", failing(KeyMissing))
        told = noted(patient, "patient", "entries", record)
        assert "could not be given: error[client.key-missing]" in told
    told = noted(patient, "patient", "entries", record)
    assert "Gave 1 participant the keys" in told
    assert "Gave" not in noted(patient, "patient", "entries", record)
    assert ada.ok(*read)["content"].encode() == SECOND
    assert len(ada.ok(*append)["entries"]) == 1
    assert scene.seats()[1] == ("Dr. Ada Lind", True, False)
    events = patient.ok("patient", "history", record)["events"]
    acts = [act for event in events for act in event["actions"]]
    assert acts.count("referral.renew") == 1
    assert acts.count("records.rewrap") == 2  # the first one opened the record


def test_who_cannot_open_its_keys_says_so_and_gets_them_again(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    record, ada, patient = scene.record, scene.ada, scene.patient
    honest = rotating.wrap_for_all

    def careless(
        ring: AllEpochs,
        binding: Binding,
        sender: bytes,
        holders: tuple[Holder, ...],
        recovery: Holder,
    ) -> tuple[Wrap, ...]:
        owner, *others = holders
        wrong = OpeningKey(sha256(b"wrong")).public
        spoilt = [Holder(one.handle, wrong, one.reach) for one in others]
        return honest(ring, binding, sender, (owner, *spoilt), recovery)

    with monkeypatch.context() as patched:
        patched.setattr(rotating, "wrap_for_all", careless)
        patient.ok("patient", "revoke", record, "2")
    look = ("practitioner", "entries", record)
    with monkeypatch.context() as patched:
        patched.setattr(Participant, "report_unopened", failing(WrongEndorsement))
        assert "were not mended or reported: error[" in noted(ada, *look)
    assert "said on the ledger" in noted(ada, *look)
    assert "said on the ledger" not in noted(ada, *look)
    append = ("practitioner", "append", record, str(scene.desk / "2"))
    assert ada.fails(*append) == "client.wrap-does-not-open"
    assert "Gave 1 participant the keys" in noted(patient, "patient", "entries", record)
    assert len(ada.ok(*append)["entries"]) == 1


def test_keys_that_do_not_lead_back_are_mended_by_the_next_command(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    record, ada, patient = scene.record, scene.ada, scene.patient
    honest = rotating.next_epoch

    def rubbish(*given: Any) -> NewEpoch:
        new = honest(*given)
        return NewEpoch(new.ring, b"?" * len(new.history))

    with monkeypatch.context() as patched:
        patched.setattr(rotating, "next_epoch", rubbish)
        patient.ok("patient", "revoke", record, "2")
    look = ("practitioner", "entries", record)
    assert "new ones were made" in noted(ada, *look)
    assert "new ones were made" not in noted(ada, *look)
    events = patient.ok("patient", "history", record)["events"]
    assert events[-1]["actions"] == ["records.cannot-open", "records.rotate"]
    patient.ok("patient", "invite", record, "Dr. Ben Holm")
    scene.ben.ok("practitioner", "accept", record)
    read = ("practitioner", "read", record, scene.entry, *WHY)
    assert scene.ben.ok(*read)["content"].encode() == FIRST


def test_endorsements_are_renewed_on_purpose(scene: Scene) -> None:
    record, ada, ben, patient = scene.record, scene.ada, scene.ben, scene.patient
    renew = ("practitioner", "renew")
    scene.wait(LAPSED)
    [found] = ada.ok(*renew)["records"]
    assert (found["record"], found["state"]) == (record, "active")
    [listed] = ada.ok("practitioner", "records")["records"]
    assert listed["lapses"] == found["lapses"] > 0
    assert "active, lapses on " in shown(ada, *renew, record[:8])
    assert (
        patient.ok("patient", "who-has-access", record)["seats"][1]["lapses"]
        == (found["lapses"])
    )
    assert ben.ok(*renew, record)["records"][0]["state"] == "active"
    patient.ok("patient", "revoke", record, "1")
    assert ada.fails(*renew, record) == "cli.part-ended"
    assert ada.ok(*renew)["records"][0]["state"] == "ended"
    assert scene.stands(ada) == "ended"
    stranger = joined(scene.house, scene.desk, "Dr. Eve Rask")
    assert stranger.fails(*renew, record) == "client.not-in-this-home"
    assert shown(stranger, *renew).startswith("No record yet.")
    assert shown(stranger, "practitioner", "records").startswith("No record yet.")
    scene.house.end()
    [unknown] = ada.ok("practitioner", "records")["records"]
    assert (unknown["state"], unknown["reason"]) == ("unknown", "cli.node-not-serving")
    told = shown(ada, "practitioner", "records")
    assert "not known now: the node is not serving" in told
    assert "unknown" not in told
    scene.house.begin("--hours-ahead", LAPSED)
