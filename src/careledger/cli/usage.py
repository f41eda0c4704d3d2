"""What a command line that was not understood says: in the user's words, with a code.

The framework that reads command lines has words of its own, drawn in boxes. Here
they become an error like any other. What was typed in the place of a value is
never repeated: it could be a name or a secret in the wrong place.
"""

import difflib
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final

import typer

from careledger.cli.problems import NotUnderstood

USAGE_ERROR: Final[Any] = typer.BadParameter.__base__
"""What the framework raises; it has no public name for it."""


def not_understood(error: Any, program: Any, given: Sequence[str]) -> NotUnderstood:
    """Return what to tell about a usage error.

    Args:
        error: as the framework raised it.
        program: the tree of commands.
        given: the words of the command line.
    """
    path = error.ctx.command_path if error.ctx else command_in(program, given)
    told = _TOLD.get(type(error).__name__, _other)
    return NotUnderstood(told(error), f"See how it is used: {path} --help.")


def is_command_missing(error: Any) -> bool:
    """Tell whether a noun stands there without a verb, like `careledger coin`."""
    alone = not error.ctx.args if error.ctx else False
    return alone and "Missing command" in error.format_message()


def empty_word(program: Any, given: Sequence[str]) -> NotUnderstood | None:
    """Return what to tell if a word of the command line is empty, else nothing.

    The framework would take it for one that was not given, and do something else.
    """
    for before, word in zip(("", *given), given, strict=False):
        option, joined, value = word.partition("=")
        if not (joined and option.startswith("--")):
            option, value = before, word
        if not value.strip():
            named = option.startswith("--")
            what = f"the value of {option}" if named else "one of its words"
            return NotUnderstood(
                f"{what} is empty",
                "Give a value, or leave it out; often a variable of the shell is not"
                f" set. See how it is used: {command_in(program, given)} --help.",
            )
    return None


def command_in(program: Any, given: Iterable[str]) -> str:
    """Return the words of the command that a command line names, as far as it does."""
    path, below = program.name, program
    for word in given:
        if found := _commands(below).get(word):
            path, below = f"{path} {word}", found
    return str(path)


def _missing(error: Any) -> str:
    return f"{_named(error.param)} is missing"


def _bad_value(error: Any) -> str:
    if error.param is None:
        return str(error.message)
    return f"{_named(error.param)} must be {_wanted(error)}"


def _unknown_option(error: Any) -> str:
    if _commands(error.ctx.command) and not error.possibilities:
        return f"{error.option_name} cannot stand here: options come after the command"
    return f"there is no option {error.option_name}" + _near(error.possibilities)


def _other(error: Any) -> str:
    message = str(error.message)
    if "unexpected extra argument" in message:
        return "there are more words than it takes; put quotes around words with spaces"
    if "No such command" in message:
        return _unknown_command(error)
    return message[0].lower() + message[1:].rstrip(".")


def _unknown_command(error: Any) -> str:
    """Say so, and name commands that are near, or of that name below another noun."""
    typed = str(error.message).split("'")[1]
    near = difflib.get_close_matches(typed, error.ctx.command.commands)
    nouns = error.ctx.find_root().command.commands.items()
    below = [f"{noun} {typed}" for noun, one in nouns if typed in _commands(one)]
    return f"there is no command '{typed}' here" + _near(near or below)


def _commands(program: Any) -> Mapping[str, Any]:
    """Return the commands below a noun; none are below a verb."""
    found: Mapping[str, Any] = getattr(program, "commands", {})
    return found


def _near(names: Iterable[str] | None) -> str:
    return f"; did you mean {' or '.join(sorted(names))}?" if names else ""


def _named(parameter: Any) -> str:
    """Return a parameter as the documents write it: `--hours`, or `RECORD`."""
    if parameter.param_type_name == "option":
        return str(parameter.opts[0])
    return str(parameter.display_name_raw).upper()


def _wanted(error: Any) -> str:
    """Return what a value should have been."""
    described = error.param.type_descriptor
    if described.is_choice:
        return "one of: " + ", ".join(map(str, described.choices))
    low, high = error.param.min, error.param.max
    if high is not None:
        return f"a whole number from {low:,} to {high:,}, in digits only"
    least = "" if low is None else f", {low:,} or more"
    return f"a whole number{least}, in digits only"


_TOLD: Final[dict[str, Callable[[Any], str]]] = {
    "MissingParameter": _missing,
    "BadParameter": _bad_value,
    "NoSuchOption": _unknown_option,
}
