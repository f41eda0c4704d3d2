"""Actions of the patient tokens (RFC 9474)."""

from typing import Annotated, ClassVar

from msgspec import Meta

from careledger.ledger.actions.base import Action, Hash, Role, Signer
from careledger.primitives.blind_signatures import TokenKey

Residue = Annotated[bytes, Meta(min_length=256, max_length=512)]
"""A number below an RSA modulus, as long as the modulus, big-endian."""


class OpenTokenKey(Action, frozen=True, tag="tokens.open-key"):
    """A registrar starts to issue patient tokens with a key."""

    signed_by: ClassVar[dict[str, Role]] = {"registrar": "organisation"}
    registrar: Signer
    key: TokenKey


class CloseTokenKey(Action, frozen=True, tag="tokens.close-key"):
    """A registrar stops issuing with a key; tokens made with it stay good."""

    signed_by: ClassVar[dict[str, Role]] = {"registrar": "organisation"}
    registrar: Signer
    key_id: Hash


class IssueTokens(Action, frozen=True, tag="tokens.issue"):
    """A registrar answers a patient's blinded requests; the ledger counts them."""

    signed_by: ClassVar[dict[str, Role]] = {
        "registrar": "organisation",
        "patient": "member",
    }
    load: ClassVar[int] = 8  # up to four powers modulo 4096 bits
    registrar: Signer
    patient: Signer
    key_id: Hash
    requests: Annotated[tuple[Residue, ...], Meta(min_length=1, max_length=4)]
    answers: Annotated[tuple[Residue, ...], Meta(min_length=1, max_length=4)]
