"""Asking for secrets: at a prompt or through a descriptor.

Never as an argument or in the environment, where other programs could read it.
"""

import getpass
import os
import sys
from collections.abc import Sequence

from careledger.client.problems import NoPassphrase, NothingSaid


def ask_passphrase(what: str, descriptor: int | None, *, new: bool = False) -> str:
    """Return the passphrase of a home.

    Args:
        what: what it is for, as the prompt says it.
        descriptor: read one line from there instead of asking.
        new: ask twice, and compare.

    Raises:
        NoPassphrase: nobody to ask, nothing said, or two that differ.
    """
    if descriptor is not None:
        return _from_descriptor(descriptor)
    if not sys.stdin.isatty():
        raise NoPassphrase
    try:
        said = getpass.getpass(f"Passphrase {what}: ")
        again = getpass.getpass("The same again: ") if said and new else said
    except EOFError:  # ctrl-D
        raise NoPassphrase from None
    if not said or again != said:
        raise NoPassphrase
    return said


def _from_descriptor(descriptor: int) -> str:
    try:
        with os.fdopen(descriptor, encoding="utf-8", closefd=False) as file:
            said = file.readline().rstrip("\r\n")
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
    """
    if descriptor is not None:
        try:
            with os.fdopen(descriptor, encoding="utf-8", closefd=False) as file:
                said = file.read().splitlines()
        except (OSError, ValueError):
            raise NothingSaid from None
    elif sys.stdin.isatty():
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
