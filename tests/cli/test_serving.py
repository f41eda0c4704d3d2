"""Calls that would end a node, or keep it from everybody else."""

from types import SimpleNamespace
from typing import Any

import pytest

from careledger.cli.house.serving import answer
from careledger.cli.house.wire import Call
from careledger.cli.problems import Fault, NodeNotUnderstood
from careledger.primitives.encoding import encode


def rooms(**answers: Any) -> Any:
    transport = SimpleNamespace(**dict.fromkeys(["submit", "directory"]), **answers)
    return SimpleNamespace(transport=transport, hospital=None, registrar=None)


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
