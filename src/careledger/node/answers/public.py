"""What needs no key: the directory, and the feed of invitations."""

from careledger.ledger.actions.base import Hash, PublicKey
from careledger.node.answers.transactions import Evidence
from careledger.primitives.encoding import Message


class FeedPage(Message, frozen=True):
    """Some of the invitations that may be waiting, and nothing else about them.

    Attributes:
        after: ask again with this.
        bodies: of equal size, in an order that says nothing.
    """

    after: int
    bodies: tuple[bytes, ...]


class OrganisationLine(Message, frozen=True):
    """An organisation in the directory."""

    organisation: Hash
    name: bytes
    kinds: tuple[str, ...]
    key: PublicKey
    mailbox: bytes
    status: str


class MemberLine(Message, frozen=True):
    """One of an organisation's people in the directory; `card` is as published."""

    member: Hash
    organisation: Hash
    kind: str
    key: PublicKey
    status: str
    card_hash: bytes
    card: bytes


class Directory(Message, frozen=True):
    """A page of what is public; all are fetched, so none says who is looked for.

    Attributes:
        organisations: those of the page; whoever was ever admitted is on one.
        members: practitioners and staff, likewise.
        evidence: of each organisation's leaf and mailbox, then of each member's.
        after: ask again with this.
        is_last: there is nobody behind this page.
    """

    organisations: tuple[OrganisationLine, ...]
    members: tuple[MemberLine, ...]
    evidence: Evidence
    after: int
    is_last: bool
