"""What this node has signed: kept first, never forgotten, given up on purpose."""

import pytest

from careledger.engines import embedded
from careledger.engines.embedded import Engine
from careledger.engines.errors import (
    Forked,
    LedgerExists,
    SignedKnown,
    SignedUnknown,
)
from careledger.engines.forgetting import forget_signed
from careledger.engines.lock import FileLock
from careledger.engines.signed import SignedHead, last_signed
from careledger.engines.store import Store
from careledger.engines.verify import verify_ledger
from careledger.ledger.log import EMPTY_ROOT
from tests.engines.market import (
    GENESIS,
    SOON,
    copy_ledger,
    lose,
    lose_signed,
    note,
    run,
    setup,
    transfer,
)


def test_a_checkpoint_is_on_disk_before_it_is_handed_out(path):
    with Engine.create(path, GENESIS, setup()) as engine:
        engine.submit(transfer()).result(SOON)
        head = engine.query.head
        assert last_signed(path) == SignedHead(0, EMPTY_ROOT, b"")
        assert engine.checkpoint(note) == note(head.size, head.log_root)
        signed = last_signed(path)
        assert (signed.size, signed.root) == (head.size, head.log_root)
        assert signed.note == note(head.size, head.log_root)


def test_nothing_is_handed_out_that_could_not_be_kept(path, monkeypatch):
    with Engine.create(path, GENESIS, setup()) as engine:
        monkeypatch.setattr("os.fsync", lambda handle: (_ for _ in ()).throw(OSError))
        with pytest.raises(OSError):
            engine.checkpoint(note)
        monkeypatch.undo()
        assert last_signed(path).size == 0


def test_a_ledger_older_than_its_checkpoint_does_not_start(path, tmp_path):
    run(path)
    copy_ledger(path, tmp_path / "old")
    run(path, 1)
    with Engine.open(path, setup()) as engine:
        engine.checkpoint(note)
    copy_ledger(tmp_path / "old", path)
    with pytest.raises(Forked):
        Engine.open(path, setup())


def test_another_history_of_the_same_length_does_not_start(path, tmp_path):
    for name in ("ledger", "other"):
        with Engine.create(tmp_path / name, GENESIS, setup()) as engine:
            engine.submit(transfer()).result(SOON)
            engine.checkpoint(note)
    copy_ledger(tmp_path / "other", path)
    with pytest.raises(Forked):
        Engine.open(path, setup())


def empty_signed(path):
    path.with_name("ledger.signed").write_bytes(b"")


@pytest.mark.parametrize("lost", [lose_signed, empty_signed])
def test_an_older_ledger_is_not_used_where_nobody_knows_what_was_signed(
    path, tmp_path, lost
):
    run(path)
    copy_ledger(path, tmp_path / "old")
    run(path, 1)
    with Engine.open(path, setup()) as engine:
        engine.checkpoint(note)
    copy_ledger(tmp_path / "old", path)
    lost(path)
    with pytest.raises(SignedUnknown) as refused:
        Engine.open(path, setup())
    assert refused.value.detail == str(path) + ".signed"
    FileLock(path, patience=0).release()
    assert verify_ledger(path).head.height > 0


def test_the_first_note_is_lost_as_any_other(path):
    Engine.create(path, GENESIS, setup()).close()
    Engine.open(path, setup()).close()
    lose_signed(path)
    with pytest.raises(SignedUnknown):
        Engine.open(path, setup())


def test_a_new_ledger_does_not_forget_what_was_signed_at_its_place(path):
    with Engine.create(path, GENESIS, setup()) as engine:
        engine.submit(transfer()).result(SOON)
        engine.checkpoint(note)
    before = last_signed(path)
    lose(path)
    with pytest.raises(Forked):
        Engine.create(path, GENESIS, setup())
    assert last_signed(path) == before
    assert not path.exists()
    FileLock(path, patience=0).release()


def test_no_ledger_is_made_where_nobody_knows_what_was_signed(path):
    empty_signed(path)
    with pytest.raises(SignedUnknown):
        Engine.create(path, GENESIS, setup())
    assert not path.exists()


def test_a_creation_that_was_cut_off_is_begun_again(path, monkeypatch):
    def cut(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(embedded, "create_store", cut)
        with pytest.raises(KeyboardInterrupt):
            Engine.create(path, GENESIS, setup())
    Engine.create(path, GENESIS, setup()).close()
    Engine.open(path, setup()).close()


def test_a_refused_creation_does_not_make_up_for_a_lost_note(path):
    Engine.create(path, GENESIS, setup()).close()
    lose_signed(path)
    with pytest.raises(LedgerExists):
        Engine.create(path, GENESIS, setup())
    with pytest.raises(SignedUnknown):
        Engine.open(path, setup())


def test_a_ledger_that_is_refused_is_closed(path, monkeypatch):
    Engine.create(path, GENESIS, setup()).close()
    lose_signed(path)
    closed, close = [], Store.close

    def closing_it(store):
        closed.append(store)
        close(store)

    monkeypatch.setattr(Store, "close", closing_it)
    with pytest.raises(SignedUnknown):
        Engine.open(path, setup())
    assert len(closed) == 1


@pytest.mark.parametrize("lost", [lose_signed, empty_signed])
def test_who_gives_the_note_up_is_held_to_the_ledger_as_it_is(path, tmp_path, lost):
    run(path)
    copy_ledger(path, tmp_path / "old")
    run(path, 1)
    with pytest.raises(SignedKnown):
        forget_signed(path)
    lost(path)
    head = forget_signed(path)
    assert last_signed(path) == SignedHead(head.size, head.log_root, b"")
    FileLock(path, patience=0).release()
    run(path, 1)
    copy_ledger(tmp_path / "old", path)
    with pytest.raises(Forked):
        Engine.open(path, setup())
