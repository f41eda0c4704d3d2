"""Where CareLedger and the HAPI validator disagree about HL7's own examples.

    python -m tools.fhir_differences FOLDER-OF-EXAMPLES

Writes `docs/fhir-differences.md`. Needs Java and Maven; see `tests/hapi`. Every
difference is explained here by its kind, or the script stops.
"""

import subprocess
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Final

import msgspec

from careledger.fhir import findings
from careledger.fhir.validate import findings_of

ROOT: Final = Path(__file__).parents[1]
DOCUMENT: Final = ROOT / "docs" / "fhir-differences.md"
HAPI: Final = ROOT / "tests" / "hapi"

_JUDGED: Final = "JUDGED"
_PROFILES: Final = "a rule of one resource type beyond its structure"
_TEXTS: Final = "the inside of a text (narrative, query, map) is not judged"
_LINKS: Final = "inside a bundle, links are judged when a bundle is resolved"
_TERMS: Final = "codes of systems that HL7 does not own need a terminology server"
_FORMS: Final = "the form of a value inside a text type is not judged"

SAME: Final[dict[str, str]] = {
    "Validation_VAL_Profile_Minimum": findings.MISSING_ELEMENT,
    "null": findings.NOT_A_RESOURCE,
}
"""HAPI's message id to our code, where both mean the same."""

ONLY_HAPI: Final[dict[str, str]] = {
    "BUNDLE_BUNDLE_ENTRY_FULLURL_REQUIRED": _LINKS,
    "BUNDLE_BUNDLE_ENTRY_NOTFOUND_APPARENT": _LINKS,
    "BUNDLE_BUNDLE_ENTRY_NOTFOUND_CANNOT": _LINKS,
    "BUNDLE_ENTRY_URL_MATCHES_TYPE_ID": _LINKS,
    "CONCEPTMAP_GROUP_TARGET_CODE_INVALID": _PROFILES,
    "Extension_EXT_SubExtension_Invalid": "definitions of extensions are not known",
    "IG_HL7_STANDARDS_STATUS_REQUIRED": "HL7's rules for its own guides",
    "IG_HL7_WG_REQUIRED": "HL7's rules for its own guides",
    "MEASURE_M_CRITERIA_CQL_NO_LIB": _PROFILES,
    "SM_SOURCE_CONTEXT_UNKNOWN": _TEXTS,
    "SM_TARGET_CONTEXT_UNKNOWN": _TEXTS,
    "SM_TARGET_PATH_INVALID": _TEXTS,
    "TYPE_SPECIFIC_CHECKS_CANONICAL_ABSOLUTE": _FORMS,
    "TYPE_SPECIFIC_CHECKS_DT_ATT_B64_DECODE_FAIL": "R4 allows spaces in base64",
    "TYPE_SPECIFIC_CHECKS_DT_ATT_HASH_MISMATCH": "attachments are not hashed again",
    "TYPE_SPECIFIC_CHECKS_DT_IDENTIFIER_IETF_SYSTEM_VALUE": _FORMS,
    "Terminology_PassThrough_TX_Message": _TERMS,
    "Type_Specific_Checks_DT_OID_Valid": _FORMS,
    "Type_Specific_Checks_DT_UUID_Valid": _FORMS,
    "Type_Specific_Checks_DT_XHTML_Resolve_Img": _TEXTS,
    "http://hl7.org/fhir/StructureDefinition/Narrative#txt-2": _TEXTS,
}
"""Faults that only HAPI reports, and why we do not."""

ONLY_WE: Final[dict[str, str]] = {
    findings.WRONG_TARGET: (
        "the structure definition does not list the type that is named; HAPI looks"
        " only at references that it can follow"
    ),
    findings.BAD_REFERENCE: "the id in the reference is longer than 64 characters",
}
"""Faults that only we report, and why that is right."""


class Fault(msgspec.Struct, frozen=True):
    """One fault that one of the two reported.

    Attributes:
        file: the example's name.
        kind: HAPI's message id, or our code.
    """

    file: str
    kind: str


