"""Files that travel between homes: drafts, applications, trusted keys."""

from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from careledger.client.applications import (
    SignedApplication,
    make_application,
    read_application,
    write_application,
)
from careledger.client.config import OrganisationSettings
from careledger.client.envelopes import (
    Draft,
    compose,
    envelope_of,
    missing_signers,
    new_draft,
    read_draft,
    seal_envelope,
    sign_draft,
    write_draft,
)
from careledger.client.files import read_message, write_message, write_sealed_file
from careledger.client.offices import Offices
from careledger.client.problems import (
    HalfWritten,
    NotADraftOfYours,
    NotAnApplicant,
    SignaturesMissing,
)
from careledger.client.trust import Trust, format_trust, own_trust, parse_trust
from careledger.ledger.actions.governance import MintCoin
from careledger.ledger.envelopes import check_signatures, open_envelope
from careledger.primitives.encoding import encode
from careledger.primitives.signing import SigningKey
from tests.ledger.world import key

CHAIN = bytes(range(32))
ANN, BOB, CY = key("ann"), key("bob"), key("cy")
OFFICES = Offices(bytes(32))
ABOUT = OrganisationSettings(name="Blue", entity="E-1", kinds=("research", "insurer"))


def ring(*keys: SigningKey) -> dict[bytes, SigningKey]:
    return {one.public: one for one in keys}


def draft_of(*keys: SigningKey) -> Draft:
    action = MintCoin(tuple(range(len(keys))), bytes(32), 5)
    return new_draft(compose(CHAIN, [one.public for one in keys], [action], 10**12))


def test_a_draft_collects_signatures_in_any_order(tmp_path: Path) -> None:
    path = tmp_path / "draft"
    write_draft(path, draft_of(ANN, BOB))
    for signer, missing in ((BOB, 1), (ANN, 0)):
        draft = sign_draft(read_draft(path), ring(signer, CY))
        assert len(missing_signers(draft)) == missing
        write_draft(path, draft)
    check_signatures(open_envelope(envelope_of(read_draft(path))))


def test_who_is_not_named_cannot_sign() -> None:
    with pytest.raises(NotADraftOfYours):
        sign_draft(draft_of(ANN, BOB), ring(CY))


def test_a_draft_without_all_signatures_is_no_envelope() -> None:
    draft = sign_draft(draft_of(ANN, BOB, CY), ring(BOB))
    assert missing_signers(draft) == [ANN.public, CY.public]
    with pytest.raises(SignaturesMissing, match="2 of 3"):
        envelope_of(draft)


def test_an_envelope_carries_its_bodies() -> None:
    action = MintCoin((0,), bytes(32), 5)
    core = compose(CHAIN, [ANN.public], [action], 1, [b"body"])
    transaction = open_envelope(seal_envelope(core, [ANN], [b"body"]))
    check_signatures(transaction)
    assert transaction.bodies == (b"body",)


def test_two_cores_never_share_an_id() -> None:
    assert draft_of(ANN).core != draft_of(ANN).core


def spoils(whole: bytes) -> list[bytes]:
    cuts = [whole[:size] for size in range(0, len(whole), 11)]
    flips = [
        whole[:at] + bytes([whole[at] ^ 4]) + whole[at + 1 :]
        for at in range(0, len(whole), 13)
    ]
    return [*cuts, *flips, whole + b"\0"]


WRITERS: list[tuple[Callable[[Path], None], Callable[[Path], object]]] = [
    (lambda path: write_draft(path, sign_draft(draft_of(ANN), ring(ANN))), read_draft),
    (
        lambda path: write_application(path, make_application(CHAIN, ABOUT, OFFICES)),
        read_application,
    ),
]


@pytest.mark.parametrize(("write", "read"), WRITERS, ids=["draft", "application"])
def test_cut_and_changed_files_are_recognised(
    write: Callable[[Path], None], read: Callable[[Path], object], tmp_path: Path
) -> None:
    path = tmp_path / "file"
    write(path)
    read(path)
    for spoilt in spoils(path.read_bytes()):
        path.write_bytes(spoilt)
        with pytest.raises(HalfWritten) as caught:
            read(path)
        assert caught.value.detail == str(path)


def test_a_whole_file_that_says_something_else_is_recognised(tmp_path: Path) -> None:
    path, marker = tmp_path / "file", b"careledger/test-file/v1\n"
    write_message(path, marker, draft_of(ANN))
    assert isinstance(read_message(path, marker, Draft), Draft)
    write_sealed_file(path, marker, b"\xc1")
    with pytest.raises(HalfWritten) as caught:
        read_message(path, marker, Draft)
    assert caught.value.detail == str(path)


def test_one_kind_of_file_is_not_taken_for_another(tmp_path: Path) -> None:
    path = tmp_path / "file"
    write_draft(path, draft_of(ANN))
    with pytest.raises(HalfWritten):
        read_application(path)


@pytest.mark.parametrize(
    "forged",
    [
        msgspec.structs.replace(draft_of(ANN), signatures=(bytes(64),)),
        msgspec.structs.replace(draft_of(ANN), signatures=(b"", b"")),
        msgspec.structs.replace(draft_of(ANN), signatures=()),
        Draft(b"no core", (b"",)),
    ],
)
def test_a_draft_with_wrong_signatures_is_refused(
    forged: Draft, tmp_path: Path
) -> None:
    path = tmp_path / "draft"
    write_draft(path, forged)
    with pytest.raises(HalfWritten):
        read_draft(path)


def test_an_application_is_signed_by_its_own_key(tmp_path: Path) -> None:
    signed = make_application(CHAIN, ABOUT, OFFICES)
    assert signed.application.kinds == ("insurer", "research")
    assert signed.application.group == b"E-1"
    other = make_application(CHAIN, ABOUT, Offices(bytes(31) + b"\1"))
    path = tmp_path / "file"
    write_application(path, SignedApplication(signed.application, other.signature))
    with pytest.raises(HalfWritten):
        read_application(path)
    write_sealed_file(path, b"careledger/application-file/v1\n", encode(7))
    with pytest.raises(HalfWritten):
        read_application(path)


@pytest.mark.parametrize(
    "changes",
    [
        {"name": ""},
        {"name": "é" * 101},
        {"entity": ""},
        {"kinds": ()},
        {"kinds": ("x",)},
    ],
)
def test_details_that_no_ledger_would_take(changes: dict[str, object]) -> None:
    with pytest.raises(NotAnApplicant):
        make_application(CHAIN, msgspec.structs.replace(ABOUT, **changes), OFFICES)


def test_trusted_keys_are_read_as_written() -> None:
    trust = own_trust("log.example", "log.example/node-1", OFFICES)
    assert [len(kind) for kind in trust] == [1, 2, 0]
    assert parse_trust(format_trust(trust), "file") == trust
    assert parse_trust(b"\n# nobody\n", "file") == Trust((), (), ())


@given(st.text())
def test_any_other_line_is_named(line: str) -> None:
    text = f"# keys\n{line}"
    first = "".join(text.splitlines()[1:2])
    if not first or first.startswith("#"):
        return
    with pytest.raises(HalfWritten, match="line 2"):
        parse_trust(text.encode(), "file")
