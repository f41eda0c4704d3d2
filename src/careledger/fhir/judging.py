"""Judge files as an import would, and store nothing."""

from collections.abc import Sequence

from careledger.fhir.entry_ids import EntryIds
from careledger.fhir.import_report import ImportReport, Listener
from careledger.fhir.reference_store import ReferenceStore
from careledger.fhir.sources import Source
from careledger.fhir.surveying import survey_sources
from careledger.sealing.keys import KEY_SIZE

_NO_SEED = bytes(KEY_SIZE)
"""Ids are given, as in every survey, and forgotten: nothing is sealed under them."""


def judge_sources(
    sources: Sequence[Source], listener: Listener, *, keep_going: bool
) -> ImportReport:
    """Return everything that is wrong with the sources, or worth knowing.

    Args:
        sources: files; they may point to each other.
        listener: told about progress.
        keep_going: read on after the first source with a fault.
    """
    ids = EntryIds(_NO_SEED, b"")
    return survey_sources(
        sources, ReferenceStore(), ids, listener, until_fault=not keep_going
    ).report
