"""Tokens: counted when issued, spent once, and nothing joins the two."""

import msgspec
import pytest

from careledger.ledger.actions.registry import AdmitPatient, SetMemberStatus
from careledger.ledger.actions.tokens import CloseTokenKey, IssueTokens, OpenTokenKey
from careledger.ledger.refusals.tokens import NotAToken
from careledger.ledger.workflows import tokens
from careledger.primitives.hashing import sha256
from careledger.primitives.signing import SigningKey
from careledger.sealing.tokens import token_key
from tests.ledger.clinic import Clinic, clinic, opened
from tests.ledger.issuing import TOKEN_KEY, TOKEN_KEY_ID, signer, token
from tests.ledger.offices import AUDITOR, CLINIC, COLLEGE, HOSPITAL, PAT, REGISTRAR
from tests.ledger.world import DAY, key

OTHER_KEY = token_key(signer("college"))
OTHER_KEY_ID = tokens.key_id(OTHER_KEY)


def issue(c: Clinic, action: IssueTokens, *, by: SigningKey = REGISTRAR) -> str:
    return c.act(action, by=[by, PAT])


def open_record(c: Clinic, name: str = "chart", **fields: object) -> str:
    action = c.opening(name, **fields)
    return c.act(action, by=[key(f"{name}-owner"), key(f"{name}-custodian")])


# Keys


@pytest.mark.parametrize("who", [HOSPITAL, AUDITOR])
def test_only_a_registrar_has_token_keys(who):
    c = clinic()
    code = c.act(OpenTokenKey(0, OTHER_KEY), by=[who])
    assert code == "registry.not-your-office"


def test_a_key_is_registered_once():
    c = clinic()
    again = OpenTokenKey(0, TOKEN_KEY)
    assert c.act(again, by=[REGISTRAR]) == "tokens.bad-key"
    assert c.act(again, by=[COLLEGE]) == "tokens.bad-key"


def test_a_key_of_the_wrong_form_is_refused():
    c = clinic()
    even = msgspec.structs.replace(TOKEN_KEY, modulus=TOKEN_KEY.modulus[:-1] + b"\x00")
    assert c.act(OpenTokenKey(0, even), by=[REGISTRAR]) == "tokens.bad-key"


def test_a_closed_key_issues_nothing_but_its_tokens_stay_good():
    c = clinic()
    c.must(c.act(CloseTokenKey(0, TOKEN_KEY_ID), by=[REGISTRAR]))
    assert issue(c, c.issue(1, start=9)) == "tokens.no-such-key"
    again = CloseTokenKey(0, TOKEN_KEY_ID)
    assert c.act(again, by=[REGISTRAR]) == "tokens.no-such-key"
    assert open_record(c) == "ok"


def test_a_registrar_closes_and_uses_its_own_keys_only():
    c = clinic()
    assert c.act(CloseTokenKey(0, TOKEN_KEY_ID), by=[COLLEGE]) == "tokens.no-such-key"
    assert c.act(CloseTokenKey(0, bytes(32)), by=[COLLEGE]) == "tokens.no-such-key"
    assert issue(c, c.issue(1, start=9), by=COLLEGE) == "tokens.no-such-key"
    assert issue(c, c.issue(1, start=9), by=CLINIC) == "registry.not-your-office"


# Issuing


def test_every_answer_is_checked():
    c = clinic()
    good = c.issue(2, start=9)
    for bad in (
        msgspec.structs.replace(good, answers=good.answers[::-1]),
        msgspec.structs.replace(good, answers=good.answers[:1]),
        msgspec.structs.replace(good, answers=(bytes(256), good.answers[1])),
        msgspec.structs.replace(good, requests=(b"\xff" * 256, good.requests[1])),
        msgspec.structs.replace(good, requests=(bytes(512), good.requests[1])),
    ):
        assert issue(c, bad) == "tokens.bad-issue"
    assert issue(c, good) == "ok"


def test_a_request_is_answered_once():
    c = clinic()
    one = c.issue(1, start=9)
    twice = msgspec.structs.replace(
        one, requests=one.requests * 2, answers=one.answers * 2
    )
    assert issue(c, twice) == "tokens.bad-issue"
    assert issue(c, one) == "ok"
    assert issue(c, one) == "tokens.bad-issue"


