"""A part in a record: one handle, and the keys that it has been given.

Keys come as wraps through the ledger. Each is checked against the commitment in
the core of the transaction that started its epoch, so nobody can give two people
two keys for one epoch.
"""

from dataclasses import dataclass, field

from careledger.client.line import Line
from careledger.client.past import Past, Start, check_keys
from careledger.client.session_problems import NotWhatWasAsked, WrapDoesNotOpen
from careledger.node.answers import Delivery, EpochHistory, KeysAnswer, SeatAnswer
from careledger.node.questions import MyKeys, MySeat
from careledger.primitives.encoding import NotCanonical, decode
from careledger.primitives.hashing import sha256
from careledger.sealing.keyring import (
    AllEpochs,
    Keyring,
    held_epochs,
)
from careledger.sealing.problems import NotARecipient, NotHeld, Tampered
from careledger.sealing.seeds import KeyPair
from careledger.sealing.wraps import Wrap, open_wrap


@dataclass(slots=True)
class Part:
    """A handle in a record.

    Attributes:
        line: to the node.
        keys: the handle's key pair.
        record: the record's id.
        ring: the newest keyring that opened; `None` before `refresh`.
        epochs: every epoch key that it leads to, by number.
        rings: every keyring of all epochs that opened.
        past: where the sealed histories lead; `None` before `refresh`.
        broken: SHA-256 of the newest wrap, if neither it nor another one gave its
            epoch's key; empty otherwise.
        opened: what each wrap that opened had in it, by the wrap's SHA-256.
    """

    line: Line
    keys: KeyPair
    record: bytes
    ring: Keyring | None = None
    epochs: dict[int, bytes] = field(default_factory=dict)
    rings: dict[AllEpochs, None] = field(default_factory=dict)
    past: Past | None = None
    broken: bytes = b""
    opened: dict[bytes, Keyring] = field(default_factory=dict)

    @property
    def handle(self) -> bytes:
        """The handle's Ed25519 key, its name on the ledger."""
        return self.keys.signing.public

    def seat(self) -> SeatAnswer:
        """Return what the handle may do now, as the node says.

        Raises:
            NothingHere: it takes no part (any more).
        """
        return self.line.ask(self.keys.signing, MySeat(), SeatAnswer)


def refresh(part: Part) -> None:
    """Fetch and open the keys that were wrapped for a part.

    Nothing that was held before is lost if something does not open: the newest
    wrap is then noted in `part.broken`, to be reported.

    Raises:
        NothingHere: the handle takes no part (any more).
    """
    deliveries, epochs = _given(part)
    committed = {one.epoch: one.commitment for one in epochs}
    _note(part, part.ring)
    for delivery in deliveries:
        try:
            ring = _open(part, delivery)
            check_keys(held_epochs(ring), committed)
        except (Tampered, NotARecipient, NotCanonical):
            if delivery.epoch not in part.epochs:
                part.broken = sha256(delivery.wrap)
            continue
        part.ring, part.broken = ring, b""
        part.opened[sha256(delivery.wrap)] = ring
        _note(part, ring)
    histories = {one.epoch: one.history for one in epochs if one.history}
    _look_back(part, histories, committed)


def _note(part: Part, ring: Keyring | None) -> None:
    if ring is not None:
        part.epochs |= held_epochs(ring)
    if isinstance(ring, AllEpochs):
        part.rings[ring] = None


def _look_back(
    part: Part, histories: dict[int, bytes], committed: dict[int, bytes]
) -> None:
    """Add the keys of earlier epochs, where the sealed histories lead to them.

    Of keyrings of one epoch the one that leads back farthest is used: nobody can put
    another in its place that leads nowhere, or holds less.
    """
    place = part.line.binding(part.record, 0)
    part.past = Past(place, histories, committed)
    if not part.rings:
        return
    part.epochs |= part.past.walk(part.rings)
    newest = part.past.start(part.rings, part.epochs).newest
    if part.ring is None or newest.epoch >= max(held_epochs(part.ring), default=0):
        part.ring = newest


def check_ring(part: Part, ring: AllEpochs) -> None:
    """Check that a keyring is the record's.

    Raises:
        Tampered: it is not what the ledger committed to.
    """
    _, epochs = _given(part)
    committed = {one.epoch: one.commitment for one in epochs}
    check_keys(held_epochs(ring), committed)


def current_ring(part: Part, epoch: int) -> Keyring:
    """Return a keyring that reaches `epoch`, fetching it if need be.

    Raises:
        WrapDoesNotOpen: it was wrapped and does not open; `detail` has its hash.
        NotHeld: nothing was wrapped for this handle.
    """
    if part.ring is None or epoch not in part.epochs:
        refresh(part)
    if part.broken:
        raise WrapDoesNotOpen(part.broken.hex())
    if part.ring is None:
        raise NotHeld
    return part.ring


def current_key(part: Part, epoch: int) -> bytes:
    """Return the key of the current epoch.

    Raises:
        WrapDoesNotOpen: it was wrapped and does not open.
        NotHeld: this part holds single entries, or missed the rotation.
    """
    current_ring(part, epoch)
    if epoch not in part.epochs:
        raise NotHeld
    return part.epochs[epoch]


def all_epochs(part: Part, epoch: int) -> AllEpochs:
    """Return the keyring of all epochs, for who may start the next one.

    Raises:
        WrapDoesNotOpen: it was wrapped and does not open.
        NotHeld: this part holds less than all epochs.
    """
    ring = current_ring(part, epoch)
    if not isinstance(ring, AllEpochs) or ring.epoch != epoch:
        raise NotHeld
    return ring


def _given(part: Part) -> tuple[list[Delivery], list[EpochHistory]]:
    """Return every wrap made for a part, and every epoch, page by page.

    Raises:
        NotWhatWasAsked: a page that does not go on where the last one ended.
    """
    deliveries: list[Delivery] = []
    epochs: list[EpochHistory] = []
    current = 0
    while len(epochs) <= current:
        after = len(epochs) - 1
        page = part.line.ask(part.keys.signing, MyKeys(after), KeysAnswer)
        numbers = [one.epoch for one in page.epochs]
        if not numbers or numbers != list(range(after + 1, after + 1 + len(numbers))):
            raise NotWhatWasAsked
        deliveries += page.deliveries
        epochs += page.epochs
        current = page.epoch
    return deliveries, epochs


def starting(part: Part) -> Start:
    """Return from where this part starts a new epoch, current keys or not.

    Whoever must be locked out may have wrapped junk in the epochs since, or sealed
    junk as their history: nobody can keep a record from being closed to it.

    Raises:
        NotHeld: no keyring of all epochs opened.
    """
    refresh(part)
    if part.past is None or not part.rings:
        raise NotHeld
    return part.past.start(part.rings, part.epochs)


def _open(part: Part, delivery: Delivery) -> Keyring:
    wrap = decode(delivery.wrap, Wrap)
    binding = part.line.binding(part.record, delivery.epoch)
    return open_wrap(part.keys.opening, part.handle, wrap, binding, delivery.sender)
