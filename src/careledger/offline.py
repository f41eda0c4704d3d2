"""Verify a proof file offline, with nothing but this one file.

It imports PyNaCl and nothing of CareLedger: whoever doubts CareLedger can read all
of it and need not run CareLedger to check what it says. So it has its own reading
of every format, its own Merkle check, and its own error (`ProofRefused` is no
`CareLedgerError`). `cryptography` is loaded only to check an ML-DSA cosignature.

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
_HASH, _SALT, _SIGNATURE, _LEVELS, _SIBLINGS, _ZERO = 32, 16, 64, 5, 15, bytes(32)
_PLACES = range(_SIBLINGS)


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
        raw: the file.
        trust: three lists of vkeys that the reader trusts. Of the log, named by its
            origin: one must have signed. Of all nodes in force (one name is one
            node), or none: > 2/3 must have signed. Of witnesses, who run no node.
        now: in seconds since 1970.

    Returns:
        `kind` (`transaction` or `state`) and what is proven, bytes in hexadecimal;
        `origin`, `size`, `root` of the checkpoint; `word`, `nodes`, `witnesses`:
        whose word it is; `checkpoint_time` as more than 2/3 of the nodes state it
        (without nodes: the log, else a witness) and `age`, both in seconds or None.

    Raises:
        ProofRefused: anything at all is wrong.
    """
    extra, index, path, note = _read_proof(raw)
    log = _read_checkpoint(note)
    leaf, fact = _read_fact(_unpack(extra))
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


def _judge(
    log: _Checkpoint, keys: list[_Key], quorum: list[_Key], outside: list[_Key]
) -> dict[str, Any]:
    _check_trust(log, keys, quorum, outside)
    own, nodes, seen = (_signed(log, group) for group in (keys, quorum, outside))
    total = len({key.name for key in quorum})
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
    try:
        head, _, note = raw.decode().partition("\n\n")
    except UnicodeDecodeError:
        raise ProofRefused("the file is not text") from None
    match [line.split(" ") for line in head.split("\n")]:
        case [["c2sp.org/tlog-proof@v1"], ["extra", extra], ["index", index], *rest]:
            path = [_base64(" ".join(line), _HASH) for line in rest]
            return _base64(extra), _decimal(index), path, note
    raise ProofRefused("the file is not a proof of a CareLedger fact")


def _read_checkpoint(note: str) -> _Checkpoint:
    text, _, signatures = note.partition("\n\n")
    *lines, end = signatures.split("\n")
    blobs = {}
    for line in lines:
        dash, name, encoded = (*line.split(" ", 2), "", "")[:3]
        blob = _base64(encoded)
        if dash != "—" or not name.isprintable() or (name, blob[:4]) in blobs:
            raise ProofRefused("a signature line is malformed or there twice")
        blobs[name, blob[:4]] = blob[4:]
    match text.split("\n"):
        case [origin, size, root] if origin.isprintable() and not end:
            number, value = _decimal(size), _base64(root, _HASH)
            return _Checkpoint(origin, number, value, f"{text}\n", blobs)
    raise ProofRefused("the checkpoint is not well formed")


def _read_key(vkey: str) -> _Key:
    name, key_id, encoded = (*vkey.split("+", 2), "", "")[:3]
    kind, public = (material := _base64(encoded))[0], material[1:]
    key = _Key(name, kind, public, _sha(f"{name}\n".encode() + material)[:4])
    sized = _KEY_SIZES.get(kind) == len(public) and len(name.encode()) <= _MAX_NAME
    if not sized or key_id != key.key_id.hex():
        raise ProofRefused("a given verifier key is not well formed")
    return key


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


