"""A registrar's token key, and tokens as patients get them."""

import json
from functools import cache
from pathlib import Path

from careledger.ledger.workflows import tokens
from careledger.primitives.blind_signatures import token_message
from careledger.sealing.tokens import (
    TokenSigner,
    blind,
    blind_sign,
    finalize,
    load_signer,
    token_key,
)

PRIVATE_KEYS = Path(__file__).parents[1] / "vectors/tokens/signers.json"


@cache
def signer(registrar: str = "registrar") -> TokenSigner:
    """Return the private token key of a registrar (a test key in the vectors)."""
    signers = json.loads(PRIVATE_KEYS.read_text())["signers"]
    return load_signer(bytes.fromhex(signers[registrar]))


TOKEN_KEY = token_key(signer())
TOKEN_KEY_ID = tokens.key_id(TOKEN_KEY)


@cache
def token(chain: bytes, handle: bytes, registrar: str = "registrar") -> bytes:
    """Return a token as a patient gets one: blinded, signed, unblinded."""
    message, public = token_message(chain, handle), token_key(signer(registrar))
    request, inverse = blind(public, message, bytes(32))
    return finalize(public, message, blind_sign(signer(registrar), request), inverse)


@cache
def answer(request: bytes) -> bytes:
    return blind_sign(signer(), request)
