"""What the token workflow refuses."""

from typing import ClassVar

from careledger.ledger.refusals.base import Refusal


class NoSuchTokenKey(Refusal):
    """No such key of this registrar, or closed for issuing."""

    code: ClassVar[str] = "tokens.no-such-key"
    happened: ClassVar[str] = "The registrar has no such open token key."
    to_do: ClassVar[str] = "Use the registrar's current token key."


class TokenKeyTaken(Refusal):
    """The key is not of the accepted form, or already registered."""

    code: ClassVar[str] = "tokens.bad-key"
    happened: ClassVar[str] = "The token key is not acceptable or already registered."
    to_do: ClassVar[str] = "Make a fresh RSA key of 2048 to 4096 bits."


class BadIssue(Refusal):
    """An answer does not belong to its request."""

    code: ClassVar[str] = "tokens.bad-issue"
    happened: ClassVar[str] = "An answer does not belong to its blinded request."
    to_do: ClassVar[str] = "Sign the request again with the registered key."


class NoMoreTokens(Refusal):
    """The patient has had this year's tokens."""

    code: ClassVar[str] = "tokens.no-more"
    happened: ClassVar[str] = "The patient has had all tokens of this year."
    to_do: ClassVar[str] = "Ask again next year, or reuse an existing record."


class NotAToken(Refusal):
    """Forged, spent, of another key or for another handle: all look alike."""

    code: ClassVar[str] = "tokens.not-a-token"
    happened: ClassVar[str] = "There is no unspent token for this handle."
    to_do: ClassVar[str] = "Use a token that was issued for exactly this handle."
