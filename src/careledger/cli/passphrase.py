"""Asking for secrets: at a prompt or through a descriptor.

Never as an argument or in the environment, where other programs could read it.
"""

import getpass
import sys
import unicodedata
from collections.abc import Sequence
from typing import Final

from careledger.cli.descriptors import first_line, whole_text
from careledger.cli.problems import ShortPassphrase
from careledger.client.problems import NoPassphrase, NothingSaid

LEAST: Final = 8
"""Characters of a new passphrase: NIST SP 800-63B, 5.1.1.1, for chosen secrets."""


def ask_passphrase(what: str, descriptor: int | None, *, new: bool = False) -> str:
    """Return the passphrase of a home.

    Args:
        what: what it is for, as the prompt says it.
        descriptor: read one line from there instead of asking.
        new: it is chosen now: check its length, ask twice, and compare.

    Raises:
        NoPassphrase: nobody to ask, nothing said, or two that differ.
        ShortPassphrase: a new one has fewer than `LEAST` characters.
        TooMuchSaid: the line in the descriptor has no end in sight.
    """
    if descriptor is not None:
        said = _from_descriptor(descriptor)
        return _long_enough(said) if new else said
    if not _is_somebody_there():
        raise NoPassphrase
    if not new:
        return _typed(f"Passphrase {what}: ")
    said = _long_enough(_typed(f"Passphrase {what}, {LEAST} characters or more: "))
    if _typed("The same again: ") != said:
        raise NoPassphrase
    return said


def _is_somebody_there() -> bool:
    # Python has no standard input at all where the shell closed it (<&-).
    return sys.stdin is not None and sys.stdin.isatty()


def _typed(prompt: str) -> str:
    try:
        said = getpass.getpass(prompt)
    except EOFError:  # ctrl-D
        raise NoPassphrase from None
    if not said:
        raise NoPassphrase
    return said


def _long_enough(said: str) -> str:
    # Counted as it is locked: one accented letter is one, however it was typed.
    if len(unicodedata.normalize("NFC", said)) < LEAST:
        raise ShortPassphrase
    return said


def _from_descriptor(descriptor: int) -> str:
    try:
        said = first_line(descriptor)
    except (OSError, ValueError):
        raise NoPassphrase from None
    if not said:
        raise NoPassphrase
    return said


def ask_lines(prompts: Sequence[str], descriptor: int | None) -> list[str]:
    """Return what was said to each prompt; from a descriptor, its lines.

    What is typed is not shown.

    Raises:
        NothingSaid: nobody to ask, or nothing said.
        TooMuchSaid: the descriptor gives more than any words or shares.
    """
    if descriptor is not None:
        try:
            said = whole_text(descriptor).splitlines()
        except (OSError, ValueError):
            raise NothingSaid from None
    elif _is_somebody_there():
        try:
            said = [getpass.getpass(f"{prompt}: ") for prompt in prompts]
        except EOFError:  # ctrl-D
            raise NothingSaid from None
    else:
        raise NothingSaid
    lines = [one for one in said if one.strip()]
    if not lines:
        raise NothingSaid
    return lines
