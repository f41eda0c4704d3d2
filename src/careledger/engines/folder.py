"""Where what belongs to a ledger lies."""

from pathlib import Path


def beside(ledger: Path, suffix: str) -> Path:
    """Return the path of a side file, which all names of one ledger share.

    It is beside the ledger's file itself; where a link leads to no folder, beside it.
    """
    real = ledger.resolve()
    place = real if real.parent.is_dir() else ledger
    return place.with_name(place.name + suffix)
