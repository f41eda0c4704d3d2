"""The lanes of `make test` leave no test out, and run none twice."""

from pathlib import Path

from tools.lanes import PURE, Lane, Result, lanes, run, to_run_again

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
    assert run(passing).code == 0
    result = run(failing)
    assert result.code
    assert result.named == list(result.tail) != []
    assert "FAILED" in capfd.readouterr().out


def ended(code: int, *lines: str, folders: tuple[str, ...] = ("cli",)) -> Result:
    return Result(Lane("lane", folders), code, lines)


ONE = "FAILED tests/cli/test_a.py::test_b[x y] - assert 1 == 2"


def test_one_or_two_tests_that_failed_run_again():
    two = "FAILED tests/cli/test_a.py::test_c"
    assert to_run_again([ended(1, "1 failed", ONE)]) == [
        "tests/cli/test_a.py::test_b[x y]"
    ]
    assert len(to_run_again([ended(1, ONE), ended(1, two)])) == 2
    assert to_run_again([ended(1, ONE, two), ended(1, two)]) == []


def test_what_the_machine_cannot_have_done_is_not_run_again():
    assert to_run_again([ended(1, ONE, folders=PURE)]) == []
    assert to_run_again([ended(1, ONE), ended(2, "killed")]) == []
    assert to_run_again([ended(1, ONE, "ERROR tests/cli/test_a.py::test_d")]) == []
    assert to_run_again([ended(1, "it broke off")]) == []
    assert to_run_again([ended(-9)]) == []
