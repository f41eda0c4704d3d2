"""A new process that checks a ledger file from genesis and counts what is there."""

import json
import sys
import time
from pathlib import Path

from careledger.engines.verify import verify_ledger


def main() -> None:
    """Check every signature, verdict, hash and row; count the transactions."""
    started = time.perf_counter()
    verified = verify_ledger(Path(sys.argv[1]))
    seconds = time.perf_counter() - started
    print(
        json.dumps(
            {
                "transactions": verified.transactions,
                "seconds": round(seconds, 1),
            }
        )
    )


if __name__ == "__main__":
    main()
