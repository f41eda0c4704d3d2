"""Write tests/vectors/log/*.json: fixed keys, so the same bytes at every run.

ML-DSA signatures differ at every signing, so a stored one is kept while it verifies.
Run from the repository's root: `PYTHONPATH=src python tests/vectors/make_log_vectors.py`.
"""

import base64
import json
import sys
from hashlib import sha256
from pathlib import Path

from careledger.errors import CareLedgerError
from careledger.ledger import log, proofs
from careledger.primitives import checkpoints, encoding
from careledger.primitives.mldsa import MlDsaKey
from careledger.primitives.notes import (
    ED25519,
    ED25519_COSIGNATURE,
    MLDSA44_COSIGNATURE,
    SignatureLine,
    VerifierKey,
    parse_note,
)
from careledger.primitives.signing import SigningKey

FOLDER = Path(__file__).parent / "log"
ORIGIN = "careledger.example/log"
NOW = 1_800_000_000
NODES = [f"node-{letter}.example" for letter in "abcd"]
WITNESS, POST_QUANTUM = "witness.example/w1", NODES[0]


def seed(name):
    return sha256(b"careledger test key " + name.encode()).digest()


def signing_key(name):
    return SigningKey(seed(name))


def vkey(name, kind):
    if kind == MLDSA44_COSIGNATURE:
        return str(VerifierKey(name, kind, MlDsaKey(seed(name)).public))
    return str(VerifierKey(name, kind, signing_key(name).public))


class Tiles(dict):
    def tile(self, level, index):
        return self[level, index]


def leaf_data(number):
    return b"leaf %d" % number


def grow(leaves):
    tiles = Tiles()
    changed, root = log.append(tiles, 0, [log.leaf_hash(leaf) for leaf in leaves])
    tiles.update(changed)
    return tiles, root


def cosignatures(checkpoint, names, at=NOW):
    return [
        checkpoints.cosign(checkpoint, name, signing_key(name), at + number)
        for number, name in enumerate(names)
    ]


def note_of(checkpoint, cosigners):
    own = checkpoints.sign_checkpoint(checkpoint, signing_key(ORIGIN))
    return checkpoints.format_checkpoint(
        checkpoint, [own, *cosignatures(checkpoint, cosigners)]
    )


def transaction_leaf(signatures=None, code="ok"):
    """A transaction of two signers, in the encoding of the ledger."""
    people = [signing_key("owner handle"), signing_key("practitioner handle")]
    actions = [["example", 0, [1, None, True, b"x" * 300, "text", 70_000]]]
    core = encoding.encode(
        [
            sha256(b"genesis").digest(),
            NOW * 1000,
            bytes(16),
            [person.public for person in people],
            actions,
            [sha256(b"body").digest()],
        ]
    )
    message = b"careledger/tx/v1" + sha256(core).digest()
    made = [person.sign(message) for person in people]
    chosen = made if signatures is None else signatures(made)
    return encoding.encode([1, core, chosen, code])


def state_hash(marker, *parts):
    return sha256(marker + b"".join(parts)).digest()


def state_of(entries):
    """Return root and prover of a small state: the rules of the state tree, naively.

    `entries` are key → (salt, value).
    """
    zero = bytes(32)
    buckets = {}
    for key, (salt, value) in entries.items():
        place = sha256(key).digest()
        leaf = state_hash(b"\0", salt, place, value)
        buckets.setdefault(int.from_bytes(place[:3], "big") >> 4, []).append(
            (place, leaf)
        )
    levels = [{n: state_hash(b"\1", *sum(sorted(b), ())) for n, b in buckets.items()}]
    for _ in range(5):
        below = levels[-1]
        levels.append(
            {
                n: state_hash(
                    b"\2", *(below.get(16 * n + at, zero) for at in range(16))
                )
                for n in {number >> 4 for number in below}
            }
        )

    def prove(key):
        number = int.from_bytes(sha256(key).digest()[:3], "big") >> 4
        salt, value = entries.get(key, (None, None))
        siblings, at = [], number
        for level in levels[:5]:
            others = [
                level.get(n, zero)
                for n in range(at - at % 16, at - at % 16 + 16)
                if n != at
            ]
            present = sum(1 << i for i, one in enumerate(others) if one != zero)
            siblings.append([present, [one for one in others if one != zero]])
            at >>= 4
        pairs = [list(pair) for pair in sorted(buckets.get(number, []))]
        return ["state-proof/v1", key, value, salt, pairs, siblings]

    return levels[5].get(0, zero), prove


KEYS = {b"\x01grant %d" % n: (bytes([n]) * 16, b"value %d" % n) for n in range(40)}


def block_leaf(state_root):
    return encoding.encode([0, 7, NOW * 1000, state_root])


def proof_file(leaf, proven, cosigners, index=2, size=9):
    leaves = [leaf_data(number) for number in range(size)]
    leaves[index] = leaf
    tiles, root = grow(leaves)
    checkpoint = checkpoints.Checkpoint(ORIGIN, size, root)
    path = tuple(log.prove_inclusion(tiles, index, size))
    note = note_of(checkpoint, cosigners)
    return proofs.format_proof(proofs.ProofFile(proven, index, path, note))


def transaction_proof(cosigners=(), leaf=None, **where):
    leaf = leaf or transaction_leaf()
    return proof_file(leaf, proofs.ProvenTransaction(leaf), cosigners, **where)


