"""Commands about the ledger, while a node of this home serves and when it does not."""

import shutil
import socket
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from careledger.cli.house import beside
from careledger.cli.house.beside import Beside
from careledger.cli.house.ledger_calls import ledger_calls
from careledger.cli.house.wire import SOCKET
from careledger.client.home import find_home
from careledger.client.problems import OtherNetwork
from careledger.engines.buckets import EMPTY_HEAD
from careledger.engines.head import Head
from careledger.primitives.encoding import decode
from tests.cli.houses import Home, House

PURSE = "ab" * 32


@pytest.fixture(scope="module")
def house(founded: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A hospital whose node serves; a purse of its network holds 500."""
    made = House(tmp_path_factory.mktemp("b") / "h")
    shutil.copytree(founded, made.path)
    made.begin()
    yield made
    made.end()


@pytest.fixture(scope="module")
def minted(house: House) -> str:
    """Return the transaction that made the 500, sent while the node serves."""
    done = house.ok("governance", "mint", PURSE, "500")
    assert (done["code"], done["height"]) == ("ok", 2)
    return str(done["transaction"])


def test_a_command_sends_through_the_node_and_hears_the_verdict(
    house: House, minted: str
) -> None:
    assert house.ok("coin", "balance", PURSE)["balance"] == 500
    seen = house.ok("ledger", "inspect", minted)
    assert (seen["code"], seen["height"]) == ("ok", 2)


def test_a_refusal_has_its_own_code(house: House, minted: str) -> None:
    assert house.fails("coin", "transfer", PURSE, "5") == "void.nobody-known"
    missing = "cd" * 32
    assert house.fails("ledger", "inspect", missing) == "cli.not-found"


def test_a_proof_made_beside_the_node_is_the_nodes_word(
    house: House, minted: str, tmp_path: Path
) -> None:
    for words in (["--transaction", minted], ["--state", "30" + PURSE]):
        proof = str(tmp_path / words[0])
        made = house.ok("proof", "make", proof, *words)
        found = house.ok("proof", "verify", proof)
        assert found["proves"] == made["proves"]
        assert found["nodes"] == house.ok("node", "status")["nodes"]
    assert house.ok("node", "status")["signed_leaves"] == found["size"]


def test_a_copy_is_made_and_checked_while_the_node_serves(
    house: House, minted: str, tmp_path: Path
) -> None:
    copy = str(tmp_path / "copy")
    made = house.ok("ledger", "backup", copy)
    verified = house.ok("ledger", "verify", copy)
    assert {name: verified[name] for name in ("height", "log_root")} == {
        name: made[name] for name in ("height", "log_root")
    }
    assert house.ok("ledger", "audit", copy)["height"] == made["height"]


def test_it_is_the_same_answer_when_the_node_does_not_serve(
    founded: Path, tmp_path: Path
) -> None:
    house = House(tmp_path / "h")
    shutil.copytree(founded, house.path)
    questions = [("node", "status"), ("ledger", "inspect"), ("ledger", "inspect", "1")]
    house.begin()
    while_serving = [house.ok(*words) for words in questions]
    house.end()
    assert [house.ok(*words) for words in questions] == while_serving


def test_a_socket_that_a_killed_node_left_keeps_nobody_from_the_file(
    founded: Path, tmp_path: Path
) -> None:
    house = Home(tmp_path / "h")
    shutil.copytree(founded, house.path)
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(str(house.path / SOCKET))
    assert house.ok("node", "status")["height"] == 0


def test_the_seed_of_the_salts_stays_with_the_node() -> None:
    head = Head(1, 2, 3, b"log", b"state", b"seed", 4, EMPTY_HEAD)
    query = SimpleNamespace(head=head)
    rooms: Any = SimpleNamespace(engine=SimpleNamespace(query=query))
    told = decode(ledger_calls(rooms)["head"](b""), Head)
    assert told == head._replace(seed=b"")


def test_a_node_of_another_network_is_not_asked(
    founded: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(beside, "asked", lambda *_: bytes(32))
    with pytest.raises(OtherNetwork):
        beside.serving_node(find_home(founded))


def test_a_home_that_uses_a_node_asks_that_one(
    founded: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    home = find_home(founded)
    asked: list[Path] = []

    def answer(node: Path, *_: object) -> bytes:
        asked.append(node)
        return home.chain_id

    monkeypatch.setattr(beside, "asked", answer)
    other = SimpleNamespace(
        config=SimpleNamespace(node=str(tmp_path)),
        ledger=home.ledger,
        chain_id=home.chain_id,
    )
    assert beside.serving_node(other) == tmp_path  # type: ignore[arg-type]
    assert asked == [tmp_path]


def test_blocks_are_read_to_the_end_of_the_log(house: House, minted: str) -> None:
    query = Beside(house.path).query
    blocks = list(query.blocks(0))
    assert [block.end.height for block in blocks] == [0, 1, 2]
    assert blocks[-1].next == query.head.size
