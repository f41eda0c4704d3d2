"""Genesis: what every node of a network starts from.

The chain id is SHA-256 over the genesis bytes behind their marker, so whoever
holds the genesis file knows which network a signature is for.
"""

import itertools
from collections.abc import Iterator
from typing import Annotated, ClassVar, Final

from msgspec import Meta

from careledger.errors import CareLedgerError
from careledger.ledger.actions.base import Amount, Hash, PublicKey
from careledger.ledger.actions.governance import Application, MlDsaKey, NodeName
from careledger.ledger.listing import Listing
from careledger.ledger.parameters import PROTOCOL, Parameters, set_parameters
from careledger.ledger.refusals.base import Refusal
from careledger.ledger.state import Base, Draft, PreState, Table, difference
from careledger.ledger.workflows import coin, governance, nodes
from careledger.primitives.encoding import (
    Message,
    Millis,
    NotCanonical,
    UInt,
    decode,
    encode,
)
from careledger.primitives.hashing import marked_hash, sha256


class BadGenesis(CareLedgerError):
    """No genesis of this version of the rules."""

    code: ClassVar[str] = "genesis.bad"
    happened: ClassVar[str] = "The genesis file is damaged or of another version."
    to_do: ClassVar[str] = "Get the network's genesis file again, or upgrade."


class FirstNode(Message, frozen=True):
    """The node that a network starts with, of the organisation at `organisation`."""

    organisation: Annotated[int, Meta(ge=0, le=15)]
    name: NodeName
    key: PublicKey
    ml_dsa_key: MlDsaKey


class Genesis(Message, frozen=True):
    """How a network starts.

    Attributes:
        protocol: version of the rules.
        name: the network's name and its log's origin line.
        created: milliseconds; the time of block 0.
        simulated: the network runs in simulated time and says so everywhere.
        governors: keys, ascending.
        threshold: how many of them decide.
        parameters: as at the start.
        organisations: admitted from the start (their `chain_id` is all zero).
        nodes: whose signatures count at the start.
        purses: key and balance of each purse at the start, by ascending key.
    """

    protocol: UInt
    name: NodeName
    created: Millis
    simulated: bool
    governors: tuple[PublicKey, ...]
    threshold: UInt
    parameters: Parameters
    organisations: tuple[Application, ...]
    nodes: tuple[FirstNode, ...]
    purses: tuple[tuple[PublicKey, Amount], ...]


_CHAIN: Table[bytes] = Table(b"\x00", Hash, b"")
_NO_CHAIN: Final = bytes(32)
_MARKER: Final = b"careledger/genesis/v1"


class _Nothing:
    """The state before genesis."""

    def get(self, key: bytes) -> bytes | None:  # noqa: ARG002
        return None

    def recorded(self, tx_id: bytes) -> bool:  # noqa: ARG002
        return False

    def first(self, prefix: bytes, below: bytes, limit: int) -> list[bytes]:  # noqa: ARG002
        return []


NOTHING: Final[PreState] = _Nothing()
"""A state without entries."""


def read_genesis(raw: bytes) -> Genesis:
    """Decode a genesis file.

    Raises:
        BadGenesis: damaged, or of another version of the rules.
    """
    try:
        genesis = decode(raw, Genesis)
    except NotCanonical as error:
        raise BadGenesis from error
    if genesis.protocol != PROTOCOL:
        raise BadGenesis
    return genesis


def chain_id(raw: bytes) -> bytes:
    """Return the chain id of a genesis file (32 bytes)."""
    return marked_hash(_MARKER, raw)


def chain_id_of(draft: Draft) -> bytes:
    """Return the chain id that the state itself carries."""
    return _CHAIN.get(draft)


def initial_state(raw: bytes) -> dict[bytes, bytes]:
    """Return the state of block 0.

    Raises:
        BadGenesis: damaged, of another version, or breaking the rules itself.
    """
    genesis = read_genesis(raw)
    base = Base(NOTHING)
    draft = Draft(base)
    _CHAIN.put(draft, b"", chain_id(raw))
    try:
        _fill(draft, genesis)
    except Refusal as error:
        raise BadGenesis from error
    return {
        key: value
        for key, value in difference(base, draft).items()
        if value is not None
    }


def _fill(draft: Draft, genesis: Genesis) -> None:
    if any(one.chain_id != _NO_CHAIN for one in genesis.organisations):
        raise BadGenesis  # made for another network
    if not all(a < b for (a, _), (b, _) in itertools.pairwise(genesis.purses)):
        raise BadGenesis  # one network, one genesis: each purse once, in order
    set_parameters(draft, genesis.parameters)
    governance.set_governors(draft, genesis.governors, genesis.threshold)
    ids = [governance.admit(draft, one) for one in genesis.organisations]
    for first in genesis.nodes:
        if first.organisation >= len(ids):
            raise BadGenesis
        owner = ids[first.organisation]
        key_hash = sha256(first.ml_dsa_key)
        governance.add_node(draft, nodes.Node(owner, first.name, first.key, key_hash))
    for purse, amount in genesis.purses:
        coin.mint(draft, purse, amount)


def write_genesis(genesis: Genesis) -> bytes:
    """Return the bytes of a genesis file."""
    return encode(genesis)


def audit(listing: Listing) -> Iterator[str]:
    """Yield what is wrong with the entry that names the network."""
    if list(listing.rows(_CHAIN)) != [b""]:
        yield "genesis: the state does not name its network"
