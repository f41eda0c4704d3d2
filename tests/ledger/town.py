"""A `World` with people in it: organisations of several kinds, members, patients.

Every key belongs to a name (`key("drew")`), so a failing test can be read aloud.
"""

from careledger.ledger.actions.governance import (
    AdmitOrganisation,
    Application,
    SetStatus,
)
from careledger.ledger.actions.registry import (
    AdmitPatient,
    OpenIssuerEpoch,
    RegisterMember,
    SetMemberStatus,
)
from careledger.ledger.workflows import governance
from careledger.primitives.hashing import sha256
from careledger.primitives.signing import SigningKey
from tests.ledger.world import World, application, genesis, key

HOSPITAL, CLINIC, REGISTRAR, INSURER, CLOSED = map(
    key, ("hospital", "clinic", "registrar", "insurer", "closed")
)
"""The organisations' keys. `closed` is a hospital that has been suspended."""

DREW, SAM, PAT, ROBIN = map(key, ("drew", "sam", "pat", "robin"))
"""A practitioner, a suspended practitioner and a patient of the hospital; a
practitioner of the clinic."""

STRANGER, NEW = map(key, ("stranger", "new"))
"""Keys that the ledger has never seen."""

ISSUER = key("issuer")
"""The key that the registrar endorses with in epoch 1."""

CARD = sha256(b"card")

_APPLICATIONS = (
    application("hospital", "hospital"),
    application("clinic", "hospital"),
    application("registrar", "registrar"),
    application("insurer", "insurer"),
    application("closed", "hospital"),
)


class Town(World):
    """Five organisations, four members, one open issuer epoch."""

    def __init__(self, **changes: object) -> None:
        super().__init__(genesis(**{"organisations": _APPLICATIONS} | changes))
        self.ids = {
            one.name.decode(): governance.organisation_id(one) for one in _APPLICATIONS
        }
        self.must(self.govern(SetStatus((0, 1), self.ids["closed"], "suspended")))
        for organisation, member in (
            (HOSPITAL, DREW),
            (HOSPITAL, SAM),
            (CLINIC, ROBIN),
        ):
            register = RegisterMember(0, 1, "practitioner", CARD)
            self.must(self.act(register, by=[organisation, member]))
        suspend = SetMemberStatus(0, SAM.public, "suspended")
        self.must(self.act(suspend, by=[HOSPITAL]))
        self.must(self.act(AdmitPatient(0, 1), by=[HOSPITAL, PAT]))
        self.must(self.act(OpenIssuerEpoch(0, ISSUER.public), by=[REGISTRAR]))

    def admission(self, name: str, *kinds: str, **fields: bytes) -> AdmitOrganisation:
        """Return the action that admits `name`, with its own signed application."""
        fields.setdefault("chain", self.chain)
        return admission(application(name, *kinds, **fields), key(name))


def admission(filled_in: Application, signer: SigningKey) -> AdmitOrganisation:
    """Return the action that admits an application signed by `signer`."""
    signature = signer.sign(governance.application_message(filled_in))
    return AdmitOrganisation((0, 1), filled_in, signature)
