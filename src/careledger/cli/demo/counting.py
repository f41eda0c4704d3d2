"""Scenes with many patients: several at a time, and a bar that shows how far it is."""

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Final, TypeVar

from careledger.cli.output import Output

T = TypeVar("T")
R = TypeVar("R")

TOGETHER: Final = 8
"""Patients at a time: what they submit together shares a block and its sync.

Not for what mostly computes (imports), nor for proofs of many entries, which a
growing ledger would interrupt (reading everything).
"""


def for_each(
    out: Output, what: str, items: Sequence[T], act: Callable[[T], R], at_once: int = 1
) -> list[R]:
    """Do something for each item and show how far it is; return what came of it.

    Args:
        out: where to show it.
        what: in words, for the bar.
        items: in this order, as far as one follows the other.
        act: done for each; what it raises ends all.
        at_once: how many at a time.
    """
    if at_once == 1:
        return _counted(out, what, map(act, items), len(items))
    with ThreadPoolExecutor(at_once) as pool:
        return _counted(out, what, pool.map(act, items), len(items))


def _counted(out: Output, what: str, results: Iterable[R], total: int) -> list[R]:
    found: list[R] = []
    with out.progress(what) as step:
        step(0, total)
        for one in results:
            found.append(one)
            step(len(found), total)
    return found
