"""Serving: calls are read side by side, and answered one after the other.

Whoever is slow to say what it wants, or to take the answer, keeps nobody waiting.
"""

import socket
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from threading import BoundedSemaphore, Lock
from typing import Annotated, Final

import msgspec

from careledger.cli.house.kept_post import PostPage, PostRequest
from careledger.cli.house.ledger_calls import ledger_calls
from careledger.cli.house.problems import NodeNotServing, NodeNotUnderstood
from careledger.cli.house.rooms import Rooms
from careledger.cli.house.told import is_told
from careledger.cli.house.wire import SOCKET, Call, Reply, receive, send
from careledger.cli.machine_problems import DiskFull, NodeStopped
from careledger.cli.meanings import is_disk_full
from careledger.cli.problems import Fault
from careledger.client.papers import Paper
from careledger.client.registrar import EndorsementRequest
from careledger.errors import CareLedgerError
from careledger.ledger.actions.base import PublicKey
from careledger.node.questions import Asked
from careledger.primitives.encoding import Message, NotCanonical, decode, encode

_PATIENCE: Final = 10.0
"""Seconds in which a caller must have said all, and then have taken the answer."""

_AT_ONCE: Final = 16
"""Callers that are listened to; the others wait at the door."""

_UNOPENED: Final = "node.new"
"""The socket's name before anybody listens: no longer than its own."""

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
    path, unopened = home / SOCKET, home / _UNOPENED
    path.unlink(missing_ok=True)
    unopened.unlink(missing_ok=True)
    with socket.socket(socket.AF_UNIX) as door:
        try:
            door.bind(str(unopened))
            unopened.chmod(0o600)
            door.listen()
            # Where the socket is, somebody listens: who waits for it is not refused.
            unopened.replace(path)
        except OSError:
            raise NodeNotServing(str(path)) from None
        try:
            yield door
        finally:
            path.unlink(missing_ok=True)


class _Callers:
    """The lines that are open now, and who answers on them in turn."""

    def __init__(self, rooms: Rooms) -> None:
        self._rooms = rooms
        self._free, self._turn = BoundedSemaphore(_AT_ONCE), Lock()
        self._open: set[socket.socket] = set()
        self._pool = ThreadPoolExecutor(_AT_ONCE)

    def take_next(self, door: socket.socket) -> None:
        """Begin to listen to the next caller, if one comes soon and there is room."""
        if not self._free.acquire(timeout=_LOOK):
            return
        try:
            line, _ = door.accept()
        except BaseException:
            self._free.release()
            raise
        self._open.add(line)
        self._pool.submit(self._answer_one, line)

    def close(self) -> None:
        """Listen to nobody any more; who has said all still gets the answer."""
        for line in tuple(self._open):
            with suppress(OSError):
                line.shutdown(socket.SHUT_RD)
        self._pool.shutdown()

    def _answer_one(self, line: socket.socket) -> None:
        try:
            with line, suppress(OSError, NodeNotUnderstood, NodeStopped):
                raw = receive(line, _PATIENCE)
                with self._turn:  # the rooms were built for one caller at a time
                    reply = encode(answer(self._rooms, raw))
                send(line, reply, _PATIENCE)
        finally:
            self._open.discard(line)
            self._free.release()


def serve(door: socket.socket, rooms: Rooms) -> None:
    """Answer calls as long as the engine runs.

    Raises:
        BaseException: what stopped it. A node that only refuses must not look alive
            to whoever watches over it.
    """
    door.settimeout(_LOOK)
    with closing(_Callers(rooms)) as callers:
        while rooms.engine.fault is None:
            with suppress(TimeoutError):
                callers.take_next(door)
    raise rooms.engine.fault


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
    except Exception as error:  # noqa: BLE001 (one call's fault is not another's)
        return Reply(_code(rooms, error), b"")


def _code(rooms: Rooms, error: Exception) -> str:
    """Return what a caller hears of an error: a full disk, however it showed.

    What is wrong with the node's own home is its operator's business.
    """
    if any(is_disk_full(one, rooms.path) for one in (error, rooms.engine.fault)):
        return DiskFull.code
    if isinstance(error, CareLedgerError) and is_told(type(error)):
        return error.code
    return Fault.code


def _answers(rooms: Rooms) -> dict[str, Callable[[bytes], bytes]]:
    node, hospital, registrar = rooms.transport, rooms.hospital, rooms.registrar
    return {
        **ledger_calls(rooms),
        "time": lambda _: encode(node.time()),
        "submit": lambda raw: encode(node.submit(raw)),
        "ask": lambda raw: node.ask(decode(raw, Asked)),
        "log": lambda _: encode(node.checkpoint()),
        "growth": lambda raw: encode(node.growth(*decode(raw, tuple[int, int]))),
        "directory": lambda raw: encode(node.directory(decode(raw, int))),
        "feed": lambda raw: encode(node.feed(decode(raw, int))),
        "post": lambda raw: encode(_post(rooms, decode(raw, PostRequest))),
        "custody": lambda _: encode(_custody(rooms)),
        "keep": lambda raw: encode(hospital.keep_record(decode(raw, Paper))),
        "endorse": lambda raw: encode(rooms.endorse(decode(raw, EndorsementRequest))),
        "token-key": lambda _: encode(registrar.token_key),
        "tokens": lambda raw: encode(_tokens(rooms, decode(raw, TokenRequest))),
    }


def _custody(rooms: Rooms) -> Custodians:
    fresh = rooms.hospital.offer_custody()
    return Custodians(fresh.custodians, fresh.witness)


def _post(rooms: Rooms, asked: PostRequest) -> PostPage:
    return rooms.post.page(asked.member, asked.after)


def _tokens(rooms: Rooms, asked: TokenRequest) -> Paper:
    return rooms.registrar.issue_tokens(asked.patient, asked.requests)
