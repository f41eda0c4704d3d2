"""Blobs of records with several custodians: copied to all, fetched from any.

Rot in one vault costs nobody anything: the reader gets the blob from the next one,
and the rotten copy is replaced at once. Nothing is decided here that the vaults do
not decide (`vault.door`).
"""

from collections.abc import Iterable, Sequence
from contextlib import suppress

from careledger.errors import CareLedgerError
from careledger.vault.problems import (
    NotServed,
    VaultDamaged,
    VaultFull,
    VaultUnwell,
)
from careledger.vault.store import Deposit, Vault


def fetch_from(
    vaults: Iterable[Vault], reader: bytes, read: bytes, entry: bytes
) -> bytes:
    """Return a blob from the first vault that has it whole; mend the others.

    Args:
        vaults: in the order in which they are asked.
        reader: a handle that has proved itself.
        read: id of the transaction in which it stated what it will read.
        entry: one of the entries named there.

    Raises:
        NotServed: none serves it: the same for every reason.
        VaultDamaged, VaultUnwell: it may be had, but no vault has it whole.
    """
    failed: list[tuple[Vault, CareLedgerError]] = []
    for vault in vaults:
        try:
            blob = vault.fetch(reader, read, entry)
        except NotServed:
            continue
        except (VaultDamaged, VaultUnwell) as error:
            failed.append((vault, error))
            continue
        for damaged, _ in failed:
            with suppress(VaultFull, VaultUnwell):
                damaged.mend([vault])
        return blob
    if failed:
        raise failed[0][1]
    raise NotServed


def copy_to(others: Iterable[tuple[bytes, Vault]], deposits: Sequence[Deposit]) -> None:
    """Give blobs to further custodians too; one that cannot take them misses them.

    The writer's receipt is that of the first, which has them on disk.
    """
    for custodian, vault in others:
        with suppress(CareLedgerError):
            vault.store(custodian, deposits)
