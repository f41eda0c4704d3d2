"""Import: from files of FHIR to sealed entries of one record.

    report = import_sources(practitioner, record, [file_source(path)], store)

First everything is read and judged (`surveying`); unless told to keep going,
nothing is stored when anything is wrong. Then each resource is sealed, byte for
byte, as an entry of its own, while the batches before it are stored and appended.

Killed at any point, an import is run again: what is on the ledger is not repeated
(`entry_ids`), and what is not is not missing. All goes to the record that is
named; what carries a sensitive label goes where `into` says, or nowhere.
"""

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from careledger.client.part import Part
from careledger.client.participant import Participant
from careledger.client.ready import ready_to_write
from careledger.client.session_problems import NoCustodian
from careledger.fhir.batches import Sealable, fill_batches
from careledger.fhir.delivering import (
    Delivered,
    deliver,
    deliver_again,
    recorded_ids,
    seal_ready,
)
from careledger.fhir.entry_ids import EntryIds
from careledger.fhir.files import read_pieces
from careledger.fhir.import_problems import NothingStored, SourceChanged
from careledger.fhir.import_report import ImportReport, Listener, Progress, silent
from careledger.fhir.planned import Planned
from careledger.fhir.reference_store import ReferenceStore
from careledger.fhir.sources import Source
from careledger.fhir.surveying import Survey, survey_sources
from careledger.ledger.refusals.records import KeyNotFresh, StaleEpoch
from careledger.primitives.hashing import sha256

_OnItsWay = tuple[list[Sealable], Future[Delivered]]

_IN_FLIGHT: Final = 2
"""Batches that are stored and appended while the next one is sealed."""


@dataclass(frozen=True, slots=True)
class Choices:
    """What the user decided.

    Attributes:
        keep_going: store what is good, list the rest; else all or nothing.
        into: the record that the user named for sensitive resources: this one, or
            another, where they go then; or nothing.
        listener: told about progress.
    """

    keep_going: bool = False
    into: bytes = b""
    listener: Listener = silent


def import_sources(
    writer: Participant,
    record: bytes,
    sources: Sequence[Source],
    store: ReferenceStore,
    choices: Choices | None = None,
) -> ImportReport:
    """Import all sources into one record.

    Args:
        writer: who may write there.
        record: the care context.
        sources: files; hospitals' and practitioners' go to `store`.
        store: what the files point to besides each other.
        choices: what the user decided.

    Raises:
        NothingStored: something is wrong; `report` lists it all.
        NotInThisHome, NothingHere: no part in one of the records.
        SourceChanged: a file changed meanwhile; run the import again.
        NoCustodian, NotPermitted, OverQuota: storing stopped; run it again later.
    """
    choices = choices or Choices()
    apart = choices.into if choices.into not in {b"", record} else b""
    parts = [writer.part(one) for one in (record, apart) if one]
    for part in parts:
        part.seat()
    ids = [EntryIds(writer.store.seed, part.record) for part in parts]
    survey = survey_sources(sources, store, ids[0], choices.listener, *ids[1:])
    _check_good(survey.report, choices)
    for part, wanted in zip(parts, _wanted(survey, choices, record), strict=False):
        _store_all(part, sources, survey.report, wanted, choices.listener)
    return survey.report


def _check_good(report: ImportReport, choices: Choices) -> None:
    """Check that everything may be stored, unless the user said to keep going.

    Raises:
        NothingStored: not all is good.
    """
    unplaced = report.sensitive and not choices.into
    if not choices.keep_going and (report.faults or unplaced):
        raise NothingStored(report)


def _wanted(survey: Survey, choices: Choices, record: bytes) -> list[list[Planned]]:
    """Return what goes to the record, and what goes to another that was named."""
    sensitive = [one for one in survey.planned if one.sensitive]
    if choices.into == record:
        return [survey.planned]
    plain = [one for one in survey.planned if not one.sensitive]
    return [plain, sensitive]


def _store_all(
    part: Part,
    sources: Sequence[Source],
    report: ImportReport,
    wanted: list[Planned],
    listener: Listener,
) -> None:
    known = recorded_ids(part)
    missing = [one for one in wanted if one.entry_id not in known]
    report.already += len(wanted) - len(missing)
    report.entries += [one.entry_id for one in wanted if one.entry_id in known]
    sealable = _sealables(sources, missing)
    done = 0
    for each in _delivered(part, fill_batches(sealable)):
        done += len(each.entries) + len(each.refused)
        report.entries += each.entries
        report.erased_before += len(each.refused)
        report.sealed += each.sealed
        report.transactions += each.transactions
        listener(Progress("storing", done, len(missing)))
    report.received += sum(one.size for one in missing)


def _sealables(
    sources: Sequence[Source], missing: Iterable[Planned]
) -> Iterator[Sealable]:
    """Yield the planned resources with their bytes.

    Raises:
        SourceChanged: read again, they are not what was judged.
    """
    for (position, held), group in groupby(missing, _place):
        if held:
            yield from (Sealable(one.raw, one.lines) for one in group)
        else:
            yield from _read_again(sources[position], deque(group))


def _place(one: Planned) -> tuple[int, bool]:
    return one.source, bool(one.raw)


def _read_again(source: Source, planned: deque[Planned]) -> Iterator[Sealable]:
    with closing(source.open()) as stream:
        for piece in read_pieces(stream, lines=source.lines):
            if not planned:
                return
            if piece.number == planned[0].number:
                if sha256(piece.raw) != planned[0].digest:
                    break
                yield Sealable(piece.raw, planned.popleft().lines)
    if planned:
        raise SourceChanged(source.name)


def _delivered(part: Part, batches: Iterable[list[Sealable]]) -> Iterator[Delivered]:
    """Seal batches here and deliver them in threads; yield what became of each.

    If one fails, those on their way are waited for, and the failure is raised.
    """
    waiting: deque[_OnItsWay] = deque()
    with ThreadPoolExecutor(_IN_FLIGHT) as pool:
        seat = ready_to_write(part)
        for batch in batches:
            sealed = seal_ready(part, seat, batch)
            waiting.append((batch, pool.submit(deliver, part, sealed)))
            if len(waiting) > _IN_FLIGHT:
                yield _arrived(part, *waiting.popleft())
                seat = ready_to_write(part)
        while waiting:
            yield _arrived(part, *waiting.popleft())


def _arrived(
    part: Part, batch: list[Sealable], on_its_way: Future[Delivered]
) -> Delivered:
    try:
        return on_its_way.result()
    except (StaleEpoch, KeyNotFresh, NoCustodian):
        return deliver_again(part, batch)
