"""The golden vectors: this implementation passes what a browser must pass."""

import json

import pytest

from careledger.errors import CareLedgerError
from careledger.primitives.encoding import decode, encode
from careledger.primitives.hashing import sha256
from careledger.sealing.binding import Binding
from careledger.sealing.cards import open_card, verify_card
from careledger.sealing.emergency import Share, join_shares, open_share
from careledger.sealing.envelope import SealedEntry, open_entry
from careledger.sealing.history import walk_history
from careledger.sealing.hpke import OpeningKey
from careledger.sealing.invitations import open_invitation, open_mailbox
from careledger.sealing.keyring import AllEpochs
from careledger.sealing.keys import commitment, entry_key
from careledger.sealing.manifest import open_manifest
from careledger.sealing.padding import unpad
from careledger.sealing.passphrase import unlock
from careledger.sealing.seeds import handle_keys, member_keys, recovery_keys, seed_of
from careledger.sealing.stream import open_stream
from careledger.sealing.wraps import Wrap, open_wrap
from tests.sealing.known import flipped
from tests.vectors.make_seal_vectors import HOME, make, written

ONCE = json.loads((HOME / "once.json").read_text())
FILES = {
    path.stem: json.loads(path.read_text())
    for path in sorted(HOME.glob("*.json"))
    if path.stem != "once"
}
CASES = [
    pytest.param(file["kind"], file["given"], case, id=f"{name}-{case['name']}")
    for name, file in FILES.items()
    for case in file["cases"]
]
raw = bytes.fromhex


def place(given):
    return Binding(given["chain_id"], raw(given["record"]), given["epoch"])


def key_case(given, name):
    seed, entry_id = raw(given["seed"]), raw(given["entry_id"])
    handle = handle_keys(seed, raw(given["device"]), given["index"])
    return {
        "entry-key": entry_key(seed, entry_id),
        "commitment": commitment(entry_id, entry_key(seed, entry_id)),
        "handle-ed25519": handle.signing.public,
        "handle-x-wing-sha256": sha256(handle.opening.public),
        "member-ed25519": member_keys(seed).signing.public,
        "recovery-ed25519": recovery_keys(seed, given["index"]).signing.public,
    }[name]


def open_entry_case(given, _name):
    fields = ("entry_id", "blob", "blob_hash", "commitment")
    return open_entry(raw(given["key"]), SealedEntry(*(raw(given[f]) for f in fields)))


def open_stream_case(given, _name):
    sealed = memoryview(raw(given["sealed"]))
    at = 0

    def read(size):
        nonlocal at
        at += size
        return bytes(sealed[at - size : at])

    return b"".join(open_stream(raw(given["key"]), read))


def open_wrap_case(given, _name):
    wrap = Wrap(raw(given["recipient"]), raw(given["sealed"]))
    key, handle = OpeningKey(raw(given["seed"])), raw(given["handle"])
    return encode(open_wrap(key, handle, wrap, place(given), raw(given["sender"])))


def open_history_case(given, _name):
    ring = decode(raw(given["ring"]), AllEpochs)
    histories = {int(epoch): raw(text) for epoch, text in given["histories"].items()}
    walked = walk_history(ring, place(given), histories)
    return b"".join(walked[epoch] for epoch in sorted(walked))


def open_card_case(given, _name):
    key, handle = OpeningKey(raw(given["seed"])), raw(given["handle"])
    card = open_card(key, raw(given["body"]), place(given), handle)
    verify_card(card, handle, raw(given["commitment"]))
    return encode(card)


def open_invitation_case(given, _name):
    mailbox = OpeningKey(raw(given["mailbox_seed"]))
    chain_id, person = given["chain_id"], OpeningKey(raw(given["seed"]))
    routed = open_mailbox([mailbox], chain_id, raw(given["body"]))
    return encode(open_invitation(person, raw(given["member"]), chain_id, routed))


def open_manifest_case(given, _name):
    bodies = [raw(body) for body in given["bodies"]]
    return encode(open_manifest(raw(given["key"]), place(given), bodies))


def join_shares_case(given, _name):
    key, handle, sender = (raw(given[n]) for n in ("seed", "handle", "sender"))
    first = open_share(
        OpeningKey(key), handle, raw(given["sealed"]), place(given), sender
    )
    other = given["second"]
    second = Share(other["number"], raw(other["value"]), first.check)
    return encode(join_shares([first, second]))


OPENERS = {
    "key": key_case,
    "words": lambda given, _: seed_of(given["words"]),
    "unpad": lambda given, _: unpad(raw(given["padded"])),
    "entry": open_entry_case,
    "stream": open_stream_case,
    "wrap": open_wrap_case,
    "history": open_history_case,
    "lock": lambda given, _: unlock(given["passphrase"], raw(given["locked"])),
    "card": open_card_case,
    "invitation": open_invitation_case,
    "manifest": open_manifest_case,
    "share": join_shares_case,
}


def arguments(given, case):
    """Return what the case hands over: exchanged, then flipped, then sliced."""
    given = given | case.get("with", {})
    if "flip" in case:
        name, bit = case["flip"]
        given[name] = flipped(raw(given[name]), bit).hex()
    if "slices" in case:
        name, slices = case["slices"]
        given[name] = "".join(given[name][2 * a : 2 * b] for a, b in slices)
    return given


@pytest.mark.parametrize(("kind", "given", "case"), CASES)
def test_the_vector_ends_as_it_says(kind, given, case):
    opener, given = OPENERS[kind], arguments(given, case)
    if case["expect"] == "ok":
        opened = opener(given, case["name"])
        if "result_sha256" in case:
            opened, case = sha256(opened), {"result": case["result_sha256"]}
        assert opened.hex() == case["result"]
        return
    with pytest.raises(CareLedgerError) as raised:
        opener(given, case["name"])
    assert raised.value.code == f"sealing.{case['expect']}"


def test_the_files_are_what_the_script_makes():
    committed = {path.name: path.read_text() for path in HOME.glob("*.json")}
    assert written(make(dict(ONCE))) == committed


def test_a_new_set_can_be_made():
    assert written(make({})).keys() == written(make(dict(ONCE))).keys()
