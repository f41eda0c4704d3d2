"""A patient's session: join, see everything, decide who may see what.

kit = patient.register(Joining(hospital, registrar, "Primary care", personal))
patient.invite(record, doctor, full_access())
patient.who_has_access(record)
"""

from collections.abc import Sequence
from typing import Final

from careledger.client import inviting, reading, rotating, watching
from careledger.client.declaring import Declared, declare, statements
from careledger.client.directory import Listing, check_role
from careledger.client.founding import Start, open_and_found
from careledger.client.joining import Joining, RecoveryKit, full_access
from careledger.client.keystore import WITNESSED, Task, Token
from careledger.client.opening import AdmissionOffice, CustodyOffice, Policy
from careledger.client.owner import Owner
from careledger.client.papers import envelope_of, sign
from careledger.client.plans import AgentKey, set_plan
from careledger.client.reading import Opened
from careledger.client.ready import ready_to_write
from careledger.client.tokens import TokenOffice, stock_up, take_token
from careledger.client.watching import Access, Event, Look
from careledger.ledger.actions.records import Erase
from careledger.ledger.actions.referral import Approve, FromEpoch, Offer, Revoke
from careledger.node.answers import Waiting
from careledger.sealing.chance import random_bytes
from careledger.sealing.seeds import split_recovery_secret, words_of

__all__ = ["OWN_RECORD", "Joining", "Patient", "RecoveryKit", "full_access"]

OWN_RECORD: Final = "own record"
"""Why an owner reads who does not say it."""

_DAY: Final = 86_400_000


