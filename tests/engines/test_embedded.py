"""The embedded engine: verdicts, timers, subscriptions, proofs."""

import threading
import time
from collections import Counter
from itertools import islice

import msgspec
import pytest

from careledger.engines import committer
from careledger.engines.embedded import Engine
from careledger.ledger.actions.coin import PlaceHold
from careledger.ledger.blocks import TransactionLeaf
from careledger.ledger.envelopes import Envelope
from careledger.ledger.log import leaf_hash, verify_consistency, verify_inclusion
from careledger.ledger.refusals.base import Expired, Malformed, WrongSignatures
from careledger.ledger.state_proofs import verify_state_proof
from careledger.primitives.encoding import decode, encode
from careledger.primitives.hashing import sha256
from tests.engines.market import (
    GENESIS,
    PURSES,
    SOON,
    envelope,
    purse_key,
    setup,
    transfer,
)
from tests.ledger.world import HOUR, START


def test_a_verdict_is_on_disk_and_provable(engine):
    raw = transfer(amount=7)
    verdict = engine.submit(raw).result(SOON)
    core = decode(raw, Envelope).core
    assert verdict.tx_id == sha256(core)
    assert (verdict.code, verdict.height, verdict.position) == ("ok", 1, 1)
    query = engine.query
    assert query.receipt(verdict.tx_id) == verdict
    leaf = query.leaf(verdict.position)
    assert decode(leaf, TransactionLeaf).core == core
    head = query.head
    proof = query.prove_leaf(verdict.position, head.size)
    verify_inclusion(leaf_hash(leaf), verdict.position, head.size, proof, head.log_root)
    for payer_or_payee in PURSES[:2]:
        assert query.transactions_of(payer_or_payee.public) == [verdict.position]
    proven = query.prove_state(purse_key(1))
    verify_state_proof(proven.proof, proven.head.state_root)
    assert proven.proof.value == query.state(purse_key(1))


def test_a_refusal_has_a_leaf_and_a_void_has_none(engine):
    verdict = engine.submit(transfer(amount=10**12)).result(SOON)
    assert verdict.code == "coin.insufficient-funds"
    size = engine.query.head.size
    raw = transfer()
    tampered = decode(raw, Envelope)
    forged = encode(msgspec.structs.replace(tampered, signatures=(bytes(64),)))
    for bad, error in (
        (b"nonsense", Malformed),
        (forged, WrongSignatures),
        (transfer(valid_until=1), Expired),
    ):
        with pytest.raises(error):
            engine.submit(bad).result(SOON)
    assert engine.query.head.size == size
    assert engine.query.receipt(tampered.core) is None


def test_sent_twice_it_has_one_leaf_and_one_verdict(engine):
    raw = transfer()
    first, twin = engine.submit(raw), engine.submit(raw)
    verdict = first.result(SOON)
    assert twin.result(SOON) == verdict
    assert engine.submit(raw).result(SOON) == verdict
    assert len(engine.query.transactions_of(PURSES[0].public)) == 1


def test_a_listener_hears_the_verdict_and_cannot_stop_the_engine(engine):
    heard = []
    engine.submit(transfer(), listener=heard.append).result(SOON)
    engine.submit(b"nonsense", listener=heard.append)

    def broken(outcome):
        raise RuntimeError

    engine.submit(transfer(), listener=broken).result(SOON)
    assert heard[0].code == "ok"
    assert isinstance(heard[1], Malformed)
    assert engine.state == "running"


