"""Signed notes, checkpoints and cosignatures: hostile text never gets through."""

import base64
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from careledger.primitives import checkpoints, mldsa, notes
from careledger.primitives.checkpoints import Checkpoint, NotSigned
from careledger.primitives.notes import MalformedText, SignatureLine, VerifierKey
from careledger.primitives.signing import BadSignature, SigningKey, verify
from tests.vectors import make_log_vectors as made

FOLDER = Path(__file__).parent.parent / "vectors" / "log"
ORIGIN, NODE, NOW = made.ORIGIN, made.NODES[0], made.NOW
CHECKPOINT = Checkpoint(ORIGIN, 12, bytes(range(32)))
LOG, COSIGNER = SigningKey(bytes(32)), SigningKey(bytes([1]) * 32)
POST_QUANTUM = mldsa.MlDsaKey(bytes([2]) * 32)
KEYS = [
    VerifierKey(ORIGIN, notes.ED25519, LOG.public),
    VerifierKey(NODE, notes.ED25519_COSIGNATURE, COSIGNER.public),
    VerifierKey(NODE, notes.MLDSA44_COSIGNATURE, POST_QUANTUM.public),
]
LINES = [
    checkpoints.sign_checkpoint(CHECKPOINT, LOG),
    checkpoints.cosign(CHECKPOINT, NODE, COSIGNER, NOW),
    checkpoints.cosign_mldsa(CHECKPOINT, NODE, POST_QUANTUM, NOW + 1),
]
NOTE = checkpoints.format_checkpoint(CHECKPOINT, LINES)

# A key and a note of the specification of golang.org/x/mod/sumdb/note.
SPEC_VKEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
SPEC_NOTE = (
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n"
    "\n"
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXg"
    "KvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)


def test_every_signature_is_found_good():
    checkpoint, signed = checkpoints.open_checkpoint(NOTE, KEYS)
    assert checkpoint == CHECKPOINT
    assert signed == [(KEYS[0], 0), (KEYS[1], NOW), (KEYS[2], NOW + 1)]


def test_a_published_note_of_another_implementation_is_read():
    key, note = notes.parse_vkey(SPEC_VKEY), notes.parse_note(SPEC_NOTE.encode())
    assert note.signatures[0].key_id == key.key_id
    verify(key.public, note.text.encode(), note.signatures[0].signature)
    assert notes.format_note(note) == SPEC_NOTE.encode()


@pytest.mark.parametrize("key", KEYS)
def test_a_vkey_reads_back(key):
    assert notes.parse_vkey(str(key)) == key


@pytest.mark.parametrize(
    "text",
    [
        "",
        "name",
        SPEC_VKEY.replace("c74f20a3", "c74f20a4"),
        SPEC_VKEY.replace("c74f20a3", "C74F20A3"),
        SPEC_VKEY.replace("Peter", "Mary"),
        SPEC_VKEY[:-4],
        SPEC_VKEY + "\n",
        str(VerifierKey("na me", 1, bytes(32))),
        str(VerifierKey("na\u00a0me", 1, bytes(32))),
        str(VerifierKey("", 1, bytes(32))),
        str(VerifierKey("name", 2, bytes(32))),
        str(VerifierKey("name", 6, bytes(32))),
        str(VerifierKey("name", 1, bytes(31))),
        SPEC_VKEY.replace("Neumann", "\udcff"),
    ],
)
def test_a_malformed_vkey_is_refused(text):
    with pytest.raises(MalformedText):
        notes.parse_vkey(text)


LINE = "— a AAAAAAE=\n"


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\xff\n\n" + LINE.encode(),
        b"text\n\n",
        f"text\n{LINE}".encode(),
        f"text\n\n{LINE}"[:-1].encode(),
        f"\n\n{LINE}".encode(),
        f"te\rxt\n\n{LINE}".encode(),
        f"te\0xt\n\n{LINE}".encode(),
        f"text\n\n{LINE}{LINE}".encode(),
        f"text\n\n{LINE}\n".encode(),
        f"text\n\n{LINE}- b AAAAAAE=\n".encode(),
        "text\n\n— AAAAAAE=\n".encode(),
        "text\n\n— a+b AAAAAAE=\n".encode(),
        "text\n\n— a\u2003b AAAAAAE=\n".encode(),
        "text\n\n— a AAAAAA==\n".encode(),
        "text\n\n— a AAAAAAE=\u00e9\n".encode(),
        "text\n\n— a AAAAAAF=\n".encode(),
        "text\n\n— a AAAA AAE=\n".encode(),
        "text\n\n— a \n".encode(),
        b"x" * notes.MAX_NOTE + f"\n\n{LINE}".encode(),
    ],
)
def test_a_malformed_note_is_refused(raw):
    with pytest.raises(MalformedText):
        notes.parse_note(raw)


def test_a_note_has_at_most_100_signatures():
    lines = "".join(f"— n{number} AAAAAAE=\n" for number in range(100))
    assert len(notes.parse_note(f"text\n\n{lines}".encode()).signatures) == 100
    with pytest.raises(MalformedText):
        notes.parse_note(f"text\n\n{lines}— more AAAAAAE=\n".encode())


def test_the_text_ends_at_the_last_empty_line():
    note = notes.parse_note(f"one\n\n— two\n\n{LINE}".encode())
    assert note.text == "one\n\n— two\n"


@given(st.binary(max_size=200) | st.text().map(lambda t: f"{t}\n\n{LINE}".encode()))
def test_whatever_is_read_as_a_note_has_one_spelling(raw):
    try:
        note = notes.parse_note(raw)
    except MalformedText:
        return
    assert notes.format_note(note) == raw


