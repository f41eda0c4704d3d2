"""The verifier that stands alone: it believes nothing without a reason."""

import ast
import base64
import json
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from careledger import offline
from careledger.ledger import log, proofs
from careledger.ledger.log import NotIncluded
from careledger.primitives import checkpoints
from careledger.primitives.encoding import decode_any, encode
from careledger.primitives.mldsa import MlDsaKey
from careledger.primitives.notes import ED25519, ED25519_COSIGNATURE
from careledger.primitives.notes import MLDSA44_COSIGNATURE as MLDSA44
from tests.vectors import make_log_vectors as made

NOW, NODES, WITNESS = made.NOW + 60, made.NODES, made.WITNESS
LOG = [made.vkey(made.ORIGIN, ED25519)]
QUORUM = [made.vkey(name, ED25519_COSIGNATURE) for name in NODES]
WITNESSES = [made.vkey(WITNESS, ED25519_COSIGNATURE)]
TRUST, ALONE = (LOG, QUORUM, WITNESSES), (LOG, [], [])
RAW = made.transaction_proof(NODES[:3])
PRESENT, ABSENT = b"\x01grant 3", b"\x01grant 99"
STATE = made.state_proof(PRESENT, NODES[:3])


def refused(reason, raw=RAW, trust=TRUST, now=NOW):
    with pytest.raises(offline.ProofRefused, match=reason or None):
        offline.verify(raw, trust, now)


def replaced(old, new, raw=RAW):
    changed = raw.replace(old, new, 1)
    assert changed != raw
    return changed


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


# --- a changed file ---------------------------------------------------------------


def flips(raw):
    for at in range(len(raw)):
        for flip in (1, 0x20, 0x80):
            yield raw[:at] + bytes([raw[at] ^ flip]) + raw[at + 1 :]


@pytest.mark.parametrize("raw", [RAW, STATE])
def test_no_byte_can_be_changed(raw):
    # With exactly as many signatures as the quorum needs, each byte matters.
    for changed in flips(raw):
        with pytest.raises(offline.ProofRefused):
            offline.verify(changed, TRUST, NOW)


def test_a_signature_brings_no_words_of_its_own():
    key = made.signing_key(made.ORIGIN)
    signature = key.sign(b"said elsewhere: text")
    with pytest.raises(offline.ProofRefused, match="Ed25519"):
        offline._ed25519(key.public, b"text", signature + b"said elsewhere: ")
    offline._ed25519(key.public, b"text", key.sign(b"text"))


def test_a_changed_proof_of_absence_is_refused_or_a_true_one_of_another_key():
    # Empty parts of the state share their siblings: what shows that one key is
    # absent may show the same of its neighbour. It is never a false statement.
    raw = made.state_proof(ABSENT, NODES[:3])
    original, others = offline.verify(raw, TRUST, NOW), 0
    for changed in flips(raw):
        try:
            proven = offline.verify(changed, TRUST, NOW)
        except offline.ProofRefused:
            continue
        others += 1
        key = bytes.fromhex(proven["key"])
        assert key != ABSENT
        assert key not in made.KEYS
        assert proven | {"key": original["key"]} == original
    assert others <= len(ABSENT) * 3


@settings(deadline=None)
@given(st.integers(0, len(STATE) - 1), st.integers(0, 255), st.booleans())
def test_no_byte_can_be_added_or_lost(at, byte, added):
    kept = STATE[at:] if added else STATE[at + 1 :]
    changed = STATE[:at] + (bytes([byte]) if added else b"") + kept
    if changed != STATE:
        with pytest.raises(offline.ProofRefused):
            offline.verify(changed, TRUST, NOW)


@settings(deadline=None)
@given(st.binary(max_size=300))
def test_noise_is_refused_with_a_reason(noise):
    refused("", noise)
    encoded = base64.b64encode(noise or b"x")
    refused("", replaced(RAW.split(b"\n")[1], b"extra " + encoded))


def test_a_spare_signature_can_only_be_lost():
    raw = made.transaction_proof(NODES)
    proven = offline.verify(replaced(NODES[3].encode(), b"xxxx", raw), TRUST, NOW)
    assert proven["nodes"] == NODES[:3]


def test_an_older_root_does_not_carry_a_newer_leaf():
    older = made.transaction_proof(NODES[:3], index=1, size=2).partition(b"\n\n")[2]
    mixed = RAW.partition(b"\n\n")[0] + b"\n\n" + older
    refused("not in the log", mixed)


def test_a_wrong_leaf_is_refused():
    other = made.transaction_leaf(code="coin.insufficient-funds")
    extra = base64.b64encode(encode([1, other]))
    changed = replaced(RAW.split(b"\n")[1], b"extra " + extra)
    refused("not in the log", changed)


def test_a_line_twice_is_refused():
    line = RAW.split(b"\n")[-2] + b"\n"
    refused("there twice", RAW + line)


@pytest.mark.parametrize(
    "signatures",
    [
        lambda made: made[::-1],
        lambda made: made[:1],
        lambda made: [*made, made[0]],
        lambda made: [made[0], b"short"],
        lambda made: [made[0], None],
    ],
)
def test_a_logged_transaction_must_be_signed(signatures):
    leaf = made.transaction_leaf(signatures)
    refused("signature", made.transaction_proof(NODES[:3], leaf=leaf))


@pytest.mark.parametrize(
    "leaf",
    [
        [1, b"", [], "ok"],
        [1, encode([bytes(32), 1, bytes(16), [], [], []]), [], "ok"],
        [1, encode("core"), [], "ok"],
        [2, b"", [], "ok"],
        "leaf",
    ],
)
def test_a_leaf_of_another_shape_is_refused(leaf):
    data = encode(leaf)
    raw = made.proof_file(data, proofs.ProvenTransaction(data), NODES[:3])
    refused("", raw)


