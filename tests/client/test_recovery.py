"""Recovery: the map from words, the records from guardians, and the owner's veto."""

import msgspec
import pytest

from careledger.client.keystore import UNGUARDED, Keystore
from careledger.client.line import Line
from careledger.client.patient import Patient
from careledger.client.recovering import DELAY, ask_for, extend_map, guarded
from careledger.client.rotating import rotate
from careledger.client.session_problems import (
    GuardedAlready,
    NotForThisOffice,
    NothingToRecover,
    NotInThisHome,
    NotOurWitness,
    NotYetYours,
    RecoveryStopped,
)
from careledger.client.writing import NewResource
from careledger.ledger.actions.records import Erase
from careledger.ledger.refusals.base import NobodyKnown
from careledger.ledger.refusals.records import AlreadyPending, CannotVeto
from careledger.ledger.workflows.recovery import BY_WITNESS
from careledger.local import START, LocalNetwork
from careledger.node.answers import RecoveryAnswer
from careledger.node.problems import NothingHere
from careledger.node.questions import MyRecovery
from careledger.primitives.hashing import sha256
from careledger.sealing.problems import NotHeld, WrongShares
from careledger.sealing.seeds import join_recovery_secret, seed_of

NOTE = NewResource(b'{"resourceType":"Composition"}')


@pytest.fixture
def joined(network: LocalNetwork):
    patient = network.patient()
    kit = patient.register(network.joining())
    [entry] = patient.append(kit.record, NOTE)
    return patient, kit, entry


def someone_new(network: LocalNetwork, seed: bytes) -> Patient:
    return Patient(Line(network.transport), Keystore(seed))


def test_words_give_records_and_content_back(network, joined) -> None:
    patient, kit, entry = joined
    second = patient.open_record(network.hospitals[1], network.registrar, "dentist")
    again = someone_new(network, seed_of(kit.words))
    assert again.recover() == [kit.record, second]
    assert again.read(kit.record, [entry])[0].content == NOTE.content
    fresh = again.store.take("next")
    assert fresh > max(one.index for one in patient.store.kept.used)


def test_guardians_give_ownership_back_after_the_delay(network, joined) -> None:
    patient, kit, entry = joined
    with pytest.raises(WrongShares):
        join_recovery_secret(kit.shares[:1])
    secret = join_recovery_secret([kit.shares[2], kit.shares[0]])
    again = someone_new(network, sha256(b"new seed" + kit.record))
    assert again.ask_back(secret) == [kit.record]
    assert again.standing(kit.record)[0] == "waiting"
    with pytest.raises(NotYetYours):
        again.take_over(kit.record)
    network.wait(DELAY)
    assert again.standing(kit.record) == ("to-take-over", 0)
    again.take_over(kit.record)
    assert again.standing(kit.record) == ("yours", 0)
    [opened] = again.read(kit.record, [entry])
    assert opened.content == NOTE.content
    assert again.append(kit.record, NOTE)
    with pytest.raises(NothingHere):
        patient.read(kit.record, [entry])
    with pytest.raises(NobodyKnown):
        patient.part(kit.record).line.act(
            [patient.part(kit.record).keys.signing], [erase_everything()]
        )
    old = someone_new(network, seed_of(kit.words))
    assert old.recover() == []  # the words' handles are out, and never used again
    assert old.store.kept.next > patient.store.find(kit.record).index
    assert again.history(kit.record)


def erase_everything():
    return Erase(0, ())


def test_the_owner_can_stop_a_recovery_he_did_not_ask_for(network, joined) -> None:
    patient, kit, entry = joined
    thief = someone_new(network, sha256(b"conspiring guardians" + kit.record))
    thief.ask_back(join_recovery_secret(kit.shares[:2]))
    assert thief.standing(kit.record)[0] == "waiting"
    patient.veto(kit.record)
    assert thief.standing(kit.record) == ("stopped", 0)  # at once, not when it was due
    with pytest.raises(RecoveryStopped):
        thief.take_over(kit.record)
    network.wait(DELAY)
    with pytest.raises(RecoveryStopped):
        thief.take_over(kit.record)
    assert thief.standing(kit.record) == ("stopped", 0)
    assert patient.read(kit.record, [entry])


def test_how_a_recovery_stands_is_told_to_its_own_handle_only(network, joined) -> None:
    patient, kit, _ = joined
    again = someone_new(network, sha256(b"waiting" + kit.record))
    again.ask_back(join_recovery_secret(kit.shares[:2]))
    part = again.part(kit.record)
    told = part.line.ask(part.keys.signing, MyRecovery(), RecoveryAnswer)
    assert (told.record, told.due) == (kit.record, again.standing(kit.record)[1])
    for other in (patient.part(kit.record).keys, again.store.keys(99)):
        with pytest.raises(NothingHere):
            part.line.ask(other.signing, MyRecovery(), RecoveryAnswer)
    patient.veto(kit.record)
    with pytest.raises(NothingHere):
        part.line.ask(part.keys.signing, MyRecovery(), RecoveryAnswer)


