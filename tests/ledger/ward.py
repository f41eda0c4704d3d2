"""A `Town` with records: one that everything happens to, and somebody else's.

Seats of the record, in their order: the owner; a practitioner (reads, writes,
refers); its colleague (one entry only); a reader from this epoch on; one whose
time is over; one that was revoked. Nobody of the other record may do anything here.
"""

from functools import cache

from careledger.ledger.actions.emergency import BreakGlass, SetPlan
from careledger.ledger.actions.records import Append, Erase, NewEntry, OpenRecord
from careledger.ledger.actions.referral import (
    Accept,
    AllEpochs,
    Capability,
    Endorsed,
    FromEpoch,
    Invite,
    Offer,
    OnlyEntries,
    Revoke,
    Scope,
)
from careledger.ledger.actions.registry import Endorsement, HandleRole
from careledger.ledger.actions.tokens import IssueTokens, OpenTokenKey
from careledger.ledger.workflows import entries, registry, tokens
from careledger.primitives.blind_signatures import token_message
from careledger.primitives.hashing import sha256
from careledger.primitives.signing import SigningKey
from careledger.sealing.tokens import (
    TokenSigner,
    blind,
    blind_sign,
    finalize,
    generate_signer,
    token_key,
)
from tests.ledger.town import ISSUER, PAT, REGISTRAR, Town
from tests.ledger.world import DAY, HOUR, body, key

OWNER, DOC, COLLEAGUE, READER, LAPSED, REVOKED = map(
    key, ("owner", "doc", "colleague", "reader", "lapsed", "revoked")
)
OTHER_OWNER, OTHER_CUSTODIAN = map(key, ("other-owner", "other-owner-custodian"))
CUSTODIAN, WITNESS, RECOVERY = map(
    key, ("owner-custodian", "owner-witness", "owner-recovery")
)
INVITED, AUDITOR = map(key, ("invited", "auditor"))
FIRST, SECOND = map(key, ("emergency-first", "emergency-second"))
AGENTS = tuple(key(f"agent-{i}").public for i in range(3))

ENTRY = b"entry-of-record!"
HASH = body(b"whatever the ledger cannot look into")


@cache
def signer() -> TokenSigner:
    """Return the registrar's token key: made anew for each run."""
    return generate_signer(2048)


class Ward(Town):
    """A town with an auditor, a token key, and the two records."""

    def __init__(self) -> None:
        super().__init__()
        self.must(self.govern(self.admission("auditor", "auditor")))
        self.key = token_key(signer())
        self.key_id = tokens.key_id(self.key)
        self.must(self.act(OpenTokenKey(0, self.key), by=[REGISTRAR]))
        self.record = self.open("owner")
        self.other_record = self.open("other-owner")
        self.must(self.act(self.append(ENTRY), by=[OWNER]))
        self.fill_seats()
        self.block(at=self.now + 2 * HOUR)

    def fill_seats(self) -> None:
        """Let everybody take a seat, and two of them lose it."""
        all_of_it, one = AllEpochs(), OnlyEntries((ENTRY,))
        everything: tuple[Capability, ...] = ("read", "refer", "write")
        reads: tuple[Capability, ...] = ("read",)
        end = self.now + 20 * DAY
        self.join(OWNER, DOC, Offer("practitioner", everything, all_of_it, end, 2))
        self.join(DOC, COLLEAGUE, Offer("practitioner", reads, one, end, 0))
        self.join(OWNER, READER, Offer("proxy", reads, FromEpoch(0), 0, 0))
        soon = self.now + HOUR
        self.join(OWNER, LAPSED, Offer("proxy", reads, one, soon, 0))
        self.join(OWNER, REVOKED, Offer("proxy", reads, one, 0, 0))
        self.must(self.act(Revoke(0, REVOKED.public), by=[OWNER]))
        waiting = Invite(0, INVITED.public, self.offer(one))
        self.must(self.act(waiting, by=[OWNER]))

    def issuing(self, owner: SigningKey) -> tuple[IssueTokens, bytes]:
        """Return the issue of an owner handle's token, and the token."""
        message = token_message(self.chain, owner.public)
        request, inverse = blind(self.key, message, sha256(owner.public))
        answer = blind_sign(signer(), request)
        issue = IssueTokens(0, 1, self.key_id, (request,), (answer,))
        return issue, finalize(self.key, message, answer, inverse)

    def token(self, owner: SigningKey) -> bytes:
        """Return an owner handle's token, issued to the patient on the ledger."""
        issue, token = self.issuing(owner)
        self.must(self.act(issue, by=[REGISTRAR, PAT]))
        return token

    def opening(self, name: str) -> OpenRecord:
        """Return the action that opens a record; owner and custodian sign."""
        return OpenRecord(
            owner=0,
            token_key=self.key_id,
            token=self.token(key(name)),
            sealing_key=HASH,
            key_commitment=HASH,
            custodians=(1,),
            witness=key(f"{name}-witness").public,
            recovery=key(f"{name}-recovery").public,
            recovery_sealing=HASH,
            policy="allow",
            depth=2,
        )

    def open(self, name: str) -> bytes:
        """Open a record; return its id."""
        action = self.opening(name)
        self.must(self.act(action, by=[key(name), key(f"{name}-custodian")]))
        return self.last.events[0][-1].concerns[-1]

    def append(self, entry: bytes) -> Append:
        """Return the action that adds one entry that the custodian has stored."""
        stored = CUSTODIAN.sign(entries.stored_message(self.chain, [HASH]))
        new = NewEntry(entry, HASH, HASH, b"")
        return Append(0, 0, (new,), CUSTODIAN.public, stored)

    def offer(self, scope: Scope) -> Offer:
        """Return an offer that owner and practitioner can make."""
        return Offer("practitioner", ("read",), scope, self.now + DAY, 0)

    def endorsed(
        self, who: SigningKey, role: HandleRole, tag: bytes = b"", days: int = 29
    ) -> Endorsed:
        """Return the registrar's endorsement of a handle."""
        word = Endorsement(
            chain_id=self.chain,
            registrar=self.ids["registrar"],
            epoch=1,
            handle=who.public,
            role=role,
            until=self.now + days * DAY,
            commitment=sha256(who.public),
            tag=tag,
        )
        return Endorsed(word, ISSUER.sign(registry.endorsement_message(word)))

    def join(self, inviter: SigningKey, who: SigningKey, offer: Offer) -> None:
        """Let `inviter` invite `who`, and `who` accept."""
        invitation = SigningKey(sha256(b"invitation" + who.public))
        self.must(self.act(Invite(0, invitation.public, offer), by=[inviter]))
        needs = offer.role == "practitioner"
        word = self.endorsed(who, "practitioner") if needs else None
        accept = Accept(0, 1, HASH, word, HASH)
        self.must(self.act(accept, by=[invitation, who]))

    def plan(self) -> None:
        """Let the owner make an emergency plan."""
        self.must(self.act(SetPlan(0, AGENTS, (HASH,) * 3), by=[OWNER]))

    def break_glass(self) -> BreakGlass:
        """Return the action by which two emergency handles get in."""
        first = self.endorsed(FIRST, "emergency", b"one")
        second = self.endorsed(SECOND, "emergency", b"two")
        return BreakGlass(0, 1, self.record, first, second, HASH, HASH)

    def erasure(self, *, wait: bool = False) -> bytes:
        """Let the owner ask for erasure of the entry; return the request's id."""
        self.must(self.act(Erase(0, (ENTRY,)), by=[OWNER]))
        asked = self.last.events[0][-1].concerns[-1]
        if wait:
            self.block(at=self.now + 3 * DAY)
        return asked
