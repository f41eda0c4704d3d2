"""The desk: one door for every question that needs a key.

A transaction goes only to a key that is *actively* party to it. Everybody else
gets the same answer from the same lines of code, whether it exists or not. A
handle whose participation has ended keeps the receipts of its own acts and sees
nothing else.
"""

from collections.abc import Callable, Sequence
from typing import Final

from careledger.engines.reading import Reader
from careledger.ledger.state import Draft
from careledger.ledger.workflows import records, seats
from careledger.node import questions as ask
from careledger.node.answers import Directory, FeedPage
from careledger.node.asking import Doorkeeper
from careledger.node.blobs import copy_to, fetch_from
from careledger.node.digest import Digests
from careledger.node.directory import PublicDesk
from careledger.node.evidence import Prover
from careledger.node.history_answers import HistoryDesk
from careledger.node.key_answers import KeyDesk
from careledger.node.ledger_facts import Facts
from careledger.node.parties import Party, party
from careledger.node.problems import NothingHere
from careledger.node.record_answers import RecordDesk
from careledger.node.seat_answers import SeatDesk
from careledger.primitives.encoding import encode
from careledger.vault.problems import NotKept
from careledger.vault.store import Deposit, Vault

_OWNER_ONLY: Final = (ask.Participants, ask.OpenInvitations, ask.RecordHistory)

_KINDS: Final[dict[type[ask.Question], tuple[seats.KeyKind, ...]]] = {
    ask.MyKeys: ("seat", "recovery"),
    ask.MyOffer: ("invitation",),
    ask.MyDuty: ("sharer",),
    ask.Prove: ("seat", "invitation", "recovery", "sharer", "custodian"),
}
"""Which kinds of key may ask; for everything else, those on a seat."""


