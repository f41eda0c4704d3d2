"""Whom a reader of proofs trusts: the verifier keys of a network, as a text file.

# comment
log NAME+HEX+BASE64        the network's log: one of these must have signed
node NAME+HEX+BASE64       every node in force: more than 2/3 must have signed
witness NAME+HEX+BASE64    outsiders who run no node
"""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Final, NamedTuple

from careledger.client.files import read_file
from careledger.client.offices import Offices
from careledger.client.problems import HalfWritten, NoSuchOffice
from careledger.ledger.genesis import Genesis
from careledger.primitives.checkpoints import (
    Checkpoint,
    cosign,
    cosign_mldsa,
    format_checkpoint,
    sign_checkpoint,
)
from careledger.primitives.notes import (
    ED25519,
    ED25519_COSIGNATURE,
    MLDSA44_COSIGNATURE,
    MalformedText,
    VerifierKey,
    parse_vkey,
)

_FIRST_LINE: Final = "# whose signatures count for proofs of this network\n"


class Trust(NamedTuple):
    """Verifier keys by what they are for, as `careledger.offline` takes them."""

    log: tuple[str, ...]
    node: tuple[str, ...]
    witness: tuple[str, ...]


def format_trust(trust: Trust) -> bytes:
    """Return the bytes of a file of trusted keys: what `parse_trust` reads."""
    lines = [
        f"{kind} {vkey}\n" for kind in Trust._fields for vkey in getattr(trust, kind)
    ]
    return "".join([_FIRST_LINE, *lines]).encode()


def parse_trust(raw: bytes, name: str) -> Trust:
    """Return the keys in a file.

    Args:
        raw: the file.
        name: what to call it in an error.

    Raises:
        HalfWritten: a line that is no key; `detail` names it.
    """
    found: dict[str, list[str]] = {kind: [] for kind in Trust._fields}
    for number, line in enumerate(raw.decode(errors="replace").splitlines(), 1):
        kind, _, vkey = line.partition(" ")
        if not line or line.startswith("#"):
            continue
        try:
            found[kind].append(str(parse_vkey(vkey)))
        except (KeyError, MalformedText):
            raise HalfWritten(f"{name}, line {number}") from None
    return Trust(*map(tuple, found.values()))


def read_log_key(path: Path) -> VerifierKey:
    """Return the log's key that a file of trusted keys names first.

    Raises:
        CannotRead, HalfWritten: there is none.
    """
    trust = parse_trust(read_file(path), str(path))
    if not trust.log:
        raise HalfWritten(str(path))
    return parse_vkey(trust.log[0])


def own_trust(origin: str, node_name: str, offices: Offices) -> Trust:
    """Return the keys of a network whose one node this home runs."""
    node, ml_dsa = offices.node().public, offices.node_ml_dsa().public
    return Trust(
        log=(str(VerifierKey(origin, ED25519, node)),),
        node=(
            str(VerifierKey(node_name, ED25519_COSIGNATURE, node)),
            str(VerifierKey(node_name, MLDSA44_COSIGNATURE, ml_dsa)),
        ),
        witness=(),
    )


def checkpoint_signer(
    network: Genesis, offices: Offices
) -> Callable[[int, bytes], bytes]:
    """Return what signs (size, root) of the log as this home's node, in every way.

    Raises:
        NoSuchOffice: this home's node is none of the network's.
    """
    own = offices.node().public
    names = [node.name for node in network.nodes if node.key == own]
    if not names:
        raise NoSuchOffice("node")

    def sign(size: int, root: bytes) -> bytes:
        checkpoint = Checkpoint(network.name, size, root)
        return signed_checkpoint(checkpoint, names[0], offices, int(time.time()))

    return sign


def signed_checkpoint(
    checkpoint: Checkpoint, node_name: str, offices: Offices, seconds: int
) -> bytes:
    """Return the note of a checkpoint, signed by this home's node in every way.

    The caller must have kept it where it cannot forget it (`Engine.checkpoint`).
    """
    return format_checkpoint(
        checkpoint,
        (
            sign_checkpoint(checkpoint, offices.node()),
            cosign(checkpoint, node_name, offices.node(), seconds),
            cosign_mldsa(checkpoint, node_name, offices.node_ml_dsa(), seconds),
        ),
    )
