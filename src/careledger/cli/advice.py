"""`careledger` alone: what this home is, and what to do next."""

import os
import shlex
from typing import NamedTuple

from careledger.cli.session import HOME_VARIABLE, Session
from careledger.client.home import Home
from careledger.client.problems import NoHome


class Advice(NamedTuple):
    """What is, and the commands that make sense now."""

    state: str
    text: str
    next: tuple[str, ...]


def advise(session: Session) -> None:
    """Say what to do next, given the state of the home.

    Raises:
        HalfMade, UnknownKey, BadSetting: the home needs a hand first.
    """
    try:
        found = _for_home(session.home())
    except NoHome:
        found = _NO_HOME
    lines = [f"  careledger {_home_for(one, session)}{one}" for one in found.next]
    facts = {"state": found.state, "home": str(session.path), "next": found.next}
    session.out.answer(
        facts, f"{session.path}: {found.text}", "What you can do next:", *lines
    )


def _home_for(command: str, session: Session) -> str:
    """Return the option that names the home again, where one has to."""
    found_without = os.environ.get(HOME_VARIABLE, "") == str(session.named or "")
    if found_without or command.startswith(("demo", "--help")):
        return ""
    return f"--home {shlex.quote(str(session.named))} "


_NO_HOME = Advice(
    "no-home",
    "there is no CareLedger home here yet.",
    (
        "demo                          see it work, in a directory of its own",
        "network init NAME …           make a new network",
        "governance apply GENESIS FILE …  apply to an existing network",
        "governance new-key            make a governor's key for a new network",
        "--help                        all commands",
    ),
)

_GOVERNOR = Advice(
    "governor",
    "the home of a governor.",
    ("governance sign DRAFT --genesis FILE", "--help"),
)

_APPLICANT = Advice(
    "applicant",
    "this organisation has applied; the ledger is in another home. Once admitted, it"
    " speaks to the node of a home on the same machine, or names its ledger in"
    ' careledger.toml: ledger = "FILE"',
    ("node use DIR", "--help"),
)

_PATIENT = Advice(
    "patient",
    "the home of a patient.",
    (
        "patient register PAPER --personal FILE --practitioner NAME",
        "patient records",
        "patient who-has-access RECORD",
        "patient export DIR",
        "patient kit",
    ),
)

_JOINED = _PATIENT._replace(next=_PATIENT.next[1:])

_PRACTITIONER = Advice(
    "practitioner",
    "the home of a practitioner; one joins once, and fills the pool every week.",
    (
        "practitioner join PAPER",
        "practitioner fill-pool",
        "practitioner inbox",
        "practitioner records",
        "practitioner import FILE --record RECORD",
    ),
)

_SERVED = Advice(
    "organisation",
    "the home of an organisation; it speaks to the node of another.",
    (
        "hospital vouch REQUEST FILE   insurer vouch REQUEST FILE",
        "hospital sort-post            insurer sort-post",
        "hospital release FILE",
        "auditor accesses",
    ),
)

_GUEST = Advice(
    "guest",
    "this home uses the ledger of another.",
    ("node status", "coin balance", "coin transfer PAYEE AMOUNT", "--help"),
)

_RUNNING = Advice(
    "ledger",
    "this home runs a ledger.",
    (
        "node status",
        "node serve",
        "governance admit APPLICATION",
        "governance mint PURSE AMOUNT",
        "ledger verify",
        "ledger backup FILE",
    ),
)


_LOST = Advice(
    "ledger-missing",
    "this home runs a node, and its ledger is not there.",
    ("ledger restore FILE",),
)


def _for_home(home: Home) -> Advice:
    if home.config.node and home.config.keys.organisation:
        return _SERVED
    if home.config.node:
        person = home.config.person
        patient = _JOINED if person.joined else _PATIENT
        return _PRACTITIONER if person.name else patient
    if home.ledger.exists():
        return _RUNNING if home.config.keys.node else _GUEST
    if home.config.keys.node:
        return _LOST
    return _APPLICANT if home.config.keys.organisation else _GOVERNOR
