"""What crosses the socket: one call and one reply, each behind its length."""

import socket
import time
from pathlib import Path
from typing import Final, TypeVar

from careledger.cli.house.problems import NodeNotServing, NodeNotUnderstood
from careledger.cli.house.told import told
from careledger.cli.machine_problems import NodeStopped
from careledger.primitives.encoding import (
    Message,
    Millis,
    NotCanonical,
    decode,
    encode,
)

T = TypeVar("T")

SOCKET: Final = "node.sock"
"""The socket's name in the home of who serves."""

_LENGTH: Final = 4
_LONGEST: Final = 32 * 1024 * 1024
_PATIENCE: Final = 60.0
_BUSY: Final = 20.0
"""Seconds to wait at a door with a queue: silent callers are sent away after 10."""

_PAUSE: Final = 0.05

_TIME: Final[type[int]] = Millis


class Call(Message, frozen=True, tag="call/v1"):
    """One request.

    Attributes:
        name: of what is asked for.
        given: its encoded argument; empty without one.
    """

    name: str
    given: bytes


class Reply(Message, frozen=True, tag="reply/v1"):
    """The answer to a call.

    Attributes:
        code: empty, or the permanent code of the error that it ended with.
        answer: encoded.
    """

    code: str
    answer: bytes


def call(home: Path, name: str, given: bytes) -> bytes:
    """Make one call to the node of a home; return its encoded answer.

    Raises:
        NodeNotServing: nobody listens there.
        NodeStopped: it ended, or was silent for a minute, before it had answered; or
            others kept its door for 20 seconds.
        NodeNotUnderstood: what came back is no reply, or an error that is not a
            node's to tell.
        CareLedgerError: what the call ended with, under its own type.
    """
    with socket.socket(socket.AF_UNIX) as line:
        _connect(line, home / SOCKET)
        try:
            send(line, encode(Call(name, given)), _PATIENCE)
            reply = decode(receive(line, _PATIENCE), Reply)
        except OSError:
            raise NodeStopped from None
        except NotCanonical:
            raise NodeNotUnderstood from None
    if reply.code:
        raise told(reply.code)
    return reply.answer


def asked(home: Path, name: str, given: bytes, kind: type[T]) -> T:
    """Make one call to the node of a home; return its answer, decoded.

    Raises:
        NodeNotUnderstood: it answers with something that is no `kind`.
        CareLedgerError: as `call`.
    """
    raw = call(home, name, given)
    try:
        return decode(raw, kind)
    except NotCanonical:
        raise NodeNotUnderstood from None


def asked_time(home: Path) -> int:
    """Return the time of a node's clock, milliseconds: one that a ledger can hold.

    Raises:
        CareLedgerError: as `asked`.
    """
    return asked(home, "time", b"", _TIME)


def _connect(line: socket.socket, path: Path) -> None:
    line.settimeout(_PATIENCE)
    until = time.monotonic() + _BUSY
    while True:
        try:
            return line.connect(str(path))
        except BlockingIOError:  # it listens, and more callers wait than it lets
            if time.monotonic() >= until:
                raise NodeStopped from None
            time.sleep(_PAUSE)
        except OSError:
            raise NodeNotServing(str(path)) from None


def send(line: socket.socket, message: bytes, within: float) -> None:
    """Send one message.

    Args:
        line: to whom.
        message: what.
        within: seconds that the whole message may take.

    Raises:
        OSError: the line broke, or the time is over.
    """
    line.settimeout(within)
    line.sendall(len(message).to_bytes(_LENGTH, "big") + message)


def receive(line: socket.socket, within: float) -> bytes:
    """Return one message.

    Args:
        line: from whom.
        within: seconds that the whole message may take, however it drips.

    Raises:
        NodeNotUnderstood: longer than any message.
        NodeStopped: it ends in the middle: who spoke is gone.
        OSError: the line broke, or the time is over.
    """
    end = time.monotonic() + within
    size = int.from_bytes(_exactly(line, _LENGTH, end), "big")
    if size > _LONGEST:
        raise NodeNotUnderstood
    return _exactly(line, size, end)


def _exactly(line: socket.socket, size: int, end: float) -> bytes:
    parts: list[bytes] = []
    while size:
        left = end - time.monotonic()
        if left <= 0:
            raise TimeoutError
        line.settimeout(left)
        part = line.recv(min(size, 1 << 16))
        if not part:
            raise NodeStopped
        parts.append(part)
        size -= len(part)
    return b"".join(parts)