def test_an_unknown_secret_finds_nothing(network) -> None:
    nobody = someone_new(network, sha256(b"nobody"))
    with pytest.raises(NothingToRecover):
        nobody.ask_back(sha256(b"no secret"))
    assert nobody.recover() == []


def test_keys_that_others_made_during_the_delay_come_too(network) -> None:
    doctor = network.practitioner("Dr. Rota")
    patient = network.patient()
    kit = patient.register(network.joining(doctor))
    doctor.accept(doctor.inbox(network.office_of(doctor))[0])
    again = someone_new(network, sha256(b"meanwhile" + kit.record))
    again.ask_back(join_recovery_secret(kit.shares[1:]))
    rotate(doctor.part(kit.record))
    [entry] = doctor.append(kit.record, NOTE)
    network.wait(DELAY)
    again = Patient(again.line, again.store)  # another process
    again.take_over(kit.record)
    assert again.read(kit.record, [entry])[0].content == NOTE.content
    assert doctor.read(kit.record, [entry], "goes on")


def test_asking_again_after_a_crash_asks_for_the_rest_only(network, joined) -> None:
    patient, kit, _ = joined
    second = patient.open_record(network.hospitals[0], network.registrar, "dentist")
    secret = join_recovery_secret(kit.shares[:2])
    again = someone_new(network, sha256(b"crash" + kit.record))
    first, *_ = guarded(again.line, secret)
    again.store.guard_with(secret, 2)
    ask_for(again.store, first)  # and here it crashed
    assert again.ask_back(secret) == [second]
    assert again.ask_back(secret) == []


def test_words_bring_no_shares_and_shares_can_be_brought_home(network, joined) -> None:
    patient, kit, _ = joined
    again = someone_new(network, seed_of(kit.words))
    again.recover()
    assert {one.recovery for one in again.store.kept.used} == {UNGUARDED}
    stranger = network.patient().register(network.joining())
    with pytest.raises(NothingToRecover):
        again.restore_shares(join_recovery_secret(stranger.shares[:2]))
    secret = join_recovery_secret(kit.shares[:2])
    assert again.restore_shares(secret) == [kit.record]
    assert again.store.kept.recovery_secret == secret
    assert again.store.find(kit.record).recovery == (
        patient.store.find(kit.record).recovery
    )
    new = again.open_record(network.hospitals[0], network.registrar, "dentist")
    assert again.restore_shares(secret) == [kit.record, new]


def test_newer_shares_are_not_given_up_for_older_ones(network, joined) -> None:
    _, kit, _ = joined
    again = someone_new(network, seed_of(kit.words))
    again.recover()
    again.open_record(network.hospitals[0], network.registrar, "dentist")
    before = again.store.kept
    with pytest.raises(GuardedAlready):
        again.restore_shares(join_recovery_secret(kit.shares[:2]))
    assert again.store.kept == before


def test_recovering_a_map_that_is_there_loses_nothing(network, joined) -> None:
    patient, kit, _ = joined
    before = patient.store.kept
    assert patient.recover() == [kit.record]
    assert patient.store.kept.used == before.used
    assert patient.store.kept.tokens == before.tokens


def test_witness_and_custodian_give_ownership_never_content(network) -> None:
    doctor = network.practitioner("Dr. Eye")
    kit = (patient := network.patient()).register(network.joining(doctor))
    doctor.accept(doctor.inbox(network.office_of(doctor))[0])
    [entry] = doctor.append(kit.record, NOTE)
    again = someone_new(network, sha256(b"total loss" + kit.record))
    request = again.ask_witness(kit.record)
    with pytest.raises(NotOurWitness):
        network.hospitals[1].witness(request)
    paper = network.hospitals[0].witness(request)
    with pytest.raises(NotForThisOffice):
        patient.submit_witnessed(paper)
    assert again.submit_witnessed(paper) == kit.record
    network.wait(DELAY)
    with pytest.raises(NotYetYours):
        again.take_over(kit.record)
    network.wait(BY_WITNESS - DELAY)
    with pytest.raises(NotHeld):
        again.take_over(kit.record)
    doctor.rewrap(kit.record, again.part(kit.record).handle)
    again.take_over(kit.record)
    assert again.read(kit.record, [entry])[0].content == NOTE.content
    with pytest.raises(NothingHere):
        patient.read(kit.record, [entry])


def test_what_the_witness_confirms_nobody_stops(network, joined) -> None:
    patient, kit, entry = joined
    again = someone_new(network, sha256(b"in person" + kit.record))
    with pytest.raises(NothingToRecover):
        again.ask_confirmation(kit.record)
    again.ask_back(join_recovery_secret(kit.shares[:2]))
    with pytest.raises(NotInThisHome):
        again.ask_confirmation(sha256(b"another record"))
    paper = network.hospitals[0].witness(again.ask_confirmation(kit.record))
    again.submit_witnessed(paper)
    with pytest.raises(CannotVeto):
        patient.veto(kit.record)
    network.wait(DELAY)
    again.take_over(kit.record)
    assert again.read(kit.record, [entry])[0].content == NOTE.content


