"""Which names a context processor gives to templates, read off what it returns without calling it.

Owns what can be known from its text. Calls nothing.
"""

import ast
import inspect
import textwrap
from collections.abc import Iterator
from typing import Any


def names_returned(function: Any) -> frozenset[str] | None:
    """Return the keys of the tables that a function returns; None where they show only when it is called."""
    try:
        (tree,) = ast.parse(textwrap.dedent(inspect.getsource(inspect.unwrap(function)))).body
    except (TypeError, ValueError, OSError, SyntaxError):
        return None
    if not isinstance(tree, ast.FunctionDef):
        return None
    found: set[str] = set()
    for value in _returned(tree):
        keys = _keys(value)
        if keys is None:
            return None
        found |= keys
    return frozenset(found)


def _returned(tree: ast.AST) -> Iterator[ast.expr]:
    """Yield what a function returns; not what functions in it return."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.Return) and node.value is not None:
            yield node.value
        elif not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef):
            yield from _returned(node)


def _keys(value: ast.expr) -> set[str] | None:
    """Return the keys of a table that is written out; None where there may be others."""
    match value:
        case ast.Dict(keys=keys):
            names = {key.value for key in keys if isinstance(key, ast.Constant) and isinstance(key.value, str)}
            return names if len(names) == len(keys) else None
        case ast.Call(func=ast.Name(id="dict"), args=[], keywords=keywords):
            named = {each.arg for each in keywords if each.arg is not None}
            return named if len(named) == len(keywords) else None
    return None
