"""A small model of who may do what in one record: plain Python, no ledger code.

It is the design's text, written down a second time and in another way: a list of
participants, a list of offers, and for every act one function that says `ok`,
`refused` or `void` and changes the lists.
"""

from dataclasses import dataclass, field, replace
from typing import Any

DAY = 86_400_000
TWO_WEEKS, MONTH, TRIES = 14 * DAY, 30 * DAY, 16
OWNER = 0

ALL = ("all",)
"""Scopes: `("all",)`, `("from", epoch)` or `("only", names)`."""


@dataclass
class Person:
    """One participant. `word` names its endorsement; the owner has none."""

    handle: str
    capabilities: tuple[str, ...] = ("read", "refer", "write")
    scope: tuple[Any, ...] = ALL
    until: int = 0
    depth: int = 5
    inviter: int = OWNER
    word: str = ""
    lapses: int = 0
    ended: bool = False


@dataclass
class Waiting:
    """An offer that waits; `who` is what the participant will be."""

    who: Person
    epoch: int
    made: int
    tries: dict[int, int] = field(default_factory=dict)


@dataclass
class Model:
    """One record."""

    now: int
    people: list[Person] = field(default_factory=lambda: [Person("chart-owner")])
    seat_of: dict[str, int] = field(default_factory=lambda: {"chart-owner": OWNER})
    offers: dict[str, Waiting] = field(default_factory=dict)
    names: set[str] = field(default_factory=set)
    withdrawn: set[str] = field(default_factory=set)
    entries: dict[str, int] = field(default_factory=dict)
    epoch: int = 0
    holders: set[int] = field(default_factory=lambda: {OWNER})
    leaked: bool = False

    # Who may

    def over(self, number: int) -> bool:
        """Tell whether somebody can never act again."""
        one = self.people[number]
        if one.until and one.until <= self.now:
            return True
        if number == OWNER:
            return False
        return self._cut_off(number)

    def _cut_off(self, number: int) -> bool:
        if number == OWNER:
            return False
        one = self.people[number]
        return one.ended or one.word in self.withdrawn or self._cut_off(one.inviter)

    def active(self, number: int) -> bool:
        one = self.people[number]
        awake = not one.word or one.lapses > self.now
        return awake and not self.over(number)

    def sits(self, handle: str) -> bool:
        number = self.seat_of.get(handle)
        if number is None or self.people[number].handle != handle:
            return False
        return not self.over(number)

    def may(self, handle: str, *capabilities: str) -> bool:
        if not self.sits(handle) or not self.active(self.seat_of[handle]):
            return False
        own = self.people[self.seat_of[handle]].capabilities
        return set(capabilities) <= set(own)

    def covers(self, scope: tuple[Any, ...], entry: str) -> bool:
        if entry not in self.entries:
            return False
        match scope[0]:
            case "all":
                return True
            case "from":
                return self.entries[entry] >= scope[1]
        return entry in scope[1]

    def full(self) -> list[int]:
        """Return who must get the next key."""
        return [
            number
            for number, one in enumerate(self.people)
            if one.scope[0] != "only" and self.active(number)
        ]

    def stale(self) -> bool:
        if any(map(self._leaked_by, self.offers.values())):
            return True
        return self.leaked or not all(self.active(number) for number in self.holders)

    def _leaked_by(self, offer: Waiting) -> bool:
        """Tell whether an offer lapsed whose keyring may have been opened."""
        over = offer.made + TWO_WEEKS <= self.now
        return over and offer.who.scope[0] != "only" and offer.epoch == self.epoch

    # Offers

    def _less(self, offer: Person, own: Person) -> bool:
        """Tell whether an offer is within what the inviter has."""
        if not set(offer.capabilities) <= set(own.capabilities):
            return False
        if offer.depth >= own.depth or (offer.until and offer.until <= self.now):
            return False
        if own is not self.people[OWNER] and not offer.until:
            return False
        if own.until and offer.until > own.until:
            return False
        return self._narrower(offer.scope, own.scope)

    def _narrower(self, scope: tuple[Any, ...], own: tuple[Any, ...]) -> bool:
        if scope[0] == "only":
            return all(self.covers(own, entry) for entry in scope[1])
        if scope[0] == "all":
            return own[0] == "all"
        first = {"all": 0, "from": own[-1], "only": None}[own[0]]
        return first is not None and first <= scope[1] <= self.epoch

    def invite(self, by: str, name: str, offer: Person) -> str:
        if not self.sits(by):
            return "void"
        if not self.may(by, "refer") or name in self.names:
            return "refused"
        number = self.seat_of[by]
        if not self._less(offer, self.people[number]):
            return "refused"
        self.names.add(name)
        made = replace(offer, inviter=number)
        self.offers[name] = Waiting(made, self.epoch, self.now)
        return "ok"

    def _open(self, name: str) -> bool:
        offer = self.offers.get(name)
        if offer is None or offer.made + TWO_WEEKS <= self.now:
            return False
        return not self.over(offer.who.inviter)

    def accept(self, name: str, handle: str, lapses: int) -> str:
        if not self._open(name):
            return "void"
        offer = self.offers[name]
        today = self.now // DAY
        if offer.tries.get(today, 0) == TRIES:
            return "void"
        offer.tries[today] = offer.tries.get(today, 0) + 1
        return self._take(name, offer, handle, lapses)

    def _take(self, name: str, offer: Waiting, handle: str, lapses: int) -> str:
        inviter = offer.who.inviter
        if not self.active(inviter):
            return "refused"
        if not self._less(offer.who, self.people[inviter]):
            return "refused"
        if not self._good(handle, lapses) or handle in self.seat_of:
            return "refused"
        new = replace(offer.who, handle=handle, word=handle, lapses=lapses)
        self.seat_of[handle] = len(self.people)
        if new.scope[0] != "only" and offer.epoch == self.epoch:
            self.holders.add(len(self.people))
        self.people.append(new)
        del self.offers[name]
        return "ok"

    def _good(self, word: str, lapses: int) -> bool:
        if word in self.withdrawn:
            return False
        return self.now < lapses <= self.now + MONTH

    # Ending and renewing

    def revoke(self, by: str, handle: str) -> str:
        if not self.sits(by):
            return "void"
        if not self.may(by) or handle not in self.seat_of:
            return "refused"
        me, target = self.seat_of[by], self.seat_of[handle]
        one = self.people[target]
        if target == OWNER or one.ended or me not in (OWNER, one.inviter, target):
            return "refused"
        one.ended = True
        return "ok"

    def take_back(self, by: str, name: str) -> str:
        if not self.sits(by):
            return "void"
        if not self.may(by) or not self._open(name):
            return "refused"
        offer = self.offers[name]
        if self.seat_of[by] not in (OWNER, offer.who.inviter):
            return "refused"
        if offer.who.scope[0] != "only" and offer.epoch == self.epoch:
            self.leaked = True
        del self.offers[name]
        return "ok"

    def withdraw(self, word: str) -> str:
        if word in self.withdrawn:
            return "refused"
        self.withdrawn.add(word)
        return "ok"

    def renew(self, handle: str, word: str, lapses: int) -> str:
        if not self.sits(handle):
            return "void"
        one = self.people[self.seat_of[handle]]
        if one.word != word or not word or not self._good(word, lapses):
            return "refused"
        one.lapses = lapses
        return "ok"

    def move(self, old: str, new: str, lapses: int) -> str:
        if not self.sits(old):
            return "void"
        number = self.seat_of[old]
        if not self.active(number) or new in self.seat_of:
            return "refused"
        one = self.people[number]
        if number != OWNER:
            if not self._good(new, lapses):
                return "refused"
            one.word, one.lapses = new, lapses
        one.handle = new
        self.seat_of[new] = number
        return "ok"

    # Keys and entries

    def rotate(self, by: str, epoch: int, recipients: tuple[int, ...]) -> str:
        if not self.sits(by):
            return "void"
        if not self.may(by) or self.seat_of[by] not in self.holders:
            return "refused"
        if self.people[self.seat_of[by]].scope != ALL:
            return "refused"
        if epoch != self.epoch + 1 or list(recipients) != self.full():
            return "refused"
        self.epoch, self.holders, self.leaked = epoch, set(recipients), False
        for number in range(len(self.people)):
            if self.over(number):
                self.people[number].ended = True
        return "ok"

    def rewrap(self, by: str, to: str) -> str:
        if not self.sits(by):
            return "void"
        if not self.may(by) or self.seat_of[by] not in self.holders:
            return "refused"
        if not self.sits(to) or self.seat_of[to] not in self.full():
            return "refused"
        self.holders.add(self.seat_of[to])
        return "ok"

    def append(self, by: str, entry: str, epoch: int) -> str:
        if not self.sits(by):
            return "void"
        if not self.may(by, "write") or entry in self.entries:
            return "refused"
        if epoch != self.epoch or self.seat_of[by] not in self.holders or self.stale():
            return "refused"
        self.entries[entry] = epoch
        return "ok"
