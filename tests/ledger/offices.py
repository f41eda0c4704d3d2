"""A `World` of those who vouch for others: what hospitals and registrars give out.

Every key belongs to a name (`key("drew")`), so a failing test can be read aloud.
"""

from typing import Any

from careledger.ledger.actions.governance import SetStatus
from careledger.ledger.actions.referral import Endorsed
from careledger.ledger.actions.registry import (
    AdmitPatient,
    Endorsement,
    OpenIssuerEpoch,
    WithdrawRecognition,
)
from careledger.ledger.actions.tokens import IssueTokens, OpenTokenKey
from careledger.ledger.workflows import governance, registry
from careledger.primitives.blind_signatures import token_message
from careledger.primitives.hashing import sha256
from careledger.primitives.signing import SigningKey
from careledger.sealing.tokens import blind
from tests.ledger.issuing import TOKEN_KEY, TOKEN_KEY_ID, answer
from tests.ledger.world import DAY, World, application, key
from tests.ledger.world import genesis as world_genesis

HOSPITAL, CLINIC, REGISTRAR, COLLEGE, AUDITOR = map(
    key, ("hospital", "clinic", "registrar", "college", "auditor")
)

PAT = key("pat")

APPLICATIONS = (
    application("hospital", "hospital"),
    application("clinic", "hospital"),
    application("registrar", "registrar"),
    application("college", "registrar"),
    application("auditor", "auditor"),
)

IDS = {one.name.decode(): governance.organisation_id(one) for one in APPLICATIONS}


class Offices(World):
    """Two hospitals, two registrars, an auditor, and a patient with four tokens."""

    def __init__(self, **changes: object) -> None:
        super().__init__(world_genesis(**{"organisations": APPLICATIONS} | changes))
        self.ids = IDS
        for name in ("registrar", "college"):
            epoch = OpenIssuerEpoch(0, key(f"issuer-{name}").public)
            self.must(self.act(epoch, by=[key(name)]))
        self.must(self.act(OpenTokenKey(0, TOKEN_KEY), by=[REGISTRAR]))
        self.must(self.act(AdmitPatient(0, 1), by=[HOSPITAL, PAT]))
        self.must(self.act(self.issue(4), by=[REGISTRAR, PAT]))

    def suspend(self, name: str, status: Any = "suspended") -> None:
        """Change the status of an organisation."""
        self.must(self.govern(SetStatus((0, 1), IDS[name], status)))

    def wait(self, millis: int) -> None:
        """Let time pass; timers run in the block that follows."""
        self.block(at=self.now + millis)

    def issue(self, count: int, *, start: int = 0) -> IssueTokens:
        """Return the registrar's answers to `count` requests of a patient."""
        pairs = []
        for number in range(start, start + count):
            message = token_message(self.chain, key(f"request-{number}").public)
            request, _ = blind(TOKEN_KEY, message, bytes(32))
            pairs.append((request, answer(request)))
        requests, answers = zip(*pairs, strict=True)
        return IssueTokens(0, 1, TOKEN_KEY_ID, requests, answers)

    def endorse(self, who: SigningKey, role: str, /, **more: Any) -> Endorsed:
        """Return an endorsement of a handle by a registrar."""
        registrar = more.pop("registrar", "registrar")
        issuer = more.pop("issuer", key(f"issuer-{registrar}"))
        values = {
            "chain_id": self.chain,
            "registrar": IDS[registrar],
            "epoch": 1,
            "handle": who.public,
            "role": role,
            "until": self.now + 30 * DAY,
            "commitment": sha256(b"card of " + who.public),
            "tag": b"",
        }
        word = Endorsement(**(values | more))
        return Endorsed(word, issuer.sign(registry.endorsement_message(word)))

    def withdraw(self, endorsed: Endorsed) -> None:
        """Withdraw a recognition at once."""
        word = endorsed.endorsement
        (registrar,) = (name for name in IDS if IDS[name] == word.registrar)
        withdrawn = WithdrawRecognition(0, word.commitment)
        self.must(self.act(withdrawn, by=[key(registrar)]))
