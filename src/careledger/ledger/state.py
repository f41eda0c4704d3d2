"""What the state machine reads and writes.

A transaction runs on a `Draft`: reads fall through to the `PreState` that the
engine supplies, writes stay in the draft. A refused transaction's draft is
dropped, so there is no rollback code anywhere. A read asks the layers below in
turn: transaction draft → block draft → `Base` (what was read from the state
before the block).

Drafts hold decoded values, which are frozen; they are encoded once, when the
block is done. State has one form: storing a table's default deletes the key.
"""

from dataclasses import dataclass
from typing import Any, Final, Generic, Protocol, TypeVar

from msgspec import Struct

from careledger.primitives.encoding import decode_any, encode

V = TypeVar("V")

ORDERED_PREFIXES: Final = (b"\x10",)
"""Tables whose keys an engine also keeps in ascending order (the timers)."""


ERASED_PREFIX: Final = b"\x0a"
"""Behind this byte: ids of records and of appends whose bodies engines drop."""


_Layers = tuple[dict[bytes, Any], ...]


class PreState(Protocol):
    """The state before a block, whoever stores it."""

    def get(self, key: bytes) -> bytes | None:
        """Return the value at `key`, or `None` if there is none."""
        ...

    def recorded(self, tx_id: bytes) -> bool:
        """Tell whether the log has a transaction leaf with this id."""
        ...

    def first(self, prefix: bytes, below: bytes, limit: int) -> list[bytes]:
        """Return up to `limit` keys of an ordered table, ascending.

        All lie in [`prefix`, `below`).
        """
        ...


class Event(Struct, frozen=True, gc=False):
    """Something that happened, for those whom it concerns.

    Attributes:
        name: `workflow.past-participle`.
        concerns: the 32-byte keys and ids under which it is indexed.
    """

    name: str
    concerns: tuple[bytes, ...]


class Base:
    """The state before the block, each value decoded once."""

    __slots__ = ("_state", "layers")

    def __init__(self, state: PreState) -> None:
        self._state = state
        self.layers: _Layers = ({},)

    @property
    def base(self) -> "Base":
        """The bottom: this. No attribute, for a cycle would outlive its block."""
        return self

    def load(self, key: bytes, kind: Any) -> Any:
        """Return the decoded value at `key`, or `None`; keep it."""
        raw = self._state.get(key)
        value = None if raw is None else decode_any(raw, kind)
        self.layers[0][key] = value
        return value

    def unchanged(self, key: bytes, value: Any) -> bool:
        """Tell whether `value` is what the state already had at `key`."""
        seen = self.layers[0]
        return key in seen and bool(seen[key] == value)


class Draft:
    """Writes and events not yet applied, on top of a `Base` or another draft.

    Attributes:
        base: the bottom.
        layers: what is known of the state, the newest first; the first is `writes`.
        writes: state key → new value; `None` deletes.
        events: what was said.
    """

    __slots__ = ("base", "events", "layers", "writes")

    def __init__(self, below: "Base | Draft") -> None:
        self.writes: dict[bytes, Any] = {}
        self.events: list[Event] = []
        self.base: Base = below.base
        self.layers: _Layers = (self.writes, *below.layers)

    def read(self, key: bytes, kind: Any) -> Any:
        """Return the newest value at `key`, or `None`."""
        for layer in self.layers:
            if key in layer:
                return layer[key]
        return self.base.load(key, kind)

    def say(self, name: str, *concerns: bytes) -> None:
        """Record an event (the `# SAY` beat of a handler)."""
        self.events.append(Event(name, concerns))

    def keep(self, other: "Draft") -> None:
        """Take over everything a finished draft wrote and said."""
        self.writes.update(other.writes)
        self.events.extend(other.events)


@dataclass(frozen=True, slots=True)
class Table(Generic[V]):
    """One typed region of the state. Private to the module that owns it.

    Attributes:
        prefix: one byte, unique (docs/spec.md lists them).
        kind: what a value decodes to.
        default: what an absent key stands for.
    """

    prefix: bytes
    kind: Any
    default: V

    def get(self, draft: Draft, key: bytes = b"") -> V:
        """Return the value at `key`, or the table's default."""
        value = draft.read(self.prefix + key, self.kind)
        return self.default if value is None else value

    def put(self, draft: Draft, key: bytes, value: V) -> None:
        """Set `key`; the default deletes it, so state has one form."""
        draft.writes[self.prefix + key] = None if value == self.default else value


def difference(base: Base, block: Draft) -> dict[bytes, bytes | None]:
    """Return what the block changed, encoded; `None` deletes."""
    return {
        key: None if value is None else encode(value)
        for key, value in block.writes.items()
        if not base.unchanged(key, value)
    }
