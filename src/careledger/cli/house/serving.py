"""Serving: take one call after the other, and answer it."""

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Annotated, Final

import msgspec

from careledger.cli.house.rooms import Rooms
from careledger.cli.house.wire import SOCKET, Call, Reply, receive, send
from careledger.cli.problems import Fault, NodeNotServing, NodeNotUnderstood
from careledger.client.papers import Paper
from careledger.client.registrar import EndorsementRequest
from careledger.errors import CareLedgerError
from careledger.ledger.actions.base import Hash, PublicKey
from careledger.node.questions import Asked
from careledger.primitives.encoding import Message, NotCanonical, decode, encode

_PATIENCE: Final = 10.0

_LOOK: Final = 1.0
"""Seconds after which we look whether we are to stop: the signal may have reached
another thread, as after a freeze, and then it wakes nobody here."""


class TokenRequest(Message, frozen=True, tag="token-request/v1"):
    """A patient's blinded requests."""

    patient: PublicKey
    requests: Annotated[
        tuple[Annotated[bytes, msgspec.Meta(max_length=512)], ...],
        msgspec.Meta(max_length=16),
    ]


class Custodians(Message, frozen=True, tag="custody/v1"):
    """Fresh keys of a hospital for one record."""

    custodians: tuple[PublicKey, ...]
    witness: PublicKey


@contextmanager
def listening(home: Path) -> Iterator[socket.socket]:
    """Listen on the home's socket; only this user can call.

    Raises:
        NodeNotServing: the path is too long for a socket, or not ours.
    """
    path = home / SOCKET
    path.unlink(missing_ok=True)
    with socket.socket(socket.AF_UNIX) as door:
        try:
            door.bind(str(path))
            path.chmod(0o600)
            door.listen()
        except OSError:
            raise NodeNotServing(str(path)) from None
        try:
            yield door
        finally:
            path.unlink(missing_ok=True)


def serve(door: socket.socket, rooms: Rooms) -> None:
    """Answer calls for ever."""
    door.settimeout(_LOOK)
    while True:
        with suppress(TimeoutError):
            line, _ = door.accept()
            _answer_one(line, rooms)


def _answer_one(line: socket.socket, rooms: Rooms) -> None:
    with line, suppress(OSError, NodeNotUnderstood):
        line.settimeout(_PATIENCE)
        send(line, encode(answer(rooms, receive(line))))


def answer(rooms: Rooms, raw: bytes) -> Reply:
    """Return the reply to one call; an error as its code.

    Nothing that a call can say ends the node: what nobody foresaw is answered with
    the code of a fault, and written nowhere, for it may quote the call.
    """
    try:
        called = decode(raw, Call)
        found = _answers(rooms).get(called.name)
        if found is None:
            return Reply(NodeNotUnderstood.code, b"")
        return Reply("", found(called.given))
    except NotCanonical:
        return Reply(NodeNotUnderstood.code, b"")
    except CareLedgerError as error:
        return Reply(error.code, b"")
    except Exception:  # noqa: BLE001 (one call's fault is not another's)
        return Reply(Fault.code, b"")


def _answers(rooms: Rooms) -> dict[str, Callable[[bytes], bytes]]:
    node, hospital, registrar = rooms.transport, rooms.hospital, rooms.registrar
    return {
        "time": lambda _: encode(node.time()),
        "submit": lambda raw: encode(node.submit(raw)),
        "ask": lambda raw: node.ask(decode(raw, Asked)),
        "directory": lambda _: encode(node.directory()),
        "feed": lambda raw: encode(node.feed(decode(raw, int))),
        "post": lambda raw: encode(rooms.post_for(decode(raw, Hash))),
        "custody": lambda _: encode(_custody(rooms)),
        "keep": lambda raw: encode(hospital.keep_record(decode(raw, Paper))),
        "endorse": lambda raw: encode(rooms.endorse(decode(raw, EndorsementRequest))),
        "token-key": lambda _: encode(registrar.token_key),
        "tokens": lambda raw: encode(_tokens(rooms, decode(raw, TokenRequest))),
    }


def _custody(rooms: Rooms) -> Custodians:
    fresh = rooms.hospital.offer_custody()
    return Custodians(fresh.custodians, fresh.witness)


def _tokens(rooms: Rooms, asked: TokenRequest) -> Paper:
    return rooms.registrar.issue_tokens(asked.patient, asked.requests)
