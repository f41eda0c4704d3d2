"""What a patient brings to registration, and takes home from it."""

from dataclasses import dataclass

from careledger.client.directory import Listing, check_role
from careledger.client.opening import AdmissionOffice
from careledger.client.tokens import TokenOffice
from careledger.ledger.actions.referral import AllEpochs, Offer


@dataclass(frozen=True, slots=True)
class Joining:
    """What a patient brings to registration.

    Attributes:
        hospital: checks the identity, admits, keeps the blobs.
        registrar: issues the tokens.
        label: what the patient calls the first record.
        personal: the personal entry (a FHIR Patient); it is sealed.
        practitioner: to be invited to the first record, if anybody.
        insurer: to be invited to a record of its own, if anybody.
    """

    hospital: AdmissionOffice
    registrar: TokenOffice
    label: str
    personal: bytes
    practitioner: Listing | None = None
    insurer: Listing | None = None

    def check_roles(self) -> None:
        """Check that who is to be invited can accept, before anything is sent.

        Raises:
            WrongRole: somebody cannot.
        """
        if self.practitioner is not None:
            check_role(self.practitioner, "practitioner")
        if self.insurer is not None:
            check_role(self.insurer, "insurer")


@dataclass(frozen=True, slots=True)
class RecoveryKit:
    """What gives everything back. Show it once, on paper.

    Attributes:
        words: 24 words: the patient's own seed.
        shares: three SLIP-39 shares for guardians; two give back the recovery
            secret, which moves the records to a new seed after 72 hours.
        record: id of the first record.
        unguarded: records that these shares do not give back: after `recover` those
            of the earlier kit do, until `restore_shares`.
    """

    words: str
    shares: tuple[str, ...]
    record: bytes
    unguarded: tuple[bytes, ...] = ()

    def __repr__(self) -> str:
        """Return nothing that opens anything."""
        return "RecoveryKit(…)"


def full_access(role: str = "practitioner", *, until: int = 0, depth: int = 1) -> Offer:
    """Return an offer of everything, old and new: read, write and refer.

    Args:
        role: `practitioner`, `insurer`, `agent` or `proxy`.
        until: milliseconds; 0: without end.
        depth: how often it may be passed on.
    """
    return Offer(role, ("read", "refer", "write"), AllEpochs(), until, depth)  # type: ignore[arg-type]
