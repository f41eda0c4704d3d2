"""`careledger governance …`: k of n governors decide who takes part.

Where the governors' keys are in several homes, a decision travels as a draft:

    careledger governance admit insurer.application --draft decision
    careledger governance sign decision          (in each other home)
    careledger governance submit decision        (in the home with the ledger)
"""

from pathlib import Path
from typing import Annotated, Literal

import typer

from careledger.cli import decisions
from careledger.cli.commands import command
from careledger.cli.house.ledger import open_ledger, submit, verdict_facts
from careledger.cli.output import table
from careledger.cli.parsing import check_free, parse_key
from careledger.cli.session import Session
from careledger.client.applications import (
    make_application,
    read_application,
    write_application,
)
from careledger.client.config import Config, OrganisationSettings, PublicKeys
from careledger.client.envelopes import (
    content_of,
    envelope_of,
    missing_signers,
    read_draft,
    sign_draft,
    write_draft,
)
from careledger.client.files import read_file
from careledger.client.home import begin_home, keep_genesis, save_settings
from careledger.client.problems import NoSuchOffice, OtherNetwork
from careledger.ledger.actions.governance import (
    AdmitOrganisation,
    MintCoin,
    SetStatus,
)
from careledger.ledger.genesis import chain_id, read_genesis

DraftOption = Annotated[
    Path | None,
    typer.Option("--draft", help="Write a draft for governors of other homes to sign."),
]
WithOption = Annotated[
    list[str] | None,
    typer.Option("--with", help="Key of another governor who is to sign the draft."),
]
Organisation = Annotated[
    str, typer.Argument(help="Identifier of the organisation, 64 digits.")
]
GenesisOption = Annotated[
    Path | None, typer.Option("--genesis", help="The network's genesis file.")
]


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    _add_homes(app)
    _add_decisions(app)
    _add_statuses(app)
    _add_drafts(app)


def _add_homes(app: typer.Typer) -> None:
    @command(app, "new-key")
    def new_key(session: Session) -> None:
        """Make a home with a governor's key; hand its public key to the founder."""
        new = session.new_home()
        begin_home(new)
        key = new.offices.governor(0).public.hex()
        save_settings(new.path, Config(keys=PublicKeys(governors=(key,))))
        facts = {"governor": key, "home": str(new.path)}
        session.out.answer(facts, "This home holds a governor's key.", *table(facts))

    @command(app, "apply")
    def apply(  # noqa: PLR0913, PLR0917 (options of a command line)
        session: Session,
        genesis: Annotated[Path, typer.Argument(help="The network's genesis file.")],
        file: Annotated[Path, typer.Argument(help="Where to write the application.")],
        organisation: Annotated[
            str, typer.Option(help="The organisation's public name.")
        ],
        entity: Annotated[
            str, typer.Option(help="Its legal entity (LEI or national number).")
        ],
        kind: Annotated[list[str], typer.Option(help="What it applies to be.")],
        group: Annotated[str, typer.Option(help="The head of its group, if any.")] = "",
    ) -> None:
        """Make an organisation's home and key, and its signed application."""
        check_free(file)
        raw = read_file(genesis)
        session.out.simulated = read_genesis(raw).simulated
        about = OrganisationSettings(
            name=organisation, entity=entity, group=group, kinds=tuple(kind)
        )
        new = session.new_home()
        signed = make_application(chain_id(raw), about, new.offices)
        begin_home(new)
        keep_genesis(new.path, raw)
        write_application(file, signed)
        keys = PublicKeys(
            organisation=signed.application.key.hex(),
            purse=new.offices.purse().public.hex(),
        )
        save_settings(new.path, Config(organisation=about, keys=keys))
        facts = {
            "organisation": signed.organisation_id,
            "key": signed.application.key,
            "purse": keys.purse,
            "home": str(new.path),
            "file": str(file),
        }
        session.out.answer(
            facts,
            f"{organisation} applies; give the file to a governor.",
            *table(facts),
        )


def _add_decisions(app: typer.Typer) -> None:
    @command(app, "admit")
    def admit(
        session: Session,
        file: Annotated[Path, typer.Argument(help="The signed application.")],
        draft: DraftOption = None,
        others: WithOption = None,
    ) -> None:
        """Admit the organisation that signed an application."""
        signed = read_application(file)
        name = signed.application.name.decode(errors="replace")
        decisions.decide(
            session,
            lambda by: AdmitOrganisation(by, signed.application, signed.signature),
            decisions.Way(draft, others),
            {"organisation": signed.organisation_id, "name": name},
            f"{name} is admitted.",
        )

    @command(app, "mint")
    def mint(
        session: Session,
        purse: Annotated[str, typer.Argument(help="Public key of the purse.")],
        amount: Annotated[int, typer.Argument(min=1, max=2**53 - 1)],
        draft: DraftOption = None,
        others: WithOption = None,
    ) -> None:
        """Create coin in a purse."""
        key = parse_key(purse)
        decisions.decide(
            session,
            lambda by: MintCoin(by, key, amount),
            decisions.Way(draft, others),
            {"purse": key, "amount": amount},
            f"{amount} coin were created.",
        )


def _add_statuses(app: typer.Typer) -> None:
    def add(
        name: str, status: Literal["active", "suspended", "expelled"], text: str
    ) -> None:
        def change(
            session: Session,
            organisation: Organisation,
            draft: DraftOption = None,
            others: WithOption = None,
        ) -> None:
            key = parse_key(organisation)
            decisions.decide(
                session,
                lambda by: SetStatus(by, key, status),
                decisions.Way(draft, others),
                {"organisation": key, "status": status},
                f"The organisation is {status} now.",
            )

        change.__doc__ = text
        command(app, name)(change)

    add("suspend", "suspended", "Suspend an organisation: it cannot act any more.")
    add("reinstate", "active", "Let a suspended organisation act again.")
    add("expel", "expelled", "Expel an organisation for good.")


def _add_drafts(app: typer.Typer) -> None:
    @command(app, "sign")
    def sign(
        session: Session,
        file: Annotated[Path, typer.Argument(help="The draft; it is updated.")],
        genesis: GenesisOption = None,
    ) -> None:
        """Show what a draft decides, and sign it with this home's governor keys."""
        home = session.home()
        draft = read_draft(file)
        if genesis is not None:
            keep_genesis(home.path, read_file(genesis))
            home = session.home()
        content = content_of(draft.core)
        if content.chain_id != home.chain_id:
            raise OtherNetwork
        if not home.config.keys.governors:
            raise NoSuchOffice("governor")
        for action in content.actions:
            for line in ("you sign:", *decisions.in_words(action)):
                session.out.note(line)
        draft = sign_draft(draft, decisions.governor_keys(home, session.unlock(home)))
        write_draft(file, draft)
        missing = missing_signers(draft)
        facts = {"file": str(file), "actions": content.actions, "missing": missing}
        session.out.answer(
            facts,
            f"Signed; {len(missing)} of {len(draft.signatures)} signatures missing.",
        )

    @command(app, "submit")
    def submit_draft(
        session: Session,
        file: Annotated[Path, typer.Argument(help="The draft, signed by all.")],
    ) -> None:
        """Send a draft that everybody has signed to the ledger."""
        home = session.home()
        envelope = envelope_of(read_draft(file))
        with open_ledger(session, home) as ledger:
            facts = verdict_facts(submit(ledger, envelope))
        session.out.answer(facts, "The decision is in force.", *table(facts))
