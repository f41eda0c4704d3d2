"""`python -m tools.canaries [--json]`: prove the scanner, play, scan."""

import argparse
import json
import sys
import tempfile
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

from tools.canaries.proof import Proven, prove
from tools.canaries.scan import Report
from tools.canaries.story import Told, tell


def main() -> int:
    """Print what was found; 0 if the scanner is good and found nothing."""
    parser = argparse.ArgumentParser(prog="python -m tools.canaries")
    parser.add_argument("--json", action="store_true", help="one JSON line, no list")
    parser.add_argument("--attachment", type=int, default=4_000_000, metavar="BYTES")
    asked = parser.parse_args()
    start = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="c") as folder:
        proven, told = prove(Path(folder)), tell(Path(folder), asked.attachment)
    facts = facts_of(proven, told)
    facts["seconds"] = round(time.monotonic() - start, 1)
    if not asked.json:
        _show(facts)
    totals = {
        name: one for name, one in facts.items() if asked.json or name != "searched"
    }
    sys.stdout.write(json.dumps(totals, ensure_ascii=False) + "\n")
    return 0 if facts["good"] else 1


def facts_of(proven: list[Proven], told: Told) -> dict[str, Any]:
    """Return everything that was done and found, for JSON."""
    control = {
        "files": len(told.control_files.found),
        "memory": len(told.control_memory.found),
    }
    hits = [asdict(one) for one in (*told.files.found, *told.memory.found)]
    missed = [one for one in proven if one.missed]
    return {
        "proven": [asdict(one) for one in proven],
        "planted": sum(one.planted for one in proven),
        "missed": sum(len(one.missed) for one in missed),
        "files": _figures(told.files),
        "memory": _figures(told.memory),
        "control": control,
        "hits": hits,
        "searched": {
            "files": told.files.searched,
            "memory": told.memory.searched,
        },
        "good": not hits and not missed and all(control.values()),
    }


def _figures(report: Report) -> dict[str, object]:
    return {
        "markers": report.markers,
        "forms": report.forms,
        "sources": len(report.searched),
        "bytes": report.size,
        "streams": report.streams,
        "unreadable": report.unreadable,
        "hits": len(report.found),
    }


def _show(facts: dict[str, Any]) -> None:
    for place in ("files", "memory"):
        for name, size in facts["searched"][place]:
            sys.stdout.write(f"{size:>12,}  {name}\n")


if __name__ == "__main__":
    sys.exit(main())
