"""Which errors a node tells its callers, and which of its words a caller believes.

A node speaks of what it serves: the ledger with its rules, its desk and its vault,
the counters of its hospital, and that it did not understand or cannot go on. What is
wrong with a home is never for another machine to say: `home.half-written` from a node
would be read as one's own home. One rule for both ends of the socket.
"""

from typing import Final

from careledger.cli.house.problems import NodeNotUnderstood
from careledger.cli.machine_problems import DiskFull
from careledger.cli.problems import Fault
from careledger.client.office_problems import NotChecked
from careledger.client.session_problems import NotForThisOffice
from careledger.engines import errors as engine_problems
from careledger.errors import CareLedgerError, error_of
from careledger.ledger import refusals
from careledger.ledger.log import NoSuchLeaf, TileMissing
from careledger.node import problems as node_problems
from careledger.primitives.blind_signatures import BadIssue
from careledger.vault import problems as vault_problems

_ROOMS: Final = tuple(
    room.__name__ for room in (engine_problems, refusals, node_problems, vault_problems)
)
_MACHINE: Final = (DiskFull, Fault)
_OTHERS: Final = frozenset(
    {
        NoSuchLeaf,
        TileMissing,
        NotForThisOffice,
        NotChecked,
        BadIssue,
        NodeNotUnderstood,
        *_MACHINE,
    }
)


def is_told(error: type[CareLedgerError]) -> bool:
    """Tell whether a node can rightly answer with an error."""
    return error in _OTHERS or error.__module__.startswith(_ROOMS)


def told(code: str) -> CareLedgerError:
    """Return the error that a node's reply stands for; else, that it is no reply."""
    known = error_of(code, CareLedgerError)
    if known is None or not is_told(known):
        return NodeNotUnderstood(code)
    return known("at the node" if known in _MACHINE else "")
