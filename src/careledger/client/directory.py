"""The directory: who can be invited, with proofs and public cards.

All of it is fetched and proven, so no look-up tells the node who is looked for.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Final

import msgspec

from careledger.client.evidence import proven_value
from careledger.client.line import Line
from careledger.client.session_problems import (
    BadEvidence,
    BadName,
    NoSuchPerson,
    SameName,
    WrongRole,
)
from careledger.node.answers import Directory, MemberLine, OrganisationLine
from careledger.node.state_keys import (
    Member,
    Organisation,
    mailbox_key,
    member_key,
    organisation_key,
)
from careledger.primitives.encoding import Message, NotCanonical, decode
from careledger.primitives.hashing import same, sha256
from careledger.sealing.hpke import PUBLIC_SIZE
from careledger.sealing.invitations import Addressee

MOST_NAME: Final = 200
"""Characters of what the directory says of a person."""

Label = Annotated[str, msgspec.Meta(max_length=MOST_NAME)]

_HOUSES: Final = {"practitioner": "hospital", "insurer": "insurer"}
"""Which kind of organisation answers for whom."""


class PublicCard(Message, frozen=True, tag="public-card/v1"):
    """What the directory shows of a practitioner or of staff.

    Attributes:
        name: as the person is called.
        specialty: in words, or a code with its system.
        licence: number and who gave it.
        sealing_key: the member's X-Wing key.
        salt: so that the card's hash cannot be guessed once the card is erased.
    """

    name: Label
    specialty: Label
    licence: Label
    sealing_key: Annotated[
        bytes, msgspec.Meta(min_length=PUBLIC_SIZE, max_length=PUBLIC_SIZE)
    ]
    salt: Annotated[bytes, msgspec.Meta(min_length=32, max_length=32)]


@dataclass(frozen=True, slots=True)
class Listing:
    """A person in the directory.

    Attributes:
        member: id.
        card: as published by the organisation.
        organisation: that answers for the person.
    """

    member: bytes
    card: PublicCard
    organisation: OrganisationLine

    @property
    def addressee(self) -> Addressee:
        """Where an invitation to this person goes."""
        mailbox = self.organisation.mailbox
        return Addressee(self.member, self.card.sealing_key, mailbox)


def open_directory(line: Line) -> list[Listing]:
    """Return every active member whose card is published, proven.

    Raises:
        BadEvidence: the directory is not what the ledger says.
    """
    houses, people = _fetch(line)
    if not houses.keys() >= {one.organisation for one in people}:
        raise BadEvidence
    return [
        Listing(one.member, card, houses[one.organisation])
        for one in people
        if one.status == "active" and houses[one.organisation].status == "active"
        for card in _card(one)
    ]


def organisations(line: Line, kind: str) -> list[OrganisationLine]:
    """Return the active organisations of a kind, proven.

    Raises:
        BadEvidence: the directory is not what the ledger says.
    """
    houses, _ = _fetch(line)
    return [o for o in houses.values() if kind in o.kinds and o.status == "active"]


def find_person(listed: list[Listing], name: str) -> Listing:
    """Return the one person of this name, or with this member id in hexadecimal.

    Raises:
        NoSuchPerson: nobody.
        SameName: more than one.
    """
    match [o for o in listed if name in {o.card.name, o.member.hex()}]:
        case [one]:
            return one
        case []:
            raise NoSuchPerson
        case _:
            raise SameName


def check_role(person: Listing, role: str) -> None:
    """Check that a person's organisation can have people in a role.

    Args:
        person: to be invited.
        role: `practitioner` or `insurer`; others are not for the directory's people.

    Raises:
        WrongRole: nobody of this organisation could accept.
    """
    needed = _HOUSES.get(role)
    if needed is not None and needed not in person.organisation.kinds:
        kinds = " and ".join(person.organisation.kinds)
        raise WrongRole(f"asked as {role}, and of an organisation of kind {kinds}")


def check_name(name: str, *others: str) -> None:
    """Check what a card is to say: others will read it in lists, one line each.

    Args:
        name: as the person is called; not empty.
        others: specialty and licence, if any.

    Raises:
        BadName: an empty name, or more than 200 characters or a line break or
            control character anywhere.
    """
    if not name.strip():
        raise BadName
    if any(len(one) > MOST_NAME or not one.isprintable() for one in (name, *others)):
        raise BadName


def _card(line: MemberLine) -> Iterator[PublicCard]:
    """Yield the member's card, if it is there and the one that was published."""
    if line.card and same(sha256(line.card), line.card_hash):
        try:
            yield decode(line.card, PublicCard)
        except NotCanonical:
            return


def _fetch(line: Line) -> tuple[dict[bytes, OrganisationLine], list[MemberLine]]:
    """Return everybody, page by page, each proven as of one moment.

    Raises:
        BadEvidence: a page is not what the ledger says, or names nobody new.
    """
    houses: dict[bytes, OrganisationLine] = {}
    people: dict[bytes, MemberLine] = {}
    after, is_last = 0, False
    while not is_last:
        page = line.transport.directory(after)
        _check(line, page)
        known = len(houses) + len(people)
        houses |= {one.organisation: one for one in page.organisations}
        people |= {one.member: one for one in page.members}
        new = len(page.organisations) + len(page.members)
        if not new or len(houses) + len(people) != known + new:
            raise BadEvidence  # or pages would never end
        after, is_last = page.after, page.is_last
    return houses, list(people.values())


def _check(line: Line, found: Directory) -> None:
    keys = [
        *(
            key
            for one in found.organisations
            for key in (
                organisation_key(one.organisation),
                mailbox_key(one.organisation),
            )
        ),
        *(member_key(one.member) for one in found.members),
    ]
    values = iter(line.check(found.evidence, keys))
    for house in found.organisations:
        _check_house(house, next(values), next(values))
    for member in found.members:
        _check_member(member, next(values))


def _check_house(line: OrganisationLine, leaf: bytes | None, box: bytes | None) -> None:
    proven = proven_value(leaf, Organisation)
    said = (line.name, line.kinds, line.key, line.status)
    if said != (proven.name, proven.kinds, proven.key, proven.status):
        raise BadEvidence
    if proven_value(box, bytes) != line.mailbox:
        raise BadEvidence


def _check_member(line: MemberLine, leaf: bytes | None) -> None:
    proven = proven_value(leaf, Member)
    said = (line.organisation, line.kind, line.key, line.status, line.card_hash)
    if said != (
        proven.organisation,
        proven.kind,
        proven.key,
        proven.status,
        proven.card,
    ):
        raise BadEvidence