def test_another_paper_is_not_signed_for_a_recovery(network, joined) -> None:
    patient, _, _ = joined
    key = patient.store.member.signing.public
    with pytest.raises(NotForThisOffice):
        patient.submit_witnessed(network.hospitals[0].admit_patient(key))


def test_who_never_asked_is_told_nothing(network, joined) -> None:
    patient, kit, _ = joined
    thief = someone_new(network, sha256(b"quick" + kit.record))
    thief.ask_back(join_recovery_secret(kit.shares[:2]))
    network.wait(DELAY)
    assert patient.standing(kit.record) == ("stopped", 0)
    with pytest.raises(NothingHere):
        patient.take_over(kit.record)


def test_who_comes_in_person_is_stronger_than_a_thief_of_shares(
    network, joined
) -> None:
    _, kit, entry = joined
    secret = join_recovery_secret(kit.shares[:2])
    someone_new(network, sha256(b"first" + kit.record)).ask_back(secret)
    again = someone_new(network, sha256(b"second" + kit.record))
    with pytest.raises(AlreadyPending):
        again.ask_back(secret)
    assert [one.state for one in again.finish_recovery()] == ["asked-by-another"]
    request = again.ask_confirmation(kit.record)
    again.submit_witnessed(network.hospitals[0].witness(request))
    [waiting] = again.finish_recovery()
    assert (waiting.state, waiting.due > START) == ("waiting", True)
    network.wait(DELAY)
    assert [one.state for one in again.finish_recovery()] == ["yours"]
    assert [one.state for one in again.finish_recovery()] == ["yours"]
    assert again.read(kit.record, [entry])[0].content == NOTE.content


def test_what_was_stopped_can_be_asked_for_again(network, joined) -> None:
    patient, kit, _ = joined
    again = someone_new(network, sha256(b"stopped" + kit.record))
    again.ask_back(join_recovery_secret(kit.shares[:2]))
    patient.veto(kit.record)
    network.wait(DELAY)
    assert [one.state for one in again.finish_recovery()] == ["stopped"]
    assert [one.state for one in again.finish_recovery(again=True)] == ["waiting"]
    patient.veto(kit.record)
    network.wait(DELAY)
    paper = network.hospitals[0].witness(again.ask_confirmation(kit.record))
    again.submit_witnessed(paper)
    assert [one.state for one in again.finish_recovery(again=True)] == ["waiting"]


def test_a_witnessed_record_waits_for_its_keys(network) -> None:
    doctor = network.practitioner("Dr. Key")
    kit = network.patient().register(network.joining(doctor))
    doctor.accept(doctor.inbox(network.office_of(doctor))[0])
    again = someone_new(network, sha256(b"keys" + kit.record))
    request = again.ask_witness(kit.record)
    again.submit_witnessed(network.hospitals[0].witness(request))
    assert [one.state for one in again.finish_recovery()] == ["waiting"]
    network.wait(BY_WITNESS)
    assert [one.state for one in again.finish_recovery()] == ["keys-missing"]
    doctor.rewrap(kit.record, again.part(kit.record).handle)
    assert [one.state for one in again.finish_recovery()] == ["yours"]
    assert again.recovery_kit().unguarded == (kit.record,)


def test_a_second_search_reaches_what_came_after_the_first(network, joined) -> None:
    patient, kit, _ = joined
    counters = network.hospitals[0], network.registrar
    lost = patient.open_record(*counters, "taken")
    thief = someone_new(network, sha256(b"handle" + lost))
    thief.ask_back(join_recovery_secret(kit.shares[:2]))
    patient.veto(kit.record)
    network.wait(DELAY)
    again = someone_new(network, seed_of(kit.words))
    assert again.recover() == [kit.record]  # the other's handle acted, and is out
    assert again.store.kept.next > patient.store.find(lost).index
    new = again.open_record(*counters, "next")
    third = someone_new(network, seed_of(kit.words))
    assert third.recover() == [kit.record, new]


def test_an_older_map_is_extended_and_nothing_is_used_twice(network, joined) -> None:
    patient, kit, _ = joined
    office = (network.hospitals[0], network.registrar)
    older = msgspec.structs.asdict(patient.store.kept)
    # More than the tokens that lay ready: the copy knows neither handle nor number.
    later = [patient.open_record(*office, f"later {n}") for n in range(4)]
    store = Keystore(patient.store.seed)
    store.change(**older)
    again = Patient(Line(network.transport), store)
    found = extend_map(again.line, store)
    assert (set(found.records), found.missing) == ({kit.record, *later}, later)
    assert [store.find(one).label for one in later] == [f"later {n}" for n in range(4)]
    assert again.recovery_kit().unguarded == ()
    assert not {one.index for one in store.kept.tokens} & {
        store.find(one).index for one in found.records
    }
    again.open_record(*office, "new")
    numbers = [one.recovery for one in store.kept.used if one.record]
    assert len(set(numbers)) == len(numbers) == 6
    kept = store.kept
    assert extend_map(again.line, store).missing == []
    assert store.kept == kept
