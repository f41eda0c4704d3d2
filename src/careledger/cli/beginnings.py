"""Finding the one thing that a person means by the beginning of its id.

Nothing is ever guessed: who types too little is asked for more.
"""

from collections.abc import Iterable

from careledger.cli.problems import WhichOne
from careledger.errors import CareLedgerError


def find_by_beginning(
    ids: Iterable[bytes], text: str, absent: type[CareLedgerError]
) -> bytes:
    """Return the one id that begins so, in hexadecimal digits of either case.

    Args:
        ids: those that could be meant; the same one twice counts once.
        text: the whole id, or its beginning.
        absent: raised if none begins so.

    Raises:
        WhichOne: nothing was given, or more than one begins so.
    """
    beginning = text.strip().lower()
    if not beginning:
        raise WhichOne
    match [*dict.fromkeys(one for one in ids if one.hex().startswith(beginning))]:
        case [found]:
            return found
        case []:
            raise absent
        case _:
            raise WhichOne
