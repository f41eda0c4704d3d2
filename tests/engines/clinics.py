"""A clinic whose blocks can be put into a store."""

from careledger.ledger.blocks import Header
from careledger.ledger.envelopes import open_envelope
from careledger.ledger.execute import execute_block
from tests.ledger.clinic import Clinic


class Recorded(Clinic):
    """A clinic that remembers its blocks."""

    def __init__(self) -> None:
        self.blocks: list[tuple[int, tuple[bytes, ...]]] = []
        super().__init__()

    def block(self, *envelopes, at=None):
        receipts = super().block(*envelopes, at=at)
        self.blocks.append((self.now, envelopes))
        return receipts


def add_block(store, at, envelopes):
    before = store.begin()
    header = Header(store.head.height + 1, at, store.head.log_root)
    transactions = [open_envelope(raw) for raw in envelopes]
    store.commit(header, execute_block(before, header, transactions), before)
