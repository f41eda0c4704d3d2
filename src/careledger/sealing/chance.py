"""Randomness: the one place where this room draws it.

Functions that need chance take `draw` as an argument with `random_bytes` as its
default, so that golden vectors can be made again, byte for byte. HPKE draws its
own inside the library, where no caller can spoil it.
"""

import secrets
from collections.abc import Callable

Draw = Callable[[int], bytes]
"""Given a number of bytes, returns that many, unpredictable."""


def random_bytes(size: int) -> bytes:
    """Return `size` bytes from the operating system's generator."""
    return secrets.token_bytes(size)
