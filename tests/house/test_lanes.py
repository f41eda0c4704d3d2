"""The lanes of `make test` leave no test out, and run none twice."""

from pathlib import Path

from tools.lanes import Lane, lanes, run

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
    assert (run(passing), run(failing)) == (True, False)
    assert "FAILED" in capfd.readouterr().out
