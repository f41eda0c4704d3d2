"""Reading what people type: keys, identifiers, files that must not be there."""

from pathlib import Path

from careledger.cli.problems import FileThere
from careledger.client.problems import NotAKey
from careledger.primitives.hashing import HASH_SIZE
from careledger.primitives.moments import moment

__all__ = ["check_free", "counted", "moment", "parse_key"]


def parse_key(text: str) -> bytes:
    """Return the 32 bytes that 64 hexadecimal digits spell.

    Raises:
        NotAKey: they do not.
    """
    try:
        key = bytes.fromhex(text)
    except ValueError:
        raise NotAKey from None
    if len(key) != HASH_SIZE:
        raise NotAKey
    return key


def check_free(path: Path) -> None:
    """Check that nothing is at a path that a command is about to write.

    Raises:
        FileThere: something is.
    """
    if path.exists():
        raise FileThere(str(path))


def counted(number: int, noun: str) -> str:
    """Return a number of things, as people say it."""
    return f"{number:,} {noun}" + ("" if number == 1 else "s")
