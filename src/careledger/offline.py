"""Verify a proof file offline, with nothing but this one file.

It imports PyNaCl and nothing of CareLedger: whoever doubts CareLedger can read all of
it and run nothing else. So it has its own reading of every format, its own Merkle
check, its own error. `cryptography` is loaded only to check an ML-DSA cosignature.

    python offline.py PROOF --key VKEY [--quorum VKEY …] [--witness VKEY …] [--json]

A verdict tells *whose word* it is and *how old*. That the log shows everybody the
same thing is not in it: for that, ask for outside witnesses.
"""

import argparse
import base64
import hashlib
import json
import sys
import time
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from typing import Any, NamedTuple

import nacl.bindings
import nacl.exceptions

_LOG, _COSIGNED, _ML_DSA = 1, 4, 6  # signature types of C2SP signed-note
_KEY_SIZES = {_LOG: 32, _COSIGNED: 32, _ML_DSA: 1312}
_MAX_DIGITS, _MAX_NAME, _MAX_STAMP = 16, 255, 2**63 - 1
_CLOCK_SKEW = 300  # seconds that the nodes' clocks may be ahead of the reader's
_MAX_FILE, _MAX_LINES = 1 << 20, 100  # bytes of a file, signatures under it
_HASH, _SALT, _SIGNATURE, _LEVELS, _SIBLINGS, _ZERO = 32, 16, 64, 5, 15, bytes(32)


class ProofRefused(Exception):
    """The one error: believe nothing in the file. Its text is the reason."""


class _Key(NamedTuple):
    name: str
    kind: int
    public: bytes
    key_id: bytes


class _Checkpoint(NamedTuple):
    origin: str
    size: int
    root: bytes
    text: str
    blobs: dict[tuple[str, bytes], bytes]


def verify(raw: bytes, trust: Sequence[Sequence[str]], now: int) -> dict[str, Any]:
    """Check a whole proof file and return what it proves, ready for JSON.

    Args:
        raw: the file, 1 MiB at most.
        trust: three lists of vkeys that the reader trusts. Of the log, named by its
            origin: one must have signed. Of all nodes in force (one name is one
            node), or none: > 2/3 must have signed. Of witnesses, who run no node.
        now: in seconds since 1970.

    Returns:
        `kind` and what is proven, bytes in hexadecimal, times in ms; `origin`, `size`,
        `root` of the checkpoint; `word`, `nodes`, `witnesses`: whose word it is; `age`
        and `checkpoint_time`, in s, as > 2/3 of the nodes state it (else: a witness).

    Raises:
        ProofRefused: anything at all is wrong.
    """
    extra, index, path, note = _read_proof(raw)
    log = _read_checkpoint(note)
    leaf, fact = _read_fact(extra)
    top = _climb(_sha(b"\0" + leaf), index, log.size, path)
    if index >= log.size or top != log.root:
        raise ProofRefused("the leaf is not in the log of this checkpoint")
    judged = _judge(log, *([_read_key(vkey) for vkey in group] for group in trust))
    when = judged["checkpoint_time"]
    if when is not None and when > now + _CLOCK_SKEW:
        raise ProofRefused("the checkpoint is dated after the given time")
    at = {"origin": log.origin, "size": log.size, "root": log.root.hex()}
    age = None if when is None else max(0, now - when)
    return {**fact, "index": index, **at, **judged, "age": age}


