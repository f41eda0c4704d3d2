"""Under which epoch a client seals comes from proofs: no node has it use an old key."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from careledger.client import declaring, inviting, plans, writing
from careledger.client.declaring import declare, keep_label
from careledger.client.part import Part, refresh
from careledger.client.past import epoch_commitment
from careledger.client.patient import full_access
from careledger.client.recovering import DELAY
from careledger.client.rotating import rotate
from careledger.client.session_problems import OlderThanSeen
from careledger.ledger.actions import AnyAction
from careledger.ledger.actions.records import Append, Declare
from careledger.ledger.actions.referral import FromEpoch, Offer, OnlyEntries
from careledger.ledger.envelopes import Core, Envelope
from careledger.ledger.refusals.records import StaleEpoch
from careledger.local import LocalNetwork
from careledger.node import questions as ask
from careledger.node.answers import Delivery, EpochHistory, KeysAnswer, SeatAnswer
from careledger.node.problems import NothingHere
from careledger.primitives.encoding import decode, encode
from careledger.primitives.hashing import sha256
from careledger.sealing.keyring import AllEpochs, held_epochs
from careledger.sealing.problems import NotHeld, Tampered
from careledger.sealing.seeds import join_recovery_secret
from careledger.sealing.wraps import wrap_keyring
from tests.client.junk import joined, restarted
from tests.client.lying import NOTE, altered, lying

CONSENT = b'{"resourceType":"Consent"}'


class Scene:
    """A record from which Dr. Ada was removed: the first epoch is hers, not the second.

    Attributes:
        part: of the owner, who knows nothing but its own key yet.
        eva: has full access, before and after.
    """

    def __init__(self, network: LocalNetwork) -> None:
        self.network, self.patient = network, network.patient()
        self.record = self.patient.register(network.joining()).record
        ada = joined(network, self.patient, self.record, "Dr. Ada Lind")
        self.eva = joined(network, self.patient, self.record, "Dr. Eva")
        [self.entry] = self.eva.append(self.record, NOTE)
        self.guest = network.practitioner("Dr. Gus")
        self.agents = [hospital.new_agent() for hospital in network.hospitals]
        gone = ada.part(self.record)
        refresh(gone)
        self.old = gone.epochs[0]
        self.patient.revoke(self.record, gone.handle)

    @property
    def part(self) -> Part:
        return restarted(self.patient.part(self.record))

    def invite(self, part: Part, offer: Offer) -> None:
        to = self.network.listing(self.guest).addressee
        inviting.invite(part, to, offer, None)

    def offered(self) -> Any:
        return self.guest.inbox(self.network.office_of(self.guest))[-1].keyring

    def blobs(self) -> int:
        return sum(vault.count() for vault in self.network.vaults)


@pytest.fixture(scope="module")
def scene(network: LocalNetwork) -> Scene:
    return Scene(network)


SEALING: dict[str, Callable[[Scene, Part], object]] = {
    "append": lambda _, part: writing.append(part, [NOTE]),
    "declare": lambda _, part: declare(part, CONSENT),
    "own label": lambda s, part: keep_label(part, s.patient.store, "heart"),
}
GIVING: dict[str, Callable[[Scene, Part], object]] = {
    "invite": lambda s, part: s.invite(part, full_access()),
    "from now on": lambda s, part: s.invite(part, _from(inviting.from_now_on(part))),
    "plan": lambda s, part: plans.set_plan(part, s.agents),
}
BOTH = SEALING | GIVING


def _from(scope: FromEpoch) -> Offer:
    return Offer("practitioner", ("read",), scope, 0, 0)


class Watched:
    """A transport that notes what leaves the client."""

    def __init__(self, honest: Any) -> None:
        self._honest = honest
        self.asked: list[ask.Question] = []
        self.actions: list[AnyAction] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._honest, name)

    def ask(self, asked: Any) -> bytes:
        self.asked.append(decode(asked.question, ask.Question))
        return self._honest.ask(asked)

    def submit(self, envelope: bytes) -> Any:
        self.actions += decode(decode(envelope, Envelope).core, Core).actions
        return self._honest.submit(envelope)


@contextmanager
def watched(part: Part) -> Iterator[Watched]:
    honest = part.line.transport
    part.line.transport = watch = Watched(honest)
    try:
        yield watch
    finally:
        part.line.transport = honest


def _nothing_left(scene: Scene, act: Callable[[], object], error: type) -> None:
    before, size = scene.blobs(), scene.network.engine.query.head.size
    with watched(scene.part) as watch, pytest.raises(error):
        act()
    assert not watch.actions
    assert not any(isinstance(one, ask.Store) for one in watch.asked)
    assert (scene.blobs(), scene.network.engine.query.head.size) == (before, size)


OLD = altered(SeatAnswer, epoch=0, stale=False)


@pytest.mark.parametrize("act", SEALING)
def test_an_old_epoch_by_the_nodes_word_is_not_used(scene, act) -> None:
    part = scene.part
    current = part.seat().epoch
    with watched(part) as watch, lying(part.line, ask.MySeat, OLD):
        SEALING[act](scene, part)
    [action] = watch.actions
    assert isinstance(action, Append | Declare)
    if isinstance(action, Append):
        assert action.epoch == current
    assert part.epochs[current] != scene.old


def test_who_was_removed_cannot_open_what_is_declared(scene, monkeypatch) -> None:
    part, keys = scene.part, []
    seal = declaring.seal_body
    note = lambda key, *rest: keys.append(key) or seal(key, *rest)  # noqa: E731
    monkeypatch.setattr(declaring, "seal_body", note)
    with lying(part.line, ask.MySeat, OLD):
        declare(part, CONSENT)
    assert keys == [part.epochs[part.seat().epoch]] != [scene.old]


@pytest.mark.parametrize("act", ["invite", "from now on"])
def test_who_is_invited_gets_the_current_key(scene, act) -> None:
    part = scene.part
    current = part.seat().epoch
    with lying(part.line, ask.MySeat, OLD):
        GIVING[act](scene, part)
    assert list(held_epochs(scene.offered())) == [current]


def test_from_now_on_begins_at_the_proven_epoch(scene) -> None:
    with lying(scene.patient.line, ask.MySeat, OLD):
        scope = scene.patient.from_now_on(scene.record)
    assert scope == FromEpoch(scene.part.seat().epoch)


def test_a_plan_gives_the_current_key(scene, monkeypatch) -> None:
    part, given = scene.part, []
    current, seal = part.seat().epoch, plans.seal_shares
    note = lambda ring, *rest: given.append(ring) or seal(ring, *rest)  # noqa: E731
    monkeypatch.setattr(plans, "seal_shares", note)
    with lying(part.line, ask.MySeat, OLD):
        plans.set_plan(part, scene.agents)
    assert [ring.epoch for ring in given] == [current]


@pytest.mark.parametrize("act", BOTH)
def test_where_the_node_hides_the_newer_keys_nothing_leaves(scene, act) -> None:
    part = scene.part
    first = lambda some: tuple(one for one in some if one.epoch == 0)  # noqa: E731
    hide = altered(KeysAnswer, epoch=0, epochs=first, deliveries=first)
    with lying(part.line, ask.MySeat, OLD), lying(part.line, ask.MyKeys, hide):
        _nothing_left(scene, lambda: BOTH[act](scene, part), NotHeld)


@pytest.mark.parametrize("act", SEALING)
def test_nothing_is_sealed_while_who_left_has_the_key(scene, act) -> None:
    joined(scene.network, scene.patient, scene.record, "Dr. Ole").leave(scene.record)
    part = scene.part
    with lying(part.line, ask.MySeat, altered(SeatAnswer, stale=False)):
        _nothing_left(scene, lambda: SEALING[act](scene, part), StaleEpoch)
    scene.patient.declare(scene.record, CONSENT)  # which renews the keys
    SEALING[act](scene, part)


@pytest.mark.parametrize("act", GIVING)
def test_keys_can_be_given_while_a_rotation_is_due(scene, act) -> None:
    joined(scene.network, scene.patient, scene.record, "Dr. Ole").leave(scene.record)
    GIVING[act](scene, scene.part)
    scene.patient.rotate(scene.record)


@pytest.mark.parametrize("act", BOTH)
def test_a_key_of_the_nodes_own_is_not_used(scene, act) -> None:
    """It can seal to anybody, and say that the ledger committed to what it sealed."""
    part = scene.part
    epoch = part.seat().epoch
    ring = AllEpochs(epoch, sha256(b"a node's key"), sha256(b"a node's history"))
    place, sender = part.line.binding(part.record, epoch), scene.eva.part(part.record)
    wrap = wrap_keyring(
        ring, place, sender.handle, part.handle, part.keys.opening.public
    )
    false = EpochHistory(epoch, epoch_commitment(epoch, ring.epoch_key), b"")
    lie = altered(
        KeysAnswer,
        deliveries=(Delivery(epoch, sender.handle, encode(wrap)),),
        epochs=lambda some: (*some[:-1], false),
    )
    with lying(part.line, ask.MyKeys, lie):
        _nothing_left(scene, lambda: BOTH[act](scene, part), Tampered)


@pytest.mark.parametrize("act", BOTH)
def test_a_proof_from_before_the_newest_keys_is_none(scene, act) -> None:
    part, old = scene.part, []
    with lying(part.line, ask.Prove, lambda raw: old.append(raw) or raw):
        inviting.from_now_on(part)
    rotate(scene.eva.part(scene.record))
    refresh(part)
    with lying(part.line, ask.Prove, lambda _: old[0]):
        _nothing_left(scene, lambda: BOTH[act](scene, part), OlderThanSeen)


@pytest.mark.parametrize("kind", [ask.MySeat, ask.MyKeys])
@pytest.mark.parametrize("act", BOTH)
def test_a_rotation_between_two_questions_makes_nobody_fail(scene, act, kind) -> None:
    part, waiting = scene.part, [scene.eva]

    def meanwhile(answer: bytes) -> bytes:
        if waiting:
            rotate(waiting.pop().part(scene.record))
        return answer

    with lying(part.line, kind, meanwhile):
        BOTH[act](scene, part)


def test_one_more_question_for_many_entries(scene) -> None:
    part = scene.part
    refresh(part)
    with watched(part) as watch:
        writing.append(part, [NOTE] * 5)
    kinds = [type(one) for one in watch.asked]
    assert kinds == [ask.MySeat, ask.Prove, ask.Store]
    for act in ("invite", "declare", "plan"):
        with watched(part) as watch:
            BOTH[act](scene, part)
        assert [type(one) for one in watch.asked] == [ask.Prove]


def test_who_holds_one_entry_gives_it_and_nothing_else(scene) -> None:
    lea = scene.network.practitioner("Dr. Lea")
    until = scene.part.line.transport.time() + 86_400_000
    one = OnlyEntries((scene.entry,))
    offer = Offer("practitioner", ("read", "refer", "write"), one, until, 1)
    scene.patient.invite(scene.record, scene.network.listing(lea), offer)
    lea.accept(lea.inbox(scene.network.office_of(lea))[-1])
    part = lea.part(scene.record)
    for act in SEALING.values():
        with pytest.raises(NotHeld):
            act(scene, part)
    with pytest.raises(NotHeld):
        inviting.from_now_on(part)
    scene.invite(part, Offer("practitioner", ("read",), one, until, 0))
    lea.leave(scene.record)
    for act in BOTH.values():
        with pytest.raises(NothingHere):
            act(scene, part)


def test_nothing_is_sealed_while_a_former_owner_has_the_key(network) -> None:
    """Last: it takes days."""
    kit = network.patient().register(network.joining())
    again = network.patient()
    again.ask_back(join_recovery_secret(kit.shares[:2]))
    network.wait(DELAY)
    part = again.part(kit.record)
    with watched(part) as watch, pytest.raises(StaleEpoch):
        writing.append(part, [NOTE])
    assert ask.Store not in map(type, watch.asked)
    again.take_over(kit.record)
    assert writing.append(part, [NOTE])
