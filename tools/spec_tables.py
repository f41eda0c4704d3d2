"""Write the tables of docs/spec.md from the code.

    python -m tools.spec_tables            rewrite the tables between the markers
    python -m tools.spec_tables --check    say whether they are up to date

Prose belongs to people and stays as it is; between `<!-- table: NAME -->` and
`<!-- end -->` everything is generated, so that the document cannot drift.
"""

import importlib
import inspect
import pkgutil
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec.inspect as shape

import careledger.ledger
from careledger.errors import every_error
from careledger.ledger import blocks, envelopes, genesis, parameters, timers
from careledger.ledger.actions import AnyAction
from careledger.ledger.execute import HANDLERS
from careledger.ledger.refusals import Refusal, Void
from careledger.ledger.state import Table
from careledger.primitives.encoding import MAX_INTEGER, Message
from tools.spec_refusals import refusals_of
from tools.spec_state import KEYS

SPEC = Path(__file__).parents[1] / "docs" / "spec.md"
MARKED = re.compile(r"(<!-- table: (.+?) -->\n).*?(<!-- end -->)", re.DOTALL)
MODULES = [
    importlib.import_module(info.name)
    for info in pkgutil.walk_packages(careledger.ledger.__path__, "careledger.ledger.")
]
"""All of the ledger, so that every table and every code is known."""


# Types, in words that need no Python.


def words(info: shape.Type) -> str:
    """Return how a field is encoded."""
    return WORDS[type(info)](info)


def _integer(info: Any) -> str:
    return f"integer {_number(info.ge)} to {_number(info.le)}"


def _bytes(info: Any) -> str:
    if info.max_length is None:
        return "bytes"
    return f"{_range(info.min_length, info.max_length)} bytes"


def _text(info: Any) -> str:
    return f"text matching `{info.pattern}`" if info.pattern else "text"


def _literal(info: Any) -> str:
    return "text: " + ", ".join(f"`{value}`" for value in info.values)


def _union(info: Any) -> str:
    if len(info.types) == len(AnyAction.__args__):
        return "any action (see Actions)"
    return " or ".join(words(one) for one in info.types)


def _list(info: Any) -> str:
    size = ""
    if info.max_length is not None:
        size = f" of {_range(info.min_length, info.max_length)}"
    return f"list{size}: {words(info.item_type)}"


def _tuple(info: Any) -> str:
    return "list of " + ", then ".join(words(one) for one in info.item_types)


WORDS: dict[type, Callable[[Any], str]] = {
    shape.IntType: _integer,
    shape.BoolType: lambda _: "true or false",
    shape.NoneType: lambda _: "nil",
    shape.BytesType: _bytes,
    shape.StrType: _text,
    shape.LiteralType: _literal,
    shape.UnionType: _union,
    shape.VarTupleType: _list,
    shape.TupleType: _tuple,
    shape.StructType: lambda info: f"`{info.cls.__name__}`",
}


def _number(value: int | None) -> str:
    return "2^53 − 1" if value == MAX_INTEGER else str(value)


def _range(least: int | None, most: int) -> str:
    return str(most) if least == most else f"{least or 0} to {most}"


def described(kind: type) -> dict[str, str]:
    """Return field → what its class says about it under `Attributes:`."""
    text = inspect.getdoc(kind) or ""
    _, _, listed = text.partition("Attributes:\n")
    found = re.findall(r"^ {4}(\w+): (.*(?:\n {8}.*)*)", listed, re.MULTILINE)
    return {name: " ".join(words.split()) for name, words in found}


def first_line(thing: object) -> str:
    """Return the first sentence of a docstring."""
    return (inspect.getdoc(thing) or "").partition("\n")[0]


# Tables.


def table(head: list[str], rows: list[list[str]]) -> str:
    """Return a Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "".join(
        "| " + " | ".join(_cell(one) for one in row) + " |\n" for row in lines
    )


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def message(kind: Any, signed_by: dict[str, str] | None = None) -> str:
    """Return a message's table: one line for each element of its array."""
    info = shape.type_info(kind)
    if not isinstance(info, shape.StructType):
        raise TypeError(kind)
    about, rows = described(kind), []
    if info.tag is not None:
        tag = (
            f'text "{info.tag}"' if isinstance(info.tag, str) else f"integer {info.tag}"
        )
        rows.append(["*tag*", tag, ""])
    for one in info.fields:
        role = (signed_by or {}).get(one.name)
        note = " ".join(filter(None, [about.get(one.name), _signs(role)]))
        rows.append([f"`{one.name}`", words(one.type), note])
    numbered = [[str(place), *row] for place, row in enumerate(rows)]
    return table(["#", "element", "encoding", "meaning"], numbered)


def _signs(role: str | None) -> str:
    return f"*Signs as {role}.*" if role else ""


def titled(kind: Any) -> str:
    """Return a message with its name and purpose above its table."""
    return f"**`{kind.__name__}`**: {first_line(kind)}\n\n{message(kind)}\n"


def actions(workflow: str) -> str:
    """Return one section for each action of a workflow."""
    kinds = [one for one in AnyAction.__args__ if _tag(one).startswith(f"{workflow}.")]
    return "\n".join(map(_action, kinds))


