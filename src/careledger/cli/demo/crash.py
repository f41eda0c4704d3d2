"""Scene: the node is killed in the middle of its work."""

import json
import signal
import subprocess
import sys
from typing import Final, NamedTuple

from careledger.cli import views
from careledger.cli.demo import load
from careledger.cli.demo.problems import DemoFailed
from careledger.cli.demo.stage import Stage
from careledger.cli.demo.story import Story
from careledger.engines.verify import verify_ledger
from careledger.primitives.hashing import HASH_SIZE
from careledger.sealing.chance import random_bytes

_ENOUGH: Final = 1_000
"""Acknowledgements after which the process is killed."""


class Count(NamedTuple):
    """What is left after the kill.

    Attributes:
        announced: transfers that were acknowledged before the kill.
        lost: of these, how many the ledger does not have.
        received: coin in the payee's purse, one for each transfer on disk.
    """

    announced: int
    lost: int
    received: int


def play_crash(stage: Stage, story: Story) -> None:
    """Kill the node in mid-load, start it again, and count."""
    payee = random_bytes(HASH_SIZE)
    code = _kill_in_mid_load(stage, payee)
    story.tell(
        "exit code of the loading process",
        code,
        lambda code: f"A process that pays without pause was killed: signal {-code}.",
    )
    with stage.open() as engine:
        reader = engine.query
        story.tell(
            "head of the restarted ledger",
            reader.head.height,
            lambda height: f"The ledger was started again, at block {height}.",
        )
        lost = [tx for tx in stage.acknowledged if reader.receipt(tx) is None]
        count = Count(len(stage.acknowledged), len(lost), views.balance(reader, payee))
        story.tell(
            f"receipts of {count.announced} transfers; state: the payee's purse",
            count,
            lambda c: (
                f"{c.announced:,} payments had been acknowledged, {c.lost} are"
                f" lost; {c.received - c.announced:,} more were on disk, unannounced."
            ),
        )
        if lost or count.received < count.announced:
            raise DemoFailed(f"{len(lost)} of {count.announced} transfers are lost")
    story.tell(
        "ledger verify",
        verify_ledger(stage.hospital.ledger),
        lambda v: (
            f"All {v.transactions:,} transactions, executed again from the start,"
            " give the same ledger."
        ),
    )


def _kill_in_mid_load(stage: Stage, payee: bytes) -> int:
    """Return the exit code of the killed process; note what it announced."""
    told = {
        "ledger": str(stage.hospital.ledger),
        "chain": stage.hospital.chain_id.hex(),
        "seed": stage.load_seed.hex(),
        "payee": payee.hex(),
    }
    # Not with -m: the command line has imported the module already.
    command = [sys.executable, "-c", f"from {load.__name__} import main; main()"]
    with subprocess.Popen(  # noqa: S603 (our own interpreter, our own text)
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as child:
        if child.stdin is None or child.stdout is None:
            raise DemoFailed("no pipe to the loading process")
        child.stdin.write(json.dumps(told) + "\n")
        child.stdin.flush()
        for line in child.stdout:
            if line.endswith("\n"):
                stage.acknowledged.append(bytes.fromhex(line))
            if len(stage.acknowledged) == _ENOUGH:
                child.kill()
    if child.returncode != -signal.SIGKILL:
        raise DemoFailed(f"the loading process ended by itself: {child.returncode}")
    return child.returncode
