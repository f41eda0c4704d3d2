"""Moving a participation to a fresh handle: a new device, a suspicion."""

from careledger.client.cards import Identity, card_for
from careledger.client.keystore import Keystore
from careledger.client.part import Part, current_ring
from careledger.client.proving import check_owner_key
from careledger.ledger.actions.referral import ReplaceHandle
from careledger.primitives.encoding import encode
from careledger.primitives.hashing import sha256
from careledger.sealing.cards import seal_card
from careledger.sealing.wraps import pack_wraps, wrap_keyring


def move(part: Part, store: Keystore, me: Identity) -> Part:
    """Move a part to the next endorsed handle; return the part that goes on.

    Raises:
        NoHandlesLeft: no endorsed handle for its role.
        NotHeld, WrapDoesNotOpen: there are no keys to take along.
    """
    seat, used = part.seat(), store.find(part.record)
    ring = current_ring(part, seat.epoch)
    owner = check_owner_key(part.line, part.keys.signing, part.record, seat.owner_key)
    index, endorsed = store.take_endorsed(used.role, used.label)
    keys = store.keys(index)
    fresh, public = keys.signing.public, keys.opening.public
    binding = part.line.binding(part.record, seat.epoch)
    wrap = wrap_keyring(ring, binding, fresh, fresh, public)
    action = ReplaceHandle(0, 1, sha256(public), endorsed, sha256(encode(wrap)))
    card = card_for(store, me, fresh, seat.role)
    place = part.line.binding(part.record, 0)
    bodies = [public, *pack_wraps([wrap]), seal_card(card, place, fresh, owner)]
    with store.settled(index, part.record):
        part.line.act([part.keys.signing, keys.signing], [action], bodies)
    return Part(part.line, keys, part.record, ring, dict(part.epochs))
