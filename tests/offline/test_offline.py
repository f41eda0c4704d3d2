"""The verifier that stands alone: it believes nothing without a reason."""

import pytest

from careledger import offline
from careledger.ledger import log, proofs
from careledger.primitives import checkpoints
from careledger.primitives.encoding import decode_any
from careledger.primitives.mldsa import MlDsaKey
from careledger.primitives.notes import ED25519, ED25519_COSIGNATURE
from careledger.primitives.notes import MLDSA44_COSIGNATURE as MLDSA44
from tests.offline.known import (
    ABSENT,
    ALONE,
    LOG,
    NODES,
    NOW,
    PRESENT,
    QUORUM,
    RAW,
    STATE,
    TRUST,
    WITNESS,
    WITNESSES,
    refused,
)
from tests.vectors import make_log_vectors as made

# --- what is proven ---------------------------------------------------------------


def test_a_transaction_is_proven():
    proven = offline.verify(RAW, TRUST, NOW)
    assert proven["kind"] == "transaction"
    assert proven["code"] == "ok"
    core = decode_any(made.transaction_leaf(), list)[1]
    assert proven["tx_id"] == made.sha256(core).hexdigest()
    assert proven["word"] == "the word of 3 of 4 nodes, more than 2/3"
    assert proven["nodes"] == NODES[:3]
    # Nodes a, b, c signed at +0, +1, +2 s: all three are needed for 2/3 of four.
    assert (proven["checkpoint_time"], proven["age"]) == (made.NOW, 60)


def test_a_refusal_is_proven_with_its_code():
    leaf = made.transaction_leaf(code="records.not-permitted")
    raw = made.transaction_proof(NODES[:3], leaf=leaf)
    assert offline.verify(raw, TRUST, NOW)["code"] == "records.not-permitted"


def test_presence_and_absence_are_proven():
    present = offline.verify(STATE, TRUST, NOW)
    assert bytes.fromhex(present["value"]) == made.KEYS[PRESENT][1]
    assert bytes.fromhex(present["key"]) == PRESENT
    absent = offline.verify(made.state_proof(ABSENT, NODES[:3]), TRUST, NOW)
    assert absent["value"] is None
    assert absent["height"] == 7


def test_a_state_of_nothing_is_proven(monkeypatch):
    monkeypatch.setattr(made, "KEYS", {})
    raw = made.state_proof(ABSENT, NODES[:3])
    assert offline.verify(raw, TRUST, NOW)["value"] is None


# --- whose word -------------------------------------------------------------------


def test_one_operator_is_called_one_operator():
    raw = made.transaction_proof()
    assert offline.verify(raw, ALONE, NOW)["word"] == "the operator's word"
    single = made.transaction_proof(NODES[:1])
    proven = offline.verify(single, (LOG, QUORUM[:1], WITNESSES), NOW)
    assert proven["word"] == "the operator's word"
    assert proven["age"] == 60
    assert offline.verify(raw, ALONE, NOW)["age"] is None


def test_an_outside_witness_is_named():
    raw = made.transaction_proof([WITNESS])
    proven = offline.verify(raw, (LOG, [], WITNESSES), NOW)
    assert proven["word"] == (
        "the operator's word, cosigned by the outside witness " + WITNESS
    )
    assert proven["witnesses"] == [WITNESS]
    assert proven["age"] == 60


def test_too_few_nodes_are_refused():
    for count in range(3):
        raw = made.transaction_proof(NODES[:count])
        refused(f"only {count} of 4 nodes signed", raw)
    refused("only 2 of 3", made.transaction_proof(NODES[:2]), (LOG, QUORUM[:3], []))


def test_exactly_two_thirds_are_not_more_than_two_thirds():
    refused("only 2 of 3", made.transaction_proof(NODES[:2]), (LOG, QUORUM[:3], []))
    raw = made.transaction_proof(NODES[:2])
    assert offline.verify(raw, (LOG, QUORUM[:2], []), NOW)["nodes"] == NODES[:2]


def test_two_keys_of_one_node_count_once():
    size, root = 9, made.grow([made.transaction_leaf()] * 9)[1]
    checkpoint = checkpoints.Checkpoint(made.ORIGIN, size, root)
    post_quantum = MlDsaKey(made.seed(NODES[0]))
    lines = [
        checkpoints.sign_checkpoint(checkpoint, made.signing_key(made.ORIGIN)),
        *made.cosignatures(checkpoint, NODES[:2]),
        checkpoints.cosign_mldsa(checkpoint, NODES[0], post_quantum, made.NOW),
    ]
    raw = with_note(lines, checkpoint)
    both = [*QUORUM, made.vkey(NODES[0], MLDSA44)]
    refused("only 2 of 4", raw, (LOG, both, []))
    proven = offline.verify(raw, (LOG, [both[-1], *QUORUM[1:2]], []), NOW)
    assert proven["nodes"] == NODES[:2]


