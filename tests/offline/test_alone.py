"""Standing alone: the own Merkle check and reader, the vectors, the command line."""

import ast
import base64
import json
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from careledger import offline
from careledger.ledger import log
from careledger.ledger.log import NotIncluded
from careledger.primitives.encoding import encode
from tests.offline.known import (
    ABSENT,
    LOG,
    NODES,
    NOW,
    PRESENT,
    QUORUM,
    RAW,
    TRUST,
    WITNESSES,
    refused,
)
from tests.vectors import make_log_vectors as made

# --- the two Merkle checks, and the reader of MessagePack -------------------------


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


ANYTHING = [None, *((kind, 0, 2**64) for kind in (int, bytes, str, list))]


def unpacked(raw):
    return offline._unpack(raw, "message", *ANYTHING)


@given(VALUES)
def test_the_reader_agrees_with_the_encoder(value):
    assert unpacked(encode(value)) == value


@pytest.mark.parametrize("size", [0, 31, 32, 255, 256, 65_535, 65_536, 70_000])
def test_the_reader_agrees_on_every_length(size):
    for value in (b"x" * size, "x" * size, [1] * size, size):
        assert unpacked(encode(value)) == value


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
        "a1ff",
        "80",
        "c402ff",
        "0101",
        "ddffffffff",
        "91" * 40 + "01",
    ],
)
def test_the_reader_refuses_what_the_encoder_never_writes(raw):
    with pytest.raises(offline.ProofRefused):
        unpacked(bytes.fromhex(raw))


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
    said = json.loads(capsys.readouterr().out)
    assert said.pop("proves") == "transaction"
    assert said == offline.verify(RAW, TRUST, NOW)
    assert offline.main(known) == 0
    assert "word: the word of 3 of 4 nodes" in capsys.readouterr().out
    assert offline.main([str(file), "--key", QUORUM[0], "--witness", *WITNESSES]) == 1
    assert "not of the log of the given key" in capsys.readouterr().err
    assert offline.main([str(tmp_path / "none"), "--key", *LOG]) == 1


@pytest.mark.parametrize(
    ("raw", "what"),
    [
        (RAW, "transaction"),
        (made.state_proof(PRESENT, NODES[:3]), "presence"),
        (made.state_proof(ABSENT, NODES[:3]), "absence"),
    ],
    ids=["transaction", "presence", "absence"],
)
def test_the_first_line_says_what_is_proven(tmp_path, capsys, raw, what):
    file = tmp_path / "a.tlog-proof"
    file.write_bytes(raw)
    assert offline.main([str(file), "--key", *LOG]) == 0
    first, *rest = capsys.readouterr().out.splitlines()
    assert first == f"PROVEN: {what}"
    assert not [line for line in rest if line.endswith(": None")]


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
