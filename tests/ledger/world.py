"""A small world for tests: fixed keys, a genesis, and a ledger in memory."""

import copy
from collections.abc import Sequence
from typing import TypeVar

from careledger.ledger.actions import AnyAction
from careledger.ledger.actions.base import SEALING_KEY_SIZE
from careledger.ledger.actions.governance import Application
from careledger.ledger.blocks import BlockResult, Header, Receipt
from careledger.ledger.context import Context
from careledger.ledger.envelopes import (
    Core,
    Envelope,
    check_signatures,
    open_envelope,
    signed_message,
)
from careledger.ledger.execute import execute_block
from careledger.ledger.genesis import (
    FirstNode,
    Genesis,
    chain_id,
    initial_state,
    write_genesis,
)
from careledger.ledger.parameters import PROTOCOL, Parameters
from careledger.ledger.state import Base, Draft
from careledger.primitives.encoding import encode
from careledger.primitives.hashing import sha256
from careledger.primitives.signing import SigningKey

START = 1_800_000_000_000
HOUR = 3_600_000
DAY = 24 * HOUR


def key(name: str) -> SigningKey:
    """Return the key pair that always belongs to `name`."""
    return SigningKey(sha256(name.encode()))


_BODIES: dict[bytes, bytes] = {}


def body(content: bytes) -> bytes:
    """Return the hash of a stand-in for an X-Wing key that begins with `content`.

    `World.envelope` brings it where it is needed.
    """
    padded = content.ljust(SEALING_KEY_SIZE, b"\0")
    _BODIES[sha256(padded)] = padded
    return sha256(padded)


def _published(actions: Sequence[AnyAction]) -> tuple[bytes, ...]:
    hashes = [getattr(one, field) for one in actions for field in one.publishes]
    return tuple(_BODIES[one] for one in dict.fromkeys(hashes) if one in _BODIES)


GOVERNORS = tuple(
    sorted((key(f"governor-{i}") for i in range(3)), key=lambda k: k.public)
)
ANN, BOB, CY = key("ann"), key("bob"), key("cy")


def application(
    name: str,
    *kinds: str,
    chain: bytes = bytes(32),
    entity: bytes = b"",
    group: bytes = b"",
) -> Application:
    """Return the application of an organisation whose key is `key(name)`."""
    entity = entity or name.encode()
    return Application(
        chain_id=chain,
        name=name.encode(),
        entity=entity,
        group=group or entity,
        kinds=tuple(sorted(kinds)),
        key=key(name).public,
        mailbox=sha256(name.encode()) * 38,
    )


def genesis(**changes: object) -> bytes:
    """Return a genesis: 2 of 3 governors, a hospital, a registrar, two purses."""
    fields: dict[str, object] = {
        "protocol": PROTOCOL,
        "name": "test.example/careledger",
        "created": START,
        "simulated": True,
        "governors": tuple(k.public for k in GOVERNORS),
        "threshold": 2,
        "parameters": Parameters(),
        "organisations": (
            application("hospital", "hospital"),
            application("registrar", "registrar"),
        ),
        "nodes": (FirstNode(0, "node.example/a", key("node-a").public, bytes(1312)),),
        "purses": tuple(sorted([(ANN.public, 1_000), (BOB.public, 1_000)])),
    }
    return write_genesis(Genesis(**(fields | changes)))  # type: ignore[arg-type]


class MemoryState(dict[bytes, bytes]):
    """A state in a dictionary: the simplest thing that is a `PreState`."""

    def __init__(self, *args: object) -> None:
        super().__init__(*args)  # type: ignore[arg-type]
        self.ids: dict[bytes, None] = {}

    def recorded(self, tx_id: bytes) -> bool:
        return tx_id in self.ids

    def first(self, prefix: bytes, below: bytes, limit: int) -> list[bytes]:
        return sorted(k for k in self if prefix <= k < below)[:limit]


class World:
    """A ledger in memory, one block at a time."""

    def __init__(self, raw: bytes | None = None) -> None:
        raw = genesis() if raw is None else raw
        self.chain = chain_id(raw)
        self.state = MemoryState(initial_state(raw))
        self.now, self.height, self.salt = START, 0, 0
        self.root = self.chain
        self.last = BlockResult()

    @staticmethod
    def must(code: str) -> None:
        """Fail unless `code` is `ok`."""
        assert code == "ok", code

    def draft(self) -> Draft:
        """Return a fresh draft over the present state."""
        return Draft(Base(self.state))

    def context(self, *signers: SigningKey) -> Context:
        """Return what a handler would see if `signers` signed now."""
        keys = tuple(k.public for k in signers)
        return Context(self.draft(), self.chain, keys, self.now, bytes(32), 0)

    def envelope(
        self,
        *actions: AnyAction,
        by: Sequence[SigningKey],
        bodies: tuple[bytes, ...] = (),
        until: int | None = None,
        **core: object,
    ) -> bytes:
        """Return a signed envelope; unless others are given, bodies are as needed."""
        self.salt += 1
        bodies = bodies or _published(actions)
        fields: dict[str, object] = {
            "chain_id": self.chain,
            "valid_until": self.now + HOUR if until is None else until,
            "salt": self.salt.to_bytes(16, "big"),
            "signers": tuple(k.public for k in by),
            "actions": tuple(actions),
            "body_hashes": tuple(sha256(body) for body in bodies),
        }
        raw = encode(Core(**(fields | core)))  # type: ignore[arg-type]
        message = signed_message(sha256(raw))
        return encode(Envelope(raw, tuple(k.sign(message) for k in by), bodies))

    def block(self, *envelopes: bytes, at: int | None = None) -> list[Receipt]:
        """Execute one block and apply it; return its receipts."""
        transactions = [open_envelope(raw) for raw in envelopes]
        for tx in transactions:
            check_signatures(tx)
        self.height += 1
        self.now = self.now + 1 if at is None else at
        header = Header(self.height, self.now, self.root)
        self.last = execute_block(self.state, header, transactions)
        for k, value in self.last.diff.items():
            if value is None:
                self.state.pop(k, None)
            else:
                self.state[k] = value
        self.state.ids |= dict.fromkeys(r.tx_id for r in self.last.receipts)
        self.root = sha256(self.root + b"".join(self.last.leaves))
        return self.last.receipts

    def act(self, *actions: AnyAction, by: Sequence[SigningKey], **kw: object) -> str:
        """Submit one transaction alone; return its code, `void.…` included."""
        self.block(self.envelope(*actions, by=by, **kw))  # type: ignore[arg-type]
        if self.last.voids:
            return self.last.voids[0][1]
        return self.last.receipts[0].code

    def govern(self, *actions: AnyAction) -> str:
        """Submit actions of governance, signed by two governors."""
        return self.act(*actions, by=GOVERNORS[:2])


W = TypeVar("W", bound=World)


def twin(one: W) -> W:
    """Return a copy that goes its own way from here."""
    new = copy.copy(one)
    new.state = MemoryState(one.state)
    new.state.ids = dict(one.state.ids)
    return new
