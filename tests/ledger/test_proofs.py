"""Proof files: what is built is read back, and nothing else is read."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from careledger.ledger import proofs
from careledger.ledger.log import NotIncluded
from careledger.primitives.encoding import encode
from careledger.primitives.notes import MalformedText, to_base64
from tests.vectors import make_log_vectors as made

LEAF = made.transaction_leaf()
RAW = made.transaction_proof(made.NODES)
STATE = made.state_proof(b"\x01grant 3", made.NODES)


@pytest.mark.parametrize("raw", [RAW, STATE, made.transaction_proof(index=0, size=1)])
def test_a_proof_reads_back_and_holds(raw):
    proof = proofs.parse_proof(raw)
    assert proofs.format_proof(proof) == raw
    assert proofs.check_proof(proof).origin == made.ORIGIN


def test_the_leaf_is_what_was_logged():
    proof = proofs.parse_proof(RAW)
    assert proof.proven == proofs.ProvenTransaction(LEAF)
    assert proof.index == 2


@given(st.integers(1, 600), st.data())
def test_every_leaf_of_every_log_has_a_proof_file(size, data):
    index = data.draw(st.integers(0, size - 1))
    proof = proofs.parse_proof(made.transaction_proof(index=index, size=size))
    assert proofs.check_proof(proof).size == size


def test_a_changed_byte_is_never_read_as_the_same_proof():
    for raw in (RAW, STATE):
        proof = proofs.parse_proof(raw)
        for at in range(len(raw)):
            changed = raw[:at] + bytes([raw[at] ^ 1]) + raw[at + 1 :]
            try:
                other = proofs.parse_proof(changed)
            except MalformedText:
                continue
            assert other != proof
            assert proofs.format_proof(other) == changed


def replaced(old, new):
    changed = RAW.replace(old, new, 1)
    assert changed != RAW
    return changed


EXTRA = RAW.split(b"\n")[1]


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        RAW[:100],
        replaced(b"@v1", b"@v2"),
        replaced(EXTRA + b"\n", b""),
        replaced(EXTRA, b"extra "),
        replaced(b"extra ", b"Extra "),
        replaced(b"index 2", b"index 02"),
        replaced(b"index 2", b"index two"),
        replaced(b"index 2\n", b""),
        replaced(b"index 2\n", b"index 2\nAAAA\n"),
        replaced(b"index 2\n", b"index 2\n\xc3\xa9\n"),
        replaced(b"\n", b"\r\n"),
        replaced(EXTRA, b"extra " + to_base64(encode([2, LEAF])).encode()),
        replaced(EXTRA, b"extra " + to_base64(encode([1, LEAF, 0])).encode()),
        replaced(EXTRA, b"extra " + to_base64(b"\xc1").encode()),
        RAW + b"x" * (1 << 20),
    ],
)
def test_a_malformed_file_is_refused(raw):
    with pytest.raises(MalformedText):
        proofs.parse_proof(raw)


def test_a_leaf_of_another_place_is_refused():
    proof = proofs.parse_proof(replaced(b"index 2", b"index 3"))
    with pytest.raises(NotIncluded):
        proofs.check_proof(proof)


def test_a_malformed_checkpoint_is_refused():
    proof = proofs.parse_proof(replaced(b"\n9\n", b"\n09\n"))
    with pytest.raises(MalformedText):
        proofs.check_proof(proof)
