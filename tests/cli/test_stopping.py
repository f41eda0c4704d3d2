"""A node that is told to stop, stops, whichever of its threads is told."""

import ctypes
import shutil
import signal
import sys
import time
from pathlib import Path

import pytest

from careledger.cli.house.problems import NodeNotServing
from careledger.cli.house.wire import call
from tests.cli.terminal import PASSPHRASE, Terminal
from tools.canaries.actors import LOG, Actor, serving


@pytest.mark.skipif(sys.platform != "linux", reason="names a thread as Linux does")
def test_a_stop_that_reaches_another_thread_is_noticed(
    founded: Path, tmp_path: Path
) -> None:
    """After a freeze the kernel may give the signal to any thread."""
    shutil.copytree(founded, tmp_path / "h")
    with serving(Actor(tmp_path / "h", PASSPHRASE)) as node:
        [*_, other] = sorted(
            int(one.name) for one in Path(f"/proc/{node.pid}/task").iterdir()
        )
        assert other != node.pid
        call(tmp_path / "h", "time", b"")
        time.sleep(0.5)  # it waits for the next call by now
        ctypes.CDLL(None).tgkill(node.pid, other, signal.SIGTERM)
        assert node.wait(10) == 0
    assert "simulated network" in (tmp_path / "h" / LOG).read_text()


def test_a_node_that_cannot_serve_leaves_the_signals_as_they_were(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard = []

    def nobody_listens(home: Path) -> None:
        heard.append(signal.getsignal(signal.SIGTERM))
        raise NodeNotServing(str(home))

    before = signal.getsignal(signal.SIGTERM)
    monkeypatch.setattr("careledger.cli.node.listening", nobody_listens)
    terminal.fails("cli.node-not-serving", "node", "serve")
    assert heard != [before]
    assert signal.getsignal(signal.SIGTERM) == before
