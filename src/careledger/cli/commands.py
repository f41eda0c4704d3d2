"""What all commands share: their common options, and how they end.

0  done
1  refused or failed: error[code] on standard error
2  the command was not understood
"""

import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, Final, cast

import typer

from careledger.cli.meanings import meaning
from careledger.cli.output import Output
from careledger.cli.session import HOME_VARIABLE, Session
from careledger.errors import CareLedgerError

_PANEL: Final = "Options of every command"

HomeOption = Annotated[
    Path | None,
    typer.Option(
        "--home",
        envvar=HOME_VARIABLE,
        help="Directory of the home to use.",
        rich_help_panel=_PANEL,
        show_envvar=True,
    ),
]
JsonOption = Annotated[
    bool,
    typer.Option("--json", help="Answer with one JSON object.", rich_help_panel=_PANEL),
]
DebugOption = Annotated[
    bool,
    typer.Option("--debug", help="Show stack traces.", rich_help_panel=_PANEL),
]
DescriptorOption = Annotated[
    int | None,
    typer.Option(
        "--passphrase-fd",
        metavar="NUMBER",
        help="Read the passphrase from this file descriptor.",
        rich_help_panel=_PANEL,
    ),
]

Common = dict[str, Any]
"""The common options as they were given: `home`, `json`, `debug`, `descriptor`."""

_COMMON: Final = {
    "home": (HomeOption, None),
    "json": (JsonOption, False),
    "debug": (DebugOption, False),
    "descriptor": (DescriptorOption, None),
}


def command(
    app: typer.Typer, name: str, *, hidden: bool = False
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Register a function `f(session, …)` as a command with the common options.

    They may stand before the command or after it: what is said after it counts,
    else what is said before, else the environment.
    """

    def register(action: Callable[..., None]) -> Callable[..., None]:
        _, *own = inspect.signature(action, eval_str=True).parameters.values()

        def run(context: typer.Context, **given: Any) -> None:
            before: Common = context.find_root().obj or {}
            after = {name: given.pop(name) for name in _COMMON}
            said = {n: value for n, value in after.items() if _typed(context, n)}
            common = {**after, **before, **said}
            perform(lambda session: action(session, **given), common)

        app.command(name, help=inspect.getdoc(action), hidden=hidden)(
            _with_parameters(run, own)
        )
        return action

    return register


def _typed(context: typer.Context, name: str) -> bool:
    """Tell an option that stands there from a default or the environment's."""
    source = context.get_parameter_source(name)
    return source is not None and source.name == "COMMANDLINE"


def perform(action: Callable[[Session], None], common: Common) -> None:
    """Run a command to its end.

    Raises:
        typer.Exit: it failed, and has said why.
    """
    out = Output(bool(common["json"]), bool(common["debug"]))
    session = Session(common["home"], out, common["descriptor"])
    try:
        action(session)
    except CareLedgerError as error:
        out.fail(error)
        raise typer.Exit(1) from None
    except (typer.Exit, typer.Abort, typer.BadParameter):
        raise
    except Exception as error:  # noqa: BLE001 (a user gets no stack trace)
        fault = meaning(error, session.path)
        fault.__cause__ = error
        out.fail(fault)
        raise typer.Exit(1) from None


def _with_parameters(
    run: Callable[..., None], own: list[inspect.Parameter]
) -> Callable[..., None]:
    """Give `run` the signature that typer reads the options from."""
    keyword = inspect.Parameter.KEYWORD_ONLY
    parameters = [
        inspect.Parameter("context", keyword, annotation=typer.Context),
        *(parameter.replace(kind=keyword) for parameter in own),
        *(
            inspect.Parameter(name, keyword, annotation=kind, default=default)
            for name, (kind, default) in _COMMON.items()
        ),
    ]
    described = cast("Any", run)
    described.__signature__ = inspect.Signature(parameters)
    described.__annotations__ = {one.name: one.annotation for one in parameters}
    return run
