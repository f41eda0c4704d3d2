"""Who is turned away hears the cause, and what to do about that one."""

from pathlib import Path

from tests.cli.houses import Home
from tests.cli.practice import Practice
from tests.cli.test_records import PATIENT


def applied(practice: Practice, folder: Path) -> tuple[Home, str]:
    """Return a practitioner whom the hospital vouches for, and nobody has checked."""
    who, request, paper = Home(folder / "new"), folder / "request", folder / "paper"
    node = str(practice.hospital.path)
    who.ok("practitioner", "new", str(request), "--node", node, "--name", "Dr. Nia Ito")
    practice.hospital.ok("hospital", "vouch", str(request), str(paper))
    return who, str(paper)


def test_who_was_not_checked_is_sent_to_the_registrar(
    practice: Practice, tmp_path: Path
) -> None:
    who, paper = applied(practice, tmp_path)
    assert who.fails("practitioner", "join", paper) == "client.not-checked"
    practice.hospital.ok("registrar", "endorse", str(tmp_path / "request"))
    assert who.ok("practitioner", "join", paper)["handles"]


def test_a_paper_of_another_is_called_so(practice: Practice, tmp_path: Path) -> None:
    one, other = Home(tmp_path / "one"), Home(tmp_path / "other")
    keys = [
        who.ok("patient", "new", "--node", str(practice.hospital.path))["patient"]
        for who in (one, other)
    ]
    paper = str(tmp_path / "paper")
    practice.hospital.ok("hospital", "admit", str(keys[0]), paper)
    personal = practice.file("personal", PATIENT)
    words = ["--personal", personal, "--practitioner", "Dr. Ada Lind"]
    refused = other.fails("patient", "register", paper, *words)
    assert refused == "client.paper-of-another"


def test_the_home_of_a_person_is_no_node(practice: Practice, tmp_path: Path) -> None:
    person = str(practice.ada.path)
    request = str(tmp_path / "request")
    new = Home(tmp_path / "new")
    for words in (
        ("patient", "new"),
        ("practitioner", "new", request, "--name", "Dr. X"),
    ):
        assert new.fails(*words, "--node", person) == "cli.no-node-here"
    assert not Path(request).exists()
    assert not new.path.exists()


def test_a_lost_seed_is_named(practice: Practice, tmp_path: Path) -> None:
    who = Home(tmp_path / "who")
    who.ok("patient", "new", "--node", str(practice.hospital.path))
    (who.path / "seed.locked").unlink()
    assert who.fails("patient", "records") == "home.seed-missing"


def test_a_directory_of_others_does_not_become_a_home(
    practice: Practice, tmp_path: Path
) -> None:
    shared = tmp_path / "shared"
    shared.mkdir()
    (shared / "minutes.txt").write_text("Monday")
    shared.chmod(0o755)
    node = str(practice.hospital.path)
    assert Home(shared).fails("patient", "new", "--node", node) == "home.not-empty"
    assert shared.stat().st_mode & 0o777 == 0o755
    (shared / "minutes.txt").unlink()
    assert Home(shared).ok("patient", "new", "--node", node)
    assert shared.stat().st_mode & 0o777 == 0o700
