"""The history of an exported record is complete, and no entry of it is left out.

The ledger's own counter and running hash say how many events there were; only what
the owner had erased may be missing among the entries.
"""

from pathlib import Path
from typing import Any

from careledger.fhir.export_problems import ExportDamaged
from careledger.fhir.export_reading import EventLine, SealedLine, proven
from careledger.fhir.exporting import ENTRIES, HISTORY, HISTORY_PROOF
from careledger.ledger.actions.records import Append, Erase
from careledger.ledger.envelopes import Core
from careledger.ledger.history import NotComplete, check_complete
from careledger.node.state_keys import Trail, trail_key
from careledger.primitives.encoding import NotCanonical, decode
from careledger.primitives.hashing import sha256
from careledger.primitives.notes import VerifierKey


def check_history(
    record: Path, history: list[EventLine], log_key: VerifierKey
) -> bytes:
    """Check that the history is complete; return the record's id.

    Raises:
        ExportDamaged: it is not, or its proof is not good.
    """
    key, value = proven(record / HISTORY_PROOF, log_key)
    record_id = key[1:]
    try:
        if trail_key(record_id) != key:
            raise ExportDamaged(HISTORY_PROOF)
        ids = [bytes.fromhex(one.transaction) for one in history]
        check_complete(ids, decode(value, Trail).history)
    except (NotComplete, NotCanonical, ValueError):
        raise ExportDamaged(HISTORY) from None
    return record_id


def check_none_missing(
    record: Path, about: list[SealedLine], history: list[EventLine]
) -> int:
    """Check that every entry of the history is here or erased; count the latter.

    Raises:
        ExportDamaged: one is missing, twice here, or not of the history.
    """
    added: set[str] = set()
    erased: set[str] = set()
    everything = False
    for action in _actions(history):
        match action:
            case Append():
                added |= {each.entry.hex() for each in action.entries}
            case Erase():
                erased |= {each.hex() for each in action.entries}
                everything = everything or not action.entries
    here = {one.entry for one in about}
    missing = added - here
    if len(here) != len(about) or here - added or (missing - erased and not everything):
        raise ExportDamaged(str(record.name + "/" + ENTRIES))
    return len(missing)


def _actions(history: list[EventLine]) -> list[Any]:
    """Return the actions of all events that were not refused."""
    actions: list[Any] = []
    for one in history:
        try:
            core = bytes.fromhex(one.core)
            content = decode(core, Core)
        except (NotCanonical, ValueError):
            raise ExportDamaged(HISTORY) from None
        if sha256(core).hex() != one.transaction:
            raise ExportDamaged(HISTORY)
        actions += content.actions if one.verdict == "ok" else ()
    return actions
