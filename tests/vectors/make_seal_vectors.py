"""Golden vectors of sealing, for every implementation to pass.

    python -m tests.vectors.make_seal_vectors

Each file of `tests/vectors/seal/` has one kind of call, the arguments that its
cases share (`given`) and the cases. A case may exchange arguments (`with`), flip
one bit of one (`flip`), or put one together from slices of itself (`slices`), in
this order. It ends as `expect` says: `ok` with `result`, or the error whose code
is `sealing.` and that word. Bytes are hexadecimal; `result` is the content, or the
canonical encoding of the message. What follows from fixed keys is computed anew.
HPKE draws its own randomness, and another zstd may compress better: what they make
is made once and kept in `once.json`.
"""

import hashlib
import json
import sys
from pathlib import Path

import zstandard

from careledger.primitives.encoding import encode
from careledger.primitives.hashing import sha256
from careledger.sealing.aead import seal_with
from careledger.sealing.binding import Binding
from careledger.sealing.cards import IdentityCard, endorsement_commitment, seal_card
from careledger.sealing.emergency import Reader, seal_shares
from careledger.sealing.envelope import ENTRY_LIMIT, seal_entry
from careledger.sealing.history import first_epoch, next_epoch
from careledger.sealing.hpke import OpeningKey, bound_info
from careledger.sealing.invitations import Addressee, Invitation, seal_invitation
from careledger.sealing.keyring import (
    from_now_on,
    single_entries,
)
from careledger.sealing.keys import commitment, derive, entry_key
from careledger.sealing.manifest import ManifestLine, Reference, seal_manifest
from careledger.sealing.padding import pad, pad_to
from careledger.sealing.passphrase import FLOOR, MARKER, lock
from careledger.sealing.seeds import handle_keys, member_keys, recovery_keys, words_of
from careledger.sealing.shamir import split
from careledger.sealing.stream import seal_stream
from careledger.sealing.wraps import wrap_keyring

HOME = Path(__file__).parent / "seal"
CHAIN, EPOCH = "vectors-1", 3
RECORD, ENTRY = bytes(range(32)), bytes(range(16))
PLACE = Binding(CHAIN, RECORD, EPOCH)
SEED = bytes(range(100, 132))
ALICE, BOB = handle_keys(SEED, b"phone", 0), handle_keys(SEED, b"phone", 1)
ALICE_SEED = derive(
    derive(SEED, b"careledger/handle/v1", b"phone", bytes(8)), b"careledger/x-wing/v1"
)
OTHER_SEED = bytes(range(200, 232))
SENDER = BOB.signing.public


def chance(name):
    """Return a source of chance that is the same in every run."""
    calls = iter(range(1000))
    return lambda size: hashlib.shake_256(
        b"%s %d" % (name.encode(), next(calls))
    ).digest(size)


def case(name, expect="ok", result=None, **how):
    """Return one case; `how` is `exchange`, `flip` or `slices`."""
    if "exchange" in how:
        how["with"] = how.pop("exchange")
    return (
        {"name": name, "expect": expect}
        | how
        | ({} if result is None else {"result": result.hex()})
    )


def place(**changes):
    """Return the arguments that bind to a place."""
    return {"chain_id": CHAIN, "record": RECORD.hex(), "epoch": EPOCH} | changes


def keys():
    return {
        "kind": "key",
        "given": {
            "seed": SEED.hex(),
            "device": b"phone".hex(),
            "index": 0,
            "entry_id": ENTRY.hex(),
        },
        "cases": [
            case("entry-key", result=entry_key(SEED, ENTRY)),
            case("commitment", result=commitment(ENTRY, entry_key(SEED, ENTRY))),
            case("handle-ed25519", result=ALICE.signing.public),
            case("handle-x-wing-sha256", result=sha256(ALICE.opening.public)),
            case("member-ed25519", result=member_keys(SEED).signing.public),
            case("recovery-ed25519", result=recovery_keys(SEED, 0).signing.public),
        ],
    }


