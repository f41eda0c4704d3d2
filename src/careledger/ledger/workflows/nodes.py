"""Nodes: whose signatures count under the log's checkpoints.

Only this module touches its table. Governance decides who is in it; at least one
node always is.
"""

from collections.abc import Collection, Iterator, Sequence

from careledger.ledger.actions.base import Hash, PublicKey
from careledger.ledger.listing import Listing
from careledger.ledger.refusals.governance import AlreadyAdmitted, LastNode
from careledger.ledger.state import Draft, Table
from careledger.primitives.encoding import Message


class Node(Message, frozen=True):
    """A node whose signature counts. The ML-DSA-44 key is given by its hash."""

    organisation: Hash
    name: str
    key: PublicKey
    ml_dsa_key_hash: Hash


_NODES: Table[tuple[Node, ...]] = Table(b"\x08", tuple[Node, ...], ())


def in_force(draft: Draft) -> tuple[Node, ...]:
    """Return the nodes whose signatures count."""
    return _NODES.get(draft)


def add(draft: Draft, new: Node) -> None:
    """Add a node.

    Raises:
        AlreadyAdmitted: its name or key is taken.
    """
    others = in_force(draft)
    if any(node.name == new.name or node.key == new.key for node in others):
        raise AlreadyAdmitted
    _NODES.put(draft, b"", (*others, new))


def keep(draft: Draft, remaining: Sequence[Node]) -> None:
    """Let these nodes vouch for the log, and no others.

    Raises:
        LastNode: nobody would.
    """
    if not remaining:
        raise LastNode
    _NODES.put(draft, b"", tuple(remaining))


def audit(listing: Listing, owners: Collection[bytes]) -> Iterator[str]:
    """Yield each node whose organisation is not one of `owners`."""
    for nodes in listing.rows(_NODES).values():
        for node in nodes:
            if node.organisation not in owners:
                yield f"governance: the node {node.name} belongs to nobody"
