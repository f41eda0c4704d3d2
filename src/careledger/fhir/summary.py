"""What a person wants to read first: a few tables, in the sender's own words.

Nothing is interpreted, added up or translated. Numbers keep the digits that they
were sent with. Corrected entries are left out; they stay in the NDJSON.
"""

import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from careledger.fhir.nesting import Json
from careledger.fhir.titles import title_of

Row = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A part of the summary.

    Attributes:
        title: such as `Allergies`.
        columns: their names.
        rows: as many texts as columns; the newest first.
    """

    title: str
    columns: Row
    rows: list[Row]


_DATES: Final = (
    "effectiveDateTime",
    "performedDateTime",
    "onsetDateTime",
    "authoredOn",
    "occurrenceDateTime",
    "recordedDate",
    "date",
    "issued",
)


def summarise(contents: Iterable[bytes]) -> list[Table]:
    """Return the tables of a summary, given resources as received."""
    resources = _with_medications([_read(raw) for raw in contents])
    tables = [_person(resources)]
    tables += [
        Table(title, columns, _rows(resources, types, row))
        for title, types, columns, row in _SECTIONS
    ]
    return [*tables, _others(resources)]


def _read(raw: bytes) -> Json:
    """Return a stored resource; its numbers as the texts that were sent."""
    try:
        found = json.loads(raw, parse_float=str, parse_int=str)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _with_medications(resources: list[Json]) -> list[Json]:
    """Give references to medications the words that those have for themselves."""
    titles = {
        _text(one, "id"): title_of(one)
        for one in resources
        if one.get("resourceType") == "Medication"
    }
    named = []
    for one in resources:
        reference = _object(one, "medicationReference")
        own_id = re.split("[/:]", _text(reference, "reference"))[-1]
        if own_id in titles and not _text(reference, "display"):
            reference = {**reference, "display": titles[own_id]}
            named.append({**one, "medicationReference": reference})
        else:
            named.append(one)
    return named


def _rows(
    resources: Sequence[Json], types: Row, row: Callable[[Json], Row]
) -> list[Row]:
    found = [row(one) for one in resources if one.get("resourceType") in types]
    return sorted(found, reverse=True)


def _person(resources: Sequence[Json]) -> Table:
    rows: list[Row] = [
        row
        for one in resources
        if one.get("resourceType") == "Patient"
        for row in (
            ("Name", "; ".join(_name(each) for each in _list(one, "name"))),
            ("Born", _text(one, "birthDate")),
            ("Sex", _text(one, "gender")),
            (
                "Telephone, mail",
                "; ".join(_text(t, "value") for t in _list(one, "telecom")),
            ),
            ("Address", "; ".join(_address(each) for each in _list(one, "address"))),
        )
        if row[1]
    ]
    return Table("Patient", ("", ""), list(dict.fromkeys(rows)))


def _problem(one: Json) -> Row:
    return (
        _when(one),
        title_of(one),
        _coded(one, "clinicalStatus"),
        _text(one, "abatementDateTime")[:10],
    )


def _medication(one: Json) -> Row:
    dosage = "; ".join(_text(each, "text") for each in _list(one, "dosageInstruction"))
    name = title_of({"code": one.get("medicationCodeableConcept")}) or _contained(one)
    return _when(one), name, _text(one, "status"), dosage


def _allergy(one: Json) -> Row:
    return (
        _when(one),
        title_of(one),
        _text(one, "criticality"),
        _coded(one, "clinicalStatus"),
    )


def _result(one: Json) -> Row:
    parts = [f"{title_of(each)}: {_value(each)}" for each in _list(one, "component")]
    value = "; ".join([part for part in (_value(one), *parts) if part])
    return _when(one), title_of(one), value, _text(one, "status")


def _done(one: Json) -> Row:
    return _when(one), title_of(one), _text(one, "status")


def _visit(one: Json) -> Row:
    where = _text(_object(one, "serviceProvider"), "display")
    return _when(one), title_of(one), where, _text(one, "status")


def _document(one: Json) -> Row:
    return (
        _when(one),
        title_of(one),
        _text(one, "description") or _text(one, "conclusion"),
        _text(one, "status"),
    )


_SECTIONS: Final[tuple[tuple[str, Row, Row, Callable[[Json], Row]], ...]] = (
    (
        "Allergies",
        ("AllergyIntolerance",),
        ("Date", "Allergy", "Criticality", "Status"),
        _allergy,
    ),
    ("Problems", ("Condition",), ("Since", "Problem", "Status", "Until"), _problem),
    (
        "Medication",
        ("MedicationRequest", "MedicationStatement"),
        ("Date", "Medication", "Status", "Dosage"),
        _medication,
    ),
    ("Procedures", ("Procedure",), ("Date", "Procedure", "Status"), _done),
    ("Visits", ("Encounter",), ("Date", "Visit", "Where", "Status"), _visit),
    ("Immunisations", ("Immunization",), ("Date", "Vaccine", "Status"), _done),
    ("Results", ("Observation",), ("Date", "Test", "Result", "Status"), _result),
    (
        "Documents and reports",
        ("DocumentReference", "DiagnosticReport", "Composition"),
        ("Date", "Document", "About", "Status"),
        _document,
    ),
)


def _others(resources: Sequence[Json]) -> Table:
    shown = {"Patient", *(kind for _, types, _, _ in _SECTIONS for kind in types)}
    counts = Counter(
        kind for one in resources if (kind := _text(one, "resourceType")) not in shown
    )
    rows: list[Row] = [(kind, str(count)) for kind, count in sorted(counts.items())]
    return Table("Also in this export", ("Kind", "Number"), rows)


def _when(one: Json) -> str:
    for name in _DATES:
        if text := _text(one, name):
            return text[:10]
    for name in ("effectivePeriod", "onsetPeriod", "period", "performedPeriod"):
        if text := _text(_object(one, name), "start"):
            return text[:10]
    return ""


def _value(one: Json) -> str:
    quantity = _object(one, "valueQuantity")
    if "value" in quantity:
        sign = _text(quantity, "comparator")
        return f"{sign}{_text(quantity, 'value')} {_text(quantity, 'unit')}".strip()
    for name in ("valueString", "valueInteger", "valueDateTime", "valueTime"):
        if text := _text(one, name):
            return text
    if isinstance(one.get("valueBoolean"), bool):
        return "yes" if one["valueBoolean"] else "no"
    return title_of({"code": one.get("valueCodeableConcept")})


def _coded(one: Json, name: str) -> str:
    concept = _object(one, name)
    codes = [_text(each, "code") for each in _list(concept, "coding")]
    return _text(concept, "text") or next(iter(codes), "")


def _contained(one: Json) -> str:
    """Return the title of the contained medication, or its reference's display."""
    titles = [title_of(each) for each in _list(one, "contained")]
    shown = _text(_object(one, "medicationReference"), "display")
    return shown or next((title for title in titles if title), "")


def _name(name: Json) -> str:
    given = " ".join(_texts(name, "given"))
    return _text(name, "text") or f"{given} {_text(name, 'family')}".strip()


def _address(address: Json) -> str:
    parts = (
        *_texts(address, "line"),
        _text(address, "postalCode"),
        _text(address, "city"),
        _text(address, "country"),
    )
    return _text(address, "text") or ", ".join(part for part in parts if part)


def _text(holder: Json, name: str) -> str:
    value: Any = holder.get(name)
    return value if isinstance(value, str) else ""


def _texts(holder: Json, name: str) -> list[str]:
    value: Any = holder.get(name)
    found = value if isinstance(value, list) else []
    return [each for each in found if isinstance(each, str)]


def _object(holder: Json, name: str) -> Json:
    value: Any = holder.get(name)
    return value if isinstance(value, dict) else {}


def _list(holder: Json, name: str) -> list[Json]:
    value: Any = holder.get(name)
    found = value if isinstance(value, list) else []
    return [each for each in found if isinstance(each, dict)]
