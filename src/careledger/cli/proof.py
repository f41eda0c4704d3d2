"""`careledger proof …`: facts of the ledger that anyone can check offline."""

import time
from pathlib import Path
from typing import Annotated, Any

import typer

from careledger import offline
from careledger.cli.commands import command
from careledger.cli.house.beside import Questions
from careledger.cli.house.ledger import open_ledger
from careledger.cli.network import SIMULATED_PREFIX, TRUST
from careledger.cli.output import table
from careledger.cli.parsing import check_free, moment, parse_key
from careledger.cli.problems import NotAStateKey, NotFound, ProofDoubtful
from careledger.cli.session import Session
from careledger.client.files import read_file, write_file
from careledger.client.offices import stated_key
from careledger.client.problems import CannotRead, HalfWritten
from careledger.client.trust import parse_trust
from careledger.ledger.blocks import TransactionLeaf
from careledger.ledger.proofs import (
    ProofFile,
    Proven,
    ProvenState,
    ProvenTransaction,
    format_proof,
)
from careledger.ledger.state_proofs import StateProof
from careledger.primitives.checkpoints import parse_checkpoint
from careledger.primitives.encoding import decode, encode
from careledger.primitives.notes import MAX_NOTE, parse_note

_IN_SECONDS = ("checkpoint_time", "age")
_WRITTEN = "The proof is written."
_LONGEST_KEY = 1024
"""Bytes of the longest key that a state proof may name (docs/spec.md)."""

_ABSENT = (
    "A proof of absence is written: the state has nothing at this key. Was it meant"
    " to? docs/spec.md lists the keys."
)


_NAME_KEYS = (
    "There is no home with the network's keys: name them with --keys FILE. The file"
    " is network.keys in every home of the network; get it from somebody you trust."
)
_NO_LOG_KEY = "It names no key of the log: get it from somebody you trust."


def add_to(app: typer.Typer) -> None:
    """Add the commands."""

    @command(app, "make")
    def make(
        session: Session,
        file: Annotated[Path, typer.Argument(help="Where to write the proof.")],
        transaction: Annotated[
            str, typer.Option(help="Identifier of the transaction to prove.")
        ] = "",
        state: Annotated[
            str, typer.Option(help="State key to prove, in hexadecimal.")
        ] = "",
    ) -> None:
        """Write a proof of a transaction, or of what the state has at a key."""
        if bool(transaction) == bool(state):
            raise typer.BadParameter("give either --transaction or --state")
        check_free(file)
        home = session.home()
        stated_key(home.config.keys.node, "node")
        with open_ledger(session, home) as ledger:
            proven, position = (
                prove_transaction(ledger.query, parse_key(transaction))
                if transaction
                else prove_state(ledger.query, _state_key(state))
            )
            raw = proof_file(ledger.query, ledger.checkpoint(), proven, position)
        write_file(file, raw)
        proves = what_it_proves(proven)
        facts = {
            "file": str(file),
            "position": position,
            "bytes": len(raw),
            "proves": proves,
        }
        line = _ABSENT if proves == "absence" else _WRITTEN
        session.out.answer(facts, line, *table(facts))

    @command(app, "verify")
    def verify(
        session: Session,
        file: Annotated[Path, typer.Argument(help="The proof.")],
        keys: Annotated[
            Path | None,
            typer.Option(help="Trusted keys; default: network.keys of this home."),
        ] = None,
    ) -> None:
        """Check a proof offline: needs no ledger, only the network's keys."""
        path = keys or _own_keys(session)
        facts = verify_proof(read_file(file, MAX_NOTE), read_file(path), str(path))
        session.out.simulated = facts["origin"].startswith(SIMULATED_PREFIX)
        word = facts.pop("word")
        found = facts["value" if facts["kind"] == "state" else "code"]
        shown = {"proves": _named(facts["kind"], found), **facts}
        line = f"Proven: {_said(shown)}; this is {word}."
        session.out.answer({**shown, "word": word}, line, *table(shown))


def _own_keys(session: Session) -> Path:
    """Return where this home keeps the keys that it trusts.

    Raises:
        CannotRead: there is no such file, so it takes --keys.
    """
    path = session.path / TRUST
    if not path.exists():
        raise CannotRead(str(path), _NAME_KEYS)
    return path


def what_it_proves(proven: Proven) -> str:
    """Return `absence`, `presence`, `refused transaction` or `transaction`."""
    if isinstance(proven, ProvenTransaction):
        return _named("transaction", decode(proven.leaf, TransactionLeaf).code)
    return _named("state", decode(proven.state, StateProof).value)


def _named(kind: str, found: object) -> str:
    """Name what is proven by its kind and the code, or the value, that was found."""
    if kind == "state":
        return "absence" if found is None else "presence"
    return "transaction" if found == "ok" else "refused transaction"


def _said(facts: dict[str, Any]) -> str:
    """Return the fact in words: a first line is all that some people read."""
    match facts["proves"]:
        case "absence":
            return f"nothing was at this key {_as_of(facts)}"
        case "presence":
            return f"this key held the value below {_as_of(facts)}"
        case "refused transaction":
            return f"the transaction was refused ({facts['code']})"
        case _:
            return "the transaction was carried out"


def _as_of(facts: dict[str, Any]) -> str:
    # Later blocks may have changed it: an old proof stays a good one.
    return f"at block {facts['height']}, {moment(facts['time'])}"


def verify_proof(raw: bytes, trust: bytes, name: str) -> dict[str, Any]:
    """Return what a proof file proves; every time, and the age, in milliseconds.

    Raises:
        ProofDoubtful: nothing; `detail` says why.
        HalfWritten: the file of trusted keys is not well formed, or has none.
    """
    trusted = parse_trust(trust, name)
    if not trusted.log:
        raise HalfWritten(name, _NO_LOG_KEY)
    try:
        found = offline.verify(raw, trusted, int(time.time()))
    except offline.ProofRefused as error:
        raise ProofDoubtful(str(error)) from None
    return {**found, **{one: _millis(found[one]) for one in _IN_SECONDS}}


def _millis(seconds: int | None) -> int | None:
    return None if seconds is None else seconds * 1000


def prove_transaction(query: Questions, tx_id: bytes) -> tuple[Proven, int]:
    """Return a transaction's leaf and its position.

    Raises:
        NotFound: the ledger has no such transaction.
    """
    receipt = query.receipt(tx_id)
    if receipt is None:
        raise NotFound
    return ProvenTransaction(query.leaf(receipt.position)), receipt.position


def prove_state(query: Questions, key: bytes) -> tuple[Proven, int]:
    """Return what the state has at `key`, under the last block's leaf."""
    proof, head = query.prove_state(key)
    position = head.size - 1
    return ProvenState(query.leaf(position), encode(proof)), position


def proof_file(query: Questions, note: bytes, proven: Proven, position: int) -> bytes:
    """Return a proof file under `note`, a checkpoint that covers the position."""
    size = parse_checkpoint(parse_note(note).text).size
    path = tuple(query.prove_leaf(position, size))
    return format_proof(ProofFile(proven, position, path, note))


def _state_key(text: str) -> bytes:
    """Return the state key that somebody typed.

    Raises:
        NotAStateKey: it is none, or longer than any.
    """
    try:
        key = bytes.fromhex(text)
    except ValueError:
        raise NotAStateKey from None
    if not 0 < len(key) <= _LONGEST_KEY:
        raise NotAStateKey
    return key
