"""Who asks while an engine ends hears an answer or that it has stopped, nothing else."""

import threading
from itertools import count

import pytest

from careledger.engines import connections
from careledger.engines.connections import Connections
from careledger.engines.database import open_reader
from careledger.engines.embedded import Engine
from careledger.engines.errors import EngineStopped
from tests.engines.market import GENESIS, PURSES, SOON, purse_key, setup, transfer

ROUNDS = 15


def started(target) -> threading.Thread:
    thread = threading.Thread(target=target, daemon=True)
    thread.start()
    return thread


def test_who_closes_waits_for_the_question_in_hand(path):
    Engine.create(path, GENESIS, setup()).close()
    asked = Connections(path, None)
    with asked.asking() as cursor:
        closing = started(asked.close)
        closing.join(0.1)
        assert closing.is_alive()
        assert cursor.execute("SELECT count(*) FROM leaf").get == 1
    closing.join(SOON)
    assert not closing.is_alive()
    with pytest.raises(EngineStopped), asked.asking():
        pass


def test_a_connection_goes_with_its_thread(path, monkeypatch):
    Engine.create(path, GENESIS, setup()).close()
    opened, closed = [], []

    class Watched:
        def __init__(self, *where):
            self._real = open_reader(*where)
            opened.append(self._real)

        def cursor(self):
            return self._real.cursor()

        def __del__(self):
            closed.append(self._real)

    monkeypatch.setattr(connections, "open_reader", Watched)
    asked = Connections(path, None)
    for _ in range(3):
        started(lambda: asked.asking().__enter__().execute("SELECT 1")).join(SOON)
    assert opened == closed
    assert len(opened) == 3


QUESTIONS = {
    "state": lambda query, tx_id: query.state(purse_key(1)),
    "proof": lambda query, tx_id: query.prove_state(purse_key(1)),
    "receipt": lambda query, tx_id: query.receipt(tx_id),
    "index": lambda query, tx_id: query.transactions_of(PURSES[0].public),
    "leaf": lambda query, tx_id: query.leaf(1),
    "growth": lambda query, tx_id: query.prove_growth(1, 3),
    "inclusion": lambda query, tx_id: query.prove_leaf(1, 3),
    "root": lambda query, tx_id: query.root(3),
    "tile": lambda query, tx_id: query.tile(0, 0),
    "body": lambda query, tx_id: query.body(tx_id),
    "blocks": lambda query, tx_id: list(query.blocks()),
}


@pytest.mark.parametrize("what", QUESTIONS)
def test_after_the_end_every_question_says_so(path, what):
    with Engine.create(path, GENESIS, setup()) as engine:
        tx_id = engine.submit(transfer()).result(SOON).tx_id
        QUESTIONS[what](engine.query, tx_id)
    with pytest.raises(EngineStopped):
        QUESTIONS[what](engine.query, tx_id)


def test_an_engine_ends_amid_questions(path):
    Engine.create(path, GENESIS, setup()).close()
    ends = []

    def ask(engine, tx_id, ready):
        try:
            for at in count():
                for question in QUESTIONS.values():
                    question(engine.query, tx_id)
                if at == 1:
                    ready.release()
        except BaseException as error:
            ends.append(type(error))

    for _ in range(ROUNDS):
        engine, ready = Engine.open(path, setup()), threading.Semaphore(0)
        tx_id = engine.submit(transfer()).result(SOON).tx_id
        threads = [started(lambda: ask(engine, tx_id, ready)) for _ in range(3)]  # noqa: B023
        for _ in threads:
            assert ready.acquire(timeout=SOON)
        engine.close()
        for thread in threads:
            thread.join(SOON)
    assert ends == [EngineStopped] * (3 * ROUNDS)
