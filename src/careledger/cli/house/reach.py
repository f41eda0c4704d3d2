"""Reaching a node of this machine: a transport, and its hospital's counters."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from careledger.cli.house.kept_post import PostPage, PostRequest
from careledger.cli.house.problems import NodeNotUnderstood
from careledger.cli.house.serving import Custodians, TokenRequest
from careledger.cli.house.wire import asked, asked_time, call
from careledger.client.home import Home
from careledger.client.office_problems import PaperOfAnother
from careledger.client.opening import Custody
from careledger.client.papers import Paper, content_of
from careledger.client.registrar import EndorsementRequest
from careledger.ledger.actions.referral import Endorsed
from careledger.node.answers import Directory, FeedPage, Receipt
from careledger.node.questions import Asked
from careledger.primitives.blind_signatures import TokenKey
from careledger.primitives.encoding import encode
from careledger.primitives.notes import VerifierKey
from careledger.sealing.invitations import Routed


class OverSocket:
    """A transport to the node of a home on this machine."""

    def __init__(self, home: Home, node: Path, log_key: VerifierKey) -> None:
        self.chain_id, self.log_key = home.chain_id, log_key
        self._node = node

    def time(self) -> int:
        """Return the ledger's time, milliseconds."""
        return asked_time(self._node)

    def submit(self, envelope: bytes) -> Receipt:
        """Hand in an envelope; return its verdict when that is on disk."""
        return asked(self._node, "submit", envelope, Receipt)

    def ask(self, asked: Asked) -> bytes:
        """Return the encoded answer to a signed question."""
        return call(self._node, "ask", encode(asked))

    def checkpoint(self) -> bytes:
        """Return the log's signed checkpoint, as it is now."""
        return asked(self._node, "log", b"", bytes)

    def growth(self, old: int, new: int) -> tuple[bytes, ...]:
        """Return the consistency proof between two sizes of the log."""
        sizes = encode((old, new))
        return asked(self._node, "growth", sizes, tuple[bytes, ...])

    def directory(self, after: int) -> Directory:
        """Return a page of who is publicly listed, with proofs."""
        return asked(self._node, "directory", encode(after), Directory)

    def feed(self, after: int) -> FeedPage:
        """Return invitations behind a place in the feed."""
        return asked(self._node, "feed", encode(after), FeedPage)


class Counters:
    """The counters of the hospital that serves: custody, post, endorsements, tokens."""

    def __init__(self, node: Path, admission: Paper | None = None) -> None:
        """Stand at the counters; `admission` is the paper that admits a patient."""
        self._node, self._admission = node, admission

    @property
    def token_key(self) -> TokenKey:
        """The key that tokens are issued with."""
        return asked(self._node, "token-key", b"", TokenKey)

    def admit_patient(self, patient: bytes) -> Paper:
        """Return the paper that the hospital has handed to this patient.

        Raises:
            PaperOfAnother: it is another patient's.
        """
        paper = self._admission
        if paper is None or patient not in content_of(paper).signers:
            raise PaperOfAnother
        return paper

    def offer_custody(self) -> Custody:
        """Return fresh keys of the hospital for one record."""
        fresh = asked(self._node, "custody", b"", Custodians)
        return Custody(fresh.custodians, fresh.witness)

    def keep_record(self, paper: Paper) -> Paper:
        """Return the paper, signed by its custodians."""
        return asked(self._node, "keep", encode(paper), Paper)

    def endorse(self, request: EndorsementRequest) -> tuple[Endorsed, ...]:
        """Return endorsements, in order."""
        return asked(self._node, "endorse", encode(request), tuple[Endorsed, ...])

    def issue_tokens(self, patient: bytes, requests: Sequence[bytes]) -> Paper:
        """Return the paper that answers blinded requests."""
        wanted = TokenRequest(patient, tuple(requests))
        return asked(self._node, "tokens", encode(wanted), Paper)

    def post_for(self, member: bytes) -> Iterator[Routed]:
        """Yield what came for a member and can still be taken up, page by page.

        Raises:
            NodeNotUnderstood: a page that does not go on behind the one before.
        """
        after = -1
        while True:
            wanted = encode(PostRequest(member, after))
            page = asked(self._node, "post", wanted, PostPage)
            if not page.routed:
                return
            if page.after <= after:  # asking might never end
                raise NodeNotUnderstood
            yield from page.routed
            after = page.after
