"""Who takes part, and as what: the own seat, peers, holders, participants."""

from careledger.ledger.actions.base import Hash, PublicKey
from careledger.ledger.actions.referral import Capability, Offer, Scope, SeatRole
from careledger.primitives.encoding import Message, Millis, UInt


class Rights(Message, frozen=True):
    """What a seat may do.

    Attributes:
        number: of the seat; 0 is the owner's.
        role: as what.
        capabilities: what it may do.
        scope: which entries.
        until: milliseconds; 0: without end.
    """

    number: UInt
    role: SeatRole
    capabilities: tuple[Capability, ...]
    scope: Scope
    until: Millis


class SeatAnswer(Rights, frozen=True):
    """A handle's own seat and the state of its record.

    Attributes:
        record: the record's id.
        depth: how often it may be passed on.
        epoch: the current one.
        key_commitment: to its key.
        holds: whether the seat counts as holding that key.
        stale: a rotation is due.
        behind: another participant lacks the current key, or says that its wrap does
            not open, and this seat can wrap it to that one; told to nobody else.
        lapses: until when the handle's endorsement is good (ms); 0: it needs none.
        custodians: handles that keep the blobs.
        owner_key: the owner's X-Wing key; empty if its body is gone.
    """

    record: Hash
    depth: UInt
    epoch: UInt
    key_commitment: Hash
    holds: bool
    stale: bool
    behind: bool
    lapses: Millis
    custodians: tuple[PublicKey, ...]
    owner_key: bytes


class RecognitionAnswer(Message, frozen=True):
    """What a handle may know of its endorsement, awake or asleep.

    Attributes:
        record: the record's id.
        role: in which the handle sits.
        lapses: until when its endorsement is good (ms); 0: it needs none.
        active: whether the seat may act now; if not, it sleeps until `Renew`.
    """

    record: Hash
    role: SeatRole
    lapses: Millis
    active: bool


class Peer(Message, frozen=True):
    """One line of an authorised asset."""

    handle: PublicKey
    since: Millis


class OfferAnswer(Message, frozen=True):
    """What an open invitation stands for; `made`: milliseconds."""

    record: Hash
    epoch: UInt
    offer: Offer
    waits_for_owner: bool
    owner_key: bytes
    made: Millis


class RecoveryAnswer(Message, frozen=True):
    """A recovery under way that names the asking key; `due`: milliseconds."""

    record: Hash
    due: Millis


class HolderLine(Message, frozen=True):
    """Somebody that a rotation wraps to.

    Attributes:
        number: of the seat.
        handle: its Ed25519 key.
        inviter: the seat that invited it.
        all_epochs: whether it gets the history too.
        sealing_key: its X-Wing key; empty if it never published it.
    """

    number: UInt
    handle: PublicKey
    inviter: UInt
    all_epochs: bool
    sealing_key: bytes


class HoldersAnswer(Message, frozen=True):
    """What a rotation needs to know.

    Attributes:
        record: id.
        epoch: the current one.
        holders: the active full holders, by seat.
        recovery: the record's recovery key.
        recovery_sealing: its X-Wing key.
        agents: the emergency agents' keys, if there is a plan.
        agent_keys: their X-Wing keys.
    """

    record: Hash
    epoch: UInt
    holders: tuple[HolderLine, ...]
    recovery: PublicKey
    recovery_sealing: bytes
    agents: tuple[PublicKey, ...]
    agent_keys: tuple[bytes, ...]


class ParticipantLine(Rights, frozen=True):
    """Somebody in the record, as its owner sees it.

    Attributes:
        handle: its key.
        inviter: the seat that invited it.
        since: milliseconds.
        ended: milliseconds; 0 while it lasts.
        active: may act now.
        sleeping: may not, and could again after `Renew`.
        lapses: until when its endorsement is good (ms); 0: it needs none.
        commitment: `c` of its endorsement; empty without one.
        card: the identity card sealed to the owner; empty if there is none.
    """

    handle: PublicKey
    inviter: UInt
    since: Millis
    ended: Millis
    active: bool
    sleeping: bool
    lapses: Millis
    commitment: bytes
    card: bytes


class ParticipantsAnswer(Message, frozen=True):
    """A page of everybody who takes or took part.

    Attributes:
        seats: by number, without a gap.
        count: of all seats; with the last of them the last page ends.
    """

    seats: tuple[ParticipantLine, ...]
    count: UInt


class Waiting(Message, frozen=True):
    """An invitation of the record that nobody has taken yet.

    Attributes:
        position: of its transaction in the log.
        invitation: its key.
        inviter: the seat that invites.
        offer: what it stands for.
        to_approve: whether it waits for the owner's word.
        made: milliseconds.
    """

    position: UInt
    invitation: PublicKey
    inviter: UInt
    offer: Offer
    to_approve: bool
    made: Millis
