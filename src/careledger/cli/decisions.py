"""A decision of the governors: proposed, signed by as many as it takes, sent."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from careledger.cli import views
from careledger.cli.house.ledger import Ledger, open_ledger, submit, verdict_facts
from careledger.cli.output import plain, table
from careledger.cli.parsing import check_free, parse_key
from careledger.cli.problems import DraftNeeded
from careledger.cli.session import Session
from careledger.client.envelopes import (
    HOUR,
    compose,
    envelope_of,
    missing_signers,
    new_draft,
    sign_draft,
    write_draft,
)
from careledger.client.home import Home
from careledger.client.offices import Offices
from careledger.ledger.actions import AnyAction
from careledger.ledger.actions.base import Action
from careledger.ledger.refusals.governance import NoQuorum
from careledger.primitives.signing import SigningKey

Proposal = Callable[[tuple[int, ...]], AnyAction]
"""Given the indexes of the governors that sign, returns the action."""

_LIFE_OF_A_DRAFT: Final = 23 * HOUR


@dataclass(frozen=True)
class Way:
    """How the signatures come together.

    Attributes:
        draft: the file that travels; `None`: this home decides alone.
        others: keys of the governors elsewhere who are to sign, in hexadecimal;
            `None`: nobody is named.
    """

    draft: Path | None
    others: Sequence[str] | None


def decide(
    session: Session,
    proposal: Proposal,
    way: Way,
    facts: Mapping[str, object],
    done: str,
) -> None:
    """Let this home's governors decide, or write the draft that travels.

    Raises:
        DraftNeeded: they are too few, and no draft was asked for.
        NoQuorum: the others named are no governors, or still too few.
        Refusal: the ledger's rules say no.
    """
    home = session.home()
    if way.draft is not None:
        check_free(way.draft)
    with open_ledger(session, home) as ledger:
        signers = _signers(home, ledger, way)
        indexes = tuple(range(len(signers)))
        until = ledger.time() + _LIFE_OF_A_DRAFT
        core = compose(home.chain_id, signers, [proposal(indexes)], until)
        draft = new_draft(core)
        if home.config.keys.governors:
            draft = sign_draft(draft, governor_keys(home, session.unlock(home)))
        if way.draft is None:
            verdict = submit(ledger, envelope_of(draft))
            found = {**facts, **verdict_facts(verdict)}
            session.out.answer(found, done, *table(found))
            return
    write_draft(way.draft, draft)
    missing = missing_signers(draft)
    session.out.answer(
        {**facts, "file": str(way.draft), "missing": missing, "valid_until": until},
        f"The draft lacks {len(missing)} of {len(signers)} signatures:",
        *(f"  {key.hex()}" for key in missing),
        "It is good for 23 hours. Each of them runs: careledger governance sign FILE",
    )


def governor_keys(home: Home, offices: Offices) -> dict[bytes, SigningKey]:
    """Return the home's governor keys by their public halves."""
    count = len(home.config.keys.governors)
    keys = [offices.governor(number) for number in range(count)]
    return {key.public: key for key in keys}


def in_words(action: Action) -> list[str]:
    """Return the lines that tell a person what an action does."""
    shown = plain(action)
    return [f"  {shown.pop('kind')}", *table(shown)]


def _signers(home: Home, ledger: Ledger, way: Way) -> list[bytes]:
    """Return the keys that are to sign: this home's, those named, then any others."""
    in_force = views.governors(ledger.query)
    own = [bytes.fromhex(key) for key in home.config.keys.governors]
    wanted = [*own, *map(parse_key, way.others or ())]
    rest = in_force.keys if way.draft is not None and not way.others else ()
    listed = [key for key in dict.fromkeys((*wanted, *rest)) if key in in_force.keys]
    if len(listed) < in_force.threshold:
        raise NoQuorum if way.draft is not None else DraftNeeded
    return listed[: in_force.threshold]
