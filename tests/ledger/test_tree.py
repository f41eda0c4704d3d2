"""The tree against a naive one; proofs of presence and absence, and forgeries."""

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from careledger.ledger.bucket import (
    EMPTY_BUCKET,
    erase_entry,
    pairs_of,
    write_entry,
)
from careledger.ledger.state_proofs import (
    Siblings,
    StateProof,
    StateProofInvalid,
    prove,
    verify_state_proof,
)
from careledger.ledger.tree import (
    BUCKETS,
    bucket_hash,
    bucket_of,
    empty_levels,
    key_hash,
    next_seed,
    rehash,
    root_of,
)
from careledger.primitives.encoding import NotCanonical, decode, encode
from careledger.primitives.hashing import sha256
from tests.naive_tree import NaiveTree

KEYS = st.sampled_from([b"\x30" + bytes([at]) for at in range(24)])
DIFFS = st.dictionaries(KEYS, st.none() | st.binary(max_size=40), max_size=12)


class Model:
    """Buckets in a dictionary, levels as an engine keeps them."""

    def __init__(self) -> None:
        self.buckets: dict[int, bytes] = {}
        self.levels = empty_levels()

    def apply(self, diff: dict[bytes, bytes | None], seed: bytes) -> None:
        changed = {}
        for key, value in diff.items():
            hashed = key_hash(key)
            number = bucket_of(hashed)
            bucket = self.buckets.get(number, EMPTY_BUCKET)
            self.buckets[number] = changed[number] = (
                erase_entry(bucket, hashed)
                if value is None
                else write_entry(bucket, key, hashed, value, seed)
            )
        for number, bucket in changed.items():
            hashed = bucket_hash(pairs_of(bucket))
            self.levels[0][32 * number : 32 * number + 32] = hashed
        rehash(self.levels, sorted(changed))

    def prove(self, key: bytes) -> StateProof:
        bucket = self.buckets.get(bucket_of(key_hash(key)), EMPTY_BUCKET)
        return prove(self.levels, key, bucket)

    @property
    def root(self) -> bytes:
        return root_of(self.levels)


def filled(count: int = 60) -> Model:
    model = Model()
    model.apply({bytes([at]): b"value %d" % at for at in range(count)}, bytes(32))
    return model


@settings(max_examples=40)
@given(st.lists(DIFFS, max_size=4))
def test_the_root_is_that_of_the_naive_tree(diffs):
    model, naive = Model(), NaiveTree()
    seed = bytes(32)
    for diff in diffs:
        seed = next_seed(seed, list(diff))
        model.apply(diff, seed)
        naive.apply(diff, seed)
        assert model.root == naive.root()


def test_an_erased_state_is_the_empty_one():
    model = filled(5)
    model.apply({bytes([at]): None for at in range(5)}, bytes(32))
    assert model.root == bytes(32) == Model().root


def test_bucket_numbers_are_the_first_20_bits():
    assert bucket_of(bytes.fromhex("abcdef") + bytes(29)) == 0xABCDE
    assert bucket_of(b"\xff" * 32) == BUCKETS - 1


def test_presence_and_absence_are_proven():
    model = filled()
    for at in range(60):
        proof = model.prove(bytes([at]))
        assert proof.value == b"value %d" % at
        verify_state_proof(decode(encode(proof), StateProof), model.root)
    for at in range(60, 90):
        proof = model.prove(bytes([at]))
        assert proof.value is None
        verify_state_proof(proof, model.root)
    verify_state_proof(Model().prove(b"k"), bytes(32))


def test_absence_is_proven_in_a_bucket_that_others_fill():
    model = filled()
    here = bucket_of(key_hash(b"\x07"))
    other = next(
        key
        for key in (at.to_bytes(4, "big") for at in range(2**24))
        if bucket_of(key_hash(key)) == here
    )
    proof = model.prove(other)
    assert len(proof.pairs) == 1
    verify_state_proof(proof, model.root)