class Desk:
    """Answers signed questions about one ledger and its vaults."""

    def __init__(
        self,
        reader: Reader,
        chain_id: bytes,
        clock: Callable[[], int],
        checkpoint: Callable[[], bytes],
        organisations: Sequence[bytes] = (),
    ) -> None:
        self._facts = facts = Facts(reader, clock)
        self._door = Doorkeeper(chain_id)
        digests, prover = Digests(facts), Prover(reader, checkpoint)
        self._seats, self._keys = SeatDesk(facts, digests), KeyDesk(facts, digests)
        self._records = RecordDesk(facts, digests, prover)
        self._history = HistoryDesk(facts)
        self._prover = prover
        self._public = PublicDesk(facts, prover, tuple(organisations))
        self._vaults: dict[bytes, Vault] = {}
        self._each: tuple[Vault, ...] = ()

    @property
    def facts(self) -> Facts:
        """The ledger as a vault may see it."""
        return self._facts

    def keep_at(self, custodian: bytes, vault: Vault) -> None:
        """Note which vault keeps the blobs of a custodian handle."""
        self._vaults[custodian] = vault
        if vault not in self._each:
            self._each = (*self._each, vault)

    def answer(self, asked: ask.Asked) -> bytes:
        """Return the encoded answer to a signed question.

        Raises:
            NotAsked: not signed by its key, not fresh, repeated.
            NothingHere: nothing that this key may see.
            NotServed: a blob that this handle does not get.
            VaultDamaged, VaultUnwell: a blob that no vault has whole.
            NotKept: blobs that no vault takes from this handle.
        """
        question = self._door.check(asked, self._facts.time())
        if isinstance(question, ask.MyReceipts):
            return encode(self._history.receipts(asked.key, question.after))
        if isinstance(question, ask.MyReviews):
            return encode(self._public.reviews(asked.key))
        if isinstance(question, ask.MyRecovery):
            return encode(self._seats.recovery(asked.key))
        if isinstance(question, ask.MyRecognition):
            return encode(self._seats.recognition(asked.key))
        if isinstance(question, ask.Fetch):
            return self._fetch(asked.key, question)
        return encode(self._answer(self._party(asked.key, question), question))

    def directory(self, after: int) -> Directory:
        """Return a page of who is publicly listed, behind the first `after`.

        Raises:
            NothingHere: there are no more.
        """
        return self._public.directory(after)

    def feed(self, after: int) -> FeedPage:
        """Return invitations behind a place in the feed, whoever they are for."""
        return self._public.feed(after)

    def is_waiting(self, body: bytes) -> bool:
        """Tell whether an invitation with this body can still be taken up.

        For the hospital that runs the node, about the post of its own people.
        """
        return self._public.is_waiting(body)

    def checkpoint(self) -> bytes:
        """Return a signed checkpoint of the log as it is."""
        return self._prover.checkpoint()

    def growth(self, old: int, new: int) -> tuple[bytes, ...]:
        """Return the consistency proof between two sizes of the log: hashes only.

        Raises:
            NothingHere: the log is not that long, or did not grow so.
        """
        return self._prover.growth(old, new)

    def _party(self, key: bytes, question: ask.Question) -> Party:
        """Return the asking key's part, if it may ask this.

        Raises:
            NothingHere: it may not, for whatever reason.
        """
        who = party(self._facts.draft(), key, self._facts.time())
        if who.kind not in _KINDS.get(type(question), ("seat",)):
            raise NothingHere
        if isinstance(question, _OWNER_ONLY) and who.seat != seats.OWNER:
            raise NothingHere
        return who

    def _answer(self, who: Party, question: ask.Question) -> object:
        about_me: dict[type, Callable[[Party], object]] = {
            ask.MySeat: self._seats.seat,
            ask.MyAsset: self._seats.asset,
            ask.MyOffer: self._seats.offer,
            ask.MyDuty: self._seats.duty,
            ask.Holders: self._seats.holders,
        }
        simple = about_me.get(type(question))
        return simple(who) if simple else self._answer_more(who, question)

    def _answer_more(self, who: Party, question: ask.Question) -> object:
        match question:
            case ask.Prove():
                return self._records.prove(who, question)
            case ask.Store():
                return self._store(who, question)
        return self._page(who, question)

    def _page(self, who: Party, question: ask.Question) -> object:
        """Return what comes in pages: nobody can make one too long to send."""
        match question:
            case ask.MyKeys():
                return self._keys.keys(who, question.after)
            case ask.MyTransactions():
                return self._history.transactions(who, question.after)
            case ask.Statements():
                return self._records.statements(who, question.after)
            case ask.MyEntries():
                return self._records.entries(who, question.after)
        return self._page_for_owner(who, question)

    def _page_for_owner(self, who: Party, question: ask.Question) -> object:
        match question:
            case ask.RecordHistory():
                return self._history.history(who, question.after)
            case ask.Participants():
                return self._records.participants(who, question.after)
            case ask.OpenInvitations():
                return self._records.invitations(who, question.after)
        raise NothingHere

    def _fetch(self, key: bytes, question: ask.Fetch) -> bytes:
        """Return a blob from the first vault that has it whole.

        Raises:
            NotServed: none serves it: the same for every reason.
            VaultDamaged, VaultUnwell: no vault has it whole.
        """
        return fetch_from(self._each, key, question.read, question.entry)

    def _store(self, who: Party, question: ask.Store) -> bytes:
        """Give blobs to the custodian's vault, and to those of its fellows here.

        Raises:
            NotKept: no custodian of this record, or a handle that may not write.
        """
        draft, now = self._facts.draft(), self._facts.time()
        mine = seats.seat(draft, who.record, who.seat)
        serves = records.serves(draft, who.record, question.custodian, now)
        vault = self._vaults.get(question.custodian)
        if vault is None or not serves or "write" not in mine.capabilities:
            raise NotKept
        deposits = [Deposit(one.entry, one.blob) for one in question.deposits]
        receipt = vault.store(question.custodian, deposits)
        copy_to(self._fellows(draft, who.record, vault), deposits)
        return receipt

    def _fellows(
        self, draft: Draft, record: bytes, vault: Vault
    ) -> list[tuple[bytes, Vault]]:
        """Return the record's other custodians here, each with its own vault."""
        handles = [one.handle for one in records.even_erased(draft, record).custodians]
        here = [(one, self._vaults[one]) for one in handles if one in self._vaults]
        return [pair for pair in here if pair[1] is not vault]
