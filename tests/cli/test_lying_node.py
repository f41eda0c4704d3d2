"""A node that answers nonsense: one clear error, whatever was asked for."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from itertools import islice
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from careledger.cli.house.beside import Beside, serving_node
from careledger.cli.house.kept_post import PostPage
from careledger.cli.house.problems import NodeNotUnderstood
from careledger.cli.house.reach import Counters, OverSocket
from careledger.cli.house.serving import answer, listening
from careledger.cli.house.wire import Call, Reply, call, receive, send
from careledger.cli.problems import Fault
from careledger.client.papers import Paper
from careledger.client.problems import HalfWritten
from careledger.client.registrar import EndorsementRequest
from careledger.engines.reading import Block
from careledger.errors import CareLedgerError
from careledger.ledger.blocks import BlockLeaf
from careledger.primitives.encoding import MAX_INTEGER, encode
from careledger.sealing.invitations import Routed
from tests.cli.test_serving import rooms

PAPER = Paper(b"", (), ())
WISH = EndorsementRequest(bytes(32), "practitioner", (), b"")


@contextmanager
def lying(home: Path, reply: Reply) -> Iterator[None]:
    """Answer every call with one reply."""

    over = threading.Event()

    def lie() -> None:
        while not over.is_set():
            with suppress(TimeoutError):
                line, _ = door.accept()
                with line:
                    receive(line, 5)
                    send(line, encode(reply), 5)

    with listening(home) as door:
        door.settimeout(0.02)
        thread = threading.Thread(target=lie)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join(10)


def socket_to(node: Path) -> OverSocket:
    home: Any = SimpleNamespace(chain_id=bytes(32))
    key: Any = None
    return OverSocket(home, node, key)


def find(node: Path) -> Path | None:
    home: Any = SimpleNamespace(
        config=SimpleNamespace(node=str(node)), ledger=node / "ledger.db"
    )
    return serving_node(home)


ASKED: dict[str, Callable[[Path], object]] = {
    "time": lambda node: socket_to(node).time(),
    "submit": lambda node: socket_to(node).submit(b""),
    "log": lambda node: socket_to(node).checkpoint(),
    "growth": lambda node: socket_to(node).growth(1, 2),
    "directory": lambda node: socket_to(node).directory(0),
    "feed": lambda node: socket_to(node).feed(0),
    "token-key": lambda node: Counters(node).token_key,
    "custody": lambda node: Counters(node).offer_custody(),
    "keep": lambda node: Counters(node).keep_record(PAPER),
    "endorse": lambda node: Counters(node).endorse(WISH),
    "tokens": lambda node: Counters(node).issue_tokens(bytes(32), ()),
    "post": lambda node: list(Counters(node).post_for(bytes(32))),
    "chain": find,
    "time beside": lambda node: Beside(node).time(),
    "verdict": lambda node: Beside(node).verdict(b""),
    "checkpoint": lambda node: Beside(node).checkpoint(),
    "head": lambda node: Beside(node).query.head,
    "state": lambda node: Beside(node).query.state(b""),
    "receipt": lambda node: Beside(node).query.receipt(b""),
    "leaf": lambda node: Beside(node).query.leaf(0),
    "blocks": lambda node: list(Beside(node).query.blocks()),
    "prove-state": lambda node: Beside(node).query.prove_state(b""),
    "prove-leaf": lambda node: Beside(node).query.prove_leaf(0, 1),
}


@pytest.mark.parametrize("what", ASKED)
def test_nonsense_is_not_understood(what: str, tmp_path: Path) -> None:
    for said in (b"", b"\xc1", encode("x"), encode({"a": 1})):
        with lying(tmp_path, Reply("", said)), pytest.raises(NodeNotUnderstood):
            ASKED[what](tmp_path)


@pytest.mark.parametrize("time", [-(2**63), -1, MAX_INTEGER + 1, 10**17, 2**64 - 1])
def test_a_time_is_one_that_the_ledger_can_hold(time: int, tmp_path: Path) -> None:
    for what in ("time", "time beside"):
        with (
            lying(tmp_path, Reply("", encode(time))),
            pytest.raises(NodeNotUnderstood),
        ):
            ASKED[what](tmp_path)


def test_the_last_time_of_the_ledger_is_understood(tmp_path: Path) -> None:
    with lying(tmp_path, Reply("", encode(MAX_INTEGER))):
        assert socket_to(tmp_path).time() == MAX_INTEGER


def code_of(home: Path, said: str) -> CareLedgerError:
    with lying(home, Reply(said, b"")), pytest.raises(CareLedgerError) as heard:
        call(home, "time", b"")
    return heard.value


@pytest.mark.parametrize(
    "code",
    [
        "node.nothing-here",
        "vault.not-served",
        "engine.busy",
        "coin.insufficient-funds",
        "void.expired",
        "log.no-such-leaf",
        "client.not-checked",
        "client.not-for-this-office",
        "blind-signatures.bad-issue",
        "cli.disk-full",
        "cli.fault",
        "cli.node-not-understood",
    ],
)
def test_a_node_speaks_of_what_it_serves(code: str, tmp_path: Path) -> None:
    assert code_of(tmp_path, code).code == code


@pytest.mark.parametrize(
    "code",
    [
        "home.half-written",
        "home.keystore-damaged",
        "cli.usage",
        "cli.node-not-serving",
        "client.two-histories",
        "log.not-consistent",
        "sealing.wrong-passphrase",
        "no.such",
    ],
)
def test_a_node_does_not_speak_of_its_callers_home(code: str, tmp_path: Path) -> None:
    heard = code_of(tmp_path, code)
    assert type(heard) is NodeNotUnderstood
    assert heard.detail == code


def test_a_fault_of_the_node_is_told_as_the_nodes(tmp_path: Path) -> None:
    assert code_of(tmp_path, Fault.code).detail == "at the node"


def test_what_is_wrong_with_a_nodes_home_is_not_told_to_callers() -> None:
    def time() -> int:
        raise HalfWritten("enrolled")

    assert answer(rooms(time=time), encode(Call("time", b""))).code == Fault.code


def test_pages_that_do_not_go_on_are_no_answer(tmp_path: Path) -> None:
    """Who asked on would never end."""
    post = PostPage(-1, (Routed(bytes(32), b"sealed"),))
    blocks = [Block(0, (), BlockLeaf(1, 1, bytes(32)))]
    with lying(tmp_path, Reply("", encode(post))), pytest.raises(NodeNotUnderstood):
        list(islice(Counters(tmp_path).post_for(bytes(32)), 3))
    with lying(tmp_path, Reply("", encode(blocks))), pytest.raises(NodeNotUnderstood):
        list(islice(Beside(tmp_path).query.blocks(1), 3))
