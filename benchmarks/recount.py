"""A new process that opens a ledger file, checks it and counts what is there."""

import json
import sys
from pathlib import Path

from careledger.engines.embedded import Engine
from careledger.ledger import log
from careledger.ledger.blocks import TransactionLeaf
from careledger.primitives.encoding import decode_any


def main() -> None:
    """Recompute the log's root from its leaves; count the transactions."""
    with Engine.open(Path(sys.argv[1])) as engine:
        head = engine.query.head
        leaves = engine.query.leaves(0, head.size)
    _, root = log.append(NoTiles(), 0, [log.leaf_hash(leaf) for leaf in leaves])
    if root != head.log_root:
        raise SystemExit("the log's root does not follow from its leaves")
    decoded = [decode_any(leaf, TransactionLeaf) for leaf in leaves if leaf[1] == 1]
    print(json.dumps({"transactions": sum(leaf.code == "ok" for leaf in decoded)}))


class NoTiles:
    """An empty log."""

    def tile(self, level: int, index: int) -> bytes:
        """Return nothing: there is nothing yet."""
        raise KeyError(level, index)


if __name__ == "__main__":
    main()
