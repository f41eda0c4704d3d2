"""What tests of referral say in one word."""

from careledger.ledger.actions.records import SetPolicy
from careledger.ledger.actions.referral import InviteForMinor, Renew, ReplaceHandle
from careledger.ledger.workflows import authorisation
from careledger.primitives.hashing import sha256
from tests.ledger.clinic import Chart, Clinic, invitation
from tests.ledger.world import DAY, body, key

DREW, ROBIN, SAM = map(key, ("drew", "robin", "sam"))

GONE = "void.nobody-known"
"""What an envelope gets whose only signers stand for nothing any more."""


def set_policy(c: Clinic, chart: Chart, policy: str, depth: int = 4) -> None:
    c.must(c.act(SetPolicy(0, policy, depth), by=[chart.owner]))  # type: ignore[arg-type]


def renew(c: Clinic, name: str, **endorsement: object) -> str:
    word = c.endorse(key(name), endorsement.pop("role", "practitioner"), **endorsement)
    return c.act(Renew(0, word), by=[key(name)])


def replacement(c: Clinic, old: str, new: str, role: str = "practitioner", **more):
    endorsed = (
        c.endorse(key(new), role) if role in authorisation.NEEDS_RECOGNITION else None
    )
    fields = {"endorsed": endorsed} | more
    sealing, wrap = body(new.encode() + b"-sealing"), sha256(new.encode() + b"-wrap")
    action = ReplaceHandle(0, 1, sealing, fields["endorsed"], wrap)
    return c.act(action, by=[key(old), key(new)])


def witness_invites(c: Clinic, chart: Chart, **offer: object) -> str:
    made = c.offer(**({"role": "proxy", "until": c.now + 90 * DAY} | offer))
    action = InviteForMinor(0, invitation("parent").public, made)
    return c.act(action, by=[chart.witness])
