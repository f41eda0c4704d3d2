"""People who misuse their rights, and clients that do not keep to the rules."""

import msgspec
import pytest

from careledger.client import accepting, inviting, reading, rotating, writing
from careledger.client.cards import Identity, card_for
from careledger.client.directory import find_person, open_directory
from careledger.client.part import refresh
from careledger.client.patient import full_access
from careledger.client.recovering import DELAY
from careledger.client.session_problems import (
    NoHandlesLeft,
    NoSuchPerson,
    NotForThisOffice,
    NotInThisHome,
    OwnName,
    WrapDoesNotOpen,
)
from careledger.client.writing import NewResource
from careledger.ledger.actions.records import Append, NewEntry, Read, SetPolicy
from careledger.ledger.actions.referral import Accept, AllEpochs, Offer
from careledger.ledger.refusals.base import NobodyKnown
from careledger.ledger.refusals.records import (
    Accused,
    NoSuchEntry,
    NotPermitted,
    NotStored,
    StaleEpoch,
)
from careledger.ledger.refusals.referral import PolicyForbids
from careledger.local import LocalNetwork
from careledger.node.problems import NothingHere
from careledger.primitives.hashing import sha256
from careledger.primitives.signing import SigningKey
from careledger.sealing.hpke import OpeningKey
from careledger.sealing.invitations import open_invitation
from careledger.sealing.problems import NotARecipient, NotHeld, Tampered
from careledger.sealing.seeds import join_recovery_secret

NOTE = NewResource(b'{"resourceType":"Observation"}', "a reading")
DAY = 86_400_000


@pytest.fixture
def scene(network: LocalNetwork):
    doctor = network.practitioner("Dr. Tim Vale")
    patient = network.patient()
    record = patient.register(network.joining(doctor)).record
    doctor.accept(doctor.inbox(network.office_of(doctor))[0])
    return network, patient, doctor, record


def offered(network, by, to, record, offer: Offer):
    """Invite somebody and return what came through the post."""
    if hasattr(by, "refer"):
        by.refer(record, network.listing(to), offer)
    else:
        by.invite(record, network.listing(to), offer)
    [invitation] = to.inbox(network.office_of(to))
    return invitation


def test_an_invitation_opens_for_its_addressee_only(scene) -> None:
    network, patient, _, record = scene
    right, wrong = network.practitioner("Dr. Right"), network.practitioner("Dr. Wrong")
    patient.invite(record, network.listing(right), full_access())
    assert network.hospitals[1].post_for(right.me.member) == ()
    assert wrong.inbox(network.office_of(wrong)) == []
    [routed] = network.hospitals[0].post_for(right.me.member)
    chain = network.transport.chain_id.hex()
    with pytest.raises(NotARecipient):
        open_invitation(wrong.store.member.opening, wrong.me.member, chain, routed)
    readdressed = msgspec.structs.replace(routed, member=wrong.me.member)
    with pytest.raises(Tampered):
        open_invitation(wrong.store.member.opening, wrong.me.member, chain, readdressed)


def test_an_invitation_is_taken_once(scene) -> None:
    network, patient, _, record = scene
    first, second = (
        network.practitioner("Dr. First"),
        network.practitioner("Dr. Second"),
    )
    invitation = offered(network, patient, first, record, full_access())
    first.accept(invitation)
    with pytest.raises(NothingHere):
        second.accept(invitation)
    key, handle = SigningKey(invitation.invitation_seed), second.store.keys(0).signing
    public = second.store.keys(0).opening.public
    accept = Accept(0, 1, sha256(public), None, bytes(32))
    with pytest.raises(NobodyKnown):
        second.line.act([key, handle], [accept], [public])


def test_an_invitation_can_be_withdrawn(scene) -> None:
    network, patient, _, record = scene
    late = network.practitioner("Dr. Too-Late")
    invitation = offered(network, patient, late, record, full_access())
    patient.withdraw(record, SigningKey(invitation.invitation_seed).public)
    with pytest.raises(NothingHere):
        late.accept(invitation)


def test_a_stolen_invitation_shows_who_took_it(scene) -> None:
    network, patient, _, record = scene
    meant, thief = network.practitioner("Dr. Meant"), network.practitioner("Dr. Thief")
    invitation = offered(network, patient, meant, record, full_access())
    thief.me = Identity("Dr. Meant", meant.me.member, meant.me.organisation)
    thief.accept(invitation)
    shown = patient.who_has_access(record)[-1]
    assert (shown.person.name, shown.person.verified) == ("Dr. Meant", False)


def refer_to_oneself(network, doctor, record, offer: Offer) -> None:
    """Do what no client of ours does; the ledger cannot know that somebody did."""
    part, to = doctor.part(record), network.listing(doctor).addressee
    card = card_for(doctor.store, doctor.me, part.handle, "practitioner")
    inviting.invite(part, to, offer, card)


