"""`Offices` with records in it: charts, participants, custodians.

Every key belongs to a name (`key("drew")`), so a failing test can be read aloud.
What a test does not say is in order: offers are generous, endorsements good.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from careledger.ledger.actions.emergency import BreakGlass, SetPlan
from careledger.ledger.actions.records import (
    Append,
    Erase,
    NewEntry,
    OpenRecord,
    Read,
    Rotate,
    SetCustodians,
)
from careledger.ledger.actions.referral import Accept, AllEpochs, Invite, Offer, Revoke
from careledger.ledger.refusals.base import Refusal
from careledger.ledger.workflows import authorisation, entries, records, seats
from careledger.primitives.hashing import sha256
from careledger.primitives.signing import SigningKey
from tests.ledger.issuing import TOKEN_KEY_ID, token
from tests.ledger.offices import Offices
from tests.ledger.world import DAY, START, body, key, twin

ALL: tuple[Any, ...] = ("read", "refer", "write")

UNTIL = START + 400 * DAY
"""When participations end unless a test says otherwise."""


@dataclass(frozen=True)
class Chart:
    """A record and the keys that belong to it from the start."""

    id: bytes
    name: str
    owner: SigningKey
    custodian: SigningKey
    witness: SigningKey
    recovery: SigningKey


class Clinic(Offices):
    """Charts, who takes part in them, and who reads what they hold."""

    # Records

    def opening(self, name: str, **fields: Any) -> OpenRecord:
        """Return the action that opens a record: signers are owner and custodian."""
        owner = key(f"{name}-owner").public
        values = {
            "owner": 0,
            "token_key": TOKEN_KEY_ID,
            "token": token(self.chain, owner),
            "sealing_key": body(f"{name}-owner-sealing".encode()),
            "key_commitment": sha256(f"{name}-epoch-0".encode()),
            "custodians": (1,),
            "witness": key(f"{name}-witness").public,
            "recovery": key(f"{name}-recovery").public,
            "recovery_sealing": body(f"{name}-recovery-sealing".encode()),
            "policy": "allow",
            "depth": 4,
        }
        return OpenRecord(**(values | fields))

    def open(self, name: str = "chart", **fields: Any) -> Chart:
        """Open a record whose keys all derive from `name`."""
        owner, custodian = key(f"{name}-owner"), key(f"{name}-custodian")
        self.must(self.act(self.opening(name, **fields), by=[owner, custodian]))
        opened = self.last.events[0][-1].concerns[1]
        witness, recovery = key(f"{name}-witness"), key(f"{name}-recovery")
        return Chart(opened, name, owner, custodian, witness, recovery)

    def set_custodians(
        self, chart: Chart, joining: Sequence[str], staying: Sequence[str]
    ) -> str:
        """Change who keeps the blobs; every custodian is `key(name)`."""
        indexes = tuple(range(1, len(joining) + 1))
        kept = tuple(key(name).public for name in staying)
        action = SetCustodians(0, indexes, kept)
        return self.act(action, by=[chart.owner, *map(key, joining)])

    def record(self, chart: Chart) -> records.Record:
        """Return a record's leaf."""
        return records.even_erased(self.draft(), chart.id)

    def append(self, author: SigningKey, chart: Chart, *names: str, **more: Any) -> str:
        """Add entries named `names`; return the code."""
        return self.act(self.entry(chart, *names, **more), by=[author])

    def entry(self, chart: Chart, *names: str, **more: Any) -> Append:
        """Return the action that adds entries, with the custodian's receipt."""
        supersedes = more.pop("supersedes", b"")
        new = tuple(
            NewEntry(
                entry_id(name),
                sha256(f"{name}-blob".encode()),
                sha256(f"{name}-key".encode()),
                supersedes,
            )
            for name in names or ("entry",)
        )
        message = entries.stored_message(self.chain, [one.blob for one in new])
        custodian = more.pop("custodian", chart.custodian)
        values = {
            "author": 0,
            "epoch": self.record(chart).epoch,
            "entries": new,
            "custodian": custodian.public,
            "stored": custodian.sign(message),
        }
        return Append(**(values | more))

    def read(self, reader: SigningKey, *names: str) -> str:
        """State that entries will be read; return the code."""
        wanted = tuple(entry_id(name) for name in names or ("entry",))
        return self.act(Read(0, wanted), by=[reader])

    def stored(self, chart: Chart, name: str) -> entries.Entry:
        """Return the leaf of the entry called `name`."""
        return entries.entry(self.draft(), chart.id, entry_id(name))

    def erase(self, chart: Chart, *names: str) -> bytes:
        """Let the owner ask for erasure, of all without a name; return its id."""
        ids = tuple(entry_id(name) for name in names)
        self.must(self.act(Erase(0, ids), by=[chart.owner]))
        return self.last.events[0][-1].concerns[-1]

    # Participation

    def offer(self, **more: Any) -> Offer:
        """Return an offer, generous where nothing is said."""
        values = {
            "role": "practitioner",
            "capabilities": ALL,
            "scope": AllEpochs(),
            "until": UNTIL,
            "depth": 0,
        }
        return Offer(**(values | more))

    def invite(self, inviter: SigningKey, name: str, **offer: Any) -> str:
        """Invite somebody; the invitation's key is `key("name-invitation")`."""
        action = Invite(0, invitation(name).public, self.offer(**offer))
        return self.act(action, by=[inviter])

    def acceptance(self, name: str, role: str = "practitioner", **more: Any) -> Accept:
        """Return the action by which `key(name)` takes the seat offered to it."""
        needs = role in authorisation.NEEDS_RECOGNITION
        values = {
            "invitation": 0,
            "handle": 1,
            "sealing_key": body(f"{name}-sealing".encode()),
            "endorsed": self.endorse(key(name), role) if needs else None,
            "wrap": sha256(f"{name}-wrap".encode()),
        }
        return Accept(**(values | more))

    def accept(self, name: str, role: str = "practitioner", **more: Any) -> str:
        """Let `key(name)` take the seat offered to it; return the code."""
        action = self.acceptance(name, role, **more)
        return self.act(action, by=[invitation(name), key(name)])

    def join(self, inviter: SigningKey, name: str, **offer: Any) -> SigningKey:
        """Invite and accept; return the new participant's handle."""
        self.must(self.invite(inviter, name, **offer))
        self.must(self.accept(name, offer.get("role", "practitioner")))
        return key(name)

    def revoke(self, by: SigningKey, handle: SigningKey) -> str:
        """End a participation; return the code."""
        return self.act(Revoke(0, handle.public), by=[by])

    # Keys

    def rotation(self, chart: Chart, **more: Any) -> Rotate:
        """Return the action that starts the next epoch for all full holders."""
        found = self.record(chart)
        at = more.pop("at", self.now + 1)
        holders = records.full_holders(self.draft(), chart.id, at)
        epoch = found.epoch + 1
        values = {
            "holder": 0,
            "epoch": epoch,
            "key_commitment": sha256(f"{chart.name}-epoch-{epoch}".encode()),
            "recipients": holders,
            "wraps": tuple(
                sha256(f"{chart.name}-wrap-{epoch}-{n}".encode())
                for n in range(len(holders) + 1)
            ),
            "shares": tuple(sha256(b"s" + bytes([n])) for n in range(found.shares)),
        }
        return Rotate(**(values | more))

    def rotate(self, holder: SigningKey, chart: Chart, **more: Any) -> str:
        """Start the next epoch; return the code."""
        return self.act(self.rotation(chart, **more), by=[holder])

    # Emergencies

    def plan(self, chart: Chart) -> None:
        """Give shares to three emergency agents."""
        agents = tuple(key(f"{chart.name}-agent-{n}").public for n in range(3))
        shares = tuple(sha256(agent) for agent in agents)
        self.must(self.act(SetPlan(0, agents, shares), by=[chart.owner]))

    def breaking(
        self, chart: Chart, first: str, second: str, **more: Any
    ) -> BreakGlass:
        """Return the action by which two people open a record in an emergency."""
        one, two = (
            self.endorse(key(name), "emergency", tag=tag_of(name))
            for name in (first, second)
        )
        sealing = (body(name.encode() + b"-sealing") for name in (first, second))
        values = dict(
            zip(
                BreakGlass.__struct_fields__,
                (0, 1, chart.id, one, two, *sealing),
                strict=True,
            )
        )
        return BreakGlass(**(values | more))

    def break_glass(self, chart: Chart, first: str, second: str, **more: Any) -> str:
        """Open a record in an emergency; return the code."""
        action = self.breaking(chart, first, second, **more)
        return self.act(action, by=[key(first), key(second)])

    # What the ledger says

    def place(self, handle: SigningKey) -> seats.Place:
        """Return where a key belongs."""
        return seats.place(self.draft(), handle.public)

    def seat(self, handle: SigningKey) -> seats.Seat:
        """Return the seat that a handle belongs to."""
        spot = self.place(handle)
        return seats.seat(self.draft(), spot.record, spot.seat)

    def may(self, handle: SigningKey, *capabilities: Any) -> bool:
        """Tell whether a handle may act now, with these capabilities."""
        try:
            authorisation.acting(self.context(handle), 0, *capabilities)
        except Refusal:
            return False
        return True

    def holds(self, handle: SigningKey) -> bool:
        """Tell whether a handle's seat is among the holders of the current key."""
        spot = self.place(handle)
        return spot.seat in records.record(self.draft(), spot.record).wrapped

    def stale(self, chart: Chart) -> bool:
        """Tell whether the record waits for a rotation."""
        return records.is_stale(self.draft(), chart.id, self.now)


@cache
def _prepared() -> Clinic:
    return Clinic()


def clinic() -> Clinic:
    """Return a clinic of one's own, cheaply."""
    return twin(_prepared())


def opened(**fields: Any) -> tuple[Clinic, Chart]:
    """Return a clinic with one open record."""
    new = clinic()
    return new, new.open(**fields)


def invitation(name: str) -> SigningKey:
    """Return the key of the invitation to `name`."""
    return key(f"{name}-invitation")


def entry_id(name: str) -> bytes:
    """Return the identifier of the entry called `name`."""
    return sha256(name.encode())[:16]


def tag_of(name: str) -> bytes:
    """Return the tag of a person: handles `zoe`, `zoe-2` are one person's."""
    return sha256(b"tag of " + name.partition("-")[0].encode())
