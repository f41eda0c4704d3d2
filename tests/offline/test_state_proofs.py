"""Proofs of state: what is there, what is not, and neither for the other."""

import json

import pytest

from careledger.ledger import proofs
from careledger.ledger.state_proofs import StateProof, verify_state_proof
from careledger.primitives.encoding import decode, encode
from tests.offline.known import ABSENT, NODES, PRESENT, refused
from tests.vectors import make_log_vectors as made


def test_the_state_tree_agrees_with_the_ledger():
    root, prove = made.state_of(made.KEYS)
    for key, there in ((PRESENT, True), (ABSENT, False)):
        proof = decode(encode(prove(key)), StateProof)
        verify_state_proof(proof, root)
        assert (proof.value is not None) == there


def changed_state(change, key=PRESENT):
    def apply(proof):
        copy = json.loads(json.dumps(proof, default=lambda b: {"hex": b.hex()}))
        copy = restore(copy)
        return change(copy) or copy

    return made.state_proof(key, NODES[:3], change=apply)


def restore(value):
    if isinstance(value, dict):
        return bytes.fromhex(value["hex"])
    return [restore(one) for one in value] if isinstance(value, list) else value


def put(at, value):
    def change(proof):
        proof[at] = value

    return change


def put_deep(*path, value):
    def change(proof):
        for step in path[:-1]:
            proof = proof[step]
        proof[path[-1]] = value

    return change


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (put(0, "state-proof/v2"), "malformed"),
        (put(1, b"\x01grant 4"), "not of this block"),
        (put(2, b"another value"), "does not hold"),
        (put(2, None), "malformed"),
        (put(3, None), "malformed"),
        (put(3, bytes(15)), "malformed"),
        (put(4, []), "not of this block"),
        (put(4, [[bytes(31), bytes(32)]]), "malformed"),
        (put(4, [[bytes(32)]]), "malformed"),
        (put(4, [1]), "malformed"),
        (put(5, []), "malformed"),
        (put_deep(5, 0, value=[]), "malformed"),
        (put_deep(5, 0, value=[1 << 15, [bytes([1]) * 32]]), "malformed"),
        (put_deep(5, 0, value=[1, [bytes(32)]]), "not what it says"),
        (put_deep(5, 0, value=[1, []]), "not what it says"),
        (put_deep(5, 0, value=[1, [bytes([1]) * 32]]), "not of this block"),
    ],
)
def test_a_changed_state_proof_is_refused(change, reason):
    refused(reason, changed_state(change))


def test_absence_cannot_be_claimed_of_a_present_key():
    def hide(proof):
        proof[2:4] = [None, None]

    refused("does not hold", changed_state(hide))


def test_presence_cannot_be_claimed_of_an_absent_key():
    def invent(proof):
        proof[2:4] = [b"granted", bytes(16)]

    refused("does not hold", changed_state(invent, ABSENT))


def test_a_state_proof_needs_the_leaf_of_a_block():
    leaf = made.transaction_leaf()
    proven = proofs.ProvenState(leaf, encode(made.state_of(made.KEYS)[1](PRESENT)))
    refused("block is malformed", made.proof_file(leaf, proven, NODES[:3]))
