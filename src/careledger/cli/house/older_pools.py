"""Pools of fresh keys that were put back from an older backup.

Such a file hands out keys a second time, which the ledger refuses, and the node serves
no blob of the records in between. Keys follow from the seed in order, and the ledger
says where each one belongs, so what is lacking is found like a person's handles.
"""

from typing import Final

from careledger.client.hospital import Pools
from careledger.client.keystore import GAP, Keystore, Used
from careledger.ledger.refusals.records import NotPermitted
from careledger.ledger.state import Draft
from careledger.ledger.workflows import seats
from careledger.sealing.seeds import handle_keys

_LABELS: Final = {"custodians": "custodian", "witnesses": "witness", "agents": "agent"}


def catch_up(draft: Draft, pools: Pools) -> list[str]:
    """Add to each pool the keys that the ledger knows beyond its end.

    Returns one line for each pool that lacked some, for who runs the node.
    """
    said = []
    for name, label in _LABELS.items():
        pool: Keystore = getattr(pools, name)
        if lacking := _lacking(draft, pool):
            _add(pool, lacking, label)
            said.append(
                f"WARNING: {name}.keystore is an older one. Keys that the ledger knows"
                f" and it did not: {len(lacking)}. They were added: their records are"
                " served, and none of them is handed out again."
            )
    return said


def _lacking(draft: Draft, pool: Keystore) -> dict[int, bytes]:
    """Return index → record of used keys behind the end, up to a gap of `GAP`."""
    found: dict[int, bytes] = {}
    index = end = pool.kept.next
    while index - end < GAP:
        try:
            found[index] = seats.place(draft, _public(pool, index)).record
            end = index + 1
        except NotPermitted:
            pass
        index += 1
    return found


def _public(pool: Keystore, index: int) -> bytes:
    return handle_keys(pool.seed, pool.device, index).signing.public


def _add(pool: Keystore, lacking: dict[int, bytes], label: str) -> None:
    """Note keys with their records; those between them were handed out, too."""
    following = max(lacking) + 1
    more = tuple(
        Used(index, lacking.get(index, b""), label)
        for index in range(pool.kept.next, following)
    )
    pool.change(next=following, used=(*pool.kept.used, *more))
