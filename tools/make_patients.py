"""Make the bundled patients again: Synthea, fixed seed, nothing by hand.

    python -m tools.make_patients [FOLDER-THAT-SYNTHEA-WROTE]

Needs Java and Maven (`tools/synthea/pom.xml` names the one artefact). Keeps the
patients with at most `MOST_RESOURCES` resources and the practitioners, hospitals
and places that they mention. Only white space between the tokens of JSON is taken
away: every number and every text stays as Synthea wrote it.
"""

import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import msgspec
import zstandard

ROOT: Final = Path(__file__).parents[1]
POM: Final = ROOT / "tools" / "synthea" / "pom.xml"
TARGET: Final = ROOT / "src" / "careledger" / "demo_data"
MOST_RESOURCES: Final = 150
FIRST_MOST: Final = 60
"""Resources of the one patient of the first demo, at most."""

POPULATION: Final = 320
SYNTHEA: Final = (
    *("-p", str(POPULATION), "-s", "4242", "-cs", "4242"),
    *("-r", "20260101", "-e", "20260101"),
    "--exporter.use_uuid_filenames=true",
    "--exporter.years_of_history=1",
    "--exporter.metadata.export=false",
    "--generate.thread_pool_size=1",
)

_PLACE: Final = (
    "-Duser.timezone=UTC",
    "-Duser.language=en",
    "-Duser.country=US",
    "-Dfile.encoding=UTF-8",
)
"""Nothing may depend on where the script runs."""

_SPACE: Final = re.compile(rb'("(?:[^"\\]|\\.)*")|\s+', re.DOTALL)
_SEARCHED: Final = re.compile(rb'"(\w+)\?identifier=([^"]+)"')
_NAMED: Final = re.compile(rb'"identifier":\[?\{"system":"([^"]+)","value":"([^"]+)"\}')
_PERSON: Final = b"http://hl7.org/fhir/sid/us-npi|"
_GROWN_UP: Final = re.compile(rb'"birthDate":"19')


class _Entry(msgspec.Struct):
    resource: msgspec.Raw


class _Bundle(msgspec.Struct):
    entry: list[msgspec.Raw]


class _Kind(msgspec.Struct):
    kind: str = msgspec.field(name="resourceType")
    died: str = msgspec.field(name="deceasedDateTime", default="")


def run_synthea(folder: Path) -> Path:
    """Fetch Synthea, run it, return the folder of the FHIR files it wrote."""
    jars = folder / "jars"
    copy = ("dependency:copy-dependencies", f"-DoutputDirectory={jars}")
    subprocess.run(("mvn", "-q", "-B", "-f", POM, *copy), check=True)
    java = ("java", "-Xmx2g", *_PLACE, "-cp", f"{jars}/*", "App", *SYNTHEA)
    target = f"--exporter.baseDirectory={folder}/"
    subprocess.run((*java, target, "Massachusetts"), check=True, cwd=folder)
    return folder / "fhir"


def minified(text: bytes) -> bytes:
    """Return the JSON without white space between its tokens."""
    return _SPACE.sub(rb"\1", text)


def patients(folder: Path) -> Iterator[bytes]:
    """Yield the kept patients' bundles in the order of their ids."""
    for path in sorted(folder.glob("*.json")):
        if "Information" in path.name:
            continue
        text = minified(path.read_bytes())
        if len(_entries(text)) <= MOST_RESOURCES:
            yield text


def _entries(bundle: bytes) -> list[msgspec.Raw]:
    return msgspec.json.decode(bundle, type=_Bundle).entry


def first_patient(bundles: list[bytes]) -> bytes:
    """Return the small bundle of a living adult with the most kinds of resources."""
    return max(bundles, key=_interest)


def _interest(bundle: bytes) -> int:
    entries = [msgspec.json.decode(each, type=_Entry) for each in _entries(bundle)]
    kinds = [msgspec.json.decode(each.resource, type=_Kind) for each in entries]
    lives = not any(each.died for each in kinds)
    suits = lives and len(kinds) <= FIRST_MOST and _GROWN_UP.search(bundle)
    return len({each.kind for each in kinds}) if suits else 0


def mentioned(folder: Path, bundles: list[bytes]) -> tuple[bytes, bytes]:
    """Return (hospitals, practitioners): the entries that `bundles` mention."""
    wanted = {found[1] for each in bundles for found in _SEARCHED.findall(each)}
    people = {name for name in wanted if name.startswith(_PERSON)}
    practitioners = _with_names(_of(folder, "practitioner"), people)
    for entry in practitioners:
        wanted |= _names(entry)
    places = _of(folder, "hospital")
    # A place that is mentioned may belong to an organisation that is not.
    for entry in _with_names(places, wanted):
        wanted |= _names(entry)
    return _batch(_with_names(places, wanted)), _batch(practitioners)


def _with_names(entries: list[bytes], wanted: set[bytes]) -> list[bytes]:
    return [each for each in entries if _names(each) & wanted]


def _of(folder: Path, kind: str) -> list[bytes]:
    [path] = folder.glob(f"{kind}Information*.json")
    return [bytes(each) for each in _entries(minified(path.read_bytes()))]


def _names(entry: bytes) -> set[bytes]:
    """Return each identifier that an entry has or mentions, as `system|value`."""
    return {system + b"|" + value for system, value in _NAMED.findall(entry)}


def _batch(entries: list[bytes]) -> bytes:
    inside = b",".join(entries)
    return b'{"resourceType":"Bundle","type":"batch","entry":[' + inside + b"]}"


def write(folder: Path) -> None:
    """Write the demo data from the files in `folder`."""
    bundles = list(patients(folder))
    hospitals, practitioners = mentioned(folder, bundles)
    pack = zstandard.ZstdCompressor(level=19).compress
    for name, content in (
        ("first_patient.json", first_patient(bundles) + b"\n"),
        ("patients.ndjson.zst", pack(b"".join(each + b"\n" for each in bundles))),
        ("hospitals.json.zst", pack(hospitals)),
        ("practitioners.json.zst", pack(practitioners)),
    ):
        (TARGET / name).write_bytes(content)
        print(f"{name}: {len(content):,} bytes")
    print(f"{len(bundles)} patients")


def main() -> None:
    """Run Synthea, or read what it wrote, and write the demo data."""
    if len(sys.argv) > 1:
        write(Path(sys.argv[1]))
        return
    with tempfile.TemporaryDirectory() as scratch:
        write(run_synthea(Path(scratch)))


if __name__ == "__main__":
    main()
