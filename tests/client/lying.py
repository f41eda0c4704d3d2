"""A node that lies: the one mock of the suite, at the one seam."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import msgspec

from careledger.client.line import Line
from careledger.client.writing import NewResource
from careledger.node.answers import Directory
from careledger.node.questions import Question
from careledger.primitives.encoding import decode, encode
from careledger.primitives.hashing import sha256
from careledger.sealing.hpke import OpeningKey

NOTE = NewResource(b'{"resourceType":"Observation"}', "a reading")
SPY = OpeningKey(sha256(b"the node's own key"))


class Lying:
    """A transport that changes the answers to one kind of question."""

    def __init__(
        self, honest: Any, kind: type, change: Callable[[bytes], bytes]
    ) -> None:
        self._honest, self._kind, self._change = honest, kind, change

    def __getattr__(self, name: str) -> Any:
        return getattr(self._honest, name)

    def ask(self, asked: Any) -> bytes:
        answer = self._honest.ask(asked)
        question = decode(asked.question, Question)
        return self._change(answer) if isinstance(question, self._kind) else answer


@contextmanager
def lying(line: Line, kind: type, change: Callable[[bytes], bytes]) -> Iterator[None]:
    """Let the node of `line` lie about one kind of question."""
    honest = line.transport
    line.transport = Lying(honest, kind, change)
    try:
        yield
    finally:
        line.transport = honest


class _FalseDirectory:
    """A transport that changes the directory."""

    def __init__(self, honest: Any, change: Callable[[Directory], Directory]) -> None:
        self._honest, self._change = honest, change

    def __getattr__(self, name: str) -> Any:
        return getattr(self._honest, name)

    def directory(self, after: int) -> Directory:
        return self._change(self._honest.directory(after))


@contextmanager
def false_directory(
    line: Line, part: str, change: Callable[[Any], Any]
) -> Iterator[None]:
    """Let the node of `line` change every line of one part of its directory."""

    def changed(said: Directory) -> Directory:
        lines = tuple(map(change, getattr(said, part)))
        return msgspec.structs.replace(said, **{part: lines})

    honest = line.transport
    line.transport = _FalseDirectory(honest, changed)
    try:
        yield
    finally:
        line.transport = honest


def altered(answer: type, **changes: Any) -> Callable[[bytes], bytes]:
    """Return a lie that replaces fields; a function gets the field's old value."""

    def change(raw: bytes) -> bytes:
        said = decode(raw, answer)
        new = {
            name: value(getattr(said, name)) if callable(value) else value
            for name, value in changes.items()
        }
        return encode(msgspec.structs.replace(said, **new))

    return change