def _read_fact(extra: Any) -> tuple[bytes, dict[str, Any]]:
    match extra:
        case [1, bytes(leaf)]:
            match _unpack(leaf):
                case [1, bytes(core), [*signatures], str(code)]:
                    return leaf, {"code": code} | _transaction(core, signatures)
        case [0, bytes(leaf), bytes(state)]:
            match _unpack(leaf):
                case [0, int(height), int(when), bytes(root)]:
                    block = {"height": height, "time": when, "state_root": root.hex()}
                    return leaf, block | _state(root, _unpack(state))
    raise ProofRefused("the file does not say what it proves")


def _transaction(core: bytes, signatures: list[Any]) -> dict[str, Any]:
    match _unpack(core):
        case [bytes(chain), int(until), bytes(), [_, *_] as signers, [*_], [*_]] if len(
            signers
        ) == len(signatures):
            tx_id = _sha(core)
            for key, signature in zip(signers, signatures, strict=True):
                _ed25519(key, b"careledger/tx/v1" + tx_id, signature)
            by = [key.hex() for key in signers]
            fact = {"kind": "transaction", "tx_id": tx_id.hex(), "signers": by}
            return fact | {"chain": chain.hex(), "valid_until": until}
    raise ProofRefused("the transaction has not one signature for each signer")


def _state(root: bytes, proof: Any) -> dict[str, Any]:
    match proof:
        case ["state-proof/v1", bytes(key), value, salt, [*pairs], [*levels]] if (
            len(levels) == _LEVELS
        ):
            hashed, table = _sha(key), [_hashes(pair, 2) for pair in pairs]
            if _state_root(hashed, table, levels) != root:
                raise ProofRefused("the state proof is not of this block's state")
            _check_entry(hashed, table, value, salt)
            found = None if value is None else value.hex()
            return {"kind": "state", "key": key.hex(), "value": found}
    raise ProofRefused("the state proof is malformed")


def _check_entry(hashed: bytes, table: list[Any], value: Any, salt: Any) -> None:
    found = [leaf for place, leaf in table if place == hashed]
    match value, salt:
        case (None, None) if not found:
            return
        case bytes(), bytes() if len(salt) == _SALT:
            if found == [_sha(b"\0" + salt + hashed + value)]:
                return
    raise ProofRefused("the state does not hold what is claimed")


def _state_root(hashed: bytes, table: list[Any], levels: list[Any]) -> bytes:
    node = _sha(b"\1" + b"".join(map(b"".join, table))) if table else _ZERO
    number = int.from_bytes(hashed[:3], "big") >> 4
    for level in levels:
        match level:
            case [int(present), hashes] if present >> _SIBLINGS == 0:
                rest = _hashes(hashes, present.bit_count())
            case _:
                raise ProofRefused("a level of the state proof is malformed")
        children = [rest.pop(0) if present >> at & 1 else _ZERO for at in _PLACES]
        if children.count(_ZERO) != _SIBLINGS - present.bit_count():
            raise ProofRefused("a state proof spells out an empty place")
        children.insert(number % 16, node)
        node = _sha(b"\2" + b"".join(children)) if any(map(any, children)) else _ZERO
        number >>= 4
    return node


def _hashes(values: Any, count: int) -> list[bytes]:
    listed: list[Any] = values if isinstance(values, list) else [None]
    if [isinstance(one, bytes) and len(one) for one in listed] != [_HASH] * count:
        raise ProofRefused("the state proof has a malformed list of hashes")
    return listed


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


def _unpack(raw: bytes) -> Any:
    value = _item(stream := BytesIO(raw), 16)
    if stream.read(1):
        raise ProofRefused("bytes follow after a message")
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
        return data if kind == "bin" else data.decode(errors="replace")
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
        proven = verify(given.proof.read_bytes(), trust, given.now)
    except (ProofRefused, OSError) as error:
        sys.stderr.write(f"REFUSED: {error}\n")
        return 1
    lines = "".join(f"{name}: {value}\n" for name, value in proven.items())
    sys.stdout.write(f"{json.dumps(proven)}\n" if given.json else f"PROVEN\n{lines}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
