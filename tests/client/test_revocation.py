"""After a revocation: nothing new opens, whatever the removed client kept."""

import json

import pytest

from careledger.client import writing
from careledger.client.part import Part, refresh
from careledger.client.reading import seal_purpose
from careledger.client.writing import NewResource
from careledger.ledger.actions.records import Append, NewEntry, Read
from careledger.ledger.actions.referral import AllEpochs, Offer
from careledger.ledger.actions.registry import CancelKeyChange
from careledger.ledger.refusals.base import NobodyKnown
from careledger.ledger.refusals.records import StaleEpoch
from careledger.ledger.refusals.registry import NoChangePending
from careledger.local import LocalNetwork
from careledger.node.answers import KeysAnswer, Receipt
from careledger.node.problems import NothingHere
from careledger.node.questions import (
    Fetch,
    MyEntries,
    MyKeys,
    MyReceipts,
    MySeat,
    MyTransactions,
)
from careledger.primitives.encoding import decode
from careledger.sealing.envelope import SealedEntry, open_entry
from careledger.sealing.keyring import find_entry_key
from careledger.sealing.problems import NotARecipient, NotHeld, Tampered
from careledger.sealing.wraps import Wrap, open_wrap
from careledger.vault.problems import NotServed
from tests.client.lying import lying

NOTE = NewResource(b'{"resourceType":"Composition","title":"after the revocation"}')
OLD = NewResource(b'{"resourceType":"Composition","title":"before"}')


@pytest.fixture(scope="module")
def scene(network: LocalNetwork):
    """A record with two doctors; one of them, and whom he invited, was removed."""
    eva, max_, kim = (network.practitioner(f"Dr. {n}") for n in ("Eva", "Max", "Kim"))
    patient = network.patient()
    record = patient.register(network.joining(max_)).record
    max_.accept(max_.inbox(network.office_of(max_))[0])
    patient.invite(record, network.listing(eva), everything(depth=0))
    eva.accept(eva.inbox(network.office_of(eva))[0])
    max_.refer(
        record,
        network.listing(kim),
        everything(until=network.clock.now + 10**9, depth=0),
    )
    kim.accept(kim.inbox(network.office_of(kim))[0])
    [old] = max_.append(record, OLD)
    max_.read(record, [old], "read before")
    patient.revoke(record, max_.part(record).handle)
    [new] = eva.append(record, NOTE)
    return network, patient, record, eva, max_, kim, old, new


def everything(until: int = 0, depth: int = 1) -> Offer:
    return Offer("practitioner", ("read", "refer", "write"), AllEpochs(), until, depth)


def test_those_who_stay_go_on(scene) -> None:
    _, patient, record, eva, _, _, old, new = scene
    for who in (eva, patient):
        titles = [
            json.loads(o.content)["title"] for o in who.read(record, [old, new], "x")
        ]
        assert titles == ["before", "after the revocation"]


def test_the_removed_and_whom_he_invited_see_nothing(scene) -> None:
    _, _, record, _, max_, kim, _, new = scene
    for who in (max_, kim):
        part = who.part(record)
        for question in (MySeat(), MyKeys(), MyEntries(), MyTransactions()):
            with pytest.raises(NothingHere):
                part.line.fetch(part.keys.signing, question)
        with pytest.raises(NothingHere):
            who.read(record, [new], "still curious")


def test_the_removed_keeps_the_receipts_of_its_own_acts(scene) -> None:
    _, _, record, eva, max_, _, _, _ = scene
    part = max_.part(record)
    mine = part.line.ask(part.keys.signing, MyReceipts(), tuple[Receipt, ...])
    assert {one.code for one in mine} == {"ok"}
    assert len(mine) == 4  # accepted, referred, appended, read
    others = eva.part(record).line.ask(
        eva.part(record).keys.signing, MyReceipts(), tuple[Receipt, ...]
    )
    assert not {one.tx_id for one in mine} & {one.tx_id for one in others}