def state_proof(key, cosigners=(), change=lambda proof: proof, **where):
    root, prove = state_of(KEYS)
    leaf = block_leaf(root)
    state = encoding.encode(change(prove(key)))
    return proof_file(leaf, proofs.ProvenState(leaf, state), cosigners, **where)


def tree_vectors():
    """Inclusion and consistency, for every implementation of RFC 6962."""
    size = 300
    tiles, root = grow([leaf_data(number) for number in range(size)])
    for index in (0, 1, 127, 255, 256, 299):
        yield {
            "kind": "inclusion",
            "expect": "included",
            "leaf": leaf_data(index).hex(),
            "index": index,
            "size": size,
            "root": root.hex(),
            "proof": [one.hex() for one in log.prove_inclusion(tiles, index, size)],
        }
    for old in (1, 2, 7, 128, 255, 256, 257, 299):
        yield {
            "kind": "consistency",
            "expect": "consistent",
            "old": old,
            "old_root": log.root(tiles, old).hex(),
            "new": size,
            "new_root": root.hex(),
            "proof": [one.hex() for one in log.prove_consistency(tiles, old, size)],
        }


def refused_tree_vectors():
    for vector in tree_vectors():
        changed = [bytes(32).hex(), *vector["proof"][1:]]
        if vector["proof"] and vector.get("index", 1) in (1, 127, 299):
            yield vector | {"expect": f"not-{vector['expect']}", "proof": changed}


def checkpoint_vectors():
    _, root = grow([leaf_data(number) for number in range(300)])
    checkpoint = checkpoints.Checkpoint(ORIGIN, 300, root)
    note = note_of(checkpoint, [NODES[0], WITNESS]).decode()
    log_key = vkey(ORIGIN, ED25519)
    common = {"kind": "checkpoint", "size": 300, "root": root.hex()}
    yield common | {"expect": "signed", "note": note, "keys": [log_key]}
    stranger = vkey("stranger.example", ED25519)
    yield common | {"expect": "not-signed", "note": note, "keys": [stranger]}
    other = note.replace("\n300\n", "\n301\n")
    yield common | {"expect": "bad-signature", "note": other, "keys": [log_key]}


def _kept_line(path, checkpoint, key):
    """Return the stored ML-DSA line if it is still good for this checkpoint."""
    try:
        stored = json.loads(path.read_text())["vectors"][0]["note"].encode()
        line = parse_note(stored).signatures[0]
        checkpoints.open_checkpoint(
            checkpoints.format_checkpoint(checkpoint, [line]), [key]
        )
    except (OSError, ValueError, KeyError, CareLedgerError):
        return checkpoints.cosign_mldsa(
            checkpoint, key.name, MlDsaKey(seed(key.name)), NOW
        )
    return line


def mldsa_vectors():
    _, root = grow([leaf_data(number) for number in range(300)])
    checkpoint = checkpoints.Checkpoint(ORIGIN, 300, root)
    public = MlDsaKey(seed(POST_QUANTUM)).public
    key = VerifierKey(POST_QUANTUM, MLDSA44_COSIGNATURE, public)
    line = _kept_line(FOLDER / "mldsa.json", checkpoint, key)
    swapped = SignatureLine(line.name, line.key_id, bytes(8) + line.signature[8:])
    for expect, chosen in (("signed", line), ("bad-signature", swapped)):
        note = checkpoints.format_checkpoint(checkpoint, [chosen])
        yield {
            "kind": "cosignature",
            "expect": expect,
            "key": str(key),
            "note": note.decode(),
            "origin": ORIGIN,
            "size": 300,
            "root": root.hex(),
        }


def proof_vectors():
    trust = {
        "keys": [vkey(ORIGIN, ED25519)],
        "quorum": [vkey(name, ED25519_COSIGNATURE) for name in NODES],
        "witnesses": [vkey(WITNESS, ED25519_COSIGNATURE)],
        "now": NOW + 60,
    }
    three, two = NODES[:3], NODES[:2]
    alone = trust | {"quorum": [], "witnesses": []}
    cases = (
        ("proven", transaction_proof(three), trust),
        ("proven", transaction_proof([*three, WITNESS]), trust),
        ("proven", transaction_proof(), alone),
        ("proven", state_proof(b"\x01grant 3", three), trust),
        ("proven", state_proof(b"\x01grant 99", three), trust),
        ("refused", transaction_proof(two), trust),
        ("refused", transaction_proof(leaf=transaction_leaf(lambda s: s[::-1])), alone),
        ("refused", transaction_proof(), alone | {"keys": [vkey(WITNESS, ED25519)]}),
    )
    for expect, raw, trusted in cases:
        yield {
            "kind": "proof",
            "expect": expect,
            **trusted,
            "file": base64.b64encode(raw).decode(),
        }


FILES = {
    "tree": [*tree_vectors(), *refused_tree_vectors()],
    "checkpoint": [*checkpoint_vectors()],
    "mldsa": [*mldsa_vectors()],
    "proof": [*proof_vectors()],
}


def rendered(name):
    body = {"made_by": "tests/vectors/make_log_vectors.py", "vectors": FILES[name]}
    return json.dumps(body, indent=1) + "\n"


def main():
    FOLDER.mkdir(exist_ok=True)
    for name in FILES:
        (FOLDER / f"{name}.json").write_text(rendered(name))
    return 0


if __name__ == "__main__":
    sys.exit(main())
