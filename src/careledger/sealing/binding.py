"""What a sealed thing is bound to: its chain, its record, its epoch.

A wrap, a body or a history taken from one place opens in no other.
"""

from dataclasses import dataclass

from careledger.sealing.hpke import bound_info


@dataclass(frozen=True, slots=True)
class Binding:
    """Where a sealed thing belongs.

    Attributes:
        chain_id: of the network.
        record: the record's id.
        epoch: of the record.
    """

    chain_id: str
    record: bytes
    epoch: int

    def info(self, marker: bytes, *fields: bytes) -> bytes:
        """Return the bytes that bind to this place and to `fields`."""
        epoch = self.epoch.to_bytes(8, "big")
        return bound_info(marker, self.chain_id.encode(), self.record, epoch, *fields)
