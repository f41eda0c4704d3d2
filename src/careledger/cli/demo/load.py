"""A process that pays and pays, and announces each acknowledgement.

    stdin   one line of JSON: ledger, chain, seed, payee (never an argument)
    stdout  one transaction id per line, each after its verdict is on disk

It is meant to be killed.
"""

import itertools
import json
import os
import sys
from pathlib import Path
from typing import Final

from careledger.cli.demo.paying import PURSES
from careledger.cli.demo.stage import load_purse
from careledger.cli.ledgers import now
from careledger.client.envelopes import HOUR, compose, seal_envelope
from careledger.engines.embedded import Engine
from careledger.ledger.actions.coin import Transfer

IN_FLIGHT: Final = 64
"""Transfers sent before the first of them is waited for."""

_LIMIT: Final = PURSES * 900
"""Transfers after which it ends by itself, below the purses' quota."""


def main() -> None:
    """Pay one coin at a time until killed, or until the quota is near."""
    given = json.loads(sys.stdin.readline())
    chain, payee = bytes.fromhex(given["chain"]), bytes.fromhex(given["payee"])
    seed = bytes.fromhex(given["seed"])
    purses = itertools.cycle([load_purse(seed, number) for number in range(PURSES)])
    with Engine.open(Path(given["ledger"])) as engine:
        for _ in range(_LIMIT // IN_FLIGHT):
            tickets = [
                engine.submit(
                    seal_envelope(
                        compose(
                            chain, [purse.public], [Transfer(0, payee, 1)], now() + HOUR
                        ),
                        [purse],
                    )
                )
                for purse in itertools.islice(purses, IN_FLIGHT)
            ]
            for ticket in tickets:
                # The verdict is on disk: from here on it must survive anything.
                os.write(1, ticket.result().tx_id.hex().encode() + b"\n")


if __name__ == "__main__":
    main()
