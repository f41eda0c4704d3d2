"""Standard output: what is said there arrives, or the command says that it did not."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from careledger.cli.machine_problems import AnswerNotWritten


def check_open() -> None:
    """Check that there is a standard output.

    Raises:
        AnswerNotWritten: the shell closed it (>&-).
    """
    if sys.stdout is None:
        raise AnswerNotWritten


@contextmanager
def arriving() -> Iterator[None]:
    """See to it that what is said in here has arrived in the end.

    Raises:
        AnswerNotWritten: it could not: most often, a full disk is behind it.
    """
    try:
        yield
        if sys.stdout is not None:
            sys.stdout.flush()
    except OSError as error:
        _leave_the_rest()
        raise AnswerNotWritten from error


def _leave_the_rest() -> None:
    """Lead standard output nowhere: Python would try once more at its end, and fail."""
    with suppress(OSError):  # in tests it is no descriptor
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)
