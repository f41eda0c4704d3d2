"""What no import contract can see: constructs that make two nodes disagree.

The state machine must give the same bytes on every machine, so its source has no
floats, no unordered collections, nothing that depends on a process or a clock,
and no statement that an optimising interpreter drops.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[2] / "src" / "careledger"
LEDGER = sorted((SOURCE / "ledger").rglob("*.py"))
EVERYTHING = sorted(SOURCE.rglob("*.py"))

DISAGREE = {
    "complex": "floating point",
    "float": "floating point",
    "frozenset": "no order",
    "set": "no order",
    "hash": "differs between processes",
    "id": "differs between processes",
    "breakpoint": "input or output",
    "input": "input or output",
    "open": "input or output",
    "print": "input or output",
    "compile": "runs text",
    "eval": "runs text",
    "exec": "runs text",
    "__import__": "hides an import",
    "globals": "hidden state",
    "locals": "hidden state",
    "vars": "hidden state",
}
"""Built-in functions that the ledger does without, and why."""

TOO_BROAD = {"Exception", "BaseException"}


def disagreements(source: str) -> list[str]:
    """Return what in `source` could make two nodes disagree."""
    tree = ast.parse(source)
    return [f"line {line}: {why}" for node in ast.walk(tree) for line, why in _of(node)]


def _of(node: ast.AST) -> Iterator[tuple[int, str]]:
    why = _number(node) or _collection(node) or _statement(node) or _handler(node)
    if why:
        yield getattr(node, "lineno", 0), why


def _number(node: ast.AST) -> str:
    match node:
        case ast.Constant(value=float() | complex()):
            return "a float"
        case ast.BinOp(op=ast.Div()) | ast.AugAssign(op=ast.Div()):
            return "true division makes floats"
    return ""


def _collection(node: ast.AST) -> str:
    match node:
        case ast.Set() | ast.SetComp():
            return "a set has no order"
        case ast.Name(id=name, ctx=ast.Load()) if name in DISAGREE:
            return f"{name}: {DISAGREE[name]}"
    return ""


def _statement(node: ast.AST) -> str:
    match node:
        case ast.Assert():
            return "an assertion vanishes under -O"
        case ast.Global() | ast.Nonlocal():
            return "hidden state"
        case ast.AsyncFunctionDef() | ast.Await() | ast.AsyncFor() | ast.AsyncWith():
            return "order left to a scheduler"
    return ""


def _handler(node: ast.AST) -> str:
    match node:
        case ast.ExceptHandler(type=None):
            return "catches everything"
        case ast.ExceptHandler(type=caught):
            names = [one.id for one in ast.walk(caught) if isinstance(one, ast.Name)]
            return "catches too much" if TOO_BROAD.intersection(names) else ""
    return ""


def trespasses(source: str) -> list[str]:
    """Return imports inside functions, and of other modules' private names."""
    tree = ast.parse(source)
    top = [id(node) for node in tree.body]
    found = []
    for node in ast.walk(tree):
        if not isinstance(node, ast.Import | ast.ImportFrom):
            continue
        if id(node) not in top:
            found.append(f"line {node.lineno}: a local import")
        if any(_is_private(part) for one in node.names for part in one.name.split(".")):
            found.append(f"line {node.lineno}: a private name")
        if _is_private((getattr(node, "module", "") or "").rpartition(".")[2]):
            found.append(f"line {node.lineno}: a private module")
    return found


def _is_private(name: str) -> bool:
    return name.startswith("_") and not name.startswith("__")


def test_the_ledger_was_found():
    assert len(LEDGER) > 20


@pytest.mark.parametrize("path", LEDGER, ids=lambda path: path.name)
def test_no_two_nodes_can_disagree(path):
    assert disagreements(path.read_text("utf-8")) == []


# The verifier that is read and run without the rest loads a library only if asked.
STANDS_ALONE = SOURCE / "offline.py"


@pytest.mark.parametrize("path", EVERYTHING, ids=lambda p: str(p.relative_to(SOURCE)))
def test_imports_are_open_and_public(path):
    found = trespasses(path.read_text("utf-8"))
    if path == STANDS_ALONE:
        found = [one for one in found if "local import" not in one]
    assert found == []


@pytest.mark.parametrize(
    "planted",
    [
        "x = 1.5",
        "x = 2j",
        "x = a / b",
        "x /= 2",
        "x = float(y)",
        "x = hash(y)",
        "x = sorted(y, key=id)",
        "x = {1, 2}",
        "x = {y for y in z}",
        "x = set(y)",
        "x = frozenset(y)",
        "x = map(set, y)",
        "open('f')",
        "print(x)",
        "eval('1')",
        "assert x",
        "def f():\n  global x",
        "def f():\n  def g():\n    nonlocal x",
        "async def f(): pass",
        "try:\n  f()\nexcept:\n  pass",
        "try:\n  f()\nexcept Exception:\n  pass",
        "try:\n  f()\nexcept (KeyError, BaseException):\n  pass",
        "vars(x)",
        "__import__('os')",
    ],
)
def test_the_rule_finds(planted):
    assert disagreements(planted)


@pytest.mark.parametrize(
    "planted",
    [
        "from careledger.ledger.workflows.coin import _PURSES",
        "from careledger._hidden import x",
        "import careledger._hidden",
        "def f():\n  import os",
        "if x:\n  from os import path",
    ],
)
def test_the_rule_finds_the_trespass(planted):
    assert trespasses(planted)


@pytest.mark.parametrize(
    "fine",
    [
        "x = 7 // 2",
        "x = {'a': 1}",
        "def identity(x): return x",
        "try:\n  f()\nexcept KeyError:\n  pass",
        "from __future__ import annotations",
        "x = self.open",
        "class A:\n  open: bool",
    ],
)
def test_the_rules_leave_in_peace(fine):
    assert disagreements(fine) == []
    assert trespasses(fine) == []
