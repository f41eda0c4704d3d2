"""`careledger practitioner renew` and `insurer renew`: endorsements, on purpose."""

from collections.abc import Callable
from typing import Annotated

import typer

from careledger.cli.commands import command
from careledger.cli.own_records import named_record
from careledger.cli.people import Desk
from careledger.cli.record_problems import PartEnded
from careledger.cli.session import Session
from careledger.cli.standings import Standing
from careledger.client.practitioner import Practitioner
from careledger.client.registrar import EndorsementOffice
from careledger.node.problems import NothingHere


def add_to(
    app: typer.Typer, sit: Callable[[Session], tuple[Practitioner, Desk]]
) -> None:
    """Add the command; `sit` opens the session of whose home it is."""

    @command(app, "renew")
    def renew(
        session: Session,
        record: Annotated[
            str, typer.Argument(help="The record, or the beginning; default: all.")
        ] = "",
    ) -> None:
        """Have your endorsement in a record renewed, or in all: as before a holiday.

        Whatever you use renews by itself. All at one moment: whoever reads the ledger
        may see that these records have somebody in common.
        """
        who, desk = sit(session)
        used = [one.record for one in who.store.kept.used if one.record]
        wanted = [named_record(who.store, record)] if record else dict.fromkeys(used)
        found = {one: _renewed(who, one, desk.counters) for one in wanted}
        if record and "ended" in [one.state for one in found.values()]:
            raise PartEnded
        facts = [{"record": key, **one._asdict()} for key, one in found.items()]
        lines = [f"{key.hex()}  {one.words}" for key, one in found.items()]
        session.out.answer({"records": facts}, *(lines or ["No record yet."]))


def _renewed(who: Practitioner, record: bytes, counters: EndorsementOffice) -> Standing:
    try:
        return Standing("active", who.renew(record, counters))
    except NothingHere:
        return Standing("ended")
