"""The registry: members keep their identifier, keys move, recognition ends."""

import msgspec
import pytest

from careledger.ledger.actions.coin import Transfer
from careledger.ledger.actions.governance import SetStatus
from careledger.ledger.actions.registry import (
    AdmitPatient,
    CancelKeyChange,
    ChangeCard,
    ChangeKey,
    ChangeMailbox,
    CloseIssuerEpoch,
    Endorsement,
    OpenIssuerEpoch,
    RegisterMember,
    ReplaceKey,
    SetMemberStatus,
    WithdrawRecognition,
)
from careledger.ledger.refusals.registry import (
    NoChangePending,
    NotAMember,
    NotRecognised,
)
from careledger.ledger.workflows import governance, key_changes, registry
from tests.ledger.town import (
    CARD,
    DREW,
    HOSPITAL,
    ISSUER,
    NEW,
    PAT,
    REGISTRAR,
    ROBIN,
    SAM,
    STRANGER,
    Town,
)
from tests.ledger.world import ANN, DAY, START

EVERYBODY = ("practitioner", "staff", "patient")


# Members


def test_a_member_is_known_by_its_first_key():
    town = Town()
    assert town.act(RegisterMember(0, 1, "staff", CARD), by=[HOSPITAL, NEW]) == "ok"
    member_id = registry.acting(town.draft(), NEW.public, "staff")
    assert member_id == NEW.public
    assert registry.member(town.draft(), member_id).organisation == town.ids["hospital"]


def test_a_patient_is_a_key_and_who_admitted_it():
    town = Town()
    pat = registry.member(town.draft(), PAT.public)
    hospital = town.ids["hospital"]
    assert pat == registry.Member(hospital, "patient", PAT.public, b"", "active")


@pytest.mark.parametrize("taken", [DREW, SAM, PAT], ids=["drew", "sam", "pat"])
def test_a_key_stands_for_one_member(taken):
    town = Town()
    register = RegisterMember(0, 1, "staff", CARD)
    assert town.act(register, by=[HOSPITAL, taken]) == "registry.key-taken"
    assert town.act(AdmitPatient(0, 1), by=[HOSPITAL, taken]) == "registry.key-taken"


def test_acting_names_one_reason_for_every_way_to_be_no_member():
    town = Town()
    for who, kinds in ((STRANGER, EVERYBODY), (SAM, EVERYBODY), (DREW, ("patient",))):
        with pytest.raises(NotAMember):
            registry.acting(town.draft(), who.public, *kinds)
    with pytest.raises(NotAMember):
        registry.member(town.draft(), STRANGER.public)


def test_a_suspended_member_is_reinstated_but_one_who_left_is_not():
    town = Town()
    hospital = [HOSPITAL]
    assert town.act(SetMemberStatus(0, SAM.public, "active"), by=hospital) == "ok"
    assert registry.acting(town.draft(), SAM.public, "practitioner") == SAM.public
    assert town.act(SetMemberStatus(0, SAM.public, "left"), by=hospital) == "ok"
    code = town.act(SetMemberStatus(0, SAM.public, "active"), by=hospital)
    assert code == "registry.not-a-member"


def test_a_card_is_replaced_but_a_patient_has_none():
    town = Town()
    assert town.act(ChangeCard(0, DREW.public, bytes(32)), by=[HOSPITAL]) == "ok"
    assert registry.member(town.draft(), DREW.public).card == bytes(32)
    code = town.act(ChangeCard(0, PAT.public, bytes(32)), by=[HOSPITAL])
    assert code == "registry.not-a-member"


def test_an_organisation_publishes_a_new_mailbox():
    town = Town()
    assert town.act(ChangeMailbox(0, bytes(1216)), by=[HOSPITAL]) == "ok"
    assert governance.mailbox(town.draft(), town.ids["hospital"]) == bytes(1216)


# Key changes


def test_a_new_key_takes_effect_after_24_hours():
    town = Town()
    assert town.act(ChangeKey(0, 1), by=[DREW, NEW]) == "ok"
    due = town.now + DAY
    town.block(at=due - 1)
    assert registry.acting(town.draft(), DREW.public, "practitioner") == DREW.public
    with pytest.raises(NotAMember):
        registry.acting(town.draft(), NEW.public, "practitioner")
    town.block(at=due)
    assert registry.acting(town.draft(), NEW.public, "practitioner") == DREW.public
    with pytest.raises(NotAMember):
        registry.acting(town.draft(), DREW.public, "practitioner")


def test_a_member_id_is_never_given_to_another():
    town = Town()
    town.act(ChangeKey(0, 1), by=[DREW, NEW])
    town.block(at=town.now + DAY)
    for action, by in (
        (RegisterMember(0, 1, "staff", CARD), [HOSPITAL, DREW]),
        (ChangeKey(0, 1), [ROBIN, DREW]),
        (ChangeKey(0, 1), [ROBIN, NEW]),
    ):
        assert town.act(action, by=by) == "registry.key-taken"


def test_one_change_at_a_time():
    town = Town()
    town.act(ChangeKey(0, 1), by=[DREW, NEW])
    code = town.act(ChangeKey(0, 1), by=[DREW, STRANGER])
    assert code == "registry.change-pending"


def test_the_key_in_force_stops_a_change():
    town = Town()
    cancel = CancelKeyChange(0)
    assert town.act(cancel, by=[DREW]) == "registry.no-change-pending"
    before = dict(town.state)
    town.act(ChangeKey(0, 1), by=[DREW, NEW])
    due = town.now + DAY
    assert town.act(cancel, by=[DREW]) == "ok"
    assert town.state.keys() - before.keys() == set()
    town.block(at=due)
    assert registry.acting(town.draft(), DREW.public, "practitioner") == DREW.public
    assert town.act(ChangeKey(0, 1), by=[ROBIN, NEW]) == "ok"


