"""`careledger` and `python -m careledger`: the command line, as soon as it is loaded.

Loading takes half a second. Who interrupts that sees no stack trace either, from the
first line on: so what ends quietly is in place before the first slow import.
"""

import os
import sys

_INTERRUPTED = 130


def _end_quietly(
    kind: type[BaseException], error: BaseException, trace: "TracebackType | None"
) -> None:
    if issubclass(kind, KeyboardInterrupt):
        os._exit(_INTERRUPTED)  # nothing is open yet that would have to be closed
    sys.__excepthook__(kind, error, trace)


sys.excepthook = _end_quietly

import importlib  # noqa: E402
import signal  # noqa: E402
from types import TracebackType  # noqa: E402
from typing import Any  # noqa: E402


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
    os._exit(_INTERRUPTED)


if __name__ == "__main__":
    sys.exit(main())
