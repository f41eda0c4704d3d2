"""`careledger coin …`: the home's own purse."""

from typing import Annotated

import typer

from careledger.cli import views
from careledger.cli.commands import command
from careledger.cli.house.ledger import open_ledger, submit, verdict_facts
from careledger.cli.output import table
from careledger.cli.parsing import parse_key
from careledger.cli.session import Session
from careledger.client.envelopes import HOUR, compose, seal_envelope
from careledger.client.offices import stated_key
from careledger.ledger.actions.coin import Transfer


def add_to(app: typer.Typer) -> None:
    """Add the commands."""

    @command(app, "transfer")
    def transfer(
        session: Session,
        payee: Annotated[str, typer.Argument(help="Public key of the payee's purse.")],
        amount: Annotated[int, typer.Argument(min=1, max=2**53 - 1)],
    ) -> None:
        """Pay from this home's purse."""
        home = session.home()
        to = parse_key(payee)
        stated_key(home.config.keys.purse, "purse")
        with open_ledger(session, home) as ledger:
            purse = session.unlock(home).purse()
            until = ledger.time() + HOUR
            action = Transfer(0, to, amount)
            core = compose(home.chain_id, [purse.public], [action], until)
            verdict = submit(ledger, seal_envelope(core, [purse]))
            left = views.balance(ledger.query, purse.public)
        facts = {**verdict_facts(verdict), "amount": amount, "balance": left}
        session.out.answer(facts, f"Paid {amount}; {left} are left.", *table(facts))

    @command(app, "balance")
    def balance(
        session: Session,
        purse: Annotated[
            str, typer.Argument(help="Public key of a purse; default: this home's.")
        ] = "",
    ) -> None:
        """Say how much coin a purse holds."""
        home = session.home()
        stated = stated_key(home.config.keys.purse, "purse") if not purse else b""
        key = stated or parse_key(purse)
        with open_ledger(session, home) as ledger:
            held = views.balance(ledger.query, key)
        facts = {"purse": key, "balance": held}
        session.out.answer(facts, *table(facts))