def test_a_key_that_is_about_to_stand_for_somebody_is_taken():
    town = Town()
    assert town.act(ChangeKey(0, 1), by=[DREW, NEW]) == "ok"
    for action, by in (
        (ChangeKey(0, 1), [ROBIN, NEW]),
        (RegisterMember(0, 1, "staff", CARD), [HOSPITAL, NEW]),
        (AdmitPatient(0, 1), [HOSPITAL, NEW]),
    ):
        assert town.act(action, by=by) == "registry.key-taken"
    town.block(at=town.now + DAY)
    assert registry.acting(town.draft(), NEW.public, "practitioner") == DREW.public


def test_a_key_that_is_about_to_stand_for_somebody_is_not_known_yet():
    town = Town()
    town.act(ChangeKey(0, 1), by=[DREW, NEW])
    assert town.act(CancelKeyChange(0), by=[NEW]) == "void.nobody-known"


def test_organisation_and_registrar_replace_a_lost_key():
    town = Town()
    replace = ReplaceKey(0, 1, DREW.public, 2)
    assert town.act(replace, by=[HOSPITAL, REGISTRAR, NEW]) == "ok"
    town.block(at=town.now + DAY)
    assert registry.acting(town.draft(), NEW.public, "practitioner") == DREW.public


def test_no_organisation_replaces_a_key_alone():
    town = Town()
    own = RegisterMember(0, 1, "staff", CARD)
    town.must(town.act(own, by=[REGISTRAR, STRANGER]))
    for again in (
        ReplaceKey(0, 0, STRANGER.public, 1),
        ReplaceKey(0, 0, DREW.public, 1),
    ):
        code = town.act(again, by=[REGISTRAR, NEW])
        assert code in ("registry.not-your-office", "registry.not-a-member")
    with pytest.raises(NoChangePending):
        key_changes.put_key_in_effect(town.draft(), STRANGER.public)


def test_a_change_that_was_never_planned_cannot_take_effect():
    with pytest.raises(NoChangePending):
        key_changes.put_key_in_effect(Town().draft(), DREW.public)


# Recognition


def endorsement(town: Town, **changes: object) -> Endorsement:
    good = Endorsement(
        chain_id=town.chain,
        registrar=town.ids["registrar"],
        epoch=1,
        handle=NEW.public,
        role="practitioner",
        until=town.now + DAY,
        commitment=CARD,
        tag=b"",
    )
    return msgspec.structs.replace(good, **changes)


def recognise(town: Town, shown: Endorsement, signer=ISSUER) -> None:
    signature = signer.sign(registry.endorsement_message(shown))
    registry.recognise(town.draft(), shown, signature, town.context(NEW))


def test_a_good_endorsement_is_recognised():
    town = Town()
    recognise(town, endorsement(town))
    recognise(town, endorsement(town, until=town.now + 30 * DAY))


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"chain_id": bytes(32)}, id="of another network"),
        pytest.param({"registrar": bytes(32)}, id="of nobody"),
        pytest.param({"epoch": 2}, id="of an epoch to come"),
        pytest.param({"until": START}, id="lapsed"),
        pytest.param({"until": START + 31 * DAY}, id="for too long"),
    ],
)
def test_what_an_endorsement_says_must_be_good(changes):
    town = Town()
    with pytest.raises(NotRecognised):
        recognise(town, endorsement(town, **changes))


def test_an_endorsement_ends_at_its_last_millisecond():
    town = Town()
    recognise(town, endorsement(town, until=town.now + 1))
    with pytest.raises(NotRecognised):
        recognise(town, endorsement(town, until=town.now))


def test_an_endorsement_is_signed_by_the_issuer_of_its_epoch():
    town = Town()
    for forger in (STRANGER, REGISTRAR):
        with pytest.raises(NotRecognised):
            recognise(town, endorsement(town), signer=forger)


def test_a_closed_epoch_ends_all_its_endorsements_and_no_others():
    town = Town()
    assert town.act(OpenIssuerEpoch(0, NEW.public), by=[REGISTRAR]) == "ok"
    assert town.act(CloseIssuerEpoch(0, 1), by=[REGISTRAR]) == "ok"
    with pytest.raises(NotRecognised):
        recognise(town, endorsement(town))
    recognise(town, endorsement(town, epoch=2), signer=NEW)
    for epoch in (1, 3):
        code = town.act(CloseIssuerEpoch(0, epoch), by=[REGISTRAR])
        assert code == "registry.no-such-epoch"


def test_a_withdrawn_recognition_ends_alone():
    town = Town()
    withdraw = WithdrawRecognition(0, CARD)
    assert town.act(withdraw, by=[REGISTRAR]) == "ok"
    assert town.act(withdraw, by=[REGISTRAR]) == "registry.already-withdrawn"
    with pytest.raises(NotRecognised):
        recognise(town, endorsement(town))
    recognise(town, endorsement(town, commitment=bytes(32)))


def test_a_suspended_registrars_word_counts_for_nothing():
    town = Town()
    town.govern(SetStatus((0, 1), town.ids["registrar"], "suspended"))
    with pytest.raises(NotRecognised):
        recognise(town, endorsement(town))


# Quotas


def test_a_member_has_a_quota_of_its_own():
    town = Town()
    assert registry.charge(town.draft(), DREW.public, 1, town.now)
    assert not registry.charge(town.draft(), STRANGER.public, 1, town.now)


def test_a_purse_is_no_member():
    town = Town()
    assert town.act(CancelKeyChange(0), by=[ANN]) == "void.nobody-known"
    assert town.act(Transfer(0, ANN.public, 1), by=[DREW]) == "void.nobody-known"
