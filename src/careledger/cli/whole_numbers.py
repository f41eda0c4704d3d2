"""Whole numbers as people write them: 0 to 9, nothing else.

Python also reads `1_0` as ten, `+1`, and the digits of every script. A slip that
pays or decides is not to be guessed at.
"""

from collections.abc import Callable
from typing import Any

import typer


def digits_only(program: Any) -> None:
    """Let every number in a tree of commands be digits, or be not understood."""
    for parameter in program.params:
        if parameter.type_descriptor.annotation is int:
            parameter.process_value = _checked(parameter, parameter.process_value)
    for below in getattr(program, "commands", {}).values():
        digits_only(below)


def is_digits(text: str) -> bool:
    """Tell whether a text is made of the digits 0 to 9, and of one at least."""
    return text.isascii() and text.isdecimal()


def _checked(parameter: Any, process: Callable[..., Any]) -> Callable[..., Any]:
    def checked(context: Any, value: Any) -> Any:
        if isinstance(value, str) and not is_digits(value):
            raise typer.BadParameter("not in digits", ctx=context, param=parameter)
        return process(context, value)

    return checked