def test_a_modified_client_with_all_it_kept_cannot_open_the_next_entry(scene) -> None:
    network, patient, record, eva, max_, _, old, new = scene
    thief = max_.part(record)
    # Its software asks the ledger anyway, and the vault with an old statement.
    owner_key = patient.part(record).keys.opening.public
    binding = thief.line.binding(record, 0)
    purpose = seal_purpose(binding, thief.handle, owner_key, "x")
    with pytest.raises(NobodyKnown):
        thief.line.act([thief.keys.signing], [Read(0, (new,))], [purpose])
    mine = thief.line.ask(thief.keys.signing, MyReceipts(), tuple[Receipt, ...])
    for receipt in mine:
        for entry in (old, new):
            with pytest.raises(NotServed):
                thief.line.fetch(thief.keys.signing, Fetch(receipt.tx_id, entry))
    # Suppose it gets the ciphertext and every wrap and history from a validator.
    fact = network.desk.facts.entry(record, new)
    seen: list[bytes] = []
    with lying(eva.line, Fetch, lambda blob: seen.append(blob) or blob):
        eva.read(record, [new], "x")
    [blob] = seen
    with pytest.raises(NotHeld):
        find_entry_key(thief.ring, thief.epochs, fact.epoch, new)
    for key in thief.epochs.values():
        stale = find_entry_key(thief.ring, {fact.epoch: key}, fact.epoch, new)
        with pytest.raises(Tampered):
            open_entry(stale, SealedEntry(new, blob, fact.blob, fact.key_commitment))
    stays = eva.part(record)
    answer = stays.line.ask(stays.keys.signing, MyKeys(), KeysAnswer)
    for delivery in answer.deliveries:
        wrap = decode(delivery.wrap, Wrap)
        place = thief.line.binding(record, delivery.epoch)
        with pytest.raises((NotARecipient, Tampered)):
            open_wrap(thief.keys.opening, stays.handle, wrap, place, delivery.sender)


def test_the_removed_cannot_write_with_the_old_key(scene) -> None:
    _, _, record, _, max_, _, _, _ = scene
    part = max_.part(record)
    action = Append(
        0, 0, (NewEntry(b"e" * 16, bytes(32), bytes(32), b""),), bytes(32), bytes(64)
    )
    with pytest.raises(NobodyKnown):
        part.line.act([part.keys.signing], [action])


def test_the_removed_cannot_make_an_honest_history_look_incomplete(scene) -> None:
    _, patient, record, _, max_, kim, _, _ = scene
    before = len(patient.history(record))
    for who in (max_, kim):
        keys = [who.store.member.signing, who.part(record).keys.signing]
        with pytest.raises(NoChangePending):
            who.line.act(keys, [CancelKeyChange(0), Read(1, (b"e" * 16,))], [b"x"])
    assert len(patient.history(record)) == before


def test_the_patient_sees_truthfully_what_was_read(scene) -> None:
    _, patient, record, _, max_, _, old, _ = scene
    handle = max_.part(record).handle
    [look] = [one for one in patient.who_looked(record) if one.handle == handle]
    assert (look.person.name, look.purpose, look.entries) == (
        "Dr. Max",
        "read before",
        (old,),
    )
    ended = [one for one in patient.who_has_access(record) if not one.line.active]
    assert [one.person.name for one in ended] == ["Dr. Max", "Dr. Kim"]


def test_from_now_on_reaches_no_old_entry(scene) -> None:
    network, patient, record, eva, _, _, old, _ = scene
    lea = network.practitioner("Dr. Lea")
    offer = Offer("practitioner", ("read",), patient.from_now_on(record), 0, 0)
    patient.invite(record, network.listing(lea), offer)
    lea.accept(lea.inbox(network.office_of(lea))[0])
    with pytest.raises(NothingHere):
        lea.read(record, [old], "x")
    patient.rotate(record)
    [newest] = eva.append(record, NOTE)
    assert lea.read(record, [newest], "x")[0].content == NOTE.content
    assert old not in [one.entry.entry for one in lea.list_entries(record)]


def test_a_stale_record_is_rotated_before_anything_is_added(scene) -> None:
    network, patient, record, eva, _, _, _, _ = scene
    leaving = network.practitioner("Dr. Ole")
    patient.invite(record, network.listing(leaving), everything(depth=0))
    leaving.accept(leaving.inbox(network.office_of(leaving))[0])
    leaving.leave(record)
    part: Part = eva.part(record)
    assert part.seat().stale
    refresh(part)
    with pytest.raises(StaleEpoch):
        writing.append(part, [NOTE])
    before = part.seat().epoch
    assert eva.append(record, NOTE)
    assert eva.part(record).seat().epoch == before + 1
