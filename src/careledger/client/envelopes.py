"""Composing transactions and signing them.

A core names its signers before anybody signs; `Draft` is a core on its way from
one signer to the next, as a file.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Final

import msgspec
from msgspec import Meta

from careledger.client.files import read_message, write_message
from careledger.client.problems import (
    HalfWritten,
    NotADraftOfYours,
    SignaturesMissing,
)
from careledger.ledger.actions import AnyAction
from careledger.ledger.envelopes import Core, Envelope, signed_message
from careledger.primitives.encoding import Message, NotCanonical, decode, encode
from careledger.primitives.hashing import sha256
from careledger.primitives.signing import BadSignature, SigningKey, verify
from careledger.sealing.chance import random_bytes

HOUR: Final = 3_600_000
"""Milliseconds."""

_DRAFT_MARKER: Final = b"careledger/draft/v1\n"

_NO_SIGNATURE: Final = b""


class Draft(Message, frozen=True):
    """A core and the signatures collected so far, empty where one is missing."""

    core: bytes
    signatures: tuple[Annotated[bytes, Meta(max_length=64)], ...]


def compose(
    chain_id: bytes,
    signers: Sequence[bytes],
    actions: Sequence[AnyAction],
    valid_until: int,
    bodies: Sequence[bytes] = (),
) -> bytes:
    """Return the core of a new transaction, with a fresh salt."""
    hashes = tuple(map(sha256, bodies))
    core = Core(
        chain_id, valid_until, random_bytes(16), tuple(signers), tuple(actions), hashes
    )
    return encode(core)


def seal_envelope(
    core: bytes, keys: Sequence[SigningKey], bodies: Sequence[bytes] = ()
) -> bytes:
    """Return the envelope of a core whose signers are exactly `keys`, in order."""
    message = signed_message(sha256(core))
    signatures = tuple(key.sign(message) for key in keys)
    return encode(Envelope(core, signatures, tuple(bodies)))


def new_draft(core: bytes) -> Draft:
    """Return a draft that nobody has signed."""
    return Draft(core, tuple(_NO_SIGNATURE for _ in content_of(core).signers))


def content_of(core: bytes) -> Core:
    """Return what a core says.

    Raises:
        NotCanonical: not a core.
    """
    return decode(core, Core)


def sign_draft(draft: Draft, keys: Mapping[bytes, SigningKey]) -> Draft:
    """Return the draft with the signatures of those of `keys` that it names.

    Args:
        draft: as received.
        keys: public key → key pair.

    Raises:
        NotADraftOfYours: it names none of them.
    """
    signers = content_of(draft.core).signers
    if not any(signer in keys for signer in signers):
        raise NotADraftOfYours
    message = signed_message(sha256(draft.core))
    signatures = tuple(
        keys[signer].sign(message) if signer in keys else signature
        for signer, signature in zip(signers, draft.signatures, strict=True)
    )
    return msgspec.structs.replace(draft, signatures=signatures)


def missing_signers(draft: Draft) -> list[bytes]:
    """Return the keys that have not signed yet."""
    signers = content_of(draft.core).signers
    pairs = zip(signers, draft.signatures, strict=True)
    return [signer for signer, signature in pairs if signature == _NO_SIGNATURE]


def envelope_of(draft: Draft) -> bytes:
    """Return the envelope of a draft that everybody has signed.

    Raises:
        SignaturesMissing: somebody has not; `detail` says how many.
    """
    missing = len(missing_signers(draft))
    if missing:
        raise SignaturesMissing(f"{missing} of {len(draft.signatures)}")
    return encode(Envelope(draft.core, draft.signatures, ()))


def write_draft(path: Path, draft: Draft) -> None:
    """Write a draft to a file.

    Raises:
        CannotWrite: the file cannot be written.
    """
    write_message(path, _DRAFT_MARKER, draft)


def read_draft(path: Path) -> Draft:
    """Return the draft in a file, its signatures checked.

    Raises:
        CannotRead: the file cannot be read.
        HalfWritten: not a draft, cut, or with a signature that is not good.
    """
    draft = read_message(path, _DRAFT_MARKER, Draft)
    try:
        _check_signatures(draft)
    except (NotCanonical, BadSignature) as error:
        raise HalfWritten(str(path)) from error
    return draft


def _check_signatures(draft: Draft) -> None:
    signers = content_of(draft.core).signers
    if len(signers) != len(draft.signatures):
        raise NotCanonical
    message = signed_message(sha256(draft.core))
    for signer, signature in zip(signers, draft.signatures, strict=True):
        if signature != _NO_SIGNATURE:
            verify(signer, message, signature)