def test_many_submitters_lose_nothing(engine):
    verdicts: list = []

    def submit(payer):
        tickets = [engine.submit(transfer(payer, (payer + 1) % 8)) for _ in range(60)]
        verdicts.extend(ticket.result(SOON) for ticket in tickets)

    threads = [threading.Thread(target=submit, args=(at,)) for at in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Counter(verdict.code for verdict in verdicts) == {"ok": 480}
    positions = {verdict.position for verdict in verdicts}
    assert len(positions) == 480
    for verdict in verdicts[::40]:
        assert engine.query.receipt(verdict.tx_id) == verdict
    times = [block.end.time for block in engine.query.blocks()]
    assert times == sorted(set(times))


def test_signatures_are_checked_alike_in_a_batch_and_alone(engine):
    """Long chunks go to a process of their own; one bad among them is found."""
    good = [transfer() for _ in range(300)]
    forged = [
        encode(msgspec.structs.replace(decode(raw, Envelope), signatures=(bytes(64),)))
        for raw in (transfer() for _ in range(30))
    ]
    mixed = [
        raw for at in range(30) for raw in (*good[at * 10 : at * 10 + 10], forged[at])
    ]
    for _ in range(3):  # the first round finds the processes still starting
        tickets = [(raw, engine.submit(raw)) for raw in mixed]
        for raw, ticket in tickets:
            if raw in forged:
                with pytest.raises(WrongSignatures):
                    ticket.result(SOON)
            else:
                assert ticket.result(SOON).code == "ok"


def test_a_restart_keeps_everything(path, clock):
    with Engine.create(path, GENESIS, setup(clock=clock)) as engine:
        verdicts = [engine.submit(transfer()).result(SOON) for _ in range(5)]
        head = engine.query.head
    with Engine.open(path, setup(clock=clock)) as engine:
        assert engine.query.head == head
        assert [engine.query.receipt(v.tx_id) for v in verdicts] == verdicts
        assert engine.submit(transfer()).result(SOON).height == head.height + 1


def test_block_time_never_stands_still_nor_goes_back(engine, clock):
    times = []
    for now in (START, START, START - HOUR, START + 1, START + 50):
        clock.now = now
        times.append(engine.submit(transfer()).result(SOON).time)
    assert times == [START + 1, START + 2, START + 3, START + 4, START + 50]


def test_a_block_that_changes_much_makes_the_next_one_small(path, monkeypatch):
    monkeypatch.setattr(committer, "_CHANGES", 1)
    with Engine.create(path, GENESIS, setup()) as engine:
        tickets = [engine.submit(transfer()) for _ in range(20)]
        heights = [ticket.result(SOON).height for ticket in tickets]
    assert len(set(heights)) == len(heights)


def test_a_block_is_made_when_a_timer_is_due(engine, clock):
    before = engine.query.state(purse_key(0))
    hold = PlaceHold(0, PURSES[1].public, 500, START + HOUR)
    assert engine.submit(envelope(hold, by=PURSES[0])).result(SOON).code == "ok"
    assert engine.query.state(purse_key(0)) != before
    height = engine.query.head.height
    size = engine.query.head.size
    clock.now = START + HOUR
    engine.wake()
    until = time.monotonic() + SOON
    while engine.query.head.size == size and time.monotonic() < until:
        time.sleep(0.01)
    (block,) = engine.query.blocks(size)
    assert (block.end.height, block.end.time) == (height + 1, START + HOUR)
    assert block.transactions == ()


def test_a_subscription_replays_and_then_follows(engine):
    first = engine.submit(transfer()).result(SOON)
    blocks = engine.subscribe()
    assert [block.end.height for block in islice(blocks, 2)] == [0, 1]
    second = engine.submit(transfer()).result(SOON)
    block = next(blocks)
    assert block.first == first.position + 2 == second.position
    assert decode(block.transactions[0], TransactionLeaf).code == "ok"
    assert block.next == engine.query.head.size


def test_a_subscription_ends_with_the_engine(path):
    engine = Engine.create(path, GENESIS, setup())
    heights: list[int] = []

    def follow():
        heights.extend(block.end.height for block in engine.subscribe())

    thread = threading.Thread(target=follow)
    thread.start()
    engine.submit(transfer()).result(SOON)
    while len(heights) < 2:
        pass
    engine.close()
    thread.join(SOON)
    assert not thread.is_alive()
    assert heights == [0, 1]


def test_growth_is_provable(engine):
    sizes = [engine.query.head]
    for _ in range(3):
        engine.submit(transfer()).result(SOON)
        sizes.append(engine.query.head)
    new = sizes[-1]
    for old in sizes:
        proof = engine.query.prove_growth(old.size, new.size)
        verify_consistency(old.size, old.log_root, new.size, new.log_root, proof)
        assert engine.query.root(old.size) == old.log_root
