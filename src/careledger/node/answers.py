"""What the desk answers with. Bodies are sealed bytes, as they came."""

from careledger.ledger.actions.base import EntryId, Hash, PublicKey
from careledger.ledger.actions.referral import Capability, Offer, Scope, SeatRole
from careledger.ledger.tree import StateProof
from careledger.primitives.encoding import Message, Millis, UInt


class Receipt(Message, frozen=True):
    """The verdict on a transaction.

    Attributes:
        tx_id: 32 bytes.
        position: of its leaf in the log.
        code: `ok`, or the permanent code of a refusal.
        time: of its block, milliseconds.
    """

    tx_id: Hash
    position: UInt
    code: str
    time: Millis


class Recorded(Message, frozen=True):
    """A transaction as the log has it, with those bodies that are still there."""

    position: UInt
    time: Millis
    leaf: bytes
    bodies: tuple[bytes, ...]


class SeatAnswer(Message, frozen=True):
    """A handle's own seat and the state of its record.

    Attributes:
        record: the record's id.
        number: of the seat; 0 is the owner's.
        role: as what.
        capabilities: what it may do.
        scope: which entries.
        until: milliseconds; 0: without end.
        depth: how often it may be passed on.
        epoch: the current one.
        key_commitment: to its key.
        holds: whether the seat counts as holding that key.
        stale: a rotation is due.
        custodians: handles that keep the blobs.
        owner_key: the owner's X-Wing key; empty if its body is gone.
    """

    record: Hash
    number: UInt
    role: SeatRole
    capabilities: tuple[Capability, ...]
    scope: Scope
    until: Millis
    depth: UInt
    epoch: UInt
    key_commitment: Hash
    holds: bool
    stale: bool
    custodians: tuple[PublicKey, ...]
    owner_key: bytes


class Peer(Message, frozen=True):
    """One line of an authorised asset."""

    handle: PublicKey
    since: Millis


class Delivery(Message, frozen=True):
    """A wrap for the asking key.

    Attributes:
        epoch: in force when it was made (for an `Accept`: when it was offered).
        sender: the handle that sealed it.
        wrap: encoded, as its sender made it.
    """

    epoch: UInt
    sender: PublicKey
    wrap: bytes


class EpochHistory(Message, frozen=True):
    """One epoch: the commitment to its key, and the sealed keys of the one before."""

    epoch: UInt
    commitment: Hash
    history: bytes


class KeysAnswer(Message, frozen=True):
    """What a holder needs to get at its keys."""

    record: Hash
    epoch: UInt
    deliveries: tuple[Delivery, ...]
    epochs: tuple[EpochHistory, ...]


class EntryLine(Message, frozen=True):
    """An entry as the ledger has it.

    Attributes:
        entry: id.
        blob: SHA-256 of the blob.
        key_commitment: to its key.
        epoch: whose key it is sealed under.
        author: the seat that added it.
        supersedes: the entry it corrects, or empty.
        time: milliseconds.
        append: id of the transaction.
    """

    entry: EntryId
    blob: Hash
    key_commitment: Hash
    epoch: UInt
    author: UInt
    supersedes: bytes
    time: Millis
    append: Hash


class ManifestBodies(Message, frozen=True):
    """The sealed manifest of one append; for holders of its epoch."""

    append: Hash
    epoch: UInt
    bodies: tuple[bytes, ...]


class EntriesAnswer(Message, frozen=True):
    """Entries, oldest first. Ask again from `last` until it does not move."""

    record: Hash
    entries: tuple[EntryLine, ...]
    manifests: tuple[ManifestBodies, ...]
    last: int


class OfferAnswer(Message, frozen=True):
    """What an open invitation stands for."""

    record: Hash
    epoch: UInt
    offer: Offer
    waits_for_owner: bool
    owner_key: bytes


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


