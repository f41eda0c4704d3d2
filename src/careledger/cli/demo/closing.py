"""The last scene: the network's ledger is executed again, and figures are told."""

from collections.abc import Iterable
from pathlib import Path
from typing import Final

from careledger.cli.demo.stage import Stage
from careledger.cli.demo.story import Story
from careledger.engines.verify import Verified, verify_ledger

_LEDGER: Final = "ledger.db"
_VAULTS: Final = "vault-*"


def play_closing(stage: Stage, story: Story) -> dict[str, object]:
    """Verify the network's ledger, which is closed by now; return the figures."""
    folder = stage.folder / "clinic"
    with stage.out.progress("blocks executed again") as step:
        checked = verify_ledger(folder / _LEDGER, step)
    story.tell(
        "as whoever has the ledger's file: ledger verify",
        checked,
        lambda v: (
            f"All {v.transactions:,} transactions of the network, executed again from"
            f" the start, give the same ledger of {v.head.height:,} blocks."
        ),
    )
    return _figures(stage, folder, checked)


def _figures(stage: Stage, folder: Path, checked: Verified) -> dict[str, object]:
    town = stage.town
    reports = [case.report for case in town.cases]
    exported = {} if town.taken is None else {"resources_exported_equal": town.taken}
    return {
        "patients": len(town.cases),
        "resources_found": sum(one.found for one in reports),
        "resources_imported": sum(one.stored for one in reports),
        **exported,
        "single_entries_equal": sum(case.single for case in town.cases),
        "bytes_received": sum(one.received for one in reports),
        "bytes_sealed": sum(one.sealed for one in reports),
        "transactions": checked.transactions,
        "blocks": checked.head.height,
        "ledger_bytes": _size(folder.glob(_LEDGER + "*")),
        "vault_bytes": _size(folder.glob(_VAULTS)),
        "setup_seconds": round(stage.seconds, 1),
        "workflow_seconds": round(town.seconds, 1),
    }


def _size(paths: Iterable[Path]) -> int:
    """Return the bytes of files, and of all files in folders."""
    inside = (each for one in paths for each in (one, *one.rglob("*")))
    return sum(each.stat().st_size for each in inside if each.is_file())