def test_a_patient_has_sixteen_a_year():
    c = clinic()
    for start in (4, 8, 12):
        c.must(issue(c, c.issue(4, start=start)))
    assert issue(c, c.issue(1, start=16)) == "tokens.no-more"
    c.must(c.act(AdmitPatient(0, 1), by=[HOSPITAL, key("quin")]))
    assert c.act(c.issue(1, start=16), by=[REGISTRAR, key("quin")]) == "ok"
    next_year = (c.now // (365 * DAY) + 1) * 365 * DAY
    c.block(at=next_year - 2)
    assert issue(c, c.issue(1, start=17)) == "tokens.no-more"
    assert issue(c, c.issue(1, start=17)) == "ok"
    assert c.now == next_year


def test_only_an_active_patient_gets_tokens():
    c = clinic()
    c.must(c.act(SetMemberStatus(0, PAT.public, "suspended"), by=[HOSPITAL]))
    assert issue(c, c.issue(1, start=9)) == "registry.not-a-member"
    code = c.act(c.issue(1, start=9), by=[REGISTRAR, key("nobody")])
    assert code == "registry.not-a-member"


def test_a_suspended_registrar_issues_nothing():
    c = clinic()
    c.suspend("registrar")
    assert issue(c, c.issue(1, start=9)) == "registry.not-your-office"


# Spending


def test_a_token_opens_one_record_for_one_handle():
    c, chart = opened()
    again = c.opening(
        witness=key("w").public, recovery=key("r").public, name=chart.name
    )
    code = c.act(again, by=[chart.owner, key("another-custodian")])
    assert code == "void.nobody-known"


@pytest.mark.parametrize(
    "fields",
    [
        {"token": token(bytes(32), key("chart-owner").public)},
        {"token": bytes(256)},
        {"token": b"\xff" * 512},
        {"token_key": bytes(32)},
        {"token_key": OTHER_KEY_ID},
    ],
    ids=["another ledger", "zeros", "too long", "unknown key", "unregistered key"],
)
def test_a_bad_token_leaves_no_trace(fields):
    c = clinic()
    assert open_record(c, **fields) == "void.nobody-known"


def test_a_token_for_another_handle():
    c = clinic()
    stolen = token(c.chain, key("other-owner").public)
    assert open_record(c, token=stolen) == "void.nobody-known"


def test_a_stolen_signing_key_makes_no_more_tokens_than_were_issued():
    c = clinic()
    c.must(c.act(OpenTokenKey(0, OTHER_KEY), by=[COLLEGE]))
    forged = token(c.chain, key("chart-owner").public, "college")
    code = open_record(c, token=forged, token_key=OTHER_KEY_ID)
    assert code == "void.nobody-known"
    for number in range(4):
        c.must(open_record(c, f"chart-{number}"))
    assert open_record(c, "chart-5") == "void.nobody-known"


def test_a_second_spending_in_one_block_is_a_refusal_of_the_later_one():
    c = clinic()
    envelopes = [
        c.envelope(
            c.opening(
                "chart", witness=key(f"w{n}").public, recovery=key(f"r{n}").public
            ),
            by=[key("chart-owner"), key(f"c{n}")],
        )
        for n in range(3)
    ]
    receipts = c.block(*envelopes)
    assert [r.code for r in receipts] == ["ok"]
    assert [code for _, code in c.last.voids] == ["void.nobody-known"] * 2


def test_nothing_joins_what_is_issued_and_what_is_spent():
    """No value that the patient's admission and issue left is in the record's."""
    c = clinic()
    before = {k: v for k, v in c.state.items() if PAT.public in k + v}
    assert before
    c.open()
    fresh = {k: v for k, v in c.state.items() if k not in before}
    assert not [k for k, v in fresh.items() if PAT.public in k + v]


def test_spending_checks_at_the_lowest_door():
    c, chart = opened()
    draft = c.draft()
    good = token(c.chain, key("next-owner").public)
    tokens.spend(c.chain, draft, TOKEN_KEY_ID, key("next-owner").public, good)
    with pytest.raises(NotAToken):
        tokens.spend(c.chain, draft, TOKEN_KEY_ID, key("next-owner").public, good)
    with pytest.raises(NotAToken):
        tokens.check(c.chain, draft, TOKEN_KEY_ID, chart.owner.public, good)
    with pytest.raises(NotAToken):
        tokens.spend(c.chain, draft, sha256(b"no key"), chart.owner.public, good)
