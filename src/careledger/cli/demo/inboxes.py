"""Everybody's inbox: all who are invited accept, each with a fresh handle."""

from collections.abc import Sequence
from typing import Final

from careledger.cli.demo.counting import TOGETHER, for_each
from careledger.cli.demo.stage import Stage
from careledger.client.practitioner import Practitioner
from careledger.ledger.actions.registry import HandleRole
from careledger.sealing.invitations import Invitation

_POOL: Final = 10


def accept_all(
    stage: Stage, what: str, people: Sequence[Practitioner], role: HandleRole
) -> list[bytes]:
    """Let people accept whatever they are invited to; return the records.

    Args:
        stage: where they play.
        what: in words, for the bar.
        people: who opens the inbox.
        role: in which they are invited.
    """
    town = stage.town
    waiting = [
        (who, invitation)
        for who in people
        for invitation in who.inbox(town.network.office_of(who))
    ]

    def accept(one: tuple[Practitioner, Invitation]) -> bytes:
        who, invitation = one
        with town.turn(who):
            if not who.store.kept.pool:
                who.fill_pool(town.network.registrar, role, _POOL)
            return who.accept(invitation)

    return for_each(stage.out, what, waiting, accept, TOGETHER)
