"""The ledger of a node that serves, for commands that run beside it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, Protocol, TypeVar

from careledger.cli.house.problems import NodeNotServing, NodeNotUnderstood
from careledger.cli.house.wire import asked, asked_time
from careledger.client.home import Home
from careledger.client.problems import OtherNetwork
from careledger.engines.head import Head
from careledger.engines.reading import Block, ProvenKey
from careledger.engines.tickets import Committed
from careledger.node.answers import Receipt
from careledger.primitives.encoding import encode

T = TypeVar("T")

_VALUE: Final[Any] = bytes | None
_VERDICT: Final[Any] = Committed | None


class Questions(Protocol):
    """What commands ask a ledger; `engines.reading.Reader` says what each means."""

    @property
    def head(self) -> Head:
        """Where the ledger stands."""
        ...

    def state(self, key: bytes) -> bytes | None:
        """Return the value at a state key, or `None`."""
        ...

    def receipt(self, tx_id: bytes) -> Committed | None:
        """Return the verdict on a transaction, or `None` if none is recorded."""
        ...

    def leaf(self, position: int) -> bytes:
        """Return a log leaf."""
        ...

    def blocks(self, position: int = 0) -> Iterator[Block]:
        """Yield each whole block from the one that `position` lies in."""
        ...

    def prove_state(self, key: bytes) -> ProvenKey:
        """Return the proof of presence or absence of a state key, as of now."""
        ...

    def prove_leaf(self, position: int, size: int) -> list[bytes]:
        """Return the inclusion proof of a leaf in the log of `size` leaves."""
        ...


def serving_node(home: Home) -> Path | None:
    """Return the home whose node serves this home's ledger now, or `None`.

    Raises:
        OtherNetwork: who answers there serves another network.
    """
    places = [Path(home.config.node)] if home.config.node else []
    for place in (*places, home.ledger.parent):
        try:
            chain = asked(place, "chain", b"", bytes)
        except NodeNotServing:
            continue
        if chain != home.chain_id:
            raise OtherNetwork(str(place))
        return place
    return None


class Beside:
    """The ledger of a node that serves: every call crosses its socket."""

    def __init__(self, node: Path) -> None:
        self.query: Questions = _QuestionsBeside(node)
        self._node = node

    def time(self) -> int:
        """Return the time of the node's clock."""
        return asked_time(self._node)

    def verdict(self, envelope: bytes) -> Committed:
        """Return the verdict on an envelope."""
        done = asked(self._node, "submit", envelope, Receipt)
        known = self.query.receipt(done.tx_id)
        height = known.height if known else 0
        return Committed(done.tx_id, done.position, done.code, height, done.time)

    def checkpoint(self) -> bytes:
        """Return a checkpoint that the node signs."""
        return asked(self._node, "checkpoint", b"", bytes)


class _QuestionsBeside:
    def __init__(self, node: Path) -> None:
        self._node = node

    @property
    def head(self) -> Head:
        return self._ask("head", Head)

    def state(self, key: bytes) -> Any:
        return self._ask("state", _VALUE, key)

    def receipt(self, tx_id: bytes) -> Any:
        return self._ask("receipt", _VERDICT, tx_id)

    def leaf(self, position: int) -> bytes:
        return self._ask("leaf", bytes, position)

    def blocks(self, position: int = 0) -> Iterator[Block]:
        while found := self._ask("block", list[Block], position):
            if found[-1].next <= position:  # asking might never end
                raise NodeNotUnderstood
            yield from found
            position = found[-1].next

    def prove_state(self, key: bytes) -> ProvenKey:
        return self._ask("prove-state", ProvenKey, key)

    def prove_leaf(self, position: int, size: int) -> list[bytes]:
        return self._ask("prove-leaf", list[bytes], (position, size))

    def _ask(self, name: str, kind: type[T], about: object = b"") -> T:
        return asked(self._node, name, encode(about), kind)