def test_an_inviter_who_accepts_his_own_referral_is_seen(scene) -> None:
    network, patient, doctor, record = scene
    offer = Offer("practitioner", ("read",), AllEpochs(), network.clock.now + DAY, 0)
    refer_to_oneself(network, doctor, record, offer)
    [invitation] = doctor.inbox(network.office_of(doctor))
    doctor.accept(invitation)
    access = patient.who_has_access(record)
    assert [one.same_person_as for one in access] == [(), (2,), (1,)]


def test_an_invitation_to_another_record_than_it_says(scene) -> None:
    network, patient, _, record = scene
    doctor = network.practitioner("Dr. Misled")
    invitation = offered(network, patient, doctor, record, full_access())
    for false in (
        msgspec.structs.replace(invitation, record=sha256(b"other")),
        msgspec.structs.replace(
            invitation, keyring=msgspec.structs.replace(invitation.keyring, epoch=9)
        ),
    ):
        with pytest.raises(Tampered):
            doctor.accept(false)
    doctor.accept(invitation)


def test_reading_beyond_ones_scope_is_refused_by_node_and_ledger(scene) -> None:
    network, patient, _, record = scene
    writer = network.practitioner("Dr. Write-Only")
    offer = Offer("practitioner", ("write",), AllEpochs(), 0, 0)
    writer.accept(offered(network, patient, writer, record, offer))
    [entry] = writer.append(record, NOTE)
    with pytest.raises(NotPermitted):
        writer.read(record, [entry], "x")
    part = patient.part(record)
    with pytest.raises(NoSuchEntry):
        part.line.act([part.keys.signing], [Read(0, (b"?" * 16,))], [b"body"])


def test_an_append_under_an_old_epoch_is_refused(scene, monkeypatch) -> None:
    _, patient, doctor, record = scene
    doctor.append(record, NOTE)
    patient.rotate(record)
    part = doctor.part(record)
    old = 0, part.epochs[0]
    monkeypatch.setattr(writing, "sealing_key", lambda _: old)
    with pytest.raises(StaleEpoch):
        writing.append(part, [NOTE])
    monkeypatch.undo()
    assert doctor.append(record, NOTE)


def test_a_wrap_that_does_not_open_is_reported_and_made_again(
    scene, monkeypatch
) -> None:
    network, patient, doctor, record = scene
    other = network.practitioner("Dr. Unlucky")
    other.accept(offered(network, patient, other, record, full_access(depth=0)))
    victim = other.part(record).handle
    wrong = OpeningKey(sha256(b"wrong")).public
    honest = rotating.wrap_for_all

    def careless(ring, binding, sender, holders, recovery):
        changed = [
            rotating.Holder(h.handle, wrong, h.reach) if h.handle == victim else h
            for h in holders
        ]
        return honest(ring, binding, sender, changed, recovery)

    monkeypatch.setattr(rotating, "wrap_for_all", careless)
    doctor_part = doctor.part(record)
    rotating.rotate(doctor_part)
    monkeypatch.undo()
    with pytest.raises(WrapDoesNotOpen):
        other.append(record, NOTE)
    other.cannot_open(record)
    with pytest.raises(Accused):
        doctor.append(record, NOTE)
    assert patient.append(record, NOTE)  # nobody else is held up
    patient.rewrap(record, victim)
    [entry] = doctor.append(record, NOTE)
    assert other.read(record, [entry], "x")[0].content == NOTE.content
    with pytest.raises(NotHeld):
        other.cannot_open(record)


def publish_junk(patched: pytest.MonkeyPatch) -> None:
    """Have whoever accepts publish what is as long as a key, and none."""
    honest = accepting._acceptance

    def keyless(line, keys, *rest):
        action, (_, *pages) = honest(line, keys, *rest)
        junk = b"\xff" * 1216  # as long as a key
        return msgspec.structs.replace(action, sealing_key=sha256(junk)), [junk, *pages]

    patched.setattr(accepting, "_acceptance", keyless)


def test_who_publishes_no_key_locks_out_itself_alone(scene, monkeypatch) -> None:
    network, patient, doctor, record = scene
    mute = network.practitioner("Dr. Mute")
    invitation = offered(network, patient, mute, record, full_access())
    with monkeypatch.context() as patched:
        publish_junk(patched)
        mute.accept(invitation)
    patient.rotate(record)
    patient.rewrap(record, mute.part(record).handle)  # should it ask for it
    [entry] = patient.append(record, NOTE)
    assert doctor.read(record, [entry], "x")[0].content == NOTE.content
    part = mute.part(record)
    refresh(part)
    assert part.seat().epoch not in part.epochs
    patient.revoke(record, part.handle)
    patient.rotate(record)


def test_nor_does_it_stop_who_takes_the_record_over(scene, monkeypatch) -> None:
    network, *_ = scene
    patient = network.patient()
    kit = patient.register(network.joining())
    doctor = network.practitioner("Dr. Junk")
    invitation = offered(network, patient, doctor, kit.record, full_access())
    with monkeypatch.context() as patched:
        publish_junk(patched)
        doctor.accept(invitation)
    [entry] = patient.append(kit.record, NOTE)
    again = network.patient()
    again.ask_back(join_recovery_secret(kit.shares[:2]))
    network.wait(DELAY)
    again.take_over(kit.record)
    assert again.read(kit.record, [entry])[0].content == NOTE.content
    again.revoke(kit.record, doctor.part(kit.record).handle)


