"""What is public: organisations and their people, and the feed of invitations.

One pass over the log, continued where it stopped. Patients are not listed: they
are pseudonymous keys that nobody looks up.
"""

from collections.abc import Iterable, Iterator
from threading import Lock
from typing import Final

from careledger.ledger.actions import Action, referral, registry
from careledger.ledger.actions import governance as for_governance
from careledger.ledger.actions.emergency import BreakGlass
from careledger.ledger.refusals.base import Refusal
from careledger.ledger.workflows import emergency, governance
from careledger.ledger.workflows import registry as members
from careledger.node.answers import (
    Directory,
    FeedPage,
    MemberLine,
    OrganisationLine,
    ReviewLine,
)
from careledger.node.digest import Act, acts_at, new_id
from careledger.node.evidence import Prover
from careledger.node.feed import Feed
from careledger.node.ledger_facts import Facts
from careledger.node.problems import NothingHere
from careledger.node.state_keys import mailbox_key, member_key, organisation_key

PAGE: Final = 128
"""Lines in one page of the directory: 16 MiB at most, for an envelope holds a card."""


class PublicDesk:
    """Answers that need no key."""

    def __init__(self, facts: Facts, prover: Prover, first: tuple[bytes, ...]) -> None:
        """Start with the organisations that genesis admitted."""
        self._facts, self._prover = facts, prover
        self._position = 0
        self._listed = dict.fromkeys(first, False)  # whether a member
        self._accesses: list[Act] = []
        self._feed = Feed(facts)
        self._lock = Lock()

    def feed(self, after: int) -> FeedPage:
        """Return the next invitations behind the place that the last page named."""
        self._follow()
        with self._lock:
            return self._feed.page(after, self._position)

    def is_waiting(self, body: bytes) -> bool:
        """Tell whether an invitation with this body can still be taken up."""
        self._follow()
        with self._lock:
            return self._feed.is_waiting(body)

    def directory(self, after: int) -> Directory:
        """Return those who are publicly listed, behind the first `after` of them.

        In the order in which the log first names them, which never changes.

        Raises:
            NothingHere: there are no more.
            TooBusyToProve: the ledger grew during every attempt.
        """
        self._follow()
        listed = list(self._listed.items())
        found = listed[max(after, 0) :][:PAGE]
        if not found:
            raise NothingHere
        houses = [one for one, is_member in found if not is_member]
        people = [one for one, is_member in found if is_member]
        end = max(after, 0) + len(found)
        return Directory(
            tuple(map(self._organisation, houses)),
            tuple(map(self._member, people)),
            self._prover.prove(_keys(houses, people)),
            end,
            end == len(listed),
        )

    def reviews(self, auditor: bytes) -> tuple[ReviewLine, ...]:
        """Return every emergency access, to the key of an active auditor.

        Raises:
            NothingHere: the key is not an auditor's.
        """
        self._follow()
        try:
            governance.acting(self._facts.draft(), auditor, "auditor")
        except Refusal:
            raise NothingHere from None
        return tuple(
            line for act in self._accesses for line in self._review(act, act.action)
        )

    def _review(self, act: Act, action: Action) -> Iterator[ReviewLine]:
        if isinstance(action, BreakGlass):
            access, signers = new_id(act), act.core.signers
            found = emergency.access(self._facts.draft(), access)
            words = (action.first_endorsed, action.second_endorsed)
            body = self._facts.body(next(iter(act.bodies[2:]), None))
            yield ReviewLine(
                access,
                found.at,
                found.status,
                found.record,
                (signers[action.first], signers[action.second]),
                (words[0].endorsement.commitment, words[1].endorsement.commitment),
                body,
            )

    def _organisation(self, organisation: bytes) -> OrganisationLine:
        draft = self._facts.draft()
        found = governance.organisation(draft, organisation)
        mailbox = governance.mailbox(draft, organisation)
        return OrganisationLine(
            organisation, found.name, found.kinds, found.key, mailbox, found.status
        )

    def _member(self, member: bytes) -> MemberLine:
        found = members.member(self._facts.draft(), member)
        return MemberLine(
            member,
            found.organisation,
            found.kind,
            found.key,
            found.status,
            found.card,
            self._facts.body(found.card),
        )

    def _follow(self) -> None:
        """Take in the blocks that came since."""
        with self._lock:
            for block in self._facts.reader.blocks(self._position):
                invitations: list[tuple[bytes, bytes]] = []
                for position in range(block.first, block.next - 1):
                    for act in acts_at(self._facts, position):
                        invitations.extend(self._take_in(act))
                self._feed.add(block.next - 1, block.end.time, invitations)
                self._position = block.next
            self._feed.forget_lapsed()

    def _take_in(self, act: Act) -> Iterator[tuple[bytes, bytes]]:
        """Note what the desk tells of; yield (body hash, key) of an invitation."""
        match act.action:
            case for_governance.AdmitOrganisation():
                new = governance.organisation_id(act.action.application)
                self._listed.setdefault(new, False)
            case BreakGlass():
                self._accesses.append(act)
            case registry.RegisterMember():
                self._listed.setdefault(act.core.signers[act.action.member], True)
            case referral.Invite() | referral.InviteForMinor():
                for body in act.bodies:
                    yield body, act.action.invitation
            case _:
                pass


def _keys(houses: Iterable[bytes], people: Iterable[bytes]) -> list[bytes]:
    """Return the keys that a page's evidence is of."""
    of_houses = (
        key for one in houses for key in (organisation_key(one), mailbox_key(one))
    )
    return [*of_houses, *map(member_key, people)]
