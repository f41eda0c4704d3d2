"""Asking for a passphrase: at a prompt or through a descriptor.

Never as an argument or in the environment, where other programs could read it.
"""

import getpass
import os
import sys

from careledger.client.problems import NoPassphrase


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