class Patient(Owner):
    """The session of a patient.

    >>> import pathlib, tempfile
    >>> from careledger.local import LocalNetwork
    >>> folder = tempfile.TemporaryDirectory()
    >>> network = LocalNetwork.create(pathlib.Path(folder.name))
    >>> patient = network.patient()
    >>> kit = patient.register(network.joining())
    >>> len(kit.words.split()), len(kit.shares)
    (24, 3)
    >>> from careledger.client.writing import NewResource
    >>> note = NewResource(b'{"resourceType":"Observation"}', "blood pressure")
    >>> [entry] = patient.append(kit.record, note)
    >>> [listed.manifest.label for listed in patient.list_entries(kit.record)]
    ['personal entry', 'blood pressure']
    >>> patient.read(kit.record, [entry])[0].content
    b'{"resourceType":"Observation"}'
    >>> [look.purpose for look in patient.who_looked(kit.record)]
    ['own record']
    >>> network.close(); folder.cleanup()

    The keystore's map is the sealed index of the patient's records: nothing else
    says that they belong together.
    """

    # Joining.

    def register(self, joining: Joining) -> RecoveryKit:
        """Join the network, in one guided flow; return the recovery kit.

        Admission, tokens, the first record with the sealed personal entry, the
        invitation to the practitioner. The first record opens while the patient
        waits, so its time can be joined with the admission; the insurer's opens
        at a random time within 24 hours (`catch_up`).

        Raises:
            WrongRole: an invited person could not accept; nothing was sent.
            KeyTaken: this seed has been admitted before.
            NoMoreTokens: more than a patient may have in a year.
        """
        joining.check_roles()
        self.be_admitted(joining.hospital)
        self.stock_up(joining.registrar)
        token = take_token(self.line, self.store, joining.registrar, joining.label)
        invitees = [joining.practitioner] if joining.practitioner else []
        offers = [(one, full_access()) for one in invitees]
        start = Start(offers, personal=joining.personal)
        record = self._open(token, joining.hospital, start)
        if joining.insurer:
            self.plan_record(joining.insurer.card.name, joining.insurer)
        return self.recovery_kit(record)

    def be_admitted(self, hospital: AdmissionOffice) -> None:
        """Be admitted: at registration, or again with the new seed of a recovery.

        Raises:
            KeyTaken: this seed has been admitted before.
        """
        paper = hospital.admit_patient(self.store.member.signing.public)
        self.line.submit(envelope_of(sign(paper, self.store.member.signing)))

    def stock_up(self, registrar: TokenOffice) -> None:
        """Get tokens for records to come, at a moment that has to do with none.

        Raises:
            NoMoreTokens: more than a patient may have in a year.
        """
        stock_up(self.line, self.store, registrar)

    def recovery_kit(self, record: bytes = b"") -> RecoveryKit:
        """Return the words and shares again. Ask for the passphrase before."""
        shares = split_recovery_secret(self.store.kept.recovery_secret)
        used = [one for one in self.store.kept.used if one.record]
        there = {one.record for one in used if one.recovery < WITNESSED}
        without = dict.fromkeys(one.record for one in used if one.record not in there)
        return RecoveryKit(words_of(self.store.seed), shares, record, tuple(without))

    def catch_up(
        self, hospital: CustodyOffice, registrar: TokenOffice, people: Sequence[Listing]
    ) -> list[bytes]:
        """Open the records whose random time has come; return their ids.

        Args:
            hospital: keeps their blobs.
            registrar: issues the tokens.
            people: the directory, to find whom to invite.
        """
        now, opened = self.line.transport.time(), []
        for task in [one for one in self.store.kept.tasks if one.due <= now]:
            invitee = [one for one in people if one.member == task.member]
            offers = [(one, full_access("insurer", depth=0)) for one in invitee]
            opened.append(self.open_record(hospital, registrar, task.label, offers))
            rest = tuple(one for one in self.store.kept.tasks if one is not task)
            self.store.change(tasks=rest)
        return opened

    def plan_record(self, label: str, insurer: Listing | None = None) -> int:
        """Plan a further record; return when it will open, milliseconds.

        The time is random within 24 hours, so it says nothing about what else
        happened; run `catch_up` from time to time.

        Raises:
            WrongRole: this person could not accept.
        """
        if insurer is not None:
            check_role(insurer, "insurer")
        delay = int.from_bytes(random_bytes(8), "big") % _DAY
        due = self.line.transport.time() + delay
        task = Task(due, label, b"" if insurer is None else insurer.member)
        self.store.change(tasks=(*self.store.kept.tasks, task))
        return due

    def open_record(
        self,
        hospital: CustodyOffice,
        registrar: TokenOffice,
        label: str,
        offers: Sequence[tuple[Listing, Offer]] = (),
        policy: Policy | None = None,
    ) -> bytes:
        """Open a further record (one care context each); return its id.

        With a token in stock nothing but its own time says whose it is: who saw this
        patient at the counter a moment ago can join the two by time. `plan_record`
        and `catch_up` open it at a random one. Without a token in stock, one is
        asked for at this moment, by name: see `stock_up`.

        Raises:
            WrongRole: an invited person could not accept; nothing was sent.
        """
        for to, offer in offers:
            check_role(to, offer.role)
        token = take_token(self.line, self.store, registrar, label)
        return self._open(token, hospital, Start(offers, policy or Policy()))

    # Sharing.

    def invite(self, record: bytes, to: Listing, offer: Offer, note: str = "") -> bytes:
        """Invite somebody; return the invitation's key.

        Raises:
            WrongRole: this person could not accept.
            BeyondOwnRights: the offer ends in the past, or is too deep.
        """
        check_role(to, offer.role)
        return inviting.invite(self.part(record), to.addressee, offer, None, note)

    def from_now_on(self, record: bytes) -> FromEpoch:
        """Return the scope that reaches no older epoch (`inviting.from_now_on`)."""
        return inviting.from_now_on(self.part(record))

    def approve(self, record: bytes, invitation: bytes) -> None:
        """Agree to a referral, where the policy is `ask`."""
        self.line.act([self.part(record).keys.signing], [Approve(0, invitation)])

    def withdraw(self, record: bytes, invitation: bytes) -> None:
        """Take an invitation back that nobody has taken up."""
        self.line.act([self.part(record).keys.signing], [Revoke(0, invitation)])

    def revoke(self, record: bytes, handle: bytes) -> None:
        """Lock somebody out of everything to come (`rotating.revoke`)."""
        rotating.revoke(self.part(record), handle)

    def rotate(self, record: bytes) -> None:
        """Start a new epoch (`rotating.rotate`)."""
        rotating.rotate(self.part(record))

    def set_plan(self, record: bytes, agents: Sequence[AgentKey]) -> None:
        """Prepare for an emergency (`plans.set_plan`)."""
        set_plan(self.part(record), agents)

    def declare(self, record: bytes, content: bytes) -> None:
        """Add a consent or directive; rotate first if somebody left (`declare`)."""
        part = self.part(record)
        ready_to_write(part)
        declare(part, content)

    def statements(self, record: bytes) -> list[Declared]:
        """Return the record's statements (`declaring.statements`)."""
        return statements(self.part(record))

    # Seeing.

    def who_has_access(self, record: bytes) -> list[Access]:
        """Return everybody in a record, by name (`watching.who_has_access`)."""
        return watching.who_has_access(self.part(record))

    def waiting(self, record: bytes) -> list[Waiting]:
        """Return the open invitations of a record (`watching.waiting`)."""
        return watching.waiting(self.part(record))

    def who_looked(self, record: bytes) -> list[Look]:
        """Return who read what, when and why (`watching.who_looked`)."""
        return watching.who_looked(self.part(record))

    def history(self, record: bytes) -> list[Event]:
        """Return everything that happened, proven complete (`watching.history`)."""
        return watching.history(self.part(record))

    # The record's content.

    def read(
        self, record: bytes, entries: Sequence[bytes], purpose: str = OWN_RECORD
    ) -> list[Opened]:
        """Read entries (`reading.read`)."""
        return reading.read(self.part(record), entries, purpose)

    def erase(self, record: bytes, entries: Sequence[bytes] = ()) -> None:
        """Ask for erasure, effective after 72 hours; no entries: the whole record."""
        erase = Erase(0, tuple(entries))
        self.line.act([self.part(record).keys.signing], [erase])

    def _open(self, token: Token, hospital: CustodyOffice, start: Start) -> bytes:
        part = open_and_found(self.line, self.store, token, hospital, start)
        self._parts[part.record] = part
        return part.record
