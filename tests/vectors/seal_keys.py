"""Golden vectors of keys: derived, spelt, wrapped, linked and locked."""

from careledger.primitives.encoding import encode
from careledger.primitives.hashing import sha256
from careledger.sealing.binding import Binding
from careledger.sealing.history import first_epoch, next_epoch
from careledger.sealing.keyring import from_now_on, single_entries
from careledger.sealing.keys import commitment, entry_key
from careledger.sealing.passphrase import FLOOR, MARKER, lock
from careledger.sealing.seeds import member_keys, recovery_keys, words_of
from careledger.sealing.wraps import wrap_keyring
from tests.vectors.seal_cases import (
    ALICE,
    ALICE_SEED,
    CHAIN,
    ENTRY,
    EPOCH,
    OTHER_SEED,
    PLACE,
    RECORD,
    SEED,
    SENDER,
    case,
    chance,
    place,
)


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
