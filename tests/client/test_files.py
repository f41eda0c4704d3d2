"""Files of a home: whole, for one user, and never through somebody else's link."""

import os
from pathlib import Path

import pytest

from careledger.client import files
from careledger.client.problems import CannotWrite


@pytest.fixture
def known_name(monkeypatch):
    """Make the random part of the name known, as to who guesses it."""
    monkeypatch.setattr(files, "random_bytes", bytes)
    return f".keys.{bytes(8).hex()}.new"


@pytest.mark.parametrize("kind", ["symbolic link", "file", "dangling link"])
def test_nothing_is_written_through_what_lies_in_the_way(
    tmp_path, known_name, kind
) -> None:
    victim = tmp_path / "victim"
    if kind != "dangling link":
        victim.write_bytes(b"precious")
    way = tmp_path / known_name
    if kind == "file":
        os.link(victim, way)
    else:
        way.symlink_to(victim)
    with pytest.raises(CannotWrite):
        files.write_file(tmp_path / "keys", b"secret")
    assert victim.exists() == (kind != "dangling link")
    assert not victim.exists() or victim.read_bytes() == b"precious"
    assert not (tmp_path / "keys").exists()


def test_the_name_beside_cannot_be_guessed(tmp_path, monkeypatch) -> None:
    seen = []
    open_file = os.open

    def watched(path, flags, *mode):
        seen.append((Path(path).name, mode))
        return open_file(path, flags, *mode)

    monkeypatch.setattr(os, "open", watched)
    for _ in range(2):
        files.write_file(tmp_path / "keys", b"secret")
    (first, mode), (second, _) = (one for one in seen if one[0].endswith(".new"))
    assert first != second
    assert str(os.getpid()) not in first.split(".")
    assert mode == (0o600,)
    assert [one.name for one in tmp_path.iterdir()] == ["keys"]
