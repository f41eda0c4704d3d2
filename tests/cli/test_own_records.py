"""What is said of the home's own records: each mistake in words of its own."""

import json

import pytest

from tests.cli.houses import Home
from tests.cli.practice import Practice, condition


@pytest.fixture(scope="module")
def left(practice: Practice) -> tuple[Practice, Home, str, str]:
    """A record that its practitioner has left, and a file that could go into it."""
    patient, record = practice.patient()
    patient.apart = False
    file = practice.file("left.json", json.dumps(condition()).encode())
    practice.ada.ok("practitioner", "leave", record)
    return practice, patient, record, file


def test_who_has_left_is_told_so_by_every_command(
    left: tuple[Practice, Home, str, str],
) -> None:
    practice, _, record, file = left
    for words in (
        ("leave", record),
        ("append", record, file),
        ("entries", record),
        ("read", record, "ab" * 16, "--purpose", "x"),
        ("import", file, "--record", record),
        ("refer", record, "Dr. Ada Lind"),
    ):
        assert practice.ada.fails("practitioner", *words) == "cli.part-ended", words


def test_whose_seat_cannot_be_revoked(left: tuple[Practice, Home, str, str]) -> None:
    _, patient, record, _ = left
    revoke = ("patient", "revoke", record)
    assert patient.fails(*revoke, "99") == "cli.no-such-seat"
    assert patient.fails(*revoke, "1") == "cli.seat-ended"
    assert patient.fails(*revoke, "0") == "cli.own-seat"


@pytest.mark.parametrize("words", [("entries",), ("revoke", "1"), ("append", "FILE")])
def test_a_label_is_not_an_unknown_record(
    words: tuple[str, ...], left: tuple[Practice, Home, str, str]
) -> None:
    _, patient, record, file = left
    verb, *rest = [file if one == "FILE" else one for one in words]
    code, out, _ = patient.run("patient", verb, "primary care", *rest)
    error = json.loads(out)["error"]
    assert (code, error["code"]) == (1, "cli.label-given")
    assert record.startswith(error["detail"])
    assert patient.fails("patient", verb, "ffff", *rest) == "client.not-in-this-home"
    unknown = patient.fails("patient", verb, "secondary care", *rest)
    assert unknown == "client.not-in-this-home"


def test_an_invitation_that_is_not_open(left: tuple[Practice, Home, str, str]) -> None:
    practice, patient, record, _ = left
    for verb in ("withdraw", "approve"):
        said = patient.fails("patient", verb, record, "abcd")
        assert said == "cli.no-invitation"
    assert practice.ada.fails("practitioner", "accept", "ffff") == "cli.no-invitation"
    name = ("--name", "Eva Berg")
    assert patient.fails("patient", "accept", "ffff", *name) == "cli.no-invitation"
