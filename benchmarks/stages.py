"""The process that is measured stage by stage: processor time for each transaction.

python -m benchmarks.stages LEDGER ENVELOPES

Apart from the timed rounds, because the clocks cost time themselves.
"""

import json
import resource
import sys
from pathlib import Path
from typing import Any

from benchmarks.load import throughput
from careledger.engines.embedded import Engine
from careledger.engines.stages import timed_stages

OWN_THREADS = ("decode", "execute", "tree", "log", "index", "sqlite")


def main() -> None:
    """Apply the load, print microseconds of processor time by stage."""
    path, load = map(Path, sys.argv[1:])
    with timed_stages() as stages, Engine.open(path) as engine:
        committed: int = throughput(engine, load)["committed"]
    spent: dict[str, Any] = {
        name: round(stages[name].busy_us(committed), 1) for name in OWN_THREADS
    }
    # Signatures are checked by processes of their own, which have ended by now.
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds = children.ru_utime + children.ru_stime
    spent["verify"] = round(seconds / committed * 1e6, 1)
    print(json.dumps(spent))


if __name__ == "__main__":
    main()
