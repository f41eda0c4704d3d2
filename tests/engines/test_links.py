"""A ledger that a link leads to: one lock and one note, whatever it is called."""

import pytest

from careledger.engines import lock
from careledger.engines.embedded import Engine
from careledger.engines.errors import Forked, LedgerInUse, LedgerMissing, SignedUnknown
from careledger.engines.forgetting import forget_signed
from careledger.engines.signed import SignedHead, keep_signed, last_signed
from tests.engines.market import lose_signed, note, run, setup


@pytest.fixture
def link(path, tmp_path):
    """Return a link to a ledger, in another folder."""
    run(path, 1)
    (tmp_path / "elsewhere").mkdir()
    link = tmp_path / "elsewhere" / "name"
    link.symlink_to(path)
    return link


def test_one_engine_has_a_ledger_by_whatever_name(path, link, monkeypatch):
    with Engine.open(path, setup()) as engine:
        monkeypatch.setattr(lock.FileLock.__init__, "__defaults__", (None, 0))
        with pytest.raises(LedgerInUse):
            Engine.open(link, setup())
        engine.checkpoint(note)
    assert last_signed(link) == last_signed(path)
    with Engine.open(link, setup()) as engine:
        engine.checkpoint(note)
    assert [file.name for file in link.parent.iterdir()] == ["name"]


def test_a_note_by_the_link_of_an_earlier_version_counts(path, link):
    old = link.with_name("name.signed")
    newer = SignedHead(1_000, bytes(32), b"")
    keep_signed(path, newer)
    path.with_name("ledger.signed").rename(old)
    with pytest.raises(Forked):
        Engine.open(link, setup())
    old.unlink()
    forget_signed(link)
    path.with_name("ledger.signed").rename(old)
    with Engine.open(link, setup()) as engine:
        engine.checkpoint(note)
    assert not old.exists()
    Engine.open(path, setup()).close()


def test_a_link_that_leads_nowhere_is_no_ledger(tmp_path):
    link = tmp_path / "name"
    link.symlink_to(tmp_path / "unmounted" / "ledger")
    with pytest.raises(LedgerMissing):
        Engine.open(link, setup())


def test_a_folder_in_the_place_of_the_note_is_no_note(path):
    run(path, 1)
    lose_signed(path)
    path.with_name("ledger.signed").mkdir()
    for use in (lambda: Engine.open(path, setup()), lambda: forget_signed(path)):
        with pytest.raises(SignedUnknown):
            use()
