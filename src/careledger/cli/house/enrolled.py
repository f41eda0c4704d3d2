"""Whom a hospital's registrar has checked: a file that its counter reads anew."""

from pathlib import Path
from typing import Annotated, Final

from msgspec import Meta

from careledger.cli.people_problems import NotEnrolled, OtherNumber
from careledger.client.files import read_file, read_message, write_message
from careledger.ledger.actions.base import Hash
from careledger.ledger.actions.registry import HandleRole
from careledger.primitives.encoding import Message

_FILE: Final = "enrolled"
_MARKER: Final = b"careledger/enrolled/v2\n"
_FIRST: Final = b"careledger/enrolled/v1\n"
"""Of version 0.1.0, whose file had practitioners' keys and nothing else."""


class Checked(Message, frozen=True):
    """Somebody whom the registrar has checked.

    Attributes:
        member: the person's key.
        roles: what this person may act as; none for who was dismissed.
        tag: stands for the person in emergencies; empty for who has no such role.
    """

    member: Hash
    roles: tuple[HandleRole, ...]
    tag: Annotated[bytes, Meta(max_length=32)] = b""


_People = Annotated[tuple[Checked, ...], Meta(max_length=100_000)]
_Keys = Annotated[tuple[Hash, ...], Meta(max_length=100_000)]


def enrolled(home: Path) -> tuple[Checked, ...]:
    """Return who was checked.

    Raises:
        HalfWritten: the file is cut or changed.
    """
    path = home / _FILE
    if not path.exists():
        return ()
    if read_file(path).startswith(_FIRST):
        keys: tuple[bytes, ...] = read_message(path, _FIRST, _Keys)
        return tuple(Checked(one, ("practitioner",)) for one in keys)
    found: tuple[Checked, ...] = read_message(path, _MARKER, _People)
    return found


def enrol(home: Path, new: Checked, *, replace: bool = False) -> None:
    """Note that somebody was checked; this survives power loss.

    Roles of before stay, and so does a tag if the new entry has none.

    Args:
        home: the registrar's.
        new: who was checked.
        replace: a tag of before may give way to another.

    Raises:
        OtherNumber: the person has another tag, and it may not.
    """
    people = {one.member: one for one in enrolled(home)}
    old = people.get(new.member, new)
    if old.tag and new.tag not in {b"", old.tag} and not replace:
        raise OtherNumber
    roles = tuple(dict.fromkeys((*old.roles, *new.roles)))
    people[new.member] = Checked(new.member, roles, new.tag or old.tag)
    _write(home, people)


def dismiss(home: Path, member: bytes) -> None:
    """Note that somebody is vouched for no longer; this survives power loss.

    The tag stays: who comes back under another number is still one person.

    Raises:
        NotEnrolled: nobody whom the registrar vouches for.
    """
    people = {one.member: one for one in enrolled(home)}
    if not people.get(member, Checked(member, ())).roles:
        raise NotEnrolled
    people[member] = Checked(member, (), people[member].tag)
    _write(home, people)


def _write(home: Path, people: dict[bytes, Checked]) -> None:
    write_message(home / _FILE, _MARKER, tuple(people.values()))