def with_note(lines, checkpoint):
    leaf = made.transaction_leaf()
    tiles, _ = made.grow([leaf] * checkpoint.size)
    path = tuple(log.prove_inclusion(tiles, 0, checkpoint.size))
    note = checkpoints.format_checkpoint(checkpoint, lines)
    proven = proofs.ProvenTransaction(leaf)
    return proofs.format_proof(proofs.ProofFile(proven, 0, path, note))


def test_a_wrong_mldsa_cosignature_is_refused():
    root = made.grow([made.transaction_leaf()])[1]
    checkpoint = checkpoints.Checkpoint(made.ORIGIN, 1, root)
    other = checkpoints.Checkpoint(made.ORIGIN, 2, root)
    key = MlDsaKey(made.seed(NODES[0]))
    own = checkpoints.sign_checkpoint(checkpoint, made.signing_key(made.ORIGIN))
    line = checkpoints.cosign_mldsa(other, NODES[0], key, made.NOW)
    raw = with_note([own, line], checkpoint)
    refused("ML-DSA-44", raw, (LOG, [made.vkey(NODES[0], MLDSA44)], []))


def test_a_few_nodes_cannot_make_a_checkpoint_look_newer():
    root = made.grow([made.transaction_leaf()])[1]
    checkpoint = checkpoints.Checkpoint(made.ORIGIN, 1, root)
    own = checkpoints.sign_checkpoint(checkpoint, made.signing_key(made.ORIGIN))
    honest = made.cosignatures(checkpoint, NODES[:3], made.NOW - 1000)
    liar = checkpoints.cosign(
        checkpoint, NODES[3], made.signing_key(NODES[3]), made.NOW + 10**9
    )
    proven = offline.verify(with_note([own, *honest, liar], checkpoint), TRUST, NOW)
    assert proven["checkpoint_time"] == made.NOW - 999


def test_a_cosignature_without_a_time_gives_no_age():
    root = made.grow([made.transaction_leaf()])[1]
    checkpoint = checkpoints.Checkpoint(made.ORIGIN, 1, root)
    own = checkpoints.sign_checkpoint(checkpoint, made.signing_key(made.ORIGIN))
    node = checkpoints.cosign(checkpoint, NODES[0], made.signing_key(NODES[0]), 0)
    raw = with_note([own, node], checkpoint)
    assert offline.verify(raw, (LOG, QUORUM[:1], []), NOW)["age"] is None


def test_a_checkpoint_from_the_future_is_refused():
    refused("dated after", now=made.NOW - 301)
    assert offline.verify(RAW, TRUST, made.NOW - 300)["age"] == 0


def test_an_impossible_time_is_refused():
    root = made.grow([made.transaction_leaf()])[1]
    checkpoint = checkpoints.Checkpoint(made.ORIGIN, 1, root)
    own = checkpoints.sign_checkpoint(checkpoint, made.signing_key(made.ORIGIN))
    key = made.signing_key(NODES[0])
    node = checkpoints.cosign(checkpoint, NODES[0], key, 2**63)
    refused("no possible time", with_note([own, node], checkpoint), TRUST)


# --- keys -------------------------------------------------------------------------


def test_a_proof_of_another_log_is_refused():
    other = made.vkey("another.example/log", ED25519)
    refused("not of the log", trust=([other], [], []))
    refused("not of the log", trust=([*LOG, other], [], []))
    refused("not of the log", trust=([], QUORUM, []))


def test_an_unknown_key_of_the_log_is_refused():
    other = checkpoints.VerifierKey(made.ORIGIN, ED25519, bytes(32))
    refused("no given key of the log", trust=([str(other)], QUORUM, []))


def test_a_witness_must_be_an_outsider():
    refused("witness is also", trust=(LOG, QUORUM, QUORUM[:1]))
    renamed = checkpoints.VerifierKey(
        "w.example", ED25519_COSIGNATURE, made.signing_key(NODES[0]).public
    )
    refused("witness is also", trust=(LOG, QUORUM, [str(renamed)]))


def test_one_key_cannot_be_two_nodes():
    renamed = checkpoints.VerifierKey(
        "e.example", ED25519_COSIGNATURE, made.signing_key(NODES[0]).public
    )
    refused("listed as two nodes", trust=(LOG, [*QUORUM, str(renamed)], []))


@pytest.mark.parametrize(
    "vkey",
    [
        "name",
        "name+00000000+AQ==",
        LOG[0].replace("log+", "lag+"),
        str(checkpoints.VerifierKey("n", 2, bytes(32))),
        str(checkpoints.VerifierKey("n" * 256, 1, bytes(32))),
    ],
)
def test_a_malformed_key_is_refused(vkey):
    refused("verifier key|base64", trust=([vkey], [], []))
