"""Envelopes: what travels, and what makes one well formed.

    envelope = [core (bin), [signature…], [body…]]
    core     = [chain_id, valid_until, salt, [signer…], [action…], [body hash…]]
    tx_id    = SHA-256(core)

Each signer signs `careledger/tx/v1` ‖ tx_id. Bodies are sealed attachments: only
their hashes are in the core, so they can be erased without touching the log.
This module needs no state; what needs state is checked in `admission`.
"""

from itertools import repeat
from typing import Annotated, Final

from msgspec import Meta, Struct

from careledger.ledger.actions import Action, AnyAction, named_signers
from careledger.ledger.actions.base import (
    SEALING_KEY_SIZE,
    Hash,
    PublicKey,
    Role,
    Signature,
)
from careledger.ledger.refusals.base import (
    BodyMismatch,
    KeyNotAttached,
    Malformed,
    TooLarge,
    TooMuchWork,
    WrongSignatures,
)
from careledger.primitives.encoding import Message, Millis, NotCanonical, decode
from careledger.primitives.hashing import sha256
from careledger.primitives.signing import BadSignature, verify

MAX_ENVELOPE: Final = 128 * 1024
"""Bytes of an envelope in all."""

MAX_LOAD: Final = 16
"""What the actions of an envelope may take in all: a few milliseconds of work."""

MAX_BODY: Final = 16 * 1024
"""Bytes of one body."""

_MARKER: Final = b"careledger/tx/v1"


class Core(Message, frozen=True):
    """What is signed and logged.

    Attributes:
        chain_id: SHA-256 of the network's genesis.
        valid_until: milliseconds; at most 24 h after the block's time.
        salt: 16 random bytes.
        signers: distinct keys, each named by at least one action.
        actions: carried out in order, all or none.
        body_hashes: SHA-256 of each body, in order.
    """

    chain_id: Hash
    valid_until: Millis
    salt: Annotated[bytes, Meta(min_length=16, max_length=16)]
    signers: Annotated[tuple[PublicKey, ...], Meta(min_length=1, max_length=8)]
    actions: Annotated[tuple[AnyAction, ...], Meta(min_length=1, max_length=64)]
    body_hashes: Annotated[tuple[Hash, ...], Meta(max_length=16)]


class Envelope(Message, frozen=True):
    """A core with its signatures and bodies, as it travels."""

    core: Annotated[bytes, Meta(max_length=MAX_ENVELOPE)]
    signatures: Annotated[tuple[Signature, ...], Meta(min_length=1, max_length=8)]
    bodies: Annotated[
        tuple[Annotated[bytes, Meta(max_length=MAX_BODY)], ...], Meta(max_length=16)
    ]


class Transaction(Struct, frozen=True, gc=False):
    """An envelope that is well formed. Its signatures may not be checked yet.

    Attributes:
        tx_id: SHA-256 of `core`.
        core: the exact bytes.
        content: the decoded core.
        signatures: 64 bytes each, in the order of the signers.
        bodies: one for each body hash, or none at all in a replay without bodies.
        named: the (role, key) of each signer that an action names, action by action.
    """

    tx_id: bytes
    core: bytes
    content: Core
    signatures: tuple[bytes, ...]
    bodies: tuple[bytes, ...]
    named: tuple[tuple[Role, bytes], ...]


def open_envelope(raw: bytes) -> Transaction:
    """Decode an envelope and check every bound that needs no state.

    Raises:
        TooLarge: more than 128 KiB.
        TooMuchWork: its actions take more than an envelope may.
        Malformed: not canonical, out of bounds, or a signer that nobody names.
        BodyMismatch: the bodies are not those whose hashes the core names.
        KeyNotAttached: the body of an X-Wing key is missing, or no such key.
    """
    if len(raw) > MAX_ENVELOPE:
        raise TooLarge
    try:
        envelope = decode(raw, Envelope)
    except NotCanonical as error:
        raise Malformed from error
    core = envelope.core
    content = _content(core)
    if tuple(map(sha256, envelope.bodies)) != content.body_hashes:
        raise BodyMismatch
    if envelope.bodies:
        _check_key_sizes(content, envelope.bodies)
    return Transaction(
        sha256(core),
        core,
        content,
        envelope.signatures,
        envelope.bodies,
        _named(content),
    )


def reopen(core: bytes, signatures: tuple[bytes, ...]) -> Transaction:
    """Return a logged transaction, without bodies: for replay.

    Raises:
        Malformed, KeyNotAttached, TooMuchWork: `core` could not have been logged.
    """
    content = _content(core)
    return Transaction(sha256(core), core, content, signatures, (), _named(content))


def _content(core: bytes) -> Core:
    try:
        content = decode(core, Core)
    except NotCanonical as error:
        raise Malformed from error
    _check_published(content)
    if len(content.actions) > 1 and sum(one.load for one in content.actions) > MAX_LOAD:
        raise TooMuchWork
    return content


def _named(content: Core) -> tuple[tuple[Role, bytes], ...]:
    """Return who is named; check that it is each signer, and each is another."""
    signers = content.signers
    count, seen = len(signers), 0
    named: list[tuple[Role, int]] = []
    for action in content.actions:
        for one in named_signers(action):
            seen |= 1 << one[1]
            named.append(one)
    if seen != (1 << count) - 1:
        raise Malformed
    if count > 1 and len(dict.fromkeys(signers)) != count:
        raise Malformed
    return tuple([(role, signers[index]) for role, index in named])


def _check_published(content: Core) -> None:
    """Check that each X-Wing key that an action makes known travels as a body.

    Nobody can wrap to a key that was never published: one such participant would
    keep a record from rotating.
    """
    for action in content.actions:
        if action.publishes and not _attached(action, content.body_hashes):
            raise KeyNotAttached


def _attached(action: Action, body_hashes: tuple[bytes, ...]) -> bool:
    return all(getattr(action, field) in body_hashes for field in action.publishes)


def _check_key_sizes(content: Core, bodies: tuple[bytes, ...]) -> None:
    """Check that these bodies can be X-Wing keys; a replay does without."""
    for action in content.actions:
        for field in action.publishes:
            at = content.body_hashes.index(getattr(action, field))
            if len(bodies[at]) != SEALING_KEY_SIZE:
                raise KeyNotAttached


def check_signatures(transaction: Transaction) -> None:
    """Check that every signer signed, in order, and nobody else.

    Raises:
        WrongSignatures: one is missing, too many, swapped or not valid.
    """
    try:
        for key, message, signature in signature_claims(transaction):
            verify(key, message, signature)
    except BadSignature as error:
        raise WrongSignatures from error


def signature_claims(transaction: Transaction) -> list[tuple[bytes, bytes, bytes]]:
    """Return the (key, message, signature) that must all be good, for a batch.

    Raises:
        WrongSignatures: there is not one signature per signer.
    """
    signers = transaction.content.signers
    if len(signers) != len(transaction.signatures):
        raise WrongSignatures
    messages = repeat(signed_message(transaction.tx_id))
    return list(zip(signers, messages, transaction.signatures, strict=False))


def signed_message(tx_id: bytes) -> bytes:
    """Return the 48 bytes that each signer signs."""
    return _MARKER + tx_id
