"""How faults of FHIR files are shown: file, number, FHIRPath, words, code."""

from collections import Counter
from collections.abc import Iterable

from careledger.cli.output import Step
from careledger.fhir.import_report import Fault, Listener, Progress


def fault_facts(faults: Iterable[Fault]) -> list[dict[str, object]]:
    """Return faults for programs, one after the other."""
    return [
        {
            "file": one.source,
            "number": one.number,
            "path": one.path,
            "code": one.code,
            "message": one.message,
        }
        for one in faults
    ]


def fault_lines(faults: Iterable[Fault]) -> list[str]:
    """Return faults for people, one a line."""
    return [_line(one) for one in faults]


def note_lines(notes: Iterable[Fault]) -> list[str]:
    """Return notes for people: of each kind how many; --json has them one by one."""
    counts = Counter((one.source, one.code, one.message) for one in notes)
    return [
        f"{source}: noted {_times(count)}: {message} [{code}]"
        for (source, code, message), count in counts.items()
    ]


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count:,} times"


def listener_of(step: Step) -> Listener:
    """Return a listener that shows progress."""

    def tell(progress: Progress) -> None:
        step(progress.done, progress.total, progress.stage)

    return tell


def _line(one: Fault) -> str:
    number = f", {one.number}" if one.number else ""
    path = f": {one.path}" if one.path else ""
    return f"{one.source}{number}{path}: {one.message} [{one.code}]"
