"""Emergency plans: three agents hold shares; two open the record in an emergency.

An agent's key on the ledger is an Ed25519 key, fresh for the record. The X-Wing
key to seal its share to is signed with it, so whoever rotates can check it.
"""

from collections.abc import Sequence
from typing import Annotated, Final

import msgspec

from careledger.client.current import proven_ring
from careledger.client.part import Part
from careledger.client.session_problems import KeyMissing, OneHospital
from careledger.ledger.actions.base import PublicKey, SealingKey, Signature
from careledger.ledger.actions.emergency import SetPlan
from careledger.node.answers import HoldersAnswer
from careledger.node.questions import Holders
from careledger.primitives.encoding import Message, NotCanonical, decode, encode
from careledger.primitives.hashing import sha256
from careledger.primitives.signing import BadSignature, verify
from careledger.sealing.emergency import Reader, seal_shares
from careledger.sealing.seeds import KeyPair

_MARKER: Final = b"careledger/agent-key/v1"
_STATED: Final = b"careledger/agent-organisation/v1"


class PublicAgentKey(Message, frozen=True, tag="public-agent-key/v1"):
    """What a plan shows of an agent: not whose it is.

    Attributes:
        key: its Ed25519 key, its name in the plan.
        sealing_key: its X-Wing key.
        signature: by `key` over `sealing_key`.
    """

    key: PublicKey
    sealing_key: SealingKey
    signature: Signature


class AgentKey(Message, frozen=True, tag="agent-key/v1"):
    """An emergency agent's keys for one record, as its hospital hands them out.

    Attributes:
        shown: goes into the plan.
        organisation: who runs the agent (id); the plan needs at least two. It
            goes no further than the patient: validators read plans.
        stated: by the agent's key over `organisation`.
    """

    shown: PublicAgentKey
    organisation: Annotated[bytes, msgspec.Meta(min_length=32, max_length=32)]
    stated: Signature

    @property
    def key(self) -> bytes:
        """The agent's name in the plan."""
        return self.shown.key


def agent_key(chain_id: bytes, keys: KeyPair, organisation: bytes) -> AgentKey:
    """Return an agent's signed keys, to hand to a patient."""
    signing, public = keys.signing, keys.opening.public
    signature = signing.sign(_MARKER + chain_id + public)
    shown = PublicAgentKey(signing.public, public, signature)
    stated = signing.sign(_STATED + chain_id + organisation)
    return AgentKey(shown, organisation, stated)


def set_plan(part: Part, agents: Sequence[AgentKey]) -> None:
    """Give shares of the record's keys to three agents; no agents end the plan.

    Raises:
        KeyMissing: an agent's keys are not signed by it.
        OneHospital: all three belong to one organisation, which could then open
            the record alone.
        BadPlan: not three different agents.
        NotHeld: this part does not hold all epochs.
    """
    readers = [_reader(part.line.chain_id, one.shown) for one in agents]
    _check_organisations(part.line.chain_id, agents)
    ring = proven_ring(part)
    binding = part.line.binding(part.record, ring.epoch)
    shares = seal_shares(ring, binding, part.handle, readers) if readers else ()
    action = SetPlan(
        0, tuple(one.handle for one in readers), tuple(map(sha256, shares))
    )
    bodies = [*(encode(one.shown) for one in agents), *shares]
    part.line.act([part.keys.signing], [action], bodies)


def check_agents(part: Part, agents: Sequence[bytes]) -> list[Reader]:
    """Return the agents of a proven plan with the keys that they signed.

    Raises:
        KeyMissing: a key is not there, or not signed by its agent.
    """
    answer = part.line.ask(part.keys.signing, Holders(), HoldersAnswer)
    readers = []
    for body in answer.agent_keys:
        try:
            readers.append(_reader(part.line.chain_id, decode(body, PublicAgentKey)))
        except NotCanonical:
            raise KeyMissing from None
    if [one.handle for one in readers] != list(agents):
        raise KeyMissing
    return readers


def _check_organisations(chain_id: bytes, agents: Sequence[AgentKey]) -> None:
    """Check that agents state at least two organisations, each its own.

    Raises:
        KeyMissing: a statement is not the agent's.
        OneHospital: all name one organisation.
    """
    try:
        for one in agents:
            verify(one.key, _STATED + chain_id + one.organisation, one.stated)
    except BadSignature:
        raise KeyMissing from None
    if agents and len({one.organisation for one in agents}) < 2:  # noqa: PLR2004
        raise OneHospital


def _reader(chain_id: bytes, one: PublicAgentKey) -> Reader:
    try:
        verify(one.key, _MARKER + chain_id + one.sealing_key, one.signature)
    except BadSignature:
        raise KeyMissing from None
    return Reader(one.key, one.sealing_key)
