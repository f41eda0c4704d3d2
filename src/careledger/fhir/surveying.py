"""The first pass of an import: judge everything, store nothing.

    survey = survey_sources(sources, store, entry_ids)

Every resource is read, judged and given its entry id; what it is called is
learned, so that references which point forward are resolved when all is read. A
survey holds a few hundred bytes per resource; the resources too, up to
`MOST_HELD`, and beyond that they are read a second time. A source that
has hospitals and practitioners only goes to the reference store.
"""

from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from typing import Final

from careledger.errors import CareLedgerError
from careledger.fhir import findings
from careledger.fhir.entry_ids import EntryIds
from careledger.fhir.files import read_pieces
from careledger.fhir.findings import Finding
from careledger.fhir.import_report import (
    Fault,
    ImportReport,
    Listener,
    Progress,
    Sensitive,
)
from careledger.fhir.json_text import parse
from careledger.fhir.labels import sensitive_labels
from careledger.fhir.manifest_lines import manifest_lines
from careledger.fhir.pieces import Piece
from careledger.fhir.planned import Planned
from careledger.fhir.reference_store import REFERENCE_TYPES, ReferenceStore
from careledger.fhir.resolve import Links
from careledger.fhir.sources import Source
from careledger.fhir.titles import title_of
from careledger.fhir.validate import Examined, examine
from careledger.primitives.hashing import sha256

_ONLY_NOTED: Final = (findings.UNRESOLVED,)
"""FHIR allows a reference to what is not at hand; the resource is good."""

MOST_HELD: Final = 32 * 2**20
"""Bytes of resources that a survey keeps, so as not to read them again."""

MOST_FAULTS: Final = 10_000
"""Faults of one source that are listed; then it is not read any further."""

_STEP: Final = 100
"""Resources between two words about progress."""


@dataclass(slots=True)
class Survey:
    """What the sources hold.

    Attributes:
        planned: good resources in the order of the sources.
        report: what was found so far.
    """

    planned: list[Planned] = field(default_factory=list)
    report: ImportReport = field(default_factory=ImportReport)


@dataclass(slots=True)
class _Read:
    """One resource as read and judged."""

    piece: Piece
    examined: Examined


