"""Patient tokens on the patient's side: ask blindly, keep, spend once.

The message of a token is an owner handle's key. The blinding is derived from the
seed, so a patient who lost the device asks for the same token again.
"""

from collections.abc import Sequence
from typing import Final, Protocol

from careledger.client.keystore import Keystore, Token
from careledger.client.line import Line
from careledger.client.papers import Paper, content_of, envelope_of, sign
from careledger.client.session_problems import NotForThisOffice
from careledger.ledger.actions.tokens import IssueTokens
from careledger.ledger.workflows.tokens import key_id
from careledger.primitives.blind_signatures import TokenKey, token_message
from careledger.sealing.keys import derive
from careledger.sealing.tokens import blind, finalize

_BLINDING: Final = b"careledger/token-secret/v1"


class TokenOffice(Protocol):
    """A registrar's counter for patient tokens."""

    @property
    def token_key(self) -> TokenKey:
        """The key that it issues with, as on the ledger."""
        ...

    def issue_tokens(self, patient: bytes, requests: Sequence[bytes]) -> Paper:
        """Return the signed answers to a patient's blinded requests."""
        ...


AT_ONCE: Final = 4
"""Tokens that one envelope can issue."""


def take_token(line: Line, store: Keystore, office: TokenOffice, label: str) -> Token:
    """Return a token to be spent now: from the stock, or asked for at this moment.

    Asking names the patient, and a record that opens right after it can be joined
    with that name by its time. So tokens are asked for in advance (`stock_up`).

    Raises:
        NoMoreTokens: none left, and no more this year.
    """
    return store.take_token(label) or get_tokens(line, store, office, [label])[0]


def stock_up(line: Line, store: Keystore, office: TokenOffice) -> None:
    """Get tokens for later, long before anything is opened with them.

    Raises:
        NoMoreTokens: more than this patient may have in a year.
    """
    tokens = get_tokens(line, store, office, [""] * AT_ONCE)
    store.change(tokens=(*store.kept.tokens, *tokens))


def get_tokens(
    line: Line, store: Keystore, office: TokenOffice, labels: Sequence[str]
) -> list[Token]:
    """Take a fresh owner handle for each label and get tokens for them.

    Raises:
        NoMoreTokens: more than this patient may have in a year.
        NotForThisOffice: the office answers something else.
        BadToken: the office's answers are not signatures of its key.
    """
    key, indexes = office.token_key, []
    for label in labels:
        number = store.kept.next_recovery
        store.change(next_recovery=number + 1)
        indexes.append(store.take(label, number))
    messages = [_message(line, store, index) for index in indexes]
    secret = derive(store.seed, _BLINDING)
    blinded = [blind(key, message, secret) for message in messages]
    requests = [request for request, _ in blinded]
    paper = office.issue_tokens(store.member.signing.public, requests)
    answers = _answers(paper, requests)
    line.submit(envelope_of(sign(paper, store.member.signing)))
    return [
        Token(index, key_id(key), finalize(key, message, answer, inverse))
        for index, message, answer, (_, inverse) in zip(
            indexes, messages, answers, blinded, strict=True
        )
    ]


def _message(line: Line, store: Keystore, index: int) -> bytes:
    return token_message(line.chain_id, store.keys(index).signing.public)


def _answers(paper: Paper, requests: Sequence[bytes]) -> tuple[bytes, ...]:
    match content_of(paper).actions:
        case (IssueTokens() as action,) if list(action.requests) == list(requests):
            return action.answers
        case _:
            raise NotForThisOffice