@pytest.mark.parametrize(
    "text",
    [
        "",
        CHECKPOINT.text[:-1],
        CHECKPOINT.text + "extension\n",
        CHECKPOINT.text.replace(ORIGIN, ""),
        CHECKPOINT.text.replace("\n12\n", "\n012\n"),
        CHECKPOINT.text.replace("\n12\n", "\n-12\n"),
        CHECKPOINT.text.replace("\n12\n", "\n١٢\n"),
        CHECKPOINT.text.replace("\n12\n", "\n\n"),
        CHECKPOINT.text.replace("\n12\n", "\n" + "1" * 17 + "\n"),
        f"{ORIGIN}\n12\n{base64.b64encode(bytes(31)).decode()}\n",
    ],
)
def test_a_malformed_checkpoint_is_refused(text):
    with pytest.raises(MalformedText):
        checkpoints.parse_checkpoint(text)


def test_unknown_keys_are_ignored_but_somebody_must_be_known():
    _, signed = checkpoints.open_checkpoint(NOTE, KEYS[1:2])
    assert [key for key, _ in signed] == KEYS[1:2]
    stranger = VerifierKey("stranger.example", 1, COSIGNER.public)
    with pytest.raises(NotSigned):
        checkpoints.open_checkpoint(NOTE, [stranger])
    with pytest.raises(NotSigned):
        checkpoints.open_checkpoint(NOTE, [])


@pytest.mark.parametrize("number", range(3))
@pytest.mark.parametrize("at", [0, 7, 8, -1])
def test_a_wrong_signature_of_a_known_key_refuses_the_whole_note(number, at):
    line = LINES[number]
    changed = bytearray(line.signature)
    changed[at] ^= 1
    lines = [*LINES]
    lines[number] = SignatureLine(line.name, line.key_id, bytes(changed))
    note = checkpoints.format_checkpoint(CHECKPOINT, lines)
    with pytest.raises(BadSignature):
        checkpoints.open_checkpoint(note, KEYS)


@pytest.mark.parametrize("number", range(3))
def test_a_cut_signature_is_refused(number):
    line = LINES[number]
    for cut in (1, 8, 63, len(line.signature) - 1):
        short = SignatureLine(line.name, line.key_id, line.signature[:cut])
        note = checkpoints.format_checkpoint(CHECKPOINT, [short])
        with pytest.raises(BadSignature):
            checkpoints.open_checkpoint(note, KEYS)


@pytest.mark.parametrize(
    "other",
    [
        Checkpoint("another.example", 12, CHECKPOINT.root),
        Checkpoint(ORIGIN, 13, CHECKPOINT.root),
        Checkpoint(ORIGIN, 12, bytes(32)),
    ],
)
@pytest.mark.parametrize("number", range(3))
def test_a_signature_is_of_one_checkpoint_only(other, number):
    note = checkpoints.format_checkpoint(other, [LINES[number]])
    with pytest.raises(BadSignature):
        checkpoints.open_checkpoint(note, KEYS)


def test_a_timestamp_beyond_the_range_is_refused():
    late = checkpoints.cosign(CHECKPOINT, NODE, COSIGNER, 2**63)
    note = checkpoints.format_checkpoint(CHECKPOINT, [late])
    with pytest.raises(BadSignature):
        checkpoints.open_checkpoint(note, KEYS)


@pytest.mark.parametrize("name", ["", "n" * 256, "é" * 128])
def test_an_mldsa_cosigner_has_a_name_of_1_to_255_bytes(name):
    with pytest.raises(MalformedText):
        checkpoints.cosign_mldsa(CHECKPOINT, name, POST_QUANTUM, NOW)


def test_the_mldsa_message_is_the_published_structure():
    line = checkpoints.cosign_mldsa(CHECKPOINT, "n", POST_QUANTUM, 5)
    message = (
        b"subtree/v1\n\0"
        b"\x01n"
        + (5).to_bytes(8, "big")
        + bytes([len(ORIGIN)])
        + ORIGIN.encode()
        + bytes(8)
        + (12).to_bytes(8, "big")
        + CHECKPOINT.root
    )
    assert line.signature[:8] == (5).to_bytes(8, "big")
    mldsa.verify(POST_QUANTUM.public, message, line.signature[8:])
    with pytest.raises(BadSignature):
        mldsa.verify(bytes(31), message, line.signature[8:])


def test_the_ed25519_message_is_the_published_text():
    line = checkpoints.cosign(CHECKPOINT, NODE, COSIGNER, NOW)
    text = f"cosignature/v1\ntime {NOW}\n{CHECKPOINT.text}"
    assert line.signature == NOW.to_bytes(8, "big") + COSIGNER.sign(text.encode())


@pytest.mark.parametrize("name", sorted(made.FILES))
def test_the_stored_vectors_are_those_of_the_generator(name):
    assert (FOLDER / f"{name}.json").read_text() == made.rendered(name)


OUTCOMES = {"signed": None, "not-signed": NotSigned, "bad-signature": BadSignature}


@pytest.mark.parametrize("name", ["checkpoint", "mldsa"])
def test_vectors_name_their_outcome(name):
    for vector in json.loads((FOLDER / f"{name}.json").read_text())["vectors"]:
        keys = [notes.parse_vkey(k) for k in vector.get("keys") or [vector["key"]]]
        error = OUTCOMES[vector["expect"]]
        if error:
            with pytest.raises(error):
                checkpoints.open_checkpoint(vector["note"].encode(), keys)
        else:
            checkpoints.open_checkpoint(vector["note"].encode(), keys)
