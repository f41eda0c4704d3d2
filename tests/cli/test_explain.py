"""Every error has a code, and every code an explanation, also with a slip in it."""

import pytest

from careledger.cli.explain import known_errors, near_codes
from tests.cli.terminal import Terminal


@pytest.mark.parametrize("code", sorted(known_errors()))
def test_every_error_is_explained(code: str, empty: Terminal) -> None:
    facts = empty.ok("explain", code)
    assert facts["code"] == code
    assert facts["happened"].endswith(".")
    assert facts["to_do"].endswith(".")
    assert facts["to_do"] in empty.run("explain", f"error[{code}]:").out


def test_codes_are_unique() -> None:
    codes = [error.code for error in known_errors().values()]
    assert len(codes) == len(set(codes))
    assert len(codes) > 50


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("coin.insufficient-fund", "coin.insufficient-funds"),
        ("coins.insuficient-funds", "coin.insufficient-funds"),
        ("insufficient-funds", "coin.insufficient-funds"),
        ("engine.forkd", "engine.forked"),
        ("home.notfound", "home.not-found"),
        ("record", "records"),
        ("recordz", "records"),
    ],
)
def test_the_nearest_code_or_room_comes_first(typed: str, first: str) -> None:
    assert near_codes(known_errors(), typed)[0] == first


@pytest.mark.parametrize("typed", ["zzz", "records.full-of-something-else", "é"])
def test_what_is_like_nothing_is_no_suggestion(typed: str, empty: Terminal) -> None:
    assert not near_codes(known_errors(), typed)
    done = empty.fails("cli.unknown-code", "explain", typed)
    assert "detail" not in done.facts["error"]


def test_a_slip_is_answered_with_what_was_meant(empty: Terminal) -> None:
    done = empty.fails("cli.unknown-code", "explain", "coin.insufficient-fund")
    assert "did you mean coin.insufficient-funds?" in done.err


@pytest.mark.parametrize("typed", ["records", "records.", "records.*", "Records"])
def test_a_room_lists_its_codes_with_a_line_each(typed: str, empty: Terminal) -> None:
    known = known_errors()
    own = sorted(code for code in known if code.startswith("records."))
    lines = empty.run("explain", typed).out.splitlines()
    assert lines == [f"{code}  {known[code].happened}" for code in own]
    assert list(empty.ok("explain", typed)["codes"]) == own