def forgeries():
    good = filled().prove(b"\x07")
    pair = good.pairs[0]
    low, high = sorted([pair, (sha256(b"x"), sha256(b"y"))])
    first = good.siblings[-1]

    def top(siblings):
        return [*good.siblings[:-1], siblings]

    yield "another value", {"value": b"value 8"}
    yield "another salt", {"salt": bytes(16)}
    yield "another key", {"key": b"\x08"}
    yield "denied", {"value": None, "salt": None}
    yield "denied, bucket emptied", {"value": None, "salt": None, "pairs": []}
    yield "value without salt", {"salt": None}
    yield "salt without value", {"value": None}
    yield "a pair added", {"pairs": [low, high]}
    yield "a pair twice", {"pairs": [pair, pair]}
    yield "pairs in the wrong order", {"pairs": [high, low]}
    yield (
        "a sibling left out",
        {"siblings": top(Siblings(first.present, first.hashes[1:]))},
    )
    yield (
        "a sibling too many",
        {"siblings": top(Siblings(first.present, [*first.hashes, pair[0]]))},
    )
    yield "siblings moved", {"siblings": top(Siblings(first.present ^ 3, first.hashes))}
    yield "zeros spelt out", {"siblings": top(Siblings(2**15 - 1, [bytes(32)] * 15))}
    yield (
        "another sibling",
        {"siblings": top(Siblings(first.present, [pair[0], *first.hashes[1:]]))},
    )


@pytest.mark.parametrize(
    "change", list(dict(forgeries()).values()), ids=list(dict(forgeries()))
)
def test_a_forged_proof_is_refused(change):
    model = filled()
    proof = model.prove(b"\x07")
    verify_state_proof(proof, model.root)
    with pytest.raises(StateProofInvalid):
        verify_state_proof(msgspec.structs.replace(proof, **change), model.root)


def test_a_forged_order_is_refused_even_under_a_root_made_for_it():
    """Whoever makes roots could otherwise hide a key behind an unsorted bucket."""
    model = Model()
    hashed = key_hash(b"\x07")
    salt, value = bytes(16), b"value"
    leaf = sha256(b"\x00" + salt + hashed + value)
    pairs = [(bytes([255]) * 32, leaf), (hashed, leaf)]
    number = bucket_of(hashed)
    model.levels[0][32 * number : 32 * number + 32] = bucket_hash(
        b"".join(known + each for known, each in pairs)
    )
    rehash(model.levels, [number])
    proof = StateProof(b"\x07", value, salt, pairs, model.prove(b"\x07").siblings)
    with pytest.raises(StateProofInvalid):
        verify_state_proof(proof, model.root)


@settings(max_examples=100)
@given(st.data())
def test_no_flipped_bit_of_a_proof_is_accepted(data):
    model = filled()
    raw = encode(model.prove(b"\x07"))
    at = data.draw(st.integers(0, len(raw) * 8 - 1))
    flipped = bytearray(raw)
    flipped[at // 8] ^= 1 << at % 8
    with pytest.raises((StateProofInvalid, NotCanonical)):
        verify_state_proof(decode(bytes(flipped), StateProof), model.root)


def test_golden_hashes():
    """Bytes that may never change: worked out by the rules in the docstring."""
    seed = sha256(b"careledger/state-seed/v1" + bytes(32) + b"\x01" * 32)
    assert next_seed(bytes(32), [b"\x01" * 32]) == seed
    hashed = sha256(b"\x30key")
    salt = sha256(b"careledger/state-salt/v1" + bytes(16) + seed + hashed)[:16]
    leaf = sha256(b"\x00" + salt + hashed + b"value")
    node = sha256(b"\x01" + hashed + leaf)
    for digit in reversed(hashed.hex()[:5]):
        place = int(digit, 16)
        node = sha256(b"\x02" + bytes(32 * place) + node + bytes(32 * (15 - place)))
    model = Model()
    model.apply({b"\x30key": b"value"}, seed)
    assert model.root == node
