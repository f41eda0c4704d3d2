"""A line to a node: asking and acting with keys, checking what comes back."""

from collections.abc import Sequence
from threading import local
from typing import Final, TypeVar

from careledger.client.envelopes import HOUR, compose, seal_envelope
from careledger.client.evidence import check_checkpoint, check_evidence
from careledger.client.seen import Memory, Shown
from careledger.client.session_problems import NotWhatWasAsked
from careledger.client.transport import Transport
from careledger.errors import CareLedgerError, error_of
from careledger.ledger.actions import AnyAction
from careledger.ledger.refusals.base import Refusal
from careledger.node.answers import Evidence, Receipt
from careledger.node.questions import Asked, Question, asked_message
from careledger.primitives.encoding import NotCanonical, decode, encode
from careledger.primitives.hashing import marked_hash
from careledger.primitives.signing import SIGNATURE_SIZE, SigningKey
from careledger.sealing.binding import Binding
from careledger.sealing.chance import random_bytes

T = TypeVar("T")

_NO_SIGNATURE: Final = bytes(SIGNATURE_SIZE)
_NONCE_SIZE: Final = 16


class Line:
    """An actor's way to its node.

    Attributes:
        transport: how the node is reached.
    """

    def __init__(self, transport: Transport, memory: Memory | None = None) -> None:
        """Speak through `transport`.

        Args:
            transport: to the node.
            memory: what was seen of its log in earlier sessions; the node is held to
                it before it is asked or told anything.
        """
        self.transport = transport
        self._memory = memory or Memory(transport.log_key)
        self._is_met = memory is None
        self._acknowledged = 0
        self._asked = local()

    @property
    def chain_id(self) -> bytes:
        """The network (32 bytes)."""
        return self.transport.chain_id

    def binding(self, record: bytes, epoch: int) -> Binding:
        """Return the place of what is sealed for a record's epoch."""
        return Binding(self.chain_id.hex(), record, epoch)

    def ask(self, key: SigningKey, question: Question, kind: type[T]) -> T:
        """Ask with a key's signature.

        Raises:
            NothingHere: nothing that this key may see.
            NotWhatWasAsked: the answer is of another form.
        """
        try:
            return decode(self.fetch(key, question), kind)
        except NotCanonical:
            raise NotWhatWasAsked from None

    def fetch(self, key: SigningKey, question: Question) -> bytes:
        """Ask for bytes: a blob from a vault.

        Raises:
            NotServed: this key does not get it.
        """
        self._meet()
        # Of this thread's question: what another learns meanwhile is no reproach.
        self._asked.since = self._known()
        now, nonce = self.transport.time(), random_bytes(_NONCE_SIZE)
        bare = Asked(key.public, now, nonce, encode(question), _NO_SIGNATURE)
        signature = key.sign(asked_message(self.chain_id, bare))
        return self.transport.ask(
            Asked(bare.key, bare.time, bare.nonce, bare.question, signature)
        )

    def act(
        self,
        keys: Sequence[SigningKey],
        actions: Sequence[AnyAction],
        bodies: Sequence[bytes] = (),
    ) -> Receipt:
        """Sign, submit, and return the receipt of what was done.

        Raises:
            Refusal: the ledger refused; which one says why.
            Void: the ledger took no notice; which one says why.
        """
        core = self.compose_for([key.public for key in keys], actions, bodies)
        return self.submit(seal_envelope(core, keys, bodies))

    def compose_for(
        self,
        signers: Sequence[bytes],
        actions: Sequence[AnyAction],
        bodies: Sequence[bytes] = (),
    ) -> bytes:
        """Return a core for `signers` to sign, good for an hour."""
        until = self.transport.time() + HOUR
        return compose(self.chain_id, signers, actions, until, bodies)

    def submit(self, envelope: bytes) -> Receipt:
        """Submit an envelope that is signed already.

        Raises:
            Refusal: the ledger refused; which one says why.
            Void: the ledger took no notice; which one says why.
            OlderThanSeen: the node does not show the log that has it.
        """
        self._meet()
        receipt = self.transport.submit(envelope)
        self._acknowledged = max(self._acknowledged, receipt.position + 1)
        if self._memory.lasts:
            self._look()
        if receipt.code != "ok":
            raise refusal_of(receipt.code)
        return receipt

    def check(self, evidence: Evidence, keys: Sequence[bytes]) -> list[bytes | None]:
        """Return what the state has at `keys`, as proven; `None`: nothing.

        Raises:
            BadEvidence: the proofs do not hold, or are of other keys.
            OlderThanSeen: they are older than what this client has seen.
            TwoHistories: they are of another log.
        """
        key = self.transport.log_key
        values, checkpoint = check_evidence(evidence, keys, key)
        since = self._asked.__dict__.pop("since", self._known())
        shown = Shown(evidence.checkpoint, checkpoint, evidence.index)
        self._memory.meet(shown, since, self.transport.growth)
        return values

    def _known(self) -> int:
        """Return how long the log is, by what the node has shown or acknowledged."""
        return max(self._memory.size, self._acknowledged)

    def _meet(self) -> None:
        if not self._is_met:
            self._check_log(self._known(), self.transport.checkpoint())
            self._is_met = True

    def _look(self) -> None:
        """Remember the log that has what was just acknowledged."""
        since = self._known()
        try:
            note = self.transport.checkpoint()
        except CareLedgerError:
            return  # it is recorded: that the node is gone now does not undo it
        self._check_log(since, note)

    def _check_log(self, since: int, note: bytes) -> None:
        shown = Shown(note, check_checkpoint(note, self.transport.log_key))
        self._memory.meet(shown, since, self.transport.growth)


def refusal_of(code: str, detail: str = "") -> Refusal:
    """Return the refusal with a permanent code, as an error to raise."""
    known = error_of(code, Refusal)
    return known(detail) if known else Refusal(code)


def created_id(tx_id: bytes, number: int) -> bytes:
    """Return the id of what action `number` of a transaction created."""
    return marked_hash(b"careledger/id/v1", tx_id, number.to_bytes(1, "big"))
