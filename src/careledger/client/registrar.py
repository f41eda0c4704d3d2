"""A registrar's session: it checks people, endorses handles, issues tokens.

It sees which member a handle belongs to, and never which record: a registrar can
tie a practitioner to pseudonymous records, but no patient to any.
"""

from collections.abc import Sequence
from typing import Annotated, Final, Protocol

from msgspec import Meta

from careledger.client.keystore import MOST_POOLED
from careledger.client.line import Line
from careledger.client.office import Office, OfficeKeys
from careledger.client.office_problems import NotChecked
from careledger.client.papers import Paper, draw_up, sign
from careledger.ledger.actions.base import Hash, PublicKey, Signature
from careledger.ledger.actions.referral import Endorsed
from careledger.ledger.actions.registry import (
    Endorsement,
    HandleRole,
    OpenIssuerEpoch,
    WithdrawRecognition,
)
from careledger.ledger.actions.tokens import IssueTokens, OpenTokenKey
from careledger.ledger.workflows.registry import (
    LONGEST_ENDORSEMENT,
    endorsement_message,
)
from careledger.ledger.workflows.tokens import key_id
from careledger.primitives.blind_signatures import TokenKey
from careledger.primitives.encoding import Message
from careledger.primitives.hashing import keyed_hash, marked_hash
from careledger.primitives.signing import BadSignature, SigningKey, verify
from careledger.sealing.cards import endorsement_commitment
from careledger.sealing.tokens import TokenSigner, blind_sign, token_key

_REQUEST: Final = b"careledger/endorsement-request/v1"
_FIRST_EPOCH: Final = 1

_WEEK: Final = 7 * 86_400_000


def endorsement_end(now: int) -> int:
    """Return until when everything endorsed now is good: 23 to 30 days, ms.

    All endorsements of a week end at one moment: an end of its own would show
    which handles were endorsed together, hence belong to one person.
    """
    return (now + LONGEST_ENDORSEMENT) // _WEEK * _WEEK


def emergency_tag(tag_key: bytes, personal_number: bytes) -> bytes:
    """Return what stands for a person in emergencies (32 bytes), and never the number.

    Args:
        tag_key: the registrar's.
        personal_number: as checked, spelled in one way for everybody.
    """
    return keyed_hash(tag_key, personal_number)


class Wanted(Message, frozen=True):
    """A handle to be endorsed, and the salt of its commitment."""

    handle: PublicKey
    salt: Hash


class EndorsementRequest(Message, frozen=True, tag="endorsement-request/v1"):
    """A member's request, signed with the member's key.

    Attributes:
        member: id.
        role: what the handles shall act as.
        handles: unused ones of one device; or one in use, to be renewed.
        signature: of the member's key.
    """

    member: Hash
    role: HandleRole
    handles: Annotated[tuple[Wanted, ...], Meta(min_length=1, max_length=MOST_POOLED)]
    signature: Signature


def request_message(
    chain_id: bytes, member: bytes, role: str, handles: Sequence[Wanted]
) -> bytes:
    """Return what a member signs to have handles endorsed."""
    parts = [part for one in handles for part in (one.handle, one.salt)]
    return _REQUEST + marked_hash(_REQUEST, chain_id, member, role.encode(), *parts)


class EndorsementOffice(Protocol):
    """A registrar's counter for endorsements."""

    def endorse(self, request: EndorsementRequest) -> tuple[Endorsed, ...]:
        """Return the endorsements that a member asked for, in order."""
        ...


class Registrar(Office):
    """The session of a registrar."""

    def __init__(
        self,
        line: Line,
        organisation: bytes,
        name: str,
        keys: OfficeKeys,
        issuing: tuple[SigningKey, TokenSigner, bytes],
    ) -> None:
        """Open the session.

        Args:
            line: to the node.
            organisation: its id.
            name: as in the directory.
            keys: what it signs and opens with.
            issuing: endorsement key, token signer, and the key of emergency tags.
        """
        super().__init__(line, organisation, name, keys)
        self._issuer, self._tokens, self._tag_key = issuing
        self._people: dict[bytes, tuple[bytes, tuple[str, ...], bytes]] = {}
        """Member → key, roles and emergency tag; never the personal number."""

    @property
    def token_key(self) -> TokenKey:
        """The key that it issues patient tokens with."""
        return token_key(self._tokens)

    def open_counters(self) -> None:
        """Register the endorsement key and the token key on the ledger."""
        epoch, key = (
            OpenIssuerEpoch(0, self._issuer.public),
            OpenTokenKey(0, self.token_key),
        )
        self.line.act([self.keys.signing], [epoch, key])

    def enrol(
        self, member: bytes, key: bytes, personal_number: bytes, *roles: str
    ) -> None:
        """Note whom it has checked.

        Args:
            member: id in the directory.
            key: the member's key.
            personal_number: as checked; it never leaves this session.
            roles: what this person may act as.
        """
        tag = emergency_tag(self._tag_key, personal_number)
        self.enrol_tagged(member, key, tag, *roles)

    def enrol_tagged(self, member: bytes, key: bytes, tag: bytes, *roles: str) -> None:
        """Note whom it has checked before, by the tag of then (`emergency_tag`)."""
        self._people[member] = (key, roles, tag)

    def endorse(self, request: EndorsementRequest) -> tuple[Endorsed, ...]:
        """Endorse a checked member's handles, until `endorsement_end`.

        Raises:
            NotChecked: not enrolled, not in that role, or not signed by the member:
                who asks for another learns nothing of them.
        """
        key, roles, tag = self._people.get(request.member, (b"", (), b""))
        if request.role not in roles:
            raise NotChecked
        try:
            message = request_message(
                self.line.chain_id, request.member, request.role, request.handles
            )
            verify(key, message, request.signature)
        except BadSignature:
            raise NotChecked from None
        return tuple(self._endorse(request, one, tag) for one in request.handles)

    def issue_tokens(self, patient: bytes, requests: Sequence[bytes]) -> Paper:
        """Return the paper that answers blinded requests; the patient signs next.

        Raises:
            BadIssue: a request is out of range.
        """
        answers = tuple(blind_sign(self._tokens, request) for request in requests)
        action = IssueTokens(0, 1, key_id(self.token_key), tuple(requests), answers)
        signers = [self.keys.signing.public, patient]
        return sign(draw_up(self.line, signers, [action]), self.keys.signing)

    def withdraw(self, commitment: bytes) -> None:
        """Withdraw one endorsement at once: for compromise only.

        It shows which handle it was: what follows from a lapse says less.
        """
        self.line.act([self.keys.signing], [WithdrawRecognition(0, commitment)])

    def _endorse(
        self, request: EndorsementRequest, wanted: Wanted, tag: bytes
    ) -> Endorsed:
        emergency = request.role == "emergency"
        word = Endorsement(
            chain_id=self.line.chain_id,
            registrar=self.organisation,
            epoch=_FIRST_EPOCH,
            handle=wanted.handle,
            role=request.role,
            until=endorsement_end(self.line.transport.time()),
            commitment=endorsement_commitment(
                request.member, wanted.handle, wanted.salt
            ),
            tag=tag if emergency else b"",
        )
        return Endorsed(word, self._issuer.sign(endorsement_message(word)))
