"""A part in a record: one handle, and the keys that it has been given.

Keys come as wraps through the ledger. Each is checked against the commitment in
the core of the transaction that started its epoch, so nobody can give two people
two keys for one epoch.
"""

from dataclasses import dataclass, field
from typing import Final

from careledger.client.line import Line
from careledger.client.session_problems import NotWhatWasAsked, WrapDoesNotOpen
from careledger.node.answers import Delivery, EpochHistory, KeysAnswer, SeatAnswer
from careledger.node.questions import MyKeys, MySeat
from careledger.primitives.encoding import NotCanonical, decode
from careledger.primitives.hashing import marked_hash, same, sha256
from careledger.sealing.history import walk_history
from careledger.sealing.keyring import (
    AllEpochs,
    Keyring,
    held_epochs,
)
from careledger.sealing.problems import NotARecipient, NotHeld, Tampered
from careledger.sealing.seeds import KeyPair
from careledger.sealing.wraps import Wrap, open_wrap

_COMMITMENT: Final = b"careledger/epoch-commitment/v1"


def epoch_commitment(epoch: int, key: bytes) -> bytes:
    """Return the public commitment (32 bytes) to the key of an epoch."""
    return marked_hash(_COMMITMENT, epoch.to_bytes(8, "big"), key)


@dataclass(slots=True)
class Part:
    """A handle in a record.

    Attributes:
        line: to the node.
        keys: the handle's key pair.
        record: the record's id.
        ring: the newest keyring that opened; `None` before `refresh`.
        epochs: every epoch key that it leads to, by number.
        broken: SHA-256 of the newest wrap, if neither it nor another one gave its
            epoch's key; empty otherwise.
        opened: what each wrap that opened had in it, by the wrap's SHA-256.
    """

    line: Line
    keys: KeyPair
    record: bytes
    ring: Keyring | None = None
    epochs: dict[int, bytes] = field(default_factory=dict)
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
    for delivery in deliveries:
        try:
            ring = _open(part, delivery)
            _check_keys(held_epochs(ring), committed)
        except (Tampered, NotARecipient, NotCanonical):
            if delivery.epoch not in part.epochs:
                part.broken = sha256(delivery.wrap)
            continue
        part.ring, part.broken = ring, b""
        part.opened[sha256(delivery.wrap)] = ring
        part.epochs |= held_epochs(ring)
    if part.ring is not None:
        part.epochs |= held_epochs(part.ring)
    histories = {one.epoch: one.history for one in epochs if one.history}
    _walk(part, histories, committed)


def check_ring(part: Part, ring: AllEpochs) -> None:
    """Check that a keyring is the record's.

    Raises:
        Tampered: it is not what the ledger committed to.
    """
    _, epochs = _given(part)
    committed = {one.epoch: one.commitment for one in epochs}
    _check_keys(held_epochs(ring), committed)


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


def newest_opened(part: Part) -> AllEpochs:
    """Return the newest keyring of all epochs that opened, current or not.

    Whoever must be locked out may have wrapped junk in the epochs since: nobody
    can keep a record from being closed to it.

    Raises:
        NotHeld: none opened.
    """
    refresh(part)
    if not isinstance(part.ring, AllEpochs):
        raise NotHeld
    return part.ring


def _open(part: Part, delivery: Delivery) -> Keyring:
    wrap = decode(delivery.wrap, Wrap)
    binding = part.line.binding(part.record, delivery.epoch)
    return open_wrap(part.keys.opening, part.handle, wrap, binding, delivery.sender)


def _check_keys(keys: dict[int, bytes], committed: dict[int, bytes]) -> None:
    for epoch, key in keys.items():
        if not same(committed.get(epoch, b""), epoch_commitment(epoch, key)):
            raise Tampered


def _walk(part: Part, histories: dict[int, bytes], committed: dict[int, bytes]) -> None:
    """Add the keys of earlier epochs, where the sealed histories lead to them."""
    if not isinstance(part.ring, AllEpochs):
        return
    binding = part.line.binding(part.record, part.ring.epoch)
    try:
        walked = walk_history(part.ring, binding, histories)
        _check_keys(walked, committed)
    except Tampered:
        return  # what is held stays; entries beyond it answer `NotHeld`
    part.epochs |= walked
