"""Inviting: a keyring, sealed to a person behind an organisation's mailbox."""

from collections.abc import Sequence
from dataclasses import dataclass

from careledger.client.current import proven_key, proven_ring
from careledger.client.part import Part, current_ring, refresh
from careledger.client.proving import prove_entries
from careledger.ledger.actions.referral import (
    AllEpochs,
    FromEpoch,
    Invite,
    Offer,
    OnlyEntries,
    Scope,
)
from careledger.primitives.signing import SigningKey
from careledger.sealing import keyring
from careledger.sealing.cards import IdentityCard
from careledger.sealing.chance import random_bytes
from careledger.sealing.invitations import (
    Addressee,
    Invitation,
    seal_invitation,
)
from careledger.sealing.keys import KEY_SIZE


@dataclass(frozen=True, slots=True)
class Prepared:
    """An invitation that is ready to be sent.

    Attributes:
        key: the invitation's key, its name on the ledger.
        action: for the envelope.
        body: for the feed.
    """

    key: bytes
    action: Invite
    body: bytes


def invite(
    part: Part, to: Addressee, offer: Offer, card: IdentityCard | None, note: str = ""
) -> bytes:
    """Invite a person; return the invitation's key.

    Raises:
        BeyondOwnRights: more than this part has.
        PolicyForbids: the owner does not allow it.
        NotHeld, WrapDoesNotOpen: the keys to hand on are not there.
    """
    prepared = prepare(part, to, offer, card, note)
    part.line.act([part.keys.signing], [prepared.action], [prepared.body])
    return prepared.key


def prepare(
    part: Part, to: Addressee, offer: Offer, card: IdentityCard | None, note: str
) -> Prepared:
    """Return an invitation, to be sent together with other actions."""
    epoch, ring = _keyring_for(part, offer.scope)
    seed = random_bytes(KEY_SIZE)
    invitation = Invitation(
        record=part.record,
        epoch=epoch,
        invitation_seed=seed,
        inviter=part.handle,
        keyring=ring,
        card=card,
        note=note,
    )
    body = seal_invitation(invitation, part.line.chain_id.hex(), to)
    key = SigningKey(seed).public
    return Prepared(key, Invite(0, key, offer), body)


def from_now_on(part: Part) -> FromEpoch:
    """Return the scope that reaches nothing from before the current epoch, as proven.

    Raises:
        NotHeld, WrapDoesNotOpen: this part does not have that epoch's key.
    """
    return FromEpoch(proven_key(part)[0])


def _keyring_for(part: Part, scope: Scope) -> tuple[int, keyring.Keyring]:
    """Return the current epoch, and exactly the keys that a scope allows.

    With single entries no epoch's key is given, so that their inviter need not hold
    one: the epoch is then the node's word, and nothing depends on it.

    Raises:
        NotHeld: this part does not hold them.
    """
    match scope:
        case AllEpochs():
            ring = proven_ring(part)
            return ring.epoch, ring
        case FromEpoch():
            epoch, _ = proven_key(part)
            return epoch, keyring.some_epochs(part.epochs, scope.epoch)
        case OnlyEntries():
            epoch = part.seat().epoch
            return epoch, _single_entries(part, scope.entries, epoch)


def _single_entries(
    part: Part, entries: Sequence[bytes], epoch: int
) -> keyring.SingleEntries:
    ring = current_ring(part, epoch)
    facts = prove_entries(part.line, part.keys.signing, part.record, entries)
    if any(fact.epoch not in part.epochs for fact in facts):
        refresh(part)
    return keyring.SingleEntries(
        tuple(
            keyring.EntryGrant(
                one, keyring.find_entry_key(ring, part.epochs, fact.epoch, one)
            )
            for one, fact in zip(entries, facts, strict=True)
        )
    )
