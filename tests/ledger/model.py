"""What the ledger should do, in dictionaries: the model that tests compare with.

It has no bytes, no drafts and no tables. Each method returns the verdict that the
ledger must reach, and changes the model only if that is `ok`.
"""

from dataclasses import dataclass, field, replace

from tests.ledger.world import DAY

OK = "ok"
NODE_OWNER = "hospital"
"""Whose node is the only one."""

NOBODY = "void.nobody-known"


@dataclass(frozen=True)
class Plan:
    """Something that time will do: a hold's refund, a payment, a change of key."""

    due: int
    kind: str
    payer: str
    payee: str
    amount: int = 0
    left: int = 0


@dataclass
class Model:
    """The people by name, and what is theirs."""

    purses: dict[str, int] = field(default_factory=dict)
    supply: int = 0
    organisations: dict[str, tuple[str, str, str]] = field(default_factory=dict)
    members: dict[str, tuple[str, str, str]] = field(default_factory=dict)
    keys: dict[str, str] = field(default_factory=dict)
    plans: dict[bytes, Plan] = field(default_factory=dict)

    # Time

    def tick(self, now: int) -> None:
        """Do what is due, each thing once a block, by time and then by id."""
        due = sorted((p.due, key) for key, p in self.plans.items() if p.due <= now)
        for _, key in due:
            plan = self.plans.pop(key)
            if plan.kind == "hold":
                self._give(plan.payer, plan.amount)
            elif plan.kind == "order":
                self._pay(key, plan)
            else:
                self._move_key(plan.payer, plan.payee)

    def _pay(self, key: bytes, plan: Plan) -> None:
        if plan.left > 1:
            self.plans[key] = replace(plan, due=plan.due + DAY, left=plan.left - 1)
        if self._has(plan.payer) >= plan.amount:
            self._give(plan.payer, -plan.amount)
            self._give(plan.payee, plan.amount)

    def _move_key(self, member: str, new: str) -> None:
        organisation, status, old = self.members[member]
        del self.keys[old]
        self.members[member] = (organisation, status, new)

    # Coin

    def _has(self, purse: str) -> int:
        return self.purses.get(purse, 0)

    def _known(self, purse: str) -> bool:
        """Tell whether a purse has coin, or has a say in coin that is set aside."""
        sides = (
            (one.payer, one.payee) for one in self.plans.values() if one.kind == "hold"
        )
        return self._has(purse) > 0 or any(purse in both for both in sides)

    def _give(self, purse: str, amount: int) -> None:
        self.purses[purse] = self._has(purse) + amount

    def _take(self, payer: str, payee: str, amount: int) -> str:
        """Take coin out of a purse, for somebody else."""
        if not self._known(payer):
            return NOBODY
        if payer == payee:
            return "coin.same-purse"
        if self._has(payer) < amount:
            return "coin.insufficient-funds"
        self._give(payer, -amount)
        return OK

    def transfer(self, payer: str, payee: str, amount: int) -> str:
        code = self._take(payer, payee, amount)
        if code == OK:
            self._give(payee, amount)
        return code

    def hold(self, payer: str, payee: str, amount: int) -> str:
        return self._take(payer, payee, amount)

    def settle(self, key: bytes, signer: str, who: str) -> str:
        """`who` decides: the payer pays the payee, the payee gives back."""
        if not self._known(signer):
            return NOBODY
        plan = self.plans.get(key)
        if not plan or plan.kind != "hold" or getattr(plan, who) != signer:
            return "coin.no-such-hold"
        del self.plans[key]
        self._give(plan.payee if who == "payer" else plan.payer, plan.amount)
        return OK

    def order(self, payer: str, payee: str) -> str:
        if not self._known(payer):
            return NOBODY
        return "coin.same-purse" if payer == payee else OK

    def cancel_order(self, key: bytes, signer: str) -> str:
        if not self._known(signer):
            return NOBODY
        plan = self.plans.get(key)
        if not plan or plan.kind != "order" or plan.payer != signer:
            return "coin.no-such-order"
        del self.plans[key]
        return OK

    # Governance: `votes` distinct governors signed, two are needed

    def govern(self, votes: int) -> str:
        return OK if votes >= 2 else "governance.no-quorum"

    def mint(self, votes: int, purse: str, amount: int) -> str:
        if self.govern(votes) == OK:
            self._give(purse, amount)
            self.supply += amount
        return self.govern(votes)

    def admit(self, votes: int, name: str, kind: str, group: str) -> str:
        if votes < 2:
            return "governance.no-quorum"
        if name in self.organisations:
            return "governance.already-admitted"
        wall = {"insurer": "research", "research": "insurer"}
        for _, other, where in filter(self._counts, self.organisations.values()):
            if where == group and other == wall.get(kind):
                return "governance.insurer-and-research"
        self.organisations[name] = ("active", kind, group)
        return OK

    @staticmethod
    def _counts(organisation: tuple[str, str, str]) -> bool:
        return organisation[0] != "expelled"

    def set_status(self, votes: int, name: str, status: str) -> str:
        if votes < 2:
            return "governance.no-quorum"
        if name not in self.organisations:
            return "governance.not-admitted"
        old, kind, group = self.organisations[name]
        if old in ("expelled", status):
            return "governance.wrong-status"
        if status == "expelled" and name == NODE_OWNER:
            return "governance.last-node"
        self.organisations[name] = (status, kind, group)
        return OK

    # Registry

    def _office(self, name: str) -> str:
        if name not in self.organisations:
            return NOBODY
        active = self.organisations[name][0] == "active"
        return OK if active else "registry.not-your-office"

    def _taken(self, key: str) -> bool:
        return key in self.keys or key in self.members

    def register(self, organisation: str, key: str) -> str:
        if self._office(organisation) != OK:
            return self._office(organisation)
        if self._taken(key):
            return "registry.key-taken"
        self.members[key] = (organisation, "active", key)
        self.keys[key] = key
        return OK

    def set_member(self, organisation: str, member: str, status: str) -> str:
        if self._office(organisation) != OK:
            return self._office(organisation)
        theirs, old, key = self.members.get(member, ("", "", ""))
        if theirs != organisation or old == "left":
            return "registry.not-a-member"
        self.members[member] = (theirs, status, key)
        return OK

    def _member(self, key: str) -> tuple[str, str]:
        """Return (verdict, member) of whoever signs as a member with `key`."""
        member = self.keys.get(key, "")
        if not member or self.members[member][2] != key:
            return NOBODY, ""
        if self.members[member][1] != "active":
            return "registry.not-a-member", ""
        return OK, member

    def _change_of(self, member: str) -> bytes | None:
        for key, plan in self.plans.items():
            if plan.kind == "key" and plan.payer == member:
                return key
        return None

    def change_key(self, old: str, new: str, key: bytes, due: int) -> str:
        verdict, member = self._member(old)
        if verdict != OK:
            return verdict
        if self._taken(new):
            return "registry.key-taken"
        if self._change_of(member):
            return "registry.change-pending"
        self.keys[new] = member
        self.plans[key] = Plan(due, "key", member, new)
        return OK

    def cancel_change(self, signer: str) -> str:
        verdict, member = self._member(signer)
        if verdict != OK:
            return verdict
        change = self._change_of(member)
        if not change:
            return "registry.no-change-pending"
        del self.keys[self.plans.pop(change).payee]
        return OK
