"""The command line: where homes, ledgers and people meet.

Every command has help, `--json`, and an error code for everything that can fail.
No rule of the ledger lives here.
"""

from careledger.cli.app import main

__all__ = ["main"]
