"""A store that remembers everything in dictionaries: the model of the real one."""

from careledger.ledger.blocks import BlockResult, Header, block_leaf
from careledger.ledger.genesis import chain_id, initial_state, read_genesis
from careledger.ledger.log import leaf_hash, node_hash
from careledger.ledger.tree import next_seed
from tests.naive_tree import NaiveTree


def log_root(hashes: list[bytes]) -> bytes:
    """RFC 6962 §2.1, word for word."""
    if len(hashes) == 1:
        return hashes[0]
    split = 1
    while split * 2 < len(hashes):
        split *= 2
    return node_hash(log_root(hashes[:split]), log_root(hashes[split:]))


class MemoryStore:
    def __init__(self, genesis: bytes) -> None:
        self.tree = NaiveTree()
        self.seed = chain_id(genesis)
        self.tree.apply(dict(initial_state(genesis)), self.seed)
        self.state = dict(initial_state(genesis))
        self.positions: dict[bytes, int] = {}
        self.parties: dict[bytes, list[int]] = {}
        self.bodies: dict[bytes, bytes] = {}
        self.leaves = [block_leaf(0, read_genesis(genesis).created, self.tree.root())]
        self.ends = [0]

    def commit(self, header: Header, result: BlockResult) -> None:
        self.seed = next_seed(self.seed, [r.tx_id for r in result.receipts])
        self.tree.apply(result.diff, self.seed)
        for key, value in result.diff.items():
            self.state.pop(key, None)
            if value is not None:
                self.state[key] = value
        for receipt, keys in zip(result.receipts, result.parties, strict=True):
            position = len(self.leaves) + receipt.position
            self.positions[receipt.tx_id] = position
            for key in keys:
                self.parties.setdefault(key, []).append(position)
        self.bodies.update(body for bodies in result.bodies for body in bodies)
        self.leaves += result.leaves
        self.ends.append(len(self.leaves))
        self.leaves.append(block_leaf(header.height, header.time, self.tree.root()))

    def log_root(self) -> bytes:
        return log_root([leaf_hash(leaf) for leaf in self.leaves])

    def ordered(self) -> list[bytes]:
        return sorted(key for key in self.state if key[:1] == b"\x10")
