"""Verifying many signatures without holding up the committer.

A thread that verifies comes back for the interpreter lock after each signature
and fights the committer for it: two cores then do little more than one. So each
verifier thread has a process beside it. A batch is one write and one read, and
while the process works the thread waits outside the lock.

Few signatures are checked on the spot: no process is started for them.
"""

import select
import subprocess
import sys
from typing import IO, Final

from careledger.engines import signature_process
from careledger.engines.signature_process import (
    READY,
    Claim,
    check_claims,
    write_batch,
)

FEW: Final = 12
"""Signatures that are not worth a message to another process."""


class SignatureChecker:
    """One thread's way to verify batches."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._is_ready = False

    def check(self, claims: list[Claim]) -> bytes:
        """Return 1 for each good signature and 0 for each other, as bytes.

        Raises:
            OSError: the process died.
        """
        if len(claims) <= FEW or not self._has_process():
            return check_claims(claims)
        return self._ask(claims)

    def close(self) -> None:
        """End the process."""
        if self._process is not None:
            self._process.communicate()

    def _has_process(self) -> bool:
        """Start the process if there is none; tell whether it is up."""
        if self._process is None:
            self._process = subprocess.Popen(  # noqa: S603 (this program itself)
                [sys.executable, "-m", signature_process.__name__],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                bufsize=0,
            )
        if not self._is_ready:
            answers = _pipe(self._process.stdout)
            if select.select([answers], [], [], 0)[0]:
                self._is_ready = answers.read(1) == READY
        return self._is_ready

    def _ask(self, claims: list[Claim]) -> bytes:
        process = self._process
        questions = _pipe(process.stdin if process else None)
        answers = _pipe(process.stdout if process else None)
        frame = memoryview(write_batch(claims))
        while frame:
            frame = frame[questions.write(frame) :]
        verdicts = b""
        while len(verdicts) < len(claims):
            piece = answers.read(len(claims) - len(verdicts))
            if not piece:
                raise BrokenPipeError
            verdicts += piece
        return verdicts


def _pipe(pipe: IO[bytes] | None) -> IO[bytes]:
    if pipe is None:
        raise BrokenPipeError
    return pipe