def judged_by_hapi(folder: Path, jars: Path) -> tuple[int, list[Fault]]:
    """Return (files judged, errors) of the HAPI validator for `folder`."""
    copy = ("dependency:copy-dependencies", f"-DoutputDirectory={jars}")
    maven = ("mvn", "-q", "-B", "-f", str(HAPI / "pom.xml"), *copy)
    subprocess.run(maven, check=True, capture_output=True)
    java = ("java", "-Xmx3g", "-cp", f"{jars}/*", str(HAPI / "Judge.java"), str(folder))
    done = subprocess.run(java, check=True, capture_output=True)
    rows = [line.split("\t") for line in done.stdout.decode().splitlines()]
    faults = [Fault(file, kind) for file, kind, *_ in rows]
    return (
        sum(each.kind == _JUDGED for each in faults),
        [each for each in faults if each.kind != _JUDGED],
    )


def judged_by_us(folder: Path) -> list[Fault]:
    """Return our findings for every JSON file in `folder`."""
    return [
        Fault(path.name, each.code)
        for path in sorted(folder.glob("*.json"))
        for each in findings_of(path.read_bytes())
    ]


def report(count: int, theirs: list[Fault], ours: list[Fault]) -> str:
    """Return the document.

    Raises:
        LookupError: a kind of difference that nobody has explained yet.
    """
    both = [Fault(each.file, SAME[each.kind]) for each in theirs if each.kind in SAME]
    if Counter(both) != Counter(each for each in ours if each.kind in SAME.values()):
        raise LookupError(*sorted(SAME.values()))
    only_hapi = [each for each in theirs if each.kind not in SAME]
    only_we = [each for each in ours if each.kind not in SAME.values()]
    clean = count - len({each.file for each in (*theirs, *ours)})
    return "\n".join(
        (
            "# CareLedger and the HAPI validator: where they differ",
            "",
            "Written by `python -m tools.fhir_differences`; do not edit.",
            "",
            f"HL7's {count} R4 examples were judged by both (HAPI: base R4, offline,",
            "any extension allowed, errors only).",
            "",
            "Of the resources that `tests/hapi` spoils on purpose, HAPI overlooks",
            "wrong targets of references and some empty arrays, CareLedger none.",
            "",
            f"* Neither finds a fault in {clean} files.",
            f"* Both find the same {len(both)} faults in {_files(both)} files.",
            f"* Only HAPI finds {len(only_hapi)} faults in {_files(only_hapi)} files.",
            f"* Only CareLedger finds {len(only_we)} in {_files(only_we)} files.",
            "",
            *_table("Only HAPI", only_hapi, ONLY_HAPI),
            *_table("Only CareLedger", only_we, ONLY_WE),
            *_table(
                "Both", both, dict.fromkeys(SAME.values(), "the example breaks R4")
            ),
        )
    )


def _files(faults: Iterable[Fault]) -> int:
    return len({each.file for each in faults})


def _table(title: str, faults: list[Fault], explained: dict[str, str]) -> list[str]:
    by_kind: defaultdict[str, list[str]] = defaultdict(list)
    for each in faults:
        by_kind[each.kind].append(each.file)
    rows = [
        f"| `{kind}` | {len(files)} | {_some(files)} | {explained[kind]} |"
        for kind, files in sorted(by_kind.items())
    ]
    head = ["| kind | faults | files | why |", "|---|---|---|---|"]
    return [f"## {title}", "", *head, *rows, ""]


def _some(files: list[str]) -> str:
    names = sorted(set(files))
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    return ", ".join(f"`{name}`" for name in names[:3]) + more


def compare(folder: Path) -> str:
    """Return the document about the examples in `folder`."""
    with tempfile.TemporaryDirectory() as jars:
        count, theirs = judged_by_hapi(folder, Path(jars))
    return report(count, theirs, judged_by_us(folder))


def main() -> None:
    """Compare, and write the document."""
    DOCUMENT.write_text(compare(Path(sys.argv[1])), encoding="utf-8")


if __name__ == "__main__":
    main()
