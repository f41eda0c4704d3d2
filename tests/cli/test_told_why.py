"""Who is turned away hears the cause, and what to do about that one."""

from pathlib import Path

from tests.cli.houses import Home
from tests.cli.practice import Practice


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
