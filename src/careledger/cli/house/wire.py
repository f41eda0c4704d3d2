"""What crosses the socket: one call and one reply, each behind its length."""

import socket
import time
from pathlib import Path
from typing import Final

from careledger.cli.house.problems import NodeNotServing, NodeNotUnderstood
from careledger.cli.machine_problems import NodeStopped
from careledger.errors import CareLedgerError, error_of
from careledger.primitives.encoding import Message, NotCanonical, decode, encode

SOCKET: Final = "node.sock"
"""The socket's name in the home of who serves."""

_LENGTH: Final = 4
_LONGEST: Final = 32 * 1024 * 1024
_PATIENCE: Final = 60.0
_BUSY: Final = 20.0
"""Seconds to wait at a door with a queue: silent callers are sent away after 10."""

_PAUSE: Final = 0.05


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
        NodeNotUnderstood: what came back is no reply.
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
        raise _error(reply.code)
    return reply.answer


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


def _error(code: str) -> CareLedgerError:
    """Return the error that a code stands for."""
    known = error_of(code, CareLedgerError)
    return known() if known else NodeNotUnderstood(code)
