"""What a node makes of bodies: the size of an invitation, a page cut apart."""

from typing import Final

from careledger.primitives.encoding import NotCanonical, decode

INVITATION_SIZE: Final = 16_384
"""Bytes of every invitation body: none stands out in the feed."""

_END: Final = b"\x80"


def wraps_on(page: bytes) -> list[tuple[bytes, bytes]]:
    """Return the (recipient, sealed) pairs on a page of wraps; none if it is none.

    The desk cuts a page apart, so that nobody sees who else is on it.
    """
    try:
        return list(decode(page.rstrip(b"\0").removesuffix(_END), tuple[_Pair, ...]))
    except NotCanonical:
        return []


_Pair = tuple[bytes, bytes]
