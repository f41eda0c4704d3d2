"""A participant with software of its own, who wraps and seals junk for others."""

from collections.abc import Sequence

import pytest

from careledger.client import rotating
from careledger.client.part import Part, refresh
from careledger.client.patient import Patient, full_access
from careledger.client.practitioner import Practitioner
from careledger.client.writing import NewResource
from careledger.ledger.actions import AnyAction
from careledger.ledger.actions.records import Rewrap
from careledger.local import LocalNetwork
from careledger.primitives.encoding import encode
from careledger.primitives.hashing import sha256
from careledger.sealing.history import NewEpoch, next_epoch
from careledger.sealing.hpke import OpeningKey
from careledger.sealing.keyring import AllEpochs
from careledger.sealing.wraps import Holder, pack_wraps, wrap_keyring

NOTE = NewResource(b'{"resourceType":"Observation"}', "a reading")

NOBODY = OpeningKey(sha256(b"nobody")).public
"""A key that no participant can open with."""


def joined(
    network: LocalNetwork, patient: Patient, record: bytes, name: str
) -> Practitioner:
    """Return a practitioner with full access to a record."""
    doctor = network.practitioner(name)
    patient.invite(record, network.listing(doctor), full_access())
    doctor.accept(doctor.inbox(network.office_of(doctor))[-1])
    return doctor


def restarted(part: Part) -> Part:
    """Return a part as a new process has it: it knows its key alone."""
    return Part(part.line, part.keys, part.record)


def rubbish(held: AllEpochs, binding, between=()) -> NewEpoch:
    """Start an epoch under a history that opens nothing."""
    new = next_epoch(held, binding, between)
    return NewEpoch(new.ring, b"\0" * len(new.history))


def rotate_with_junk_history(
    part: Part, monkeypatch: pytest.MonkeyPatch, *first: AnyAction, bodies=()
) -> None:
    """Start an epoch under a junk history, behind other actions of one envelope."""
    refresh(part)
    circle = rotating.circle_of(part)
    with monkeypatch.context() as patched:
        patched.setattr(rotating, "next_epoch", rubbish)
        action, more = rotating.rotation(part, circle, rotating.starting(part))
    part.line.act([part.keys.signing], [*first, action], [*bodies, *more])


def junk_for_all(part: Part) -> tuple[Rewrap, Sequence[bytes]]:
    """Return the action and bodies that wrap what opens for nobody to everybody."""
    refresh(part)
    circle = rotating.circle_of(part)
    ring = rotating.all_epochs(part, circle.epoch)
    others = [
        one for one in (*circle.holders, circle.recovery) if one.handle != part.handle
    ]
    return wrapping(part, ring, [(one, NOBODY) for one in others])


def good_for_all(part: Part) -> tuple[Rewrap, Sequence[bytes]]:
    """Return the action and bodies that wrap the current keys to everybody."""
    circle = rotating.circle_of(part)
    ring = rotating.all_epochs(part, circle.epoch)
    others = [one for one in circle.holders if one.handle != part.handle]
    return wrapping(part, ring, [(one, one.public) for one in others])


def wrapping(
    part: Part, ring: AllEpochs, to: Sequence[tuple[Holder, bytes]]
) -> tuple[Rewrap, Sequence[bytes]]:
    """Return the action and bodies that wrap a keyring, for each under the key given."""
    place = part.line.binding(part.record, ring.epoch)
    wraps = [wrap_keyring(ring, place, part.handle, one.handle, key) for one, key in to]
    action = Rewrap(0, to[0][0].handle, sha256(encode(wraps[0])))
    return action, pack_wraps(wraps)
