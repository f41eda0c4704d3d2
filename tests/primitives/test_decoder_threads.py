"""Threads that decode a message kind for the first time, all at the same moment."""

import subprocess
import sys

from careledger.ledger.actions.coin import Transfer
from tests.ledger.world import ANN, BOB, World

RACE = """
import sys, threading
from careledger.ledger.envelopes import open_envelope

sys.setswitchinterval(1e-4)
raw = bytes.fromhex(sys.argv[1])

def first_use():
    for _ in range(300):
        open_envelope(raw)

threads = [threading.Thread(target=first_use) for _ in range(2)]
for thread in threads: thread.start()
for thread in threads: thread.join()
"""
ATTEMPTS = 8


def test_decoders_are_built_one_at_a_time():
    """Without the lock two of three such processes die of a segmentation fault."""
    envelope = World().envelope(Transfer(0, BOB.public, 1), by=[ANN])
    command = [sys.executable, "-c", RACE, envelope.hex()]
    for _ in range(ATTEMPTS):
        assert (
            subprocess.run(command, check=False, stderr=subprocess.DEVNULL).returncode
            == 0
        )
