"""Lists of invitations say when each was made, and have open ones only."""

import re

import pytest

from tests.cli.houses import Home
from tests.cli.practice import Practice
from tests.cli.terminal import Terminal
from tests.cli.test_times import ISO


def last_act(patient: Home, record: str) -> int:
    """Return when the record's last transaction was, as its owner sees it proven."""
    time = patient.ok("patient", "history", record)["events"][-1]["time"]
    assert isinstance(time, int)
    return time


def test_an_invitation_shows_when_it_was_made(practice: Practice) -> None:
    patient, record = practice.patient()
    practice.ada.ok("practitioner", "leave", record)
    patient.ok("patient", "invite", record, "Dr. Ada Lind", "--note", "again")
    made = last_act(patient, record)
    [waiting] = patient.ok("patient", "waiting", record)["invitations"]
    [came] = practice.ada.ok("practitioner", "inbox")["invitations"]
    assert waiting["time"] == came["time"] == made
    assert (came["from"], came["note"]) == ("", "again")
    practice.ada.ok("practitioner", "accept", record)
    assert practice.ada.ok("practitioner", "inbox")["invitations"] == []


def test_the_newest_of_two_invitations_comes_last(practice: Practice) -> None:
    patient, record = practice.patient()
    proxy, file = Home(practice.folder / "proxy"), str(practice.folder / "address")
    proxy.ok("patient", "new", "--node", str(practice.hospital.path))
    proxy.ok("patient", "address", file)
    for note in ("one", "two"):
        patient.ok("patient", "appoint-proxy", record, file, "--note", note)
    found = proxy.ok("patient", "inbox")["invitations"]
    assert [one["note"] for one in found] == ["one", "two"]
    assert found[0]["time"] < found[1]["time"] == last_act(patient, record)
    first = patient.ok("patient", "waiting", record)["invitations"][0]
    patient.ok("patient", "withdraw", record, first["invitation"])
    assert len(proxy.ok("patient", "inbox")["invitations"]) == 1


def test_people_see_the_time_in_words(
    practice: Practice, capsys: pytest.CaptureFixture[str]
) -> None:
    patient, record = practice.patient()
    invited = patient.ok("patient", "invite", record, "Dr. Ada Lind")["invitation"]
    said = Terminal(practice.ada.path, capsys).run("practitioner", "inbox").out
    assert re.search(rf"^{record}  {ISO}  from the patient", said, re.MULTILINE)
    said = Terminal(patient.path, capsys).run("patient", "waiting", record).out
    assert re.search(rf"  {ISO}  practitioner, from seat 0", said)
    patient.ok("patient", "withdraw", record, invited)


def test_people_see_who_sits_twice(
    practice: Practice, capsys: pytest.CaptureFixture[str]
) -> None:
    patient, record = practice.patient()
    practice.ada.ok("practitioner", "leave", record)
    patient.ok("patient", "invite", record, "Dr. Ada Lind")
    practice.ada.ok("practitioner", "accept", record)
    said = Terminal(patient.path, capsys).run("patient", "who-has-access", record).out
    assert re.search(r"^2 .*  same person as seat 1$", said, re.MULTILINE)