def words():
    right = words_of(SEED)
    return {
        "kind": "words",
        "given": {"words": right},
        "cases": [
            case("opens", result=SEED),
            case("upper_case", result=SEED, exchange={"words": right.upper()}),
            case(
                "swapped_words",
                "wrong-words",
                exchange={"words": " ".join(reversed(right.split()))},
            ),
            case(
                "twelve_words",
                "wrong-words",
                exchange={"words": "abandon " * 11 + "about"},
            ),
        ],
    }


def paddings():
    return {
        "kind": "unpad",
        "given": {"padded": pad(b"careledger").hex()},
        "cases": [
            case("opens", result=b"careledger"),
            case("empty", result=b"", exchange={"padded": pad(b"").hex()}),
            case("no_end_mark", "tampered", exchange={"padded": bytes(9).hex()}),
            case(
                "too_long",
                "tampered",
                exchange={"padded": (pad(b"a") + bytes(9)).hex()},
            ),
        ],
    }


def wraps(kept):
    ring = first_epoch(EPOCH, chance("ring"))
    rings = {
        "all_epochs": ring,
        "from_now_on": from_now_on(ring),
        "single_entries": single_entries({0: ring.epoch_key}, [(0, ENTRY)]),
    }
    sealed = {
        name: kept(
            f"wrap_{name}",
            lambda r=r: (
                wrap_keyring(
                    r, PLACE, SENDER, ALICE.signing.public, ALICE.opening.public
                ).sealed
            ),
        )
        for name, r in rings.items()
    }
    return {
        "kind": "wrap",
        "given": place(
            seed=ALICE_SEED.hex(),
            handle=ALICE.signing.public.hex(),
            sender=SENDER.hex(),
            recipient=ALICE.signing.public.hex(),
            sealed=sealed["all_epochs"],
        ),
        "cases": [
            *(
                case(name, result=encode(r), exchange={"sealed": sealed[name]})
                for name, r in rings.items()
            ),
            case(
                "wrong_recipient", "not-a-recipient", exchange={"handle": SENDER.hex()}
            ),
            case("wrong_key", "tampered", exchange={"seed": OTHER_SEED.hex()}),
            case("other_chain", "tampered", exchange={"chain_id": "vectors-2"}),
            case("other_record", "tampered", exchange={"record": bytes(32).hex()}),
            case("other_epoch", "tampered", exchange={"epoch": EPOCH + 1}),
            case("other_sender", "tampered", exchange={"sender": bytes(32).hex()}),
            case("changed_encapsulation", "tampered", flip=["sealed", 8]),
            case("changed_ciphertext", "tampered", flip=["sealed", 8 * 1130]),
            case("cut", "tampered", slices=["sealed", [[0, 1200]]]),
        ],
    }


def entries(kept):
    key = b"k" * 32
    resource = b'{"resourceType":"Patient","id":"example"}'
    sealed = seal_entry(key, resource, chance("entry"))
    one, large = entry_key(key, sealed.entry_id), bytes(ENTRY_LIMIT + 1)

    def crafted(size, content, **options):
        frame = zstandard.ZstdCompressor(**options).compress(content)
        padded = pad(size.to_bytes(4, "big") + frame)
        marker = b"careledger/entry/v1"
        bound = bound_info(marker, sealed.entry_id)
        return seal_with(derive(one, marker), bound, padded, chance("crafted"))

    def other(name, make_blob):
        blob = kept(name, make_blob)
        return {"blob": blob, "blob_hash": sha256(bytes.fromhex(blob)).hex()}

    return {
        "kind": "entry",
        "given": {
            "key": one.hex(),
            "entry_id": sealed.entry_id.hex(),
            **other("entry", lambda: sealed.blob),
            "commitment": sealed.commitment.hex(),
        },
        "cases": [
            case("opens", result=resource),
            case("changed", "tampered", flip=["blob", 100]),
            case("wrong_key", "tampered", exchange={"key": key.hex()}),
            case("wrong_id", "tampered", exchange={"entry_id": ENTRY.hex()}),
            case(
                "wrong_commitment", "tampered", exchange={"commitment": bytes(32).hex()}
            ),
            case(
                "bomb", "tampered", exchange=other("bomb", lambda: crafted(10, large))
            ),
            case(
                "large_bomb",
                "tampered",
                exchange=other("large_bomb", lambda: crafted(len(large), large)),
            ),
            case(
                "undeclared_size",
                "tampered",
                exchange=other(
                    "undeclared_size",
                    lambda: crafted(3, b"abc", write_content_size=False),
                ),
            ),
        ],
    }


