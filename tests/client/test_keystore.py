"""The keystore: handles in order, each once, whatever happens in between."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from careledger.client.cards import Identity
from careledger.client.keystore import GAP, MOST_POOLED, Keystore, Pooled
from careledger.client.patient import full_access
from careledger.client.problems import HalfWritten
from careledger.client.session_problems import NoHandlesLeft, NotInThisHome
from careledger.ledger.actions.referral import Endorsed
from careledger.ledger.actions.registry import Endorsement
from careledger.local import LocalNetwork
from careledger.primitives.hashing import sha256

SEED = sha256(b"seed")
RECORD = sha256(b"record")


def test_handles_are_used_in_order_and_survive_a_restart(tmp_path: Path) -> None:
    path = tmp_path / "keys"
    store = Keystore(SEED, path=path)
    assert [store.take("a"), store.take("b")] == [0, 1]
    store.settle(1, RECORD)
    again = Keystore(SEED, path=path)
    assert again.kept == store.kept
    assert (again.take("c"), again.find(RECORD).index) == (2, 1)
    with pytest.raises(NotInThisHome):
        again.find(SEED)


@given(st.lists(st.sampled_from(["take", "pooled", "restart"]), max_size=30))
def test_no_handle_is_ever_given_out_twice(steps: list[str]) -> None:
    store = Keystore(SEED)
    store.change(next=3, pool=tuple(Pooled(n, _endorsed()) for n in range(3)))
    given_out = []
    for step in steps:
        if step == "take":
            given_out.append(store.take(""))
        elif step == "pooled" and store.kept.pool:
            given_out.append(store.take_endorsed("practitioner", "")[0])
        else:
            kept, store = store.kept, Keystore(SEED)
            store.kept = kept
    assert len(set(given_out)) == len(given_out)


def _endorsed():
    zero = bytes(32)
    word = Endorsement(zero, zero, 1, zero, "practitioner", 1, zero, b"")
    return Endorsed(word, bytes(64))


@pytest.mark.parametrize(
    "spoil", [lambda raw: raw[:-5], lambda raw: b"x" + raw, lambda _: b""]
)
def test_a_half_written_file_is_recognised_and_not_overwritten(tmp_path, spoil) -> None:
    path = tmp_path / "keys"
    Keystore(SEED, path=path).take("a")
    spoilt = spoil(path.read_bytes())
    path.write_bytes(spoilt)
    with pytest.raises(HalfWritten) as told:
        Keystore(SEED, path=path)
    assert told.value.detail == str(path)
    assert path.read_bytes() == spoilt


def test_the_file_of_another_seed_does_not_open(tmp_path: Path) -> None:
    path = tmp_path / "keys"
    Keystore(SEED, path=path).take("secret label")
    assert b"secret label" not in path.read_bytes()
    with pytest.raises(HalfWritten):
        Keystore(RECORD, path=path)


def test_secrets_are_never_printed() -> None:
    store = Keystore(SEED)
    store.take("psychiatry")
    assert "psychiatry" not in repr(store.kept)
    assert store.kept.recovery_secret.hex() not in repr(store.kept)


def test_a_pool_stays_smaller_than_the_gap_of_a_search(network: LocalNetwork) -> None:
    doctor = network.practitioner("Dr. Pool")
    doctor.fill_pool(network.registrar, count=100)
    assert len(doctor.store.kept.pool) == MOST_POOLED < GAP
    indexes = [one.index for one in doctor.store.kept.pool]
    assert indexes == sorted(indexes)
    with pytest.raises(NoHandlesLeft):
        doctor.store.take_endorsed("insurer", "")


def test_no_key_of_one_record_is_in_another(network: LocalNetwork) -> None:
    """The observer's first question: is any value in two records' leaves?"""
    doctor = network.practitioner("Dr. Two")
    patient = network.patient()
    first = patient.register(network.joining(doctor)).record
    second = patient.open_record(
        network.hospitals[0],
        network.registrar,
        "other",
        [(network.listing(doctor), _all())],
    )
    for invitation in doctor.inbox(network.office_of(doctor)):
        doctor.accept(invitation)
    values = [_values(network, record, patient) for record in (first, second)]
    assert not values[0] & values[1]
    assert isinstance(doctor.me, Identity)


def _all():
    return full_access()


def _values(network: LocalNetwork, record: bytes, patient) -> set[bytes]:
    """Return every key and hash of a record's own keys that the ledger shows."""
    public = {network.registrar.organisation, network.transport.chain_id}
    token_key = patient.history(record)[0].actions[0].token_key
    found: set[bytes] = set()
    for event in patient.history(record):
        found |= set(event.signers) | {sha256(body) for body in event.bodies}
        for action in event.actions:
            found |= {
                value
                for name in action.__struct_fields__
                if isinstance(value := getattr(action, name), bytes)
            }
    return found - public - {token_key, b""}
