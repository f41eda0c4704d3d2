"""Why the ledger says no: one file per workflow, one class per reason.

A `Void` leaves no trace. A `Refusal` is a verdict: it is recorded, final, and
its code (never its text) is hashed into the log.
"""

from careledger.ledger.refusals.base import Refusal, Void

__all__ = ["Refusal", "Void"]
