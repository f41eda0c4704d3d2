"""Adding entries: seal, store with a custodian, commit. In this order.

A crash after storing leaves blobs that the vault drops after a day; nothing is
acknowledged that is not on disk and on the ledger.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from careledger.client.current import sealing_key
from careledger.client.part import Part
from careledger.client.session_problems import NoCustodian, NotAResource
from careledger.ledger.actions.base import Signature
from careledger.ledger.actions.records import Append, NewEntry
from careledger.node.answers import SeatAnswer
from careledger.node.questions import Deposit, Store
from careledger.primitives.hashing import sha256
from careledger.sealing.envelope import SealedEntry, seal_entry
from careledger.sealing.manifest import ManifestLine, seal_manifest
from careledger.vault.problems import NotKept

_LONGEST_TYPE: Final = 64


@dataclass(frozen=True, slots=True)
class NewResource:
    """A FHIR resource to be added.

    Attributes:
        content: its exact bytes: JSON (FHIR R4).
        label: for a list on a screen, sealed; at most 200 characters.
        supersedes: the entry that this one corrects, or empty.
    """

    content: bytes
    label: str = ""
    supersedes: bytes = b""


def append(part: Part, resources: Sequence[NewResource]) -> list[bytes]:
    """Add resources in one transaction; return their entry ids.

    Raises:
        NotAResource: no FHIR resource in JSON.
        NotHeld, WrapDoesNotOpen, Tampered: the current key is not there.
        BadEvidence, OlderThanSeen: the node does not prove which epoch is current.
        NoCustodian: no vault took the blobs.
        StaleEpoch: somebody left: the keys must be rotated first (`rotate`).
        NotPermitted: this handle may not write.
    """
    types = [resource_type(one.content) for one in resources]
    seat = part.seat()
    epoch, key = sealing_key(part)
    sealed = [seal_entry(key, one.content) for one in resources]
    custodian, stored = store(part, seat, sealed)
    lines = [
        ManifestLine(
            new.entry_id, kind, one.label, sha256(one.content), len(one.content)
        )
        for new, kind, one in zip(sealed, types, resources, strict=True)
    ]
    binding = part.line.binding(part.record, epoch)
    entries = tuple(
        NewEntry(new.entry_id, new.blob_hash, new.commitment, one.supersedes)
        for new, one in zip(sealed, resources, strict=True)
    )
    action = Append(0, epoch, entries, custodian, stored)
    bodies = seal_manifest(key, binding, lines)
    part.line.act([part.keys.signing], [action], bodies)
    return [new.entry_id for new in sealed]


def store(
    part: Part, seat: SeatAnswer, sealed: Sequence[SealedEntry]
) -> tuple[bytes, bytes]:
    """Bring blobs to the first custodian that takes them; return it and its receipt.

    Raises:
        NoCustodian: none does.
    """
    deposits = tuple(Deposit(one.entry_id, one.blob) for one in sealed)
    for custodian in seat.custodians:
        try:
            question = Store(custodian, deposits)
            receipt = part.line.ask(part.keys.signing, question, Signature)
        except NotKept:
            continue
        return custodian, receipt
    raise NoCustodian


def resource_type(content: bytes) -> str:
    """Return a FHIR resource's type, such as `Observation`.

    Raises:
        NotAResource: not one JSON object with a `resourceType`.
    """
    try:
        found = json.loads(content)
    except (ValueError, RecursionError):
        raise NotAResource from None
    kind = found.get("resourceType") if isinstance(found, dict) else None
    if not isinstance(kind, str) or not 0 < len(kind) <= _LONGEST_TYPE:
        raise NotAResource
    return kind