# --- state proofs -----------------------------------------------------------------


def test_the_state_tree_agrees_with_the_ledger():
    tree = pytest.importorskip("careledger.ledger.tree", reason="not in this checkout")
    root, prove = made.state_of(made.KEYS)
    for key in (PRESENT, ABSENT):
        state = tree.StateProof
        proof = tree_decode(encode(prove(key)), state)
        tree.verify_state_proof(proof, root)


def tree_decode(raw, kind):
    from careledger.primitives.encoding import decode  # noqa: PLC0415

    return decode(raw, kind)


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
        (put(2, None), "does not hold"),
        (put(3, None), "does not hold"),
        (put(3, bytes(15)), "does not hold"),
        (put(4, []), "not of this block"),
        (put(4, [[bytes(31), bytes(32)]]), "list of hashes"),
        (put(4, [[bytes(32)]]), "list of hashes"),
        (put(4, [1]), "list of hashes"),
        (put(5, []), "malformed"),
        (put_deep(5, 0, value=[]), "level"),
        (put_deep(5, 0, value=[1 << 15, [bytes([1]) * 32]]), "level"),
        (put_deep(5, 0, value=[1, [bytes(32)]]), "empty place"),
        (put_deep(5, 0, value=[1, []]), "list of hashes"),
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
    refused("does not say", made.proof_file(leaf, proven, NODES[:3]))


# --- the two Merkle checks, and the reader of MessagePack -------------------------


@settings(deadline=None)
@given(st.integers(1, 200), st.integers(0, 220), st.integers(-1, 1), st.data())
def test_both_merkle_checks_agree(size, claimed, longer, data):
    index = data.draw(st.integers(0, size - 1))
    tiles, root = made.grow([made.leaf_data(number) for number in range(size)])
    leaf, path = log.leaf_hash(made.leaf_data(index)), None
    path = log.prove_inclusion(tiles, index, size)
    path = path[:longer] if longer < 0 else path + [bytes(32)] * longer
    try:
        log.verify_inclusion(leaf, claimed, size, path, root)
        held = True
    except NotIncluded:
        held = False
    climbed = claimed < size and offline._climb(leaf, claimed, size, path) == root
    assert climbed == held


VALUES = st.recursive(
    st.none()
    | st.integers(0, 2**64 - 1)
    | st.binary(max_size=300)
    | st.text(max_size=300),
    lambda inner: st.lists(inner, max_size=20),
    max_leaves=30,
)


@settings(deadline=None)
@given(VALUES)
def test_the_reader_agrees_with_the_encoder(value):
    assert offline._unpack(encode(value)) == value


@pytest.mark.parametrize("size", [0, 31, 32, 255, 256, 65_535, 65_536, 70_000])
def test_the_reader_agrees_on_every_length(size):
    for value in (b"x" * size, "x" * size, [1] * size, size):
        assert offline._unpack(encode(value)) == value


@pytest.mark.parametrize(
    "raw",
    [
        "",
        "cc7f",
        "cd00ff",
        "ce0000ffff",
        "cf00000000ffffffff",
        "c5000100",
        "c60000000100",
        "d90161",
        "da000161",
        "db0000000161",
        "dc000101",
        "dd0000000101",
        "ff",
        "80",
        "c402ff",
        "0101",
        "ddffffffff",
        "91" * 40 + "01",
    ],
)
def test_the_reader_refuses_what_the_encoder_never_writes(raw):
    with pytest.raises(offline.ProofRefused):
        offline._unpack(bytes.fromhex(raw))


# --- vectors, command line, and standing alone ------------------------------------

VECTORS = json.loads((Path(made.__file__).parent / "log" / "proof.json").read_text())


@pytest.mark.parametrize("vector", VECTORS["vectors"])
def test_vectors_name_their_outcome(vector):
    trust = (vector["keys"], vector["quorum"], vector["witnesses"])
    raw = base64.b64decode(vector["file"])
    if vector["expect"] == "proven":
        offline.verify(raw, trust, vector["now"])
    else:
        refused("", raw, trust, vector["now"])


def test_the_command_line_tells_and_refuses(tmp_path, capsys):
    file = tmp_path / "a.tlog-proof"
    file.write_bytes(RAW)
    known = [str(file), "--key", *LOG, "--quorum", *QUORUM, "--now", str(NOW)]
    assert offline.main([*known, "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == offline.verify(RAW, TRUST, NOW)
    assert offline.main(known) == 0
    assert "word: the word of 3 of 4 nodes" in capsys.readouterr().out
    assert offline.main([str(file), "--key", QUORUM[0], "--witness", *WITNESSES]) == 1
    assert "not of the log of the given key" in capsys.readouterr().err
    assert offline.main([str(tmp_path / "none"), "--key", *LOG]) == 1


def test_the_file_runs_alone(tmp_path):
    script, file = tmp_path / "offline.py", tmp_path / "a.tlog-proof"
    script.write_bytes(Path(offline.__file__).read_bytes())
    file.write_bytes(made.transaction_proof())
    command = [sys.executable, "-I", str(script), str(file), "--key", *LOG, "--json"]
    done = subprocess.run(command, capture_output=True, check=True, cwd=tmp_path)
    assert json.loads(done.stdout)["word"] == "the operator's word"


def test_nothing_of_careledger_is_imported():
    tree = ast.parse(Path(offline.__file__).read_text())
    names = [
        (node.module or "") if isinstance(node, ast.ImportFrom) else alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    ]
    outside = {name.split(".")[0] for name in names} - sys.stdlib_module_names
    assert outside == {"nacl", "cryptography"}