class ParticipantLine(Message, frozen=True):
    """Somebody in the record, as its owner sees it.

    Attributes:
        number: of the seat.
        handle: its key.
        role: as what.
        capabilities: what it may do.
        scope: which entries.
        until: milliseconds; 0: without end.
        inviter: the seat that invited it.
        since: milliseconds.
        ended: milliseconds; 0 while it lasts.
        active: may act now.
        commitment: `c` of its endorsement; empty without one.
        card: the identity card sealed to the owner; empty if there is none.
    """

    number: UInt
    handle: PublicKey
    role: SeatRole
    capabilities: tuple[Capability, ...]
    scope: Scope
    until: Millis
    inviter: UInt
    since: Millis
    ended: Millis
    active: bool
    commitment: bytes
    card: bytes


class Waiting(Message, frozen=True):
    """An invitation of the record that nobody has taken yet."""

    invitation: PublicKey
    inviter: UInt
    offer: Offer
    to_approve: bool


class ParticipantsAnswer(Message, frozen=True):
    """Everybody who takes or took part, and who is invited."""

    seats: tuple[ParticipantLine, ...]
    waiting: tuple[Waiting, ...]


class StatementLine(Message, frozen=True):
    """A sealed statement: its position, its author's seat and its body."""

    position: UInt
    epoch: UInt
    author: UInt
    body: bytes


class EmergencyCall(Message, frozen=True):
    """An emergency access that is open now.

    Attributes:
        access: its id.
        handles: of the two people.
        seats: on which they sit.
        sealing_keys: their X-Wing keys.
    """

    access: Hash
    handles: tuple[PublicKey, PublicKey]
    seats: tuple[UInt, UInt]
    sealing_keys: tuple[bytes, bytes]


class DutyAnswer(Message, frozen=True):
    """What an emergency agent holds and for whom.

    Attributes:
        record: id.
        epoch: of the share.
        sender: the handle that sealed it.
        share: sealed to the agent.
        calls: whom it may be released to.
    """

    record: Hash
    epoch: UInt
    sender: PublicKey
    share: bytes
    calls: tuple[EmergencyCall, ...]


class ReviewLine(Message, frozen=True):
    """An emergency access, as an auditor sees it.

    Attributes:
        access: its id.
        time: milliseconds.
        status: `waiting`, `justified`, `not-justified` or `overdue`.
        record: id; pseudonymous.
        handles: of the two people.
        commitments: `c` of their endorsements.
        disclosure: sealed to the auditor; opens both.
    """

    access: Hash
    time: Millis
    status: str
    record: Hash
    handles: tuple[PublicKey, PublicKey]
    commitments: tuple[Hash, Hash]
    disclosure: bytes


class Evidence(Message, frozen=True, tag="evidence"):
    """Leaves of the state at one moment, provable against a signed checkpoint.

    Attributes:
        checkpoint: the signed note.
        index: of the block leaf in the log.
        path: from that leaf to the checkpoint's root.
        leaf: the block leaf, which carries the state root.
        proofs: under that root.
    """

    checkpoint: bytes
    index: UInt
    path: tuple[Hash, ...]
    leaf: bytes
    proofs: tuple[StateProof, ...]


class FeedPage(Message, frozen=True):
    """Invitations of some blocks, and nothing else about them.

    Attributes:
        after: ask again with this.
        bodies: of equal size, in an order that says nothing.
    """

    after: int
    bodies: tuple[bytes, ...]


class OrganisationLine(Message, frozen=True):
    """An organisation in the directory."""

    organisation: Hash
    name: bytes
    kinds: tuple[str, ...]
    key: PublicKey
    mailbox: bytes
    status: str


class MemberLine(Message, frozen=True):
    """One of an organisation's people in the directory; `card` is as published."""

    member: Hash
    organisation: Hash
    kind: str
    key: PublicKey
    status: str
    card_hash: bytes
    card: bytes


class Directory(Message, frozen=True):
    """What is public, proven as a whole: so no look-up says who is looked for.

    Attributes:
        organisations: everyone that was ever admitted.
        members: their practitioners and staff.
        evidence: of each organisation's leaf and mailbox, then of each member's.
    """

    organisations: tuple[OrganisationLine, ...]
    members: tuple[MemberLine, ...]
    evidence: Evidence
