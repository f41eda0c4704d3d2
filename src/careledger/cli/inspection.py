"""`careledger ledger inspect`: what the log has, one block or transaction at a time."""

from typing import Annotated, Any, Final

import typer

from careledger.cli.commands import command
from careledger.cli.house.beside import Questions
from careledger.cli.house.ledger import open_ledger
from careledger.cli.output import plain, table
from careledger.cli.parsing import counted, moment, parse_key
from careledger.cli.problems import NotFound
from careledger.cli.session import Session
from careledger.cli.whole_numbers import is_digits
from careledger.engines.reading import Block
from careledger.ledger.blocks import TransactionLeaf
from careledger.ledger.envelopes import Core, reopen
from careledger.primitives.encoding import decode
from careledger.primitives.hashing import sha256

_RECENT: Final = 8


def add_to(app: typer.Typer) -> None:
    """Add the command."""

    @command(app, "inspect")
    def inspect(
        session: Session,
        what: Annotated[
            str, typer.Argument(help="A transaction's id, or a block's height.")
        ] = "",
    ) -> None:
        """Show a transaction, a block, or the last few blocks."""
        with open_ledger(session, session.home()) as ledger:
            if not what:
                blocks = recent_blocks(ledger.query)
                facts = {"blocks": [_block_facts(block) for block in blocks]}
                lines = [_summary(block) for block in blocks]
            elif is_digits(what) and len(what) < 2 * len(sha256(b"")):
                block = block_at(ledger.query, int(what))
                facts, lines = _block_facts(block), [_summary(block)]
                lines += [
                    f"  {sha256(_core(leaf)).hex()}" for leaf in block.transactions
                ]
            else:
                facts = transaction_facts(ledger.query, parse_key(what))
                lines = table(facts)
        session.out.answer(facts, *lines)


def recent_blocks(reader: Questions, count: int = _RECENT) -> list[Block]:
    """Return the last blocks, newest first."""
    found: list[Block] = []
    position = reader.head.size - 1
    while position >= 0 and len(found) < count:
        found.append(_block_around(reader, position))
        position = found[-1].first - 1
    return found


def block_at(reader: Questions, height: int) -> Block:
    """Return the block of a height.

    Raises:
        NotFound: no block of this height changed the state.
    """
    low, high = 0, reader.head.size
    while low < high:
        block = _block_around(reader, (low + high) // 2)
        if block.end.height == height:
            return block
        if block.end.height < height:
            low = block.next
        else:
            high = block.first
    raise NotFound


def transaction_facts(reader: Questions, tx_id: bytes) -> dict[str, Any]:
    """Return a transaction with its verdict, as answers show it.

    Raises:
        NotFound: the ledger has no such transaction.
    """
    receipt = reader.receipt(tx_id)
    if receipt is None:
        raise NotFound
    leaf = decode(reader.leaf(receipt.position), TransactionLeaf)
    content: Core = reopen(leaf.core, leaf.signatures).content
    return {
        **receipt._asdict(),
        "signers": content.signers,
        "actions": plain(content.actions),
        "bodies": content.body_hashes,
    }


def _block_around(reader: Questions, position: int) -> Block:
    for block in reader.blocks(position):
        return block
    raise NotFound


def _block_facts(block: Block) -> dict[str, Any]:
    return {
        **plain(block.end),
        "first": block.first,
        "transactions": [sha256(_core(leaf)) for leaf in block.transactions],
    }


def _core(leaf: bytes) -> bytes:
    return decode(leaf, TransactionLeaf).core


def _summary(block: Block) -> str:
    end = block.end
    count = len(block.transactions)
    return f"block {end.height}, {moment(end.time)}: {counted(count, 'transaction')}"
