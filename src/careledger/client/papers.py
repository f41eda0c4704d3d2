"""Papers: envelopes on their way from one signer to the next.

Unlike `envelopes.Draft`, a paper carries its bodies: it is what two actors'
machines exchange when both must sign.
"""

from collections.abc import Sequence

import msgspec

from careledger.client.line import Line
from careledger.client.session_problems import NotForThisOffice
from careledger.ledger.actions import AnyAction
from careledger.ledger.envelopes import Core, Envelope, signed_message
from careledger.primitives.encoding import Message, NotCanonical, decode, encode
from careledger.primitives.hashing import sha256
from careledger.primitives.signing import SigningKey


class Paper(Message, frozen=True, tag="paper/v1"):
    """A core, its bodies, and the signatures so far; empty where one is missing."""

    core: bytes
    bodies: tuple[bytes, ...]
    signatures: tuple[bytes, ...]


def draw_up(
    line: Line,
    signers: Sequence[bytes],
    actions: Sequence[AnyAction],
    bodies: Sequence[bytes] = (),
) -> Paper:
    """Return a paper that nobody has signed."""
    core = line.compose_for(signers, actions, bodies)
    return Paper(core, tuple(bodies), tuple(b"" for _ in signers))


def content_of(paper: Paper) -> Core:
    """Return what a paper says.

    Raises:
        NotForThisOffice: it is no core, the bodies are not its own, or it has
            no place for each signature.
    """
    try:
        content = decode(paper.core, Core)
    except NotCanonical:
        raise NotForThisOffice from None
    if tuple(map(sha256, paper.bodies)) != content.body_hashes:
        raise NotForThisOffice
    if len(paper.signatures) != len(content.signers):
        raise NotForThisOffice
    return content


def sign(paper: Paper, *keys: SigningKey) -> Paper:
    """Return the paper with the signatures of `keys`.

    Raises:
        NotForThisOffice: it does not name one of them.
    """
    signers = content_of(paper).signers
    signatures = list(paper.signatures)
    message = signed_message(sha256(paper.core))
    for key in keys:
        if key.public not in signers:
            raise NotForThisOffice
        signatures[signers.index(key.public)] = key.sign(message)
    return msgspec.structs.replace(paper, signatures=tuple(signatures))


def finished(paper: Paper) -> bytes:
    """Return the envelope of a paper that everybody has signed.

    Raises:
        NotForThisOffice: somebody has not.
    """
    if not all(paper.signatures):
        raise NotForThisOffice
    return envelope_of(paper)


def envelope_of(paper: Paper) -> bytes:
    """Return the envelope of a paper."""
    return encode(Envelope(paper.core, paper.signatures, paper.bodies))
