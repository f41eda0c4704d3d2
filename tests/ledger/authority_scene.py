"""Where the table of `authority_records.py` plays: a record, and its whole cast.

Who takes part, who once did or may yet, who belongs to another record, and who is
known to the ledger for something else.
"""

from collections.abc import Mapping

from careledger.ledger.actions import referral as f
from careledger.ledger.actions import registry as g
from careledger.primitives.hashing import sha256
from careledger.primitives.signing import SigningKey
from tests.ledger.clinic import Clinic, entry_id, invitation
from tests.ledger.offices import AUDITOR, CLINIC, COLLEGE, HOSPITAL, PAT, REGISTRAR
from tests.ledger.world import ANN, DAY, GOVERNORS, HOUR, body, key

CAST: Mapping[str, SigningKey] = {
    # Taking part
    "owner": key("chart-owner"),
    "practitioner": key("drew"),
    "colleague": key("colleague"),
    "reader": key("reader"),
    "single entries": key("single"),
    "proxy": key("carer"),
    "reading proxy": key("aunt"),
    "emergency": key("yan"),
    # Once, or perhaps later
    "lapsed": key("lapsed"),
    "dormant": key("dormant"),
    "ended": key("gone"),
    "invited by ended": key("gone-friend"),
    "old handle": key("moved"),
    "open invitation": invitation("sam"),
    "practitioner's invitation": invitation("uma"),
    "taken invitation": invitation("drew"),
    # Keeping it
    "custodian": key("chart-custodian"),
    "custodian who left": key("chart-left"),
    "witness": key("chart-witness"),
    "recovery key": key("chart-recovery"),
    "emergency agent": key("chart-agent-0"),
    # Another record
    "other record's owner": key("other-owner"),
    "other record's custodian": key("other-custodian"),
    "other record's witness": key("other-witness"),
    "other record's recovery key": key("other-recovery"),
    # No record
    "token holder": key("next-owner"),
    "emergency doctor": key("vera"),
    "emergency nurse": key("will"),
    "patient": PAT,
    "member of staff": key("staff"),
    "hospital": HOSPITAL,
    "other hospital": CLINIC,
    "registrar": REGISTRAR,
    "other registrar": COLLEGE,
    "auditor": AUDITOR,
    "governor": GOVERNORS[0],
    "purse": ANN,
    "stranger": key("stranger"),
}
"""`colleague` was let in by the practitioner for one entry; `reading proxy` has no end
and sees from this epoch on; `lapsed` and `dormant` are out of time and unendorsed."""

NEW = key("brand-new")
X = body(b"whatever the ledger cannot look into")
ENTRY = entry_id("entry")


class Scene(Clinic):
    """A clinic where the whole cast has its part; the record is not stale."""

    def __init__(self) -> None:
        super().__init__()
        register = g.RegisterMember(0, 1, "practitioner", sha256(b"card"))
        self.must(self.act(register, by=[HOSPITAL, CAST["member of staff"]]))
        self.chart = self.open(policy="ask")
        other = self.open("other")
        self._change_custodian()
        self.wait(30 * DAY)
        self.must(self.append(self.chart.owner, self.chart))
        self._let_in()
        self._let_go()
        self.plan(self.chart)
        self.plan(other)
        self.must(self.break_glass(self.chart, "yan", "zoe"))
        self.must(self.revoke(self.chart.owner, CAST["ended"]))
        self.wait(HOUR)
        count = len(self.rotation(self.chart).wraps)
        self.must(self.rotate(self.chart.owner, self.chart, wraps=(X,) * count))
        self.must(self.rotate(other.owner, other))  # so that both are in one epoch
        self._invite()

    def _change_custodian(self) -> None:
        stays = ["chart-custodian"]
        self.must(self.set_custodians(self.chart, ["chart-left"], stays))
        self.must(self.set_custodians(self.chart, [], stays))

    def _let_in(self) -> None:
        owner, only = self.chart.owner, f.OnlyEntries((ENTRY,))
        reads = ("read",)
        self.join(owner, "drew", depth=2)
        self.must(
            self.invite(
                CAST["practitioner"], "colleague", scope=only, capabilities=reads
            )
        )
        self.approve("colleague")
        self.must(self.accept("colleague"))
        self.join(owner, "reader", capabilities=reads)
        self.join(owner, "single", scope=only, capabilities=reads)
        self.join(owner, "carer", role="proxy", depth=2)
        now_on = f.FromEpoch(0)
        self.join(
            owner, "aunt", role="proxy", scope=now_on, capabilities=reads, until=0
        )

    def _let_go(self) -> None:
        """Let in whose part is over when the scene is complete."""
        owner = self.chart.owner
        soon = self.now + HOUR
        self.join(owner, "lapsed", role="proxy", capabilities=("read",), until=soon)
        self.join(owner, "gone", depth=1, role="proxy")
        self.must(self.invite(key("gone"), "gone-friend"))
        self.approve("gone-friend")
        self.must(self.accept("gone-friend"))
        self.must(self.invite(owner, "dormant"))
        short = self.endorse(key("dormant"), "practitioner", until=self.now + HOUR)
        self.must(self.accept("dormant", endorsed=short))
        self.join(owner, "moved", role="proxy", depth=1)
        moving = f.ReplaceHandle(0, 1, X, None, X)
        self.must(self.act(moving, by=[key("moved"), key("moved-2")]))

    def _invite(self) -> None:
        """Let three invitations wait; the last also for the owner's approval."""
        owner, reads = self.chart.owner, ("read",)
        self.must(self.invite(owner, "sam", role="proxy"))
        self.must(self.invite(owner, "uma", capabilities=reads))
        self.must(self.invite(CAST["practitioner"], "robin", capabilities=reads))

    def approve(self, name: str) -> None:
        """Let the owner approve the invitation to `name`."""
        action = f.Approve(0, invitation(name).public)
        self.must(self.act(action, by=[self.chart.owner]))

    def erasing(self, *, wait: bool = True) -> bytes:
        """Ask for the entry's erasure; return its id, in effect after a wait."""
        erasure = self.erase(self.chart, "entry")
        if wait:
            self.wait(3 * DAY)
        return erasure
