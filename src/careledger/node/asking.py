"""Whether a question really comes from the key it names, and only once."""

from threading import Lock
from typing import Final

from careledger.node.problems import NotAsked
from careledger.node.questions import Asked, Question, asked_message
from careledger.primitives.encoding import NotCanonical, decode
from careledger.primitives.signing import BadSignature, verify

FRESH: Final = 120_000
"""How far the time of a question may lie from the node's: milliseconds."""


class Doorkeeper:
    """Checks signed questions; remembers nonces while their time is fresh."""

    def __init__(self, chain_id: bytes) -> None:
        self._chain_id = chain_id
        self._seen: dict[bytes, int] = {}
        self._lock = Lock()

    def check(self, asked: Asked, now: int) -> Question:
        """Return the question, which its key signed, just now, once.

        Raises:
            NotAsked: forged, for another chain, too old, from the future, repeated,
                or no question at all.
        """
        if abs(asked.time - now) > FRESH:
            raise NotAsked
        try:
            verify(asked.key, asked_message(self._chain_id, asked), asked.signature)
            question: Question = decode(asked.question, Question)  # type: ignore[arg-type]
        except (BadSignature, NotCanonical):
            raise NotAsked from None
        self._remember(asked.key + asked.nonce, asked.time + FRESH, now)
        return question

    def _remember(self, nonce: bytes, until: int, now: int) -> None:
        with self._lock:
            if nonce in self._seen:
                raise NotAsked
            while self._seen and next(iter(self._seen.values())) < now:
                del self._seen[next(iter(self._seen))]
            self._seen[nonce] = until
