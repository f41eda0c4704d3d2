"""Recovery with a witness: the hospital that admitted a person checks it again.

WitnessRequest   what the person hands over
witness_paper    what the hospital signs, once it has seen the person

Without the recovery key, witness and custodian ask together: 7 days, and the owner
of the old handle can stop it. With the recovery key the witness confirms: then
nobody can. The witness's word gives ownership, never content.
"""

from collections.abc import Sequence
from typing import Annotated

import msgspec

from careledger.client.keystore import WITNESSED, Keystore
from careledger.client.line import Line
from careledger.client.papers import Paper, content_of, draw_up, finished, sign
from careledger.client.part import Part, refresh
from careledger.client.recovering import NO_LABEL, Guarded, guarded, standing
from careledger.client.session_problems import NotForThisOffice, NotInThisHome
from careledger.ledger.actions.base import Hash, PublicKey, SealingKey
from careledger.ledger.actions.records import ConfirmRecovery, RecoverByWitness
from careledger.primitives.encoding import Message
from careledger.primitives.hashing import sha256
from careledger.primitives.signing import SigningKey
from careledger.sealing.seeds import recovery_keys


class WitnessRequest(Message, frozen=True, tag="witness-request/v1"):
    """Who asks for which record.

    Attributes:
        record: id.
        owner: the new owner handle.
        sealing_key: its X-Wing key.
        recovery: the record's recovery key; empty for who has lost that too.
    """

    record: Hash
    owner: PublicKey
    sealing_key: SealingKey
    recovery: Annotated[tuple[PublicKey, ...], msgspec.Meta(max_length=1)] = ()


def ask_witness(store: Keystore, record: bytes) -> WitnessRequest:
    """Take a fresh handle and return the request without a recovery key."""
    index = store.take(NO_LABEL, WITNESSED)
    store.settle(index, record)
    keys = store.keys(index)
    return WitnessRequest(record, keys.signing.public, keys.opening.public)


def ask_confirmation(line: Line, store: Keystore, record: bytes) -> WitnessRequest:
    """Return the request that makes a recovery by guardians' shares final.

    It is for the handle that waits already; after a veto, or where somebody else
    has asked, for a fresh one, which takes that one's place.

    Raises:
        NotInThisHome: this home's recovery secret does not guard the record.
    """
    found = [
        one
        for one in guarded(line, store.kept.recovery_secret)
        if one.part.record == record
    ]
    if not found:
        raise NotInThisHome
    index = _waiting(line, store, record)
    keys = store.keys(_fresh(store, found[0]) if index is None else index)
    return WitnessRequest(
        record,
        keys.signing.public,
        keys.opening.public,
        (found[0].part.handle,),
    )


def _waiting(line: Line, store: Keystore, record: bytes) -> int | None:
    """Return the handle for which a recovery is under way."""
    try:
        used = store.find_asked(record)
    except NotInThisHome:
        return None
    part = Part(line, store.keys(used.index), record)
    return used.index if standing(part)[0] == "waiting" else None


def _fresh(store: Keystore, one: Guarded) -> int:
    refresh(one.part)
    index = store.take(NO_LABEL, one.number)
    store.settle(index, one.part.record, one.part.ring)
    return index


def witness_paper(
    line: Line, request: WitnessRequest, witness: SigningKey, custodian: SigningKey
) -> Paper:
    """Return the paper, signed by the hospital; the person signs next.

    Call it once the person's identity has been checked.
    """
    body, hashed = [request.sealing_key], sha256(request.sealing_key)
    if request.recovery:
        signers = [*request.recovery, witness.public, request.owner]
        confirm = ConfirmRecovery(0, 1, 2, hashed)
        return sign(draw_up(line, signers, [confirm], body), witness)
    signers = [witness.public, custodian.public, request.owner]
    ask = RecoverByWitness(0, 1, 2, hashed)
    return sign(draw_up(line, signers, [ask], body), witness, custodian)


def submit_witnessed(line: Line, store: Keystore, paper: Paper) -> bytes:
    """Sign a witness's paper and submit it; return the record's id.

    Raises:
        NotForThisOffice: it asks for something else than this keystore did.
        AlreadyPending: a recovery is under way that this one cannot replace.
    """
    content = content_of(paper)
    match content.actions:
        case (RecoverByWitness(owner=owner) | ConfirmRecovery(owner=owner),):
            record, keys = _keys_for(store, content.signers, owner)
        case _:
            raise NotForThisOffice
    line.submit(finished(sign(paper, *keys)))
    return record


def _keys_for(
    store: Keystore, signers: Sequence[bytes], owner: int
) -> tuple[bytes, list[SigningKey]]:
    """Return the record of the new owner handle, and our keys among the signers.

    Raises:
        NotForThisOffice: the handle is not ours.
    """
    for used in store.kept.used:
        handle = store.keys(used.index).signing
        if handle.public == signers[owner]:
            mine = [handle]
            if used.recovery < WITNESSED:
                secret = store.kept.recovery_secret
                mine.append(recovery_keys(secret, used.recovery).signing)
            return used.record, mine
    raise NotForThisOffice
