"""Accepting: take the offered seat with a fresh handle, and hold the keys."""

from careledger.client.cards import Identity, card_for
from careledger.client.keystore import Keystore
from careledger.client.line import Line
from careledger.client.part import Part
from careledger.client.proving import check_owner_key
from careledger.ledger.actions.referral import Accept, Endorsed
from careledger.node.answers import OfferAnswer
from careledger.node.questions import MyOffer
from careledger.primitives.encoding import encode
from careledger.primitives.hashing import sha256
from careledger.primitives.signing import SigningKey
from careledger.sealing.cards import seal_card
from careledger.sealing.invitations import Invitation
from careledger.sealing.keyring import SingleEntries, held_epochs
from careledger.sealing.problems import Tampered
from careledger.sealing.seeds import KeyPair
from careledger.sealing.wraps import pack_wraps, wrap_keyring

_WITHOUT_ENDORSEMENT = ("proxy",)


def accept(
    line: Line, store: Keystore, me: Identity, invitation: Invitation, label: str = ""
) -> Part:
    """Take the seat that an invitation offers; return the part in the record.

    Args:
        line: to the node.
        store: gives the fresh handle; it is spent even if this fails.
        me: who I am, for the owner's eyes.
        invitation: as opened.
        label: what I call the record, for my own eyes.

    Raises:
        NothingHere: the invitation was taken, has lapsed, or never was.
        NoHandlesLeft: no endorsed handle for the offered role.
        PolicyForbids: the owner has not approved yet.
        NoSuchInvitation: the inviter may not offer this any more.
        Tampered: the keyring is not of the epoch that it should be.
    """
    key = SigningKey(invitation.invitation_seed)
    offer = line.ask(key, MyOffer(), OfferAnswer)
    _check_keyring(invitation, offer)
    owner_key = check_owner_key(line, key, offer.record, offer.owner_key)
    index, endorsed = _take(store, offer.offer.role, label)
    keys = store.keys(index)
    action, bodies = _acceptance(line, keys, invitation, offer, endorsed)
    card = seal_card(
        card_for(store, me, keys.signing.public, offer.offer.role),
        line.binding(offer.record, 0),
        keys.signing.public,
        owner_key,
    )
    with store.settled(index, offer.record):
        line.act([key, keys.signing], [action], [*bodies, card])
    return Part(line, keys, offer.record)


def _take(store: Keystore, role: str, label: str) -> tuple[int, Endorsed | None]:
    if role in _WITHOUT_ENDORSEMENT:
        return store.take(label), None
    return store.take_endorsed(role, label)


def _acceptance(
    line: Line,
    keys: KeyPair,
    invitation: Invitation,
    offer: OfferAnswer,
    endorsed: Endorsed | None,
) -> tuple[Accept, list[bytes]]:
    """Return the action and its first bodies: the X-Wing key, the own wrap."""
    handle, public = keys.signing.public, keys.opening.public
    binding = line.binding(offer.record, offer.epoch)
    wrap = wrap_keyring(invitation.keyring, binding, handle, handle, public)
    pages = pack_wraps([wrap])
    return (
        Accept(0, 1, sha256(public), endorsed, sha256(encode(wrap))),
        [public, *pages],
    )


def _check_keyring(invitation: Invitation, offer: OfferAnswer) -> None:
    """Check that record and epoch are those of the invitation on the ledger.

    Raises:
        Tampered: they are not.
    """
    ring = invitation.keyring
    if invitation.record != offer.record:
        raise Tampered
    if not isinstance(ring, SingleEntries) and max(held_epochs(ring)) != offer.epoch:
        raise Tampered