def streams():
    key = b"k" * 32

    def sealed(content):
        pieces = iter([content[i : i + 65536] for i in range(0, len(content), 65536)])
        return b"".join(
            seal_stream(
                key, len(content), lambda _: next(pieces, b""), chance("stream")
            )
        )

    long = sealed(bytes(65536 + 1))
    first, second = [56, 56 + 65552], [56 + 65552, len(long)]
    return {
        "kind": "stream",
        "given": {"key": key.hex(), "sealed": long.hex()},
        "cases": [
            case("opens", result_sha256=sha256(bytes(65537)).hex()),
            case("short", result=b"short", exchange={"sealed": sealed(b"short").hex()}),
            case("empty", result=b"", exchange={"sealed": sealed(b"").hex()}),
            case("wrong_key", "tampered", exchange={"key": bytes(32).hex()}),
            case("changed_salt", "tampered", flip=["sealed", 0]),
            case("changed_size", "tampered", flip=["sealed", 8 * 39]),
            case("changed_end", "tampered", flip=["sealed", 8 * (len(long) - 1)]),
            case("last_chunk_missing", "tampered", slices=["sealed", [[0, 56], first]]),
            case(
                "chunks_exchanged",
                "tampered",
                slices=["sealed", [[0, 56], second, first]],
            ),
            case(
                "chunk_repeated",
                "tampered",
                slices=["sealed", [[0, 56], first, first, second]],
            ),
            case("byte_added", "tampered", slices=["sealed", [[0, len(long)], [0, 1]]]),
        ],
    }


def histories():
    rings, sealed = [first_epoch(0, chance("epoch 0"))], {}
    for epoch in (1, 2, 3):
        new = next_epoch(
            rings[-1], Binding(CHAIN, RECORD, epoch), draw=chance(f"epoch {epoch}")
        )
        rings.append(new.ring)
        sealed[str(epoch)] = new.history.hex()
    mixed = sealed | {"2": sealed["1"]}
    return {
        "kind": "history",
        "given": place(ring=encode(rings[-1]).hex(), histories=sealed),
        "cases": [
            case("all_epoch_keys", result=b"".join(ring.epoch_key for ring in rings)),
            case("other_record", "tampered", exchange={"record": bytes(32).hex()}),
            case("exchanged", "tampered", exchange={"histories": mixed}),
        ],
    }


def locks():
    locked = lock("correct horse", SEED, cost=FLOOR, draw=chance("lock"))
    body = locked[len(MARKER) : -32]
    weak = MARKER + body.replace(encode(FLOOR.memory), encode(8 * 1024), 1)
    wrong = MARKER + body[:-1] + bytes([body[-1] ^ 1])
    return {
        "kind": "lock",
        "given": {"passphrase": "correct horse", "locked": locked.hex()},
        "cases": [
            case("opens", result=SEED),
            case(
                "wrong_passphrase",
                "wrong-passphrase",
                exchange={"passphrase": "wrong horse"},
            ),
            case("changed", "damaged-lock", flip=["locked", 300]),
            case(
                "forged",
                "wrong-passphrase",
                exchange={"locked": (wrong + sha256(wrong)).hex()},
            ),
            case(
                "downgraded",
                "weak-lock",
                exchange={"locked": (weak + sha256(weak)).hex()},
            ),
        ],
    }


def cards(kept):
    card = IdentityCard(
        "Dr Ada", b"member-17", "North Hospital", "practitioner", b"s" * 32
    )
    body = kept("card", lambda: seal_card(card, PLACE, SENDER, ALICE.opening.public))
    right = endorsement_commitment(card.member, SENDER, card.salt)
    return {
        "kind": "card",
        "given": place(
            seed=ALICE_SEED.hex(),
            handle=SENDER.hex(),
            body=body,
            commitment=right.hex(),
        ),
        "cases": [
            case("opens", result=encode(card)),
            case(
                "unverified",
                "unverified-card",
                exchange={"commitment": bytes(32).hex()},
            ),
            case(
                "wrong_recipient",
                "not-a-recipient",
                exchange={"seed": OTHER_SEED.hex()},
            ),
            case(
                "other_handle", "not-a-recipient", exchange={"handle": bytes(32).hex()}
            ),
        ],
    }


