"""Whom a registrar has checked, also as version 0.1.0 wrote it down."""

from pathlib import Path

import pytest

from careledger.cli.house.enrolled import Checked, dismiss, enrol, enrolled
from careledger.cli.people_problems import NotEnrolled, OtherNumber
from careledger.client.files import write_message
from careledger.client.problems import HalfWritten

ADA, BEN, TAG = bytes(32), bytes([1]) * 32, bytes([2]) * 32


def test_nobody_is_enrolled_at_first(tmp_path: Path) -> None:
    assert enrolled(tmp_path) == ()


def test_roles_add_up_and_a_tag_stays(tmp_path: Path) -> None:
    enrol(tmp_path, Checked(ADA, ("emergency",), TAG))
    enrol(tmp_path, Checked(BEN, ("insurer",)))
    enrol(tmp_path, Checked(ADA, ("practitioner", "emergency")))
    assert enrolled(tmp_path) == (
        Checked(ADA, ("emergency", "practitioner"), TAG),
        Checked(BEN, ("insurer",)),
    )


def test_another_number_is_taken_only_where_it_was_said(tmp_path: Path) -> None:
    enrol(tmp_path, Checked(ADA, ("emergency",), TAG))
    enrol(tmp_path, Checked(ADA, ("emergency",), TAG))
    with pytest.raises(OtherNumber):
        enrol(tmp_path, Checked(ADA, ("practitioner", "emergency"), BEN))
    assert enrolled(tmp_path) == (Checked(ADA, ("emergency",), TAG),)
    enrol(tmp_path, Checked(ADA, ("emergency",), BEN), replace=True)
    assert enrolled(tmp_path) == (Checked(ADA, ("emergency",), BEN),)


def test_who_was_dismissed_has_no_role_and_keeps_the_tag(tmp_path: Path) -> None:
    enrol(tmp_path, Checked(ADA, ("emergency", "practitioner"), TAG))
    dismiss(tmp_path, ADA)
    assert enrolled(tmp_path) == (Checked(ADA, (), TAG),)
    for nobody in (ADA, BEN):
        with pytest.raises(NotEnrolled):
            dismiss(tmp_path, nobody)
    with pytest.raises(OtherNumber):
        enrol(tmp_path, Checked(ADA, ("emergency",), BEN))
    enrol(tmp_path, Checked(ADA, ("practitioner",)))
    assert enrolled(tmp_path) == (Checked(ADA, ("practitioner",), TAG),)


def test_a_file_of_the_first_version_is_read(tmp_path: Path) -> None:
    write_message(tmp_path / "enrolled", b"careledger/enrolled/v1\n", (ADA, BEN))
    old = tuple(Checked(one, ("practitioner",)) for one in (ADA, BEN))
    assert enrolled(tmp_path) == old
    enrol(tmp_path, Checked(BEN, ("insurer",)))
    assert enrolled(tmp_path)[0] == old[0]


def test_a_cut_file_is_told(tmp_path: Path) -> None:
    enrol(tmp_path, Checked(ADA, ("practitioner",)))
    file = tmp_path / "enrolled"
    file.write_bytes(file.read_bytes()[:-1])
    with pytest.raises(HalfWritten):
        enrolled(tmp_path)