class _Surveyor:
    """The state of a survey while it runs."""

    def __init__(
        self, store: ReferenceStore, entry_ids: EntryIds, listener: Listener
    ) -> None:
        self.survey, self._room = Survey(), MOST_HELD
        self._store, self._tell = store, listener
        # Of each context: the ids of its entries, and what they can point to.
        self._plain = self._apart = (entry_ids, Links(store))

    def set_apart(self, entry_ids: EntryIds) -> None:
        """Plan sensitive resources for a context of their own.

        Nothing points from one context to another: a link in a manifest would tell
        those who take part in one record that the other belongs to the patient.
        """
        self._apart = (entry_ids, Links(self._store))

    def read(self, position: int, source: Source) -> None:
        """Survey one source; however it fails, it is named, and the rest usable."""
        # What waits is kept as bytes: parsed, it takes ten times the room.
        waiting: list[Piece] = []
        only_reference = True
        try:
            for read in self._judged(source):
                only_reference = only_reference and _is_reference(read)
                if only_reference:
                    waiting.append(read.piece)
                else:
                    self._plan_all(position, source, waiting)
                    self._plan(position, source, read)
        except CareLedgerError as error:
            only_reference = False
            self._blame(source, 0, "", error.code, error.happened)
        if only_reference:
            self._keep_all(source, waiting)
        else:
            self._plan_all(position, source, waiting)

    def link(self, sources: Sequence[Source]) -> None:
        """Resolve all references, now that everything is read."""
        good = []
        for one in self.survey.planned:
            _, links = self._apart if one.sensitive else self._plain
            resolved = links.resolve(one.type, one.references, one.full_url)
            one.lines, one.references = manifest_lines(one, resolved.targets), []
            faults = [
                _fault(sources[one.source].name, one.number, each)
                for each in resolved.findings
            ]
            wrong = [each for each in faults if each.code not in _ONLY_NOTED]
            self.survey.report.faults += wrong
            self.survey.report.notes += [each for each in faults if each not in wrong]
            if not wrong:
                good.append(one)
        self.survey.planned = good

    def _judged(self, source: Source) -> Iterator[_Read]:
        report = self.survey.report
        most = len(report.faults) + MOST_FAULTS
        with closing(source.open()) as stream:
            for count, piece in enumerate(read_pieces(stream, lines=source.lines)):
                if len(report.faults) >= most:
                    self._find(source, 0, Finding("", findings.TOO_MANY))
                    return
                fault = piece.fault or ("" if piece.raw else findings.NOT_A_RESOURCE)
                if fault:
                    report.found += 1
                    self._find(source, piece.number, Finding("", fault))
                    continue
                if count % _STEP == 0:
                    self._tell(Progress("judging", report.found, 0))
                yield _Read(piece, examine(piece.raw))

    def _plan_all(self, position: int, source: Source, waiting: list[Piece]) -> None:
        for piece in waiting:
            self._plan(position, source, _Read(piece, examine(piece.raw)))
        waiting.clear()

    def _plan(self, position: int, source: Source, read: _Read) -> None:
        report, piece, examined = self.survey.report, read.piece, read.examined
        report.found += 1
        if examined.findings:
            for each in examined.findings:
                self._find(source, piece.number, each)
            return
        digest = sha256(piece.raw)
        sensitive = bool(sensitive_labels(examined.content))
        entry_ids, links = self._apart if sensitive else self._plain
        entry_id = entry_ids.next_for(digest)
        self._room -= len(piece.raw)
        if sensitive:
            report.sensitive.append(Sensitive(source.name, piece.number, examined.type))
        for each in links.learn(entry_id, examined.content, piece.full_url):
            report.notes.append(_fault(source.name, piece.number, each))
        self.survey.planned.append(
            Planned(
                position,
                piece.number,
                entry_id,
                digest,
                len(piece.raw),
                examined.type,
                title_of(examined.content),
                piece.full_url,
                examined.references,
                sensitive,
                piece.raw if self._room >= 0 else b"",
            )
        )

    def _keep_all(self, source: Source, waiting: list[Piece]) -> None:
        counts = self.survey.report.reference
        for piece in waiting:
            content = parse(piece.raw)
            kind = str(content["resourceType"])
            counts[kind] = counts.get(kind, 0) + 1
            if self._store.has(piece.raw):
                self.survey.report.reference_already += 1
            elif not self._store.add(content, piece.raw, piece.full_url):
                again = Finding(kind, findings.REPEATED_ID)
                fault = _fault(source.name, piece.number, again)
                self.survey.report.notes.append(fault)

    def _find(self, source: Source, number: int, each: Finding) -> None:
        self.survey.report.faults.append(_fault(source.name, number, each))

    def _blame(
        self, source: Source, number: int, path: str, code: str, message: str
    ) -> None:
        fault = Fault(source.name, number, path, code, message)
        self.survey.report.faults.append(fault)


def survey_sources(
    sources: Sequence[Source],
    store: ReferenceStore,
    entry_ids: EntryIds,
    listener: Listener,
    apart: EntryIds | None = None,
    *,
    until_fault: bool = False,
) -> Survey:
    """Read and judge all sources; faults are listed, never raised.

    Args:
        sources: read in this order.
        store: of what patients' files point to; it grows.
        entry_ids: gives each resource its id.
        listener: told about progress.
        apart: ids for sensitive resources, if those go to a record of their own.
        until_fault: stop after the first source with a fault.
    """
    surveyor = _Surveyor(store, entry_ids, listener)
    if apart is not None:
        surveyor.set_apart(apart)
    for position, source in enumerate(sources):
        surveyor.read(position, source)
        if until_fault and surveyor.survey.report.faults:
            break
    surveyor.link(sources)
    return surveyor.survey


def _is_reference(read: _Read) -> bool:
    return not read.examined.findings and read.examined.type in REFERENCE_TYPES


def _fault(source: str, number: int, each: Finding) -> Fault:
    return Fault(source, number, each.path, each.code, each.message)
