"""Calls that would end a node, or keep it from everybody else."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import apsw
import pytest

from careledger.cli.house import serving
from careledger.cli.house.problems import NodeNotUnderstood
from careledger.cli.house.serving import answer, listening, serve
from careledger.cli.house.wire import SOCKET, Call, Reply, call, receive, send
from careledger.cli.machine_problems import DiskFull, NodeStopped
from careledger.cli.problems import Fault
from careledger.engines.errors import EngineStopped, LedgerDamaged
from careledger.primitives.encoding import decode, encode


def rooms(**answers: Any) -> Any:
    transport = SimpleNamespace(**dict.fromkeys(["submit", "directory"]), **answers)
    engine = SimpleNamespace(fault=None, query=None)
    return SimpleNamespace(
        path=Path(), engine=engine, transport=transport, hospital=None, registrar=None
    )


@pytest.mark.parametrize("error", [OverflowError, IndexError, MemoryError, OSError])
def test_what_nobody_foresaw_is_answered_with_a_code_and_written_nowhere(
    error: type[Exception], capfd: pytest.CaptureFixture[str]
) -> None:
    def time() -> int:
        raise error("Ada Lind")

    reply = answer(rooms(time=time), encode(Call("time", b"")))
    assert (reply.code, reply.answer) == (Fault.code, b"")
    assert capfd.readouterr() == ("", "")


def test_no_call_at_all_and_an_unknown_one_are_not_understood() -> None:
    for raw in (b"", b"\xc1", encode(Call("else", b""))):
        assert answer(rooms(), raw).code == NodeNotUnderstood.code


@contextmanager
def served(home: Path, here: Any) -> Iterator[threading.Thread]:
    """Serve in a thread, until the door is closed."""
    with listening(home) as door:

        def answer_calls() -> None:
            with suppress(OSError):  # the door is closed
                serve(door, here)

        thread = threading.Thread(target=answer_calls)
        thread.start()
        try:
            yield thread
        finally:
            door.close()
            thread.join(30)
            assert not thread.is_alive()


def caller(home: Path) -> socket.socket:
    line = socket.socket(socket.AF_UNIX)
    line.settimeout(5)
    line.connect(str(home / SOCKET))
    return line


def test_the_socket_is_there_only_when_somebody_listens(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    was_there, listen = [], socket.socket.listen

    def watched(door: socket.socket) -> None:
        was_there.append((tmp_path / SOCKET).exists())
        listen(door)

    monkeypatch.setattr(socket.socket, "listen", watched)
    with listening(tmp_path):
        caller(tmp_path).close()
    assert was_there == [False]
    assert list(tmp_path.iterdir()) == []


def test_who_says_nothing_keeps_nobody_waiting_and_holds_no_stop_up(
    tmp_path: Path,
) -> None:
    with served(tmp_path, rooms(time=lambda: 7)), caller(tmp_path) as silent:
        silent.sendall(b"\0")
        began = time.monotonic()
        assert decode(call(tmp_path, "time", b""), int) == 7
        assert time.monotonic() - began < serving._PATIENCE / 2
    assert time.monotonic() - began < serving._PATIENCE / 2


def test_a_node_whose_engine_has_stopped_ends_with_what_stopped_it(
    tmp_path: Path,
) -> None:
    def time() -> int:
        here.engine.fault = LedgerDamaged("bucket 7")
        raise EngineStopped

    def serve_all(door: socket.socket) -> None:
        try:
            serve(door, here)
        except (LedgerDamaged, OSError) as error:  # OSError: the door is closed
            ends.append(error)

    here, ends = rooms(time=time), []
    with listening(tmp_path) as door:
        serving_all = threading.Thread(target=serve_all, args=(door,))
        serving_all.start()
        assert ask(tmp_path) == "engine.stopped"
        serving_all.join(5)
    assert ends == [here.engine.fault]
    serving_all.join(30)


def test_who_calls_hears_that_the_disk_is_full() -> None:
    def time() -> int:
        here.engine.fault = apsw.FullError()
        raise EngineStopped

    here = rooms(time=time)
    assert answer(here, encode(Call("time", b""))).code == DiskFull.code


@pytest.mark.parametrize("part", [b"", b"\0\0", b"\0\0\0\7abc"])
def test_a_node_that_goes_away_during_a_call_has_stopped(
    part: bytes, tmp_path: Path
) -> None:
    """A line that ends in the middle does not speak of another version."""

    def begin_and_go() -> None:
        line, _ = door.accept()
        receive(line, 5)
        line.sendall(part)
        line.close()

    with listening(tmp_path) as door:
        node = threading.Thread(target=begin_and_go)
        node.start()
        with pytest.raises(NodeStopped) as stopped:
            call(tmp_path, "time", b"")
        node.join(5)
    assert "careledger node serve" in str(stopped.value)


def ask(home: Path) -> str:
    with caller(home) as line:
        send(line, encode(Call("time", b"")), 5)
        return decode(receive(line, 5), Reply).code


def test_a_message_that_drips_is_cut_off_after_the_whole_time() -> None:
    here, there = socket.socketpair()
    stop = threading.Event()

    def drip() -> None:
        there.sendall((40).to_bytes(4, "big"))
        while not stop.wait(0.05):
            there.sendall(b"x")

    with here, there:
        thread = threading.Thread(target=drip)
        thread.start()
        try:
            began = time.monotonic()
            with pytest.raises(TimeoutError):
                receive(here, 0.3)
            assert time.monotonic() - began < 2
        finally:
            stop.set()
            thread.join()


def test_more_silent_callers_than_are_listened_to_are_sent_away_in_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(serving, "_PATIENCE", 1.0)
    with served(tmp_path, rooms(time=lambda: 7)):
        silent = [caller(tmp_path) for _ in range(2 * serving._AT_ONCE)]
        assert decode(call(tmp_path, "time", b""), int) == 7
        for line in silent:
            with line:
                assert line.recv(1) == b""


def test_calls_are_answered_one_after_the_other(tmp_path: Path) -> None:
    inside, most = [], []

    def now() -> int:
        inside.append(1)
        most.append(len(inside))
        time.sleep(0.02)
        inside.pop()
        return 7

    with served(tmp_path, rooms(time=now)):
        lines = [caller(tmp_path) for _ in range(8)]
        for line in lines:
            send(line, encode(Call("time", b"")), 5)
        for line in lines:
            with line:
                assert receive(line, 5)
    assert most == [1] * 8


def crowded(home: Path, stack: ExitStack) -> socket.socket:
    """Return a door before which as many wait as may."""
    door = stack.enter_context(socket.socket(socket.AF_UNIX))
    door.bind(str(home / SOCKET))
    door.listen(0)
    stack.enter_context(caller(home))
    return door


def test_a_caller_waits_at_a_door_with_a_queue(tmp_path: Path) -> None:
    with ExitStack() as stack:
        door = crowded(tmp_path, stack)

        def let_in() -> None:
            time.sleep(0.3)
            for _ in range(2):
                line, _ = door.accept()
                with line:
                    line.settimeout(1)
                    with suppress(TimeoutError):
                        receive(line, 1)
                        send(line, encode(Reply("", encode(7))), 1)

        thread = threading.Thread(target=let_in)
        thread.start()
        assert decode(call(tmp_path, "time", b""), int) == 7
        thread.join(30)


def test_a_door_that_stays_full_is_not_taken_for_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("careledger.cli.house.wire._BUSY", 0.1)
    with ExitStack() as stack:
        crowded(tmp_path, stack)
        with pytest.raises(NodeStopped):
            call(tmp_path, "time", b"")