def test_a_false_stored_receipt_is_no_receipt(scene) -> None:
    _, patient, _, record = scene
    part = patient.part(record)
    seat = part.seat()
    new = NewEntry(b"n" * 16, bytes(32), bytes(32), b"")
    action = Append(0, seat.epoch, (new,), seat.custodians[0], bytes(64))
    with pytest.raises(NotStored):
        part.line.act([part.keys.signing], [action])


def test_the_owner_is_asked_if_the_policy_says_so(scene) -> None:
    network, patient, doctor, record = scene
    part = patient.part(record)
    part.line.act([part.keys.signing], [SetPolicy(0, "ask", 1)])
    other = network.practitioner("Dr. Asked")
    offer = Offer("practitioner", ("read",), AllEpochs(), network.clock.now + DAY, 0)
    invitation = offered(network, doctor, other, record, offer)
    with pytest.raises(PolicyForbids):
        other.accept(invitation)
    patient.approve(record, SigningKey(invitation.invitation_seed).public)
    other.accept(invitation)


def test_a_refused_acceptance_leaves_the_old_part_in_place(scene) -> None:
    network, patient, doctor, record = scene
    invitation = offered(network, patient, doctor, record, full_access())
    patient.withdraw(record, SigningKey(invitation.invitation_seed).public)
    mine = doctor.part(record).handle
    part = patient.part(record)
    part.line.act([part.keys.signing], [SetPolicy(0, "ask", 1)])
    offer = Offer("practitioner", ("read",), AllEpochs(), network.clock.now + DAY, 0)
    refer_to_oneself(network, doctor, record, offer)
    for own in doctor.inbox(network.office_of(doctor)):
        with pytest.raises((PolicyForbids, NothingHere)):
            doctor.accept(own)
    doctor._parts.clear()  # as after a restart
    assert doctor.part(record).handle == mine


def test_an_empty_pool_and_unknown_people(scene) -> None:
    network, patient, _, record = scene
    bare = network.practitioner("Dr. Bare")
    bare.store.change(pool=())
    with pytest.raises(NoHandlesLeft):
        bare.accept(offered(network, patient, bare, record, full_access()))
    with pytest.raises(NotForThisOffice):
        bare.fill_pool(network.registrar, "insurer")
    listed = open_directory(patient.line)
    with pytest.raises(NoSuchPerson):
        find_person(listed, "Dr. Nobody")
    assert find_person(listed, "Dr. Bare").member == bare.me.member
    with pytest.raises(NotInThisHome):
        bare.read(sha256(b"no record"), [b"e" * 16], "x")


def test_a_lapsed_handle_sleeps_until_it_is_renewed(tmp_path) -> None:
    with LocalNetwork.create(tmp_path) as network:
        doctor, patient = network.practitioner("Dr. Rip"), network.patient()
        record = patient.register(network.joining(doctor)).record
        doctor.accept(doctor.inbox(network.office_of(doctor))[0])
        [old] = doctor.append(record, NOTE)
        network.wait(31 * DAY)
        with pytest.raises(NothingHere):
            doctor.read(record, [old], "x")
        [new] = patient.append(record, NOTE)  # rotates first: one holder is dormant
        doctor.renew(record, network.registrar)
        assert doctor.read(record, [old], "x")
        with pytest.raises(NotHeld):
            doctor.read(record, [new], "x")
        patient.rewrap(record, doctor.part(record).handle)
        assert doctor.read(record, [new], "x")[0].content == NOTE.content
        part = doctor.part(record)
        seat = next(a for a in patient.who_has_access(record) if a.line.number == 1)
        network.registrar.withdraw(seat.line.commitment)
        with pytest.raises(NothingHere):
            reading.list_entries(part)
        with pytest.raises(NothingHere):
            doctor.renew(record, network.registrar)


def test_nothing_more_is_offered_than_is_held(scene) -> None:
    network, patient, doctor, record = scene
    reader = network.practitioner("Dr. Single")
    [entry] = patient.append(record, NOTE)
    single = inviting.OnlyEntries((entry,))
    offer = Offer("practitioner", ("read", "refer"), single, 0, 1)
    reader.accept(offered(network, patient, reader, record, offer))
    wider = Offer("practitioner", ("read",), AllEpochs(), network.clock.now + DAY, 0)
    with pytest.raises(NotHeld):
        reader.refer(record, network.listing(doctor), wider)
    same = Offer("practitioner", ("read",), single, network.clock.now + DAY, 0)
    with pytest.raises(OwnName):
        reader.refer(record, network.listing(reader), same)
    last = network.practitioner("Dr. Last")
    last.accept(offered(network, reader, last, record, same))
    assert last.read(record, [entry], "x")[0].content == NOTE.content
