"""A guard whose absence makes its test go on for ever stops nobody else's check."""

from tools.bite import ENDLESS, PASSED, ROOT, run


def test_a_test_without_an_end_is_cut_off(tmp_path):
    endless = tmp_path / "test_endless.py"
    endless.write_text("def test_it():\n    while True:\n        pass\n")
    assert run(ROOT / "src", [str(endless)], tmp_path, 3.0)[0] == ENDLESS
    endless.write_text("def test_it():\n    pass\n")
    assert run(ROOT / "src", [str(endless)], tmp_path, 60.0)[0] == PASSED
