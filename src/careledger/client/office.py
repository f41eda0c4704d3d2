"""What every organisation's session can do: register its people, sort its post."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from careledger.client.directory import PublicCard, check_name
from careledger.client.keystore import Keystore
from careledger.client.line import Line
from careledger.client.papers import Paper, draw_up, sign
from careledger.ledger.actions.registry import RegisterMember
from careledger.primitives.encoding import encode
from careledger.primitives.hashing import sha256
from careledger.primitives.signing import SigningKey
from careledger.sealing.chance import random_bytes
from careledger.sealing.hpke import OpeningKey
from careledger.sealing.invitations import Routed, open_mailbox
from careledger.sealing.problems import NotARecipient, Tampered


@dataclass(frozen=True, slots=True)
class OfficeKeys:
    """The keys of an organisation.

    Attributes:
        signing: acts for it on the ledger.
        mailboxes: open its post, the newest first.
    """

    signing: SigningKey
    mailboxes: tuple[OpeningKey, ...]


class PostRoom(Protocol):
    """Where an organisation's people fetch their post."""

    def post_for(self, member: bytes) -> Iterable[Routed]:
        """Return what came for a member."""
        ...


class Office:
    """An organisation's session.

    Attributes:
        line: to the node.
        organisation: its id.
        name: as in the directory.
        keys: what it signs and opens with.
    """

    def __init__(
        self, line: Line, organisation: bytes, name: str, keys: OfficeKeys
    ) -> None:
        self.line, self.organisation, self.name = line, organisation, name
        self.keys = keys
        self._post: dict[bytes, list[Routed]] = {}
        self._read_to = -1

    def register_member(
        self, member: bytes, card: PublicCard, *, staff: bool = False
    ) -> Paper:
        """Return the signed paper that registers a person; the person signs next.

        Args:
            member: the person's key; it stays the person's id.
            card: what the directory will show.
            staff: staff instead of a practitioner.

        Raises:
            BadName: the card says what no list could show.
        """
        check_name(card.name, card.specialty, card.licence)
        body = encode(card)
        card_hash = sha256(body)
        action = RegisterMember(0, 1, "staff" if staff else "practitioner", card_hash)
        signers = [self.keys.signing.public, member]
        return sign(draw_up(self.line, signers, [action], [body]), self.keys.signing)

    def post_for(self, member: bytes) -> tuple[Routed, ...]:
        """Return what came for a member through the feed, and forget it.

        Every organisation tries its mailbox keys on every body: about 0.2 ms each.
        """
        self._sort_post()
        return tuple(self._post.pop(member, ()))

    def read_feed(self, after: int) -> tuple[int, list[Routed]]:
        """Return what the feed has for this organisation behind a place.

        Args:
            after: −1, or what the last call returned.
        """
        found: list[Routed] = []
        while True:
            last, page = self.read_page(after)
            found += page.values()
            if last == after:
                return after, found
            after = last

    def read_page(self, after: int) -> tuple[int, dict[bytes, Routed]]:
        """Return what one page of the feed has for this organisation, by body hash.

        At the end of the feed the place stays the same.
        """
        page = self.line.transport.feed(after)
        return page.after, {
            sha256(body): routed for body in page.bodies for routed in self.opened(body)
        }

    def opened(self, body: bytes) -> list[Routed]:
        """Return whom a body from the feed is for; nobody, if for another house."""
        try:
            return [open_mailbox(self.keys.mailboxes, self.line.chain_id.hex(), body)]
        except (NotARecipient, Tampered):
            return []  # for another organisation, or for nobody

    def _sort_post(self) -> None:
        self._read_to, found = self.read_feed(self._read_to)
        for routed in found:
            self._post.setdefault(routed.member, []).append(routed)


def public_card(
    store: Keystore, name: str, specialty: str = "", licence: str = ""
) -> PublicCard:
    """Return a person's public card, with a fresh salt.

    Raises:
        BadName: it would say what no list could show.
    """
    check_name(name, specialty, licence)
    key = store.member.opening.public
    return PublicCard(name, specialty, licence, key, random_bytes(32))
