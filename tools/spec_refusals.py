"""Which refusals an action can meet: read from the source, so never out of date.

Follows calls from a handler through the ledger's modules and collects each
`raise` of a class that has a code; what a caller catches does not count.
"""

import ast
import importlib
import inspect
from collections.abc import Iterator
from functools import cache
from types import ModuleType
from typing import Any

from careledger.errors import CareLedgerError
from careledger.ledger.refusals import Refusal

PACKAGE = "careledger.ledger"

Codes = frozenset[str]


def refusals_of(handler: Any) -> list[str]:
    """Return the codes that `handler` can raise, ascending."""
    return sorted(_codes_of(handler.__module__, handler.__name__))


@cache
def _functions(module: str) -> dict[str, ast.FunctionDef]:
    tree = ast.parse(inspect.getsource(importlib.import_module(module)))
    return {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}


_RUNNING: list[tuple[str, str]] = []
_KNOWN: dict[tuple[str, str], Codes] = {}


def _codes_of(module: str, name: str) -> Codes:
    place = (module, name)
    if place in _KNOWN:
        return _KNOWN[place]
    function = _functions(module).get(name)
    if function is None or place in _RUNNING:
        return frozenset()
    _RUNNING.append(place)
    found = _in_all(module, function.body)
    _RUNNING.pop()
    _KNOWN[place] = found
    return found


def _in_all(module: str, nodes: list[Any]) -> Codes:
    return frozenset().union(*(_in(module, node) for node in nodes))


def _in(module: str, node: ast.AST) -> Codes:
    """Return the codes that can leave a piece of source."""
    match node:
        case ast.Try():
            caught = [
                one for handler in node.handlers for one in _caught(module, handler)
            ]
            body = frozenset(c for c in _in_all(module, node.body) if c not in caught)
            rest = [*node.handlers, *node.orelse, *node.finalbody]
            return body | _in_all(module, rest)
        case ast.Raise(exc=raised) if raised is not None:
            return frozenset(_codes(_resolve(module, raised)))
        case ast.Call(func=called):
            inside = _in_all(module, [*node.args, *node.keywords])
            return inside | _called(module, called)
    return _in_all(module, list(ast.iter_child_nodes(node)))


def _called(module: str, called: ast.expr) -> Codes:
    target = _resolve(module, called)
    if inspect.isfunction(target) and target.__module__.startswith(PACKAGE):
        return _codes_of(target.__module__, target.__name__)
    return frozenset()


def _caught(module: str, handler: ast.ExceptHandler) -> Iterator[str]:
    kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    for kind in kinds:
        if kind is not None:
            yield from _codes(_resolve(module, kind), family=True)


def _codes(found: object, *, family: bool = False) -> Iterator[str]:
    if not inspect.isclass(found) or not issubclass(found, CareLedgerError):
        return
    if issubclass(found, Refusal) and found.code:
        yield found.code
    if family:
        for one in found.__subclasses__():
            yield from _codes(one, family=True)


def _resolve(module: str, expression: ast.expr) -> object:
    """Return what a name, or a name of a module, stands for."""
    space = vars(importlib.import_module(module))
    match expression:
        case ast.Name(id=name):
            return space.get(name)
        case ast.Attribute(value=ast.Name(id=owner), attr=name):
            holder = space.get(owner)
            return (
                getattr(holder, name, None) if isinstance(holder, ModuleType) else None
            )
    return None