def invitations(kept):
    ring = first_epoch(EPOCH, chance("ring"))
    invitation = Invitation(
        RECORD, EPOCH, b"i" * 32, SENDER, ring, None, "for your opinion"
    )
    mailbox = OpeningKey(OTHER_SEED)
    to = Addressee(b"member-17", ALICE.opening.public, mailbox.public)
    return {
        "kind": "invitation",
        "given": {
            "chain_id": CHAIN,
            "mailbox_seed": OTHER_SEED.hex(),
            "seed": ALICE_SEED.hex(),
            "member": b"member-17".hex(),
            "body": kept("invitation", lambda: seal_invitation(invitation, CHAIN, to)),
        },
        "cases": [
            case("opens", result=encode(invitation)),
            case(
                "wrong_mailbox",
                "not-a-recipient",
                exchange={"mailbox_seed": ALICE_SEED.hex()},
            ),
            case(
                "wrong_member",
                "not-a-recipient",
                exchange={"member": b"member-18".hex()},
            ),
            case("wrong_person_key", "tampered", exchange={"seed": OTHER_SEED.hex()}),
            case("other_chain", "not-a-recipient", exchange={"chain_id": "vectors-2"}),
        ],
    }


def manifests():
    line = ManifestLine(
        ENTRY,
        "Observation",
        "Blood pressure",
        sha256(b"x"),
        1,
        (Reference("Patient/1", ENTRY),),
    )
    key = b"k" * 32
    (body,) = seal_manifest(key, PLACE, [line], chance("manifest"))
    return {
        "kind": "manifest",
        "given": place(key=key.hex(), bodies=[body.hex()]),
        "cases": [
            case("opens", result=encode((line,))),
            case("wrong_key", "tampered", exchange={"key": bytes(32).hex()}),
            case("other_epoch", "tampered", exchange={"epoch": EPOCH + 1}),
            case("repeated", "tampered", exchange={"bodies": [body.hex(), body.hex()]}),
        ],
    }


def shares(kept):
    ring = first_epoch(EPOCH, chance("ring"))
    secret = pad_to(encode(ring), 128)
    values = split(secret, 2, 3, chance("split"))
    agents = [Reader(ALICE.signing.public, ALICE.opening.public)] * 3
    sealed = kept(
        "share", lambda: seal_shares(ring, PLACE, SENDER, agents, chance("split"))[0]
    )
    return {
        "kind": "share",
        "given": place(
            seed=ALICE_SEED.hex(),
            handle=ALICE.signing.public.hex(),
            sender=SENDER.hex(),
            sealed=sealed,
            second={"number": 3, "value": values[3].hex()},
        ),
        "cases": [
            case("joins", result=encode(ring)),
            case(
                "wrong_recipient",
                "not-a-recipient",
                exchange={"seed": OTHER_SEED.hex()},
            ),
            case(
                "false_share",
                "wrong-shares",
                exchange={"second": {"number": 3, "value": values[2].hex()}},
            ),
            case(
                "same_share",
                "wrong-shares",
                exchange={"second": {"number": 1, "value": values[1].hex()}},
            ),
        ],
    }


def make(once):
    """Return all files by name; `once` keeps what HPKE sealed."""

    def kept(name, seal):
        if name not in once:
            once[name] = seal().hex()
        return once[name]

    return {
        "card": cards(kept),
        "entry": entries(kept),
        "history": histories(),
        "invitation": invitations(kept),
        "keys": keys(),
        "lock": locks(),
        "manifest": manifests(),
        "padding": paddings(),
        "share": shares(kept),
        "stream": streams(),
        "words": words(),
        "wrap": wraps(kept),
        "once": once,
    }


def written(vectors):
    """Return the text of each file."""
    return {
        f"{name}.json": json.dumps(content, indent=1, sort_keys=True) + "\n"
        for name, content in vectors.items()
    }


def main():
    """Write all files."""
    path = HOME / "once.json"
    once = json.loads(path.read_text()) if path.exists() else {}
    for name, text in written(make(once)).items():
        (HOME / name).write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
