"""What an owner does to keep records: policy, custodians, proxies, recovery.

words      → recover                         the same keys again
guardians  → ask_back → (72 h) → take_over   new keys
nothing    → ask_witness → submit_witnessed → (7 days) → take_over
"""

from collections.abc import Sequence

from careledger.client import custody, proxies, recovering, returning, witnessing
from careledger.client.office import PostRoom
from careledger.client.opening import CustodyOffice, Policy
from careledger.client.papers import Paper
from careledger.client.participant import Participant
from careledger.client.proxies import Address
from careledger.client.recovering import Standing
from careledger.client.returning import Returning
from careledger.client.witnessing import WitnessRequest
from careledger.node.state_keys import Custodian
from careledger.sealing.invitations import Invitation


class Owner(Participant):
    """The part of a patient's session that outlives a lost home.

    >>> import pathlib, tempfile
    >>> from careledger.client.recovering import DELAY
    >>> from careledger.local import LocalNetwork
    >>> from careledger.sealing.seeds import join_recovery_secret
    >>> folder = tempfile.TemporaryDirectory()
    >>> network = LocalNetwork.create(pathlib.Path(folder.name))
    >>> kit = network.patient().register(network.joining())
    >>> again = network.patient()  # a new home, with a new seed
    >>> again.ask_back(join_recovery_secret(kit.shares[:2])) == [kit.record]
    True
    >>> again.standing(kit.record)[0]
    'waiting'
    >>> network.wait(DELAY)
    >>> again.take_over(kit.record)
    >>> [entry] = again.list_entries(kit.record)
    >>> len(again.read(kit.record, [entry.entry.entry]))
    1
    >>> lost = network.patient()  # no words, no shares: the hospital as a witness
    >>> request = lost.ask_witness(kit.record)
    >>> lost.submit_witnessed(network.hospitals[0].witness(request)) == kit.record
    True
    >>> again.veto(kit.record)  # the owner is told, and says no
    >>> network.close(); folder.cleanup()
    """

    def set_policy(self, record: bytes, policy: Policy) -> None:
        """Say what others may pass on from now on (`custody.set_policy`)."""
        custody.set_policy(self.part(record), policy)

    def set_custodians(
        self,
        record: bytes,
        offices: Sequence[CustodyOffice],
        staying: Sequence[bytes] = (),
    ) -> list[bytes]:
        """Let other hospitals keep the blobs (`custody.set_custodians`)."""
        return custody.set_custodians(self.part(record), offices, staying)

    def custodians(self, record: bytes) -> tuple[Custodian, ...]:
        """Return who keeps the blobs, and until when (`custody.custodians`)."""
        return custody.custodians(self.part(record))

    def copy_blobs(self, record: bytes, custodian: bytes) -> int:
        """Bring every blob to a custodian (`custody.copy_blobs`)."""
        return custody.copy_blobs(self.part(record), custodian)

    def address(self, organisation: bytes) -> Address:
        """Return where an invitation reaches this person (`proxies.address`)."""
        return proxies.address(self.line, self.store, organisation)

    def appoint_proxy(
        self, record: bytes, to: Address, until: int = 0, note: str = ""
    ) -> bytes:
        """Let somebody act for this owner (`proxies.appoint`)."""
        return proxies.appoint(self.part(record), to, until, note)

    def inbox(self, office: PostRoom) -> list[Invitation]:
        """Return the invitations to be a proxy (`proxies.inbox`)."""
        return proxies.inbox(self.line, self.store, office)

    def accept(self, invitation: Invitation, name: str, label: str = "") -> bytes:
        """Be somebody's proxy; return the record's id (`proxies.accept`)."""
        part = proxies.accept(self.line, self.store, invitation, name, label)
        self._parts[part.record] = part
        return part.record

    def recover(self) -> list[bytes]:
        """Find all records of this seed (24 words) again; return their ids.

        The guardians' secret does not come back with the words: their shares stay
        good for these records, and `restore_shares` brings them home.
        """
        return recovering.recover_map(self.line, self.store)

    def ask_back(self, recovery_secret: bytes) -> list[bytes]:
        """Ask for the records of a recovery secret (guardians); return their ids.

        They come after 72 hours: then `take_over`.

        Raises:
            NothingToRecover: the secret is no record's.
        """
        parts = recovering.ask_back(self.line, self.store, recovery_secret)
        self._parts |= {part.record: part for part in parts}
        return [part.record for part in parts]

    def ask_witness(self, record: bytes) -> WitnessRequest:
        """Return a request for the hospital that admitted this person.

        After the loss of everything: the hospital checks the person and signs as
        witness and custodian (`Hospital.witness`); then `submit_witnessed`. The
        record comes after 7 days, its keys from a participant (`rewrap`).
        """
        return witnessing.ask_witness(self.store, record)

    def ask_confirmation(self, record: bytes) -> WitnessRequest:
        """Return a request that makes a recovery by guardians final.

        Raises:
            NotInThisHome: this home's recovery secret does not guard the record.
        """
        return witnessing.ask_confirmation(self.line, self.store, record)

    def submit_witnessed(self, paper: Paper) -> bytes:
        """Sign and submit what the hospital has signed; return the record's id.

        Raises:
            NotForThisOffice: it is not what this home asked for.
        """
        return witnessing.submit_witnessed(self.line, self.store, paper)

    def standing(self, record: bytes) -> tuple[Standing, int]:
        """Return how a record that was asked for stands (`recovering.standing`)."""
        return recovering.standing(self.part(record))

    def take_over(self, record: bytes) -> None:
        """Lock the old handle out of a record that has come back.

        Raises:
            NotYetYours, RecoveryStopped, NotHeld: see `recovering.take_over`.
        """
        recovering.take_over(self.part(record), self.store)

    def finish_recovery(self, *, again: bool = False) -> list[Returning]:
        """Take over what has come; ask for the rest (`returning.finish`)."""
        self._parts.clear()
        return returning.finish(self.line, self.store, again=again)

    def restore_shares(self, recovery_secret: bytes) -> list[bytes]:
        """Take guardians' shares back after `recover` (`recovering`)."""
        return recovering.restore_shares(self.line, self.store, recovery_secret)

    def veto(self, record: bytes) -> None:
        """Stop a recovery that this owner did not ask for."""
        recovering.veto(self.part(record))
