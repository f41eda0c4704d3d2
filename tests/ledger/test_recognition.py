"""Recognition: what a registrar's endorsement must be, and how it ends."""

import msgspec
import pytest

from careledger.ledger.actions.governance import SetStatus
from careledger.ledger.actions.registry import (
    CloseIssuerEpoch,
    Endorsement,
    OpenIssuerEpoch,
    WithdrawRecognition,
)
from careledger.ledger.refusals.registry import NotRecognised
from careledger.ledger.workflows import registry
from tests.ledger.town import CARD, ISSUER, NEW, REGISTRAR, STRANGER, Town
from tests.ledger.world import DAY, START


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
