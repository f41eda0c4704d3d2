"""Scene: coin is created and moved."""

from typing import Final

from careledger.cli import views
from careledger.cli.demo.stage import Stage, tell_verdict
from careledger.cli.demo.story import Story
from careledger.ledger.actions.coin import Transfer
from careledger.ledger.actions.governance import MintCoin

PURSES: Final = 16
"""Purses that the load pays from: a purse may act 1,000 times a day."""

_EACH: Final = 10_000
_PAID: Final = 250


def play_paying(stage: Stage, story: Story) -> None:
    """Governors create coin; one purse pays another."""
    ann, bob = stage.purse(0), stage.purse(1)
    mints = [
        MintCoin((0, 1), stage.purse(number).public, _EACH) for number in range(PURSES)
    ]
    with stage.open() as engine:
        stage.send(engine, mints, stage.governors())
        story.tell(
            "state: supply",
            views.supply(engine.query),
            lambda supply: f"The governors created {supply:,} coin in {PURSES} purses.",
        )
        stage.send(engine, [Transfer(0, bob.public, _PAID)], [ann])
        story.tell(
            "state: two purses",
            (
                views.balance(engine.query, ann.public),
                views.balance(engine.query, bob.public),
            ),
            lambda held: f"After a payment they hold {held[0]:,} and {held[1]:,}.",
        )
        verdict = stage.send(engine, [Transfer(0, bob.public, 10 * _EACH)], [ann])
        tell_verdict(
            story,
            engine,
            verdict,
            "Paying more than the purse holds is refused",
            "The overdraft is not recorded.",
        )
