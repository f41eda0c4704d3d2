"""The lanes of `make test` leave no test out, and run none twice."""

from pathlib import Path

from tools.lanes import Lane, failures, lanes, run

TESTS = Path(__file__).parents[1]


def test_every_folder_of_tests_is_in_one_lane():
    in_lanes = sorted(folder for lane in lanes(TESTS) for folder in lane.folders)
    assert in_lanes == sorted({path.parent.name for path in TESTS.rglob("test_*.py")})
    assert list(TESTS.glob("test_*.py")) == []


def test_a_new_folder_is_in_a_lane(tmp_path):
    (tmp_path / "research").mkdir()
    (tmp_path / "research" / "test_cohorts.py").touch()
    assert any("research" in lane.folders for lane in lanes(tmp_path))


def test_a_lane_that_fails_says_so(capfd):
    passing = Lane("passing", (), ("this",))
    failing = Lane("failing", ("no such folder",), ("json.tool",))
    assert run(passing) == []
    assert "FAILED" in run(failing)[-1]
    assert "FAILED" in capfd.readouterr().out


def test_the_end_names_the_tests_that_failed():
    lines = [
        "core    1 failed\n",
        "core    FAILED tests/a.py::test_b - assert 1 == 2\n",
    ]
    assert failures(lines) == lines[1:]
    assert failures(lines[:1]) == lines[:1]
