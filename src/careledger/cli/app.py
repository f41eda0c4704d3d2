"""The tree of commands: one small file per noun."""

import os
import sys
from collections.abc import Sequence
from functools import cache
from typing import Annotated, Any, Final

import typer

from careledger import __version__
from careledger.cli import (
    auditor,
    coin,
    custodians,
    deciding,
    emergency,
    explain,
    fhir,
    getting_back,
    governance,
    hospital,
    inspection,
    insurer,
    keeping,
    network,
    node,
    patient,
    practitioner,
    proof,
    proxy,
    recovery,
    registrar,
    verifying,
)
from careledger.cli.advice import advise
from careledger.cli.answers import arriving
from careledger.cli.commands import (
    DebugOption,
    DescriptorOption,
    HomeOption,
    JsonOption,
    perform,
)
from careledger.cli.demo import show
from careledger.cli.machine_problems import AnswerNotWritten
from careledger.cli.output import Output
from careledger.cli.usage import (
    USAGE_ERROR,
    empty_word,
    is_command_missing,
    not_understood,
)
from careledger.cli.whole_numbers import digits_only

_MISUNDERSTOOD: Final = 2
_NAME: Final = "careledger"

app: Final = typer.Typer(
    name=_NAME,
    help="A permissioned ledger around end-to-end encrypted health records.",
    no_args_is_help=False,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)


def _noun(name: str, text: str) -> typer.Typer:
    group = typer.Typer(name=name, help=text)
    app.add_typer(group)
    return group


network.add_to(_noun("network", "Make a new network."))
governance.add_to(_noun("governance", "Decide who takes part, and create coin."))
_ledger = _noun("ledger", "Look at the ledger of this home, and keep it safe.")
verifying.add_to(_ledger)
keeping.add_to(_ledger)
inspection.add_to(_ledger)
proof.add_to(_noun("proof", "Facts that anyone can check offline."))
coin.add_to(_noun("coin", "Pay, and see what a purse holds."))
node.add_to(_noun("node", "The node of this home."))
_patient = _noun("patient", "Join, see everything, decide who may see what.")
patient.add_to(_patient)
recovery.add_to(_patient)
getting_back.add_to(_patient)
emergency.add_for_patients(_patient)
deciding.add_to(_patient)
proxy.add_to(_patient)
custodians.add_to(_patient)
_practitioner = _noun("practitioner", "Accept, read, write, refer.")
practitioner.add_to(_practitioner)
recovery.add_rebuild(_practitioner)
emergency.add_for_practitioners(_practitioner)
_insurer = _noun("insurer", "The records of an insurer's policies, and no other.")
insurer.add_to(_insurer)
recovery.add_rebuild(_insurer)
_hospital = _noun("hospital", "Admit patients, and vouch for practitioners.")
hospital.add_to(_hospital)
proxy.add_for_witness(_hospital)
registrar.add_to(_noun("registrar", "Note whom it has checked."))
auditor.add_to(_noun("auditor", "Review what was opened in emergencies."))
fhir.add_to(_noun("fhir", "Judge FHIR files; needs no home."))
explain.add_to(app)
show.add_to(app)


@app.callback(invoke_without_command=True)
def _root(
    context: typer.Context,
    home: HomeOption = None,
    json: JsonOption = False,  # noqa: FBT002 (an option of the command line)
    debug: DebugOption = False,  # noqa: FBT002
    descriptor: DescriptorOption = None,
    version: Annotated[  # noqa: FBT002
        bool, typer.Option("--version", help="Say which version this is.")
    ] = False,
) -> None:
    if version:
        facts = {"version": __version__}
        Output(json, debug).answer(facts, f"careledger {__version__}")
        raise typer.Exit
    context.obj = {"home": home, "json": json, "debug": debug, "descriptor": descriptor}
    if context.invoked_subcommand is None:
        perform(advise, context.obj)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code: 0 done, 1 failed, 2 misunderstood."""
    os.umask(0o077)  # whatever a command makes is for its user only
    given = list(sys.argv[1:] if arguments is None else arguments)
    out = Output(as_json="--json" in given, debug=False)
    try:
        with arriving():
            return _run(given, out)
    except AnswerNotWritten as error:  # of --help: commands say it themselves
        out.fail(error)
        return 1


@cache
def _program() -> Any:
    program = typer.main.get_command(app)
    digits_only(program)
    return program


def _run(given: list[str], out: Output) -> int:
    program = _program()
    if empty := empty_word(program, given):
        out.fail(empty)
        return _MISUNDERSTOOD
    try:
        code = program.main(args=given, prog_name=_NAME, standalone_mode=False)
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 1
    except USAGE_ERROR as error:
        if is_command_missing(error) and not out.as_json:
            error.ctx.get_help()  # prints it: what one may have looked for
        out.fail(not_understood(error, program, given))
        return _MISUNDERSTOOD
    return int(code or 0)