def _tag(kind: Any) -> str:
    return str(kind.__struct_config__.tag)


def _action(kind: Any) -> str:
    codes = ", ".join(f"`{code}`" for code in refusals_of(HANDLERS[kind]))
    return (
        f"#### `{_tag(kind)}`\n\n{first_line(kind)}\n\n"
        f"{message(kind, kind.signed_by)}\nRefused with: {codes}.\n"
    )


def parts() -> list[Any]:
    """Return the messages inside actions, in the order of first use."""
    found: dict[Any, None] = {}
    for action in AnyAction.__args__:
        for one in _structs(shape.type_info(action)):
            if one is not action:
                found.setdefault(one)
    return list(found)


def _structs(info: Any) -> Iterator[Any]:
    """Yield each struct inside a type, outermost first."""
    if isinstance(info, shape.StructType):
        yield info.cls
        for one in info.fields:
            yield from _structs(one.type)
    for one in (*getattr(info, "types", ()), *getattr(info, "item_types", ())):
        yield from _structs(one)
    if hasattr(info, "item_type"):
        yield from _structs(info.item_type)


def state_tables() -> list[tuple[bytes, str, Table[Any]]]:
    """Return (prefix, owner, table) of every table in the ledger, ascending."""
    found: dict[bytes, tuple[str, Table[Any]]] = {}
    for module in MODULES:
        owner = module.__name__.removeprefix("careledger.ledger.")
        for one in vars(module).values():
            if not isinstance(one, Table):
                continue
            if found.setdefault(one.prefix, (owner, one))[1] is not one:
                raise ValueError(one.prefix.hex())
    return [(prefix, *found[prefix]) for prefix in sorted(found)]


def state() -> str:
    """Return the state's tables: prefix, owner, key, value, default."""
    rows = [
        [
            f"`{prefix.hex()}`",
            f"`{owner}`",
            KEYS[prefix],
            words(shape.type_info(one.kind)),
            _default(one.default),
        ]
        for prefix, owner, one in state_tables()
    ]
    return table(
        ["prefix", "owner", "key after the prefix", "value", "absent is"], rows
    )


def _default(value: object) -> str:
    if isinstance(value, Message):
        return "all at their defaults"
    return str(value).lower() if isinstance(value, int) else "none"


def values() -> str:
    """Return the messages that are stored as values."""
    found: dict[Any, None] = {}
    for _, _, one in state_tables():
        for kind in _structs(shape.type_info(one.kind)):
            found.setdefault(kind)
    known = [*parts()]
    return "\n".join(titled(one) for one in found if one not in known)


def codes(family: type) -> str:
    """Return every code of a family of errors."""
    rows = [
        [f"`{one.code}`", one.happened, one.to_do]
        for one in sorted(every_error(), key=lambda one: one.code)
        if issubclass(one, family) and one.__module__.startswith("careledger.")
    ]
    return table(["code", "what happened", "what to do"], rows)


def limits() -> str:
    """Return the parameters with their defaults and smallest values."""
    kind, about = parameters.Parameters, described(parameters.Parameters)
    rows = [
        [f"`{name}`", str(default), str(smallest), about[name]]
        for name, default, smallest in zip(
            kind.__struct_fields__,
            _fields(kind()),
            _fields(parameters.SMALLEST),
            strict=True,
        )
    ]
    return table(["parameter", "default", "smallest", "meaning"], rows)


def _fields(value: Any) -> list[Any]:
    return [getattr(value, name) for name in value.__struct_fields__]


def kinds_of_timers() -> str:
    """Return the kinds of timers."""
    return words(shape.type_info(timers.Kind)) + "\n"


TABLES: dict[str, Callable[[], str]] = {
    "envelope": lambda: titled(envelopes.Core) + "\n" + titled(envelopes.Envelope),
    "leaves": lambda: titled(blocks.TransactionLeaf) + "\n" + titled(blocks.BlockLeaf),
    "genesis": lambda: titled(genesis.Genesis) + "\n" + titled(genesis.FirstNode),
    "parts": lambda: "\n".join(map(titled, parts())),
    "state": state,
    "values": values,
    "void": lambda: codes(Void),
    "refusals": lambda: codes(Refusal),
    "parameters": limits,
    "timers": kinds_of_timers,
}
"""Table → what makes it; `actions WORKFLOW` is one for each workflow."""


def rendered(text: str) -> str:
    """Return the document with every table made anew."""

    def fill(found: re.Match[str]) -> str:
        name = found[2]
        if name.startswith("actions "):
            body = actions(name.removeprefix("actions "))
        else:
            body = TABLES[name]()
        return f"{found[1]}\n{body}\n{found[3]}"

    return MARKED.sub(fill, text)


def main() -> None:
    """Rewrite the tables, or check them."""
    old = SPEC.read_text("utf-8")
    new = rendered(old)
    if "--check" in sys.argv:
        sys.exit(0 if new == old else "docs/spec.md: run python -m tools.spec_tables")
    SPEC.write_text(new, "utf-8")


if __name__ == "__main__":
    main()