def _sha(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


# --- whose word: C2SP signed-note, tlog-checkpoint, tlog-cosignature --------------
def _judge(log: _Checkpoint, *trust: list[_Key]) -> dict[str, Any]:
    _check_trust(log, *trust)
    own, nodes, seen = (_signed(log, group) for group in trust)
    total = len({key.name for key in trust[1]})
    if not own:
        raise ProofRefused("no given key of the log has signed this checkpoint")
    if total and 3 * len(nodes) <= 2 * total:
        raise ProofRefused(f"only {len(nodes)} of {total} nodes signed")
    word = "the operator's word"
    if total > 1:
        word = f"the word of {len(nodes)} of {total} nodes, more than 2/3"
    if seen:
        word += ", cosigned by the outside witness " + ", ".join(sorted(seen))
    # The time that more than 2/3 reach: a few nodes cannot make it look newer.
    stated = sorted(nodes.values(), reverse=True)[2 * total // 3 :]
    when = stated[0] if total else max(own.values()) or max(seen.values(), default=0)
    who = {"word": word, "nodes": sorted(nodes), "witnesses": sorted(seen)}
    return who | {"checkpoint_time": when or None}


def _check_trust(
    log: _Checkpoint, keys: list[_Key], quorum: list[_Key], outside: list[_Key]
) -> None:
    if {key.name for key in keys} != {log.origin}:
        raise ProofRefused("the checkpoint is not of the log of the given key")
    owners = {(key.public, key.name) for key in quorum}
    if len({public for public, _ in owners}) != len(owners):
        raise ProofRefused("one of the given keys is listed as two nodes")
    inside = [value for key in keys + quorum for value in (key.name, key.public)]
    if any(key.name in inside or key.public in inside for key in outside):
        raise ProofRefused("a given witness is also the log or a node")


def _signed(log: _Checkpoint, keys: list[_Key]) -> dict[str, int]:
    """Return who of `keys` signed, and the newest time stated (0: none)."""
    stamps: dict[str, int] = {}
    for key in keys:
        if blob := log.blobs.get((key.name, key.key_id)):
            stamp = _check_signature(log, key, blob)
            stamps[key.name] = max(stamp, stamps.get(key.name, 0))
    return stamps


def _check_signature(log: _Checkpoint, key: _Key, blob: bytes) -> int:
    if key.kind == _LOG:
        _ed25519(key.public, log.text.encode(), blob)
        return 0
    stamp = int.from_bytes(blob[:8], "big")
    if key.kind == _COSIGNED:
        text = f"cosignature/v1\ntime {stamp}\n{log.text}"
        _ed25519(key.public, text.encode(), blob[8:])
    else:
        name, origin = key.name.encode(), log.origin.encode()
        message = b"subtree/v1\n\0%c%b%b%c" % (len(name), name, blob[:8], len(origin))
        message += origin + bytes(8) + log.size.to_bytes(8, "big") + log.root
        _ml_dsa(key.public, message, blob[8:])
    if stamp > _MAX_STAMP:
        raise ProofRefused("a cosignature has no possible time")
    return stamp


def _ed25519(public: Any, message: bytes, signature: Any) -> None:
    try:  # as one string: a longer signature would bring words of its own
        signed = signature + message if len(signature) == _SIGNATURE else b""
        nacl.bindings.crypto_sign_open(signed, public)
    except (nacl.exceptions.CryptoError, ValueError, TypeError):
        raise ProofRefused("an Ed25519 signature is wrong") from None


def _ml_dsa(public: bytes, message: bytes, signature: bytes) -> None:
    # Here, so that a reader without ML-DSA keys need not install the library.
    from cryptography import exceptions  # noqa: PLC0415
    from cryptography.hazmat.primitives.asymmetric import mldsa  # noqa: PLC0415

    try:
        mldsa.MLDSA44PublicKey.from_public_bytes(public).verify(signature, message)
    except exceptions.InvalidSignature:
        raise ProofRefused("an ML-DSA-44 signature is wrong") from None


# --- text: one meaning, one spelling ----------------------------------------------
def _read_proof(raw: bytes) -> tuple[bytes, int, list[bytes], str]:
    text = raw[:_MAX_FILE].decode(errors="ignore")
    if text.encode() != raw:
        raise ProofRefused("the file is not text of at most 1 MiB")
    head, _, note = text.partition("\n\n")
    match [line.split(" ") for line in head.split("\n")]:
        case [["c2sp.org/tlog-proof@v1"], ["extra", extra], ["index", index], *rest]:
            path = [_base64(" ".join(line), _HASH) for line in rest]
            return _base64(extra), _decimal(index), path, note
    raise ProofRefused("the file is not a proof of a CareLedger fact")


def _read_checkpoint(note: str) -> _Checkpoint:
    text, _, signatures = note.partition("\n\n")
    *lines, end = signatures.split("\n")
    if len(lines) > _MAX_LINES or sum(map(" ".__gt__, note)) > note.count("\n"):
        raise ProofRefused("the checkpoint has control characters or > 100 signatures")
    blobs = {}
    for line in lines:
        dash, name, encoded = (*line.split(" ", 2), "", "")[:3]
        blob = _base64(encoded)
        well_formed = dash == "—" and _is_name(name) and len(blob) > len(blob[:4])
        if not well_formed or (name, blob[:4]) in blobs:
            raise ProofRefused("a signature line is malformed or there twice")
        blobs[name, blob[:4]] = blob[4:]
    match text.split("\n"):
        case [origin, size, root] if origin and not end:
            number, value = _decimal(size), _base64(root, _HASH)
            return _Checkpoint(origin, number, value, f"{text}\n", blobs)
    raise ProofRefused("the checkpoint is not well formed")


def _read_key(vkey: str) -> _Key:
    name, key_id, encoded = (*vkey.split("+", 2), "", "")[:3]
    kind, public = (material := _base64(encoded))[0], material[1:]
    key_hash = _sha(name.encode(errors="replace") + b"\n" + material)
    key = _Key(name, kind, public, key_hash[:4])
    sized = _KEY_SIZES.get(kind) == len(public) and _is_name(name, _MAX_NAME)
    if not sized or key_id != key.key_id.hex():
        raise ProofRefused("a given verifier key is not well formed")
    return key


def _is_name(text: str, most: int = _MAX_FILE) -> bool:
    # What was not UTF-8 on a command line is a surrogate, which has no encoding.
    raw = text.encode(errors="replace")
    return "+" not in text and text.split() == [raw.decode()] and len(raw) <= most


def _base64(text: str, size: int = 0) -> bytes:
    try:
        data = base64.b64decode(text, validate=True)
    except ValueError:
        data = b""
    spelled = base64.b64encode(data).decode() == text
    if not data or not spelled or size not in (0, len(data)):
        raise ProofRefused("a value is not in strict base64 of the right length")
    return data


def _decimal(text: str) -> int:
    plain = text.isascii() and text.isdecimal() and len(text) <= _MAX_DIGITS
    if not plain or str(int(text)) != text:
        raise ProofRefused("a number is not a plain decimal")
    return int(text)


# --- facts ------------------------------------------------------------------------
# (type, least, most) of a number or a length, and a list's items; [kinds]: a message.
_NUMBER, _DIGEST, _RAW = (int, 0, 2**53 - 1), (bytes, _HASH, _HASH), (bytes, 0, 1 << 17)
_SIGNED = (list, 1, 8, (bytes, _SIGNATURE, _SIGNATURE))
_LEAF, _BLOCK = [1, _RAW, _SIGNED, (str, 1, 64)], [0, _NUMBER, _NUMBER, _DIGEST]
_BY, _ACTIONS = (list, 1, 8, _DIGEST), (list, 1, 64, (list, 1, 64))
_CORE = [_DIGEST, _NUMBER, (bytes, 16, 16), _BY, _ACTIONS, (list, 0, 16, _DIGEST)]
_LEVEL = [(int, 0, 2**_SIBLINGS - 1), (list, 0, _SIBLINGS, _DIGEST)]
_KEY, _FILE = ["state-proof/v1", (bytes, 0, 1024)], (bytes, 0, _MAX_FILE)
_WAY = [(list, 0, 1 << 16, [_DIGEST] * 2), (list, _LEVELS, _LEVELS, _LEVEL)]
_ABSENT = [*_KEY, None, None, *_WAY]
_PRESENT = [*_KEY, _RAW, (bytes, _SALT, _SALT), *_WAY]


def _fits(value: Any, kind: Any) -> bool:
    match kind:
        case list():
            whole = isinstance(value, list) and len(value) == len(kind)
            return whole and all(map(_fits, value, kind))
        case (of, least, most, *inside) if type(value) is of:
            within = least <= (value if of is int else len(value)) <= most
            return within and (not inside or all(_fits(i, *inside) for i in value))
    return bool(value == kind)


def _read_fact(extra: bytes) -> tuple[bytes, dict[str, Any]]:
    tag, leaf, *state = _unpack(extra, "extra line", [0, _FILE, _FILE], [1, _FILE])
    if tag:
        _, core, signatures, code = _unpack(leaf, "transaction", _LEAF)
        return leaf, {"code": code} | _transaction(core, signatures, code)
    _, height, when, root = _unpack(leaf, "block", _BLOCK)
    block = {"height": height, "time": when, "state_root": root.hex()}
    return leaf, block | _state(root, *state)


def _transaction(core: bytes, signatures: list[bytes], code: str) -> dict[str, Any]:
    chain, until, _, signers, _, _ = _unpack(core, "transaction", _CORE)
    if not (code.isascii() and code.isprintable()):
        raise ProofRefused("the code of the transaction is not printable")
    if not len(signers) == len(signatures) == len({*signers}):
        raise ProofRefused("the transaction has not one signature for each signer")
    tx_id = _sha(core)
    for key, signature in zip(signers, signatures, strict=True):
        _ed25519(key, b"careledger/tx/v1" + tx_id, signature)
    who = {"signers": [key.hex() for key in signers], "chain": chain.hex()}
    return {"kind": "transaction", "tx_id": tx_id.hex(), **who, "valid_until": until}


def _state(root: bytes, proof: bytes) -> dict[str, Any]:
    held = _unpack(proof, "state proof", _ABSENT, _PRESENT)
    _, key, value, salt, table, levels = held
    if _state_root(hashed := _sha(key), table, levels) != root:
        raise ProofRefused("the state proof is not of this block's state")
    claimed = None if value is None else _sha(b"\0" + salt + hashed + value)
    if dict(table).get(hashed) != claimed:
        raise ProofRefused("the state does not hold what is claimed")
    found = None if value is None else value.hex()
    return {"kind": "state", "key": key.hex(), "value": found}


def _state_root(hashed: bytes, table: list[Any], levels: list[Any]) -> bytes:
    if sorted(dict(table).items()) != [*map(tuple, table)]:
        raise ProofRefused("the state proof has a bucket that is not in order")
    node = _sha(b"\1" + b"".join(map(b"".join, table))) if table else _ZERO
    number = int.from_bytes(hashed[:3], "big") >> 4
    for present, hashes in levels:
        if present.bit_count() != len(hashes) or _ZERO in hashes:
            raise ProofRefused("a level of the state proof is not what it says")
        rest = iter(hashes)
        children = [next(rest) if present >> i & 1 else _ZERO for i in range(_SIBLINGS)]
        children.insert(number % 16, node)
        node = _sha(b"\2" + b"".join(children)) if any(map(any, children)) else _ZERO
        number >>= 4
    return node


def _climb(leaf: bytes, index: int, size: int, path: list[bytes]) -> bytes:
    """Return the root of a log of `size`, by the recursion of RFC 6962 §2.1.1."""
    if size == 1 or not path:
        return leaf if size == 1 and not path else b""
    left = 1 << (size - 1).bit_length() - 1
    if index < left:
        return _sha(b"\1" + _climb(leaf, index, left, path[:-1]) + path[-1])
    return _sha(b"\1" + path[-1] + _climb(leaf, index - left, size - left, path[:-1]))


# --- MessagePack: the canonical subset that the ledger uses -----------------------
_SMALL: dict[int, tuple[str, Any]] = {head: ("value", head) for head in range(0x80)}
_SMALL |= {0x90 + count: ("array", count) for count in range(0x10)}
_SMALL |= {0xA0 + count: ("str", count) for count in range(0x20)}
_SMALL |= {0xC0: ("value", None), 0xC2: ("value", ...), 0xC3: ("value", ...)}
_SIZED = {  # head byte → kind, bytes of the number, the least that needs this head
    head + at: (kind, 1 << at, 256 ** (1 << at >> 1) if at else least)
    for kind, head, least in (("bin", 0xC4, 0), ("value", 0xCC, 128), ("str", 0xD9, 32))
    for at in range(4 if kind == "value" else 3)
}
_SIZED |= {0xDC: ("array", 2, 0x10), 0xDD: ("array", 4, 1 << 16)}


def _unpack(raw: bytes, name: str, *kinds: Any) -> Any:
    value = _item(stream := BytesIO(raw), 16)
    if stream.read(1) or not any(_fits(value, kind) for kind in kinds):
        raise ProofRefused(f"the {name} is malformed")
    return value


def _item(stream: BytesIO, depth: int) -> Any:
    head = _cut(stream, 1)[0]
    kind, number = _SMALL.get(head, ("", 0))
    if head in _SIZED:
        kind, width, least = _SIZED[head]
        number = int.from_bytes(_cut(stream, width), "big")
        kind = kind if number >= least else ""
    if kind == "array" and depth:
        return [_item(stream, depth - 1) for _ in range(number)]
    if kind == "value":  # booleans are `...`: none but actions hold any
        return number
    if kind in ("bin", "str"):
        data = _cut(stream, number)
        if kind == "bin" or data.decode(errors="ignore").encode() == data:
            return data if kind == "bin" else data.decode()
    raise ProofRefused("a message is not canonical")


def _cut(stream: BytesIO, count: int) -> bytes:
    data = stream.read(count)
    if len(data) != count:
        raise ProofRefused("a message is cut short")
    return data


# --- command line -----------------------------------------------------------------
def main(arguments: Sequence[str] | None = None) -> int:
    """Verify the file that the command line names; return 0, or 1 if refused."""
    parser = argparse.ArgumentParser(description="Verify a CareLedger proof file.")
    parser.add_argument("proof", type=Path, metavar="PROOF")
    many: dict[str, Any] = {"nargs": "+", "action": "extend", "metavar": "VKEY"}
    parser.add_argument("--key", required=True, help="verifier keys of the log", **many)
    parser.add_argument("--quorum", default=[], help="of all nodes in force", **many)
    parser.add_argument("--witness", default=[], help="of outside witnesses", **many)
    parser.add_argument("--now", type=int, default=int(time.time()), metavar="SECONDS")
    parser.add_argument("--json", action="store_true", help="answer in JSON")
    given = parser.parse_args(arguments)
    try:
        trust = (given.key, given.quorum, given.witness)
        with given.proof.open("rb") as file:  # who sends 1 GB gets 1 MiB of it read
            proven = verify(file.read(_MAX_FILE + 1), trust, given.now)
    except (ProofRefused, OSError) as error:
        sys.stderr.write(f"REFUSED: {error}\n")
        return 1
    what = "transaction" if proven.get("code") == "ok" else "refused transaction"
    if proven["kind"] == "state":
        what = "absence" if proven["value"] is None else "presence"
    facts = "".join(f"{k}: {v}\n" for k, v in proven.items() if v is not None)
    told = json.dumps({"proves": what, **proven}) if given.json else ""
    sys.stdout.write(f"{told}\n" if told else f"PROVEN: {what}\n{facts}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
