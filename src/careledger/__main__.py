"""`careledger` and `python -m careledger`: the command line, as soon as it is loaded.

Loading takes half a second. Who interrupts that sees no stack trace either.
"""

import importlib
import os
import signal
import sys
from typing import Any, Final

_INTERRUPTED: Final = 130


def main() -> int:
    """Load the command line, run it, and return its exit code."""
    try:
        return int(_loaded().main())
    except KeyboardInterrupt:
        return _INTERRUPTED


def _loaded() -> Any:
    # In the background a shell lets its commands ignore the signal: so do we.
    heard = signal.getsignal(signal.SIGINT) is signal.default_int_handler
    if heard:
        signal.signal(signal.SIGINT, _leave)
    command_line = importlib.import_module("careledger.cli")
    if heard:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    return command_line


def _leave(*_: object) -> None:
    os._exit(_INTERRUPTED)  # nothing is open yet that would have to be closed


if __name__ == "__main__":
    sys.exit(main())
