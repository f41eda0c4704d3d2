"""A practitioner's session: accept, read, write, refer, help in an emergency."""

from collections.abc import Sequence

from careledger.client import accepting, emergencies, inviting, reading
from careledger.client.cards import Identity, card_for, endorsement_salt
from careledger.client.directory import Listing, check_role
from careledger.client.emergencies import Colleague, Released
from careledger.client.keystore import MOST_POOLED, Keystore, Pooled
from careledger.client.line import Line, created_id
from careledger.client.moving import move
from careledger.client.office import PostRoom
from careledger.client.papers import Paper, envelope_of, finished, sign
from careledger.client.part import Part
from careledger.client.participant import Participant
from careledger.client.reading import Opened
from careledger.client.registrar import (
    EndorsementOffice,
    EndorsementRequest,
    Wanted,
    request_message,
)
from careledger.client.renewal_problems import NotVouchedFor
from careledger.client.renewing import recognition_of
from careledger.client.session_problems import NoPurpose, NotForThisOffice, OwnName
from careledger.ledger.actions.referral import Offer, Renew, Revoke
from careledger.ledger.actions.registry import HandleRole
from careledger.sealing.invitations import Invitation, open_invitation
from careledger.sealing.problems import NotARecipient, Tampered


class Practitioner(Participant):
    """The session of a practitioner, or of any member who is invited to records.

    >>> import pathlib, tempfile
    >>> from careledger.local import LocalNetwork
    >>> folder = tempfile.TemporaryDirectory()
    >>> network = LocalNetwork.create(pathlib.Path(folder.name))
    >>> ada = network.practitioner("Dr. Ada Lind")
    >>> ben = network.practitioner("Dr. Ben Roth")
    >>> _ = network.patient().register(network.joining(ada))
    >>> record = ada.accept(ada.inbox(network.office_of(ada))[0])
    >>> from careledger.client.writing import NewResource
    >>> [entry] = ada.append(record, NewResource(b'{"resourceType":"Observation"}'))
    >>> from careledger.ledger.actions.referral import OnlyEntries
    >>> until = network.transport.time() + 86_400_000
    >>> offer = Offer("practitioner", ("read",), OnlyEntries((entry,)), until, 0)
    >>> _ = ada.refer(record, network.listing(ben), offer, "please have a look")
    >>> [invitation] = ben.inbox(network.office_of(ben))
    >>> ben.accept(invitation) == record
    True
    >>> ben.read(record, [entry], "second opinion")[0].content
    b'{"resourceType":"Observation"}'
    >>> network.close(); folder.cleanup()

    Attributes:
        me: who this is.
    """

    def __init__(self, line: Line, store: Keystore, me: Identity) -> None:
        super().__init__(line, store)
        self.me = me

    def join(self, paper: Paper) -> None:
        """Sign the paper with which an organisation registers this person."""
        self.line.submit(envelope_of(sign(paper, self.store.member.signing)))

    def fill_pool(
        self,
        registrar: EndorsementOffice,
        role: HandleRole = "practitioner",
        count: int = 10,
    ) -> None:
        """Have fresh handles endorsed, for whoever will invite.

        Those of this role that wait already are endorsed again, so that a handle
        shows the end that all show who use one now, and none lapses in the pool.
        Do it at least weekly.

        Args:
            registrar: who has checked this person.
            role: `practitioner`, `insurer`, `agent` or `emergency`.
            count: fresh handles; all pools together hold at most 40.

        Raises:
            NotForThisOffice: the registrar does not know this person in that role.
        """
        pool, first = self.store.kept.pool, self.store.kept.next
        after = first + min(count, MOST_POOLED - len(pool))
        waiting = [one for one in pool if one.endorsed.endorsement.role == role]
        indexes = [*(one.index for one in waiting), *range(first, after)]
        if not indexes:
            return
        endorsed = registrar.endorse(self._request(role, indexes))
        pooled = tuple(Pooled(*pair) for pair in zip(indexes, endorsed, strict=True))
        others = tuple(one for one in pool if one not in waiting)
        self.store.change(next=after, pool=(*others, *pooled))

    def inbox(self, office: PostRoom) -> list[Invitation]:
        """Return the invitations that came through the own organisation's post."""
        opened = []
        for routed in office.post_for(self.me.member):
            key, chain = self.store.member.opening, self.line.chain_id.hex()
            try:
                opened.append(open_invitation(key, self.me.member, chain, routed))
            except (NotARecipient, Tampered):
                continue  # nobody who knows this member's key sealed it
        return opened

    def accept(self, invitation: Invitation, label: str = "") -> bytes:
        """Take part in a record with a fresh handle; return the record's id.

        Raises:
            NothingHere: the invitation was taken, has lapsed, or never was.
            NoHandlesLeft: fill the pool first.
        """
        part = accepting.accept(self.line, self.store, self.me, invitation, label)
        self._parts[part.record] = part
        return part.record

    def read(
        self, record: bytes, entries: Sequence[bytes], purpose: str
    ) -> list[Opened]:
        """Read entries; the owner sees who, when and why (`reading.read`).

        Raises:
            NoPurpose: not said why.
        """
        if not purpose.strip():
            raise NoPurpose
        return reading.read(self.part(record), entries, purpose)

    def refer(self, record: bytes, to: Listing, offer: Offer, note: str = "") -> bytes:
        """Refer the patient to a colleague; return the invitation's key.

        What is encrypted to the colleague are a few keys, never the content.

        Raises:
            OwnName: the colleague is oneself.
            WrongRole: the colleague could not accept.
            BeyondOwnRights: more than this handle has.
            PolicyForbids: the owner does not allow it.
        """
        if to.member == self.me.member:
            raise OwnName
        check_role(to, offer.role)
        part = self.part(record)
        card = card_for(self.store, self.me, part.handle, "practitioner")
        return inviting.invite(part, to.addressee, offer, card, note)

    def renew(self, record: bytes, registrar: EndorsementOffice) -> int:
        """Renew this handle's endorsement; return until when it is good now, ms.

        The commitment stays the same. Nothing is sent if it would not last longer.

        Raises:
            NothingHere: the participation has ended.
            NotVouchedFor: the registrar no longer knows this person in the role.
            NotRecognised: the ledger does not take this registrar's word now.
        """
        used, part = self.store.find(record), self.part(record)
        old = recognition_of(part)
        try:
            [new] = registrar.endorse(self._request(used.role, [used.index]))
        except NotForThisOffice:
            raise NotVouchedFor from None
        if new.endorsement.until > old.lapses or not old.active:
            self.line.act([part.keys.signing], [Renew(0, new)])
        return new.endorsement.until

    def move(self, record: bytes) -> None:
        """Move the own participation to a fresh handle (`moving.move`)."""
        self._parts[record] = move(self.part(record), self.store, self.me)

    def leave(self, record: bytes) -> None:
        """End the own participation, and all that it passed on."""
        part = self.part(record)
        self.line.act([part.keys.signing], [Revoke(0, part.handle)])

    def stand_by(self) -> Colleague:
        """Take an emergency handle; return what the colleague needs to know."""
        index, colleague = emergencies.stand_by(self.store, self.me)
        self._standing = index
        return colleague

    def break_glass(self, paper: Paper) -> Paper:
        """Sign a paper that breaks the glass, with the handle that stands by."""
        return sign(paper, self.store.keys(self._standing).signing)

    def submit_emergency(self, record: bytes, paper: Paper) -> bytes:
        """Submit what both have signed; return the id of the access.

        Raises:
            NoPlan: the record has none, or is not there.
            NotTwoPeople: one person twice, or somebody barred.
        """
        self.settle_emergency(record)
        return created_id(self.line.submit(envelope_of(paper)).tx_id, 0)

    def co_sign(self, paper: Paper) -> bytes:
        """Sign as the second person, and submit; return the id of the access.

        Raises:
            NotForThisOffice: it breaks no glass, or for no handle that stands by here.
            NoPlan: the record has no plan, or is not there.
            NotTwoPeople: one person twice, or somebody barred.
        """
        self._standing, record = emergencies.standing_for(self.store, paper)
        signed = finished(self.break_glass(paper))
        with self.store.settled(self._standing, record):
            return created_id(self.line.submit(signed).tx_id, 0)

    def settle_emergency(self, record: bytes) -> None:
        """Note that the handle that stands by now sits in `record`."""
        self.store.settle(self._standing, record)

    def open_emergency(self, record: bytes, released: Sequence[Released]) -> None:
        """Take the record's keys from two agents' shares.

        Raises:
            WrongShares: fewer than two for this handle, or false ones.
        """
        index = emergencies.reader_of(self.store, record, released)
        part = Part(self.line, self.store.keys(index), record)
        emergencies.open_emergency(part, released)
        self.store.settle(index, record, part.ring)
        self._parts[record] = part

    def _request(self, role: HandleRole, indexes: Sequence[int]) -> EndorsementRequest:
        handles = tuple(self._wanted(index) for index in indexes)
        key = self.store.member.signing
        message = request_message(self.line.chain_id, self.me.member, role, handles)
        return EndorsementRequest(self.me.member, role, handles, key.sign(message))

    def _wanted(self, index: int) -> Wanted:
        handle = self.store.keys(index).signing.public
        return Wanted(handle, endorsement_salt(self.store, handle))
