"""Chains of names, such as `order.items.0`: how a template reaches a value, and what its tests prove of one.

Owns how a chain is read from a syntax tree.
"""

from collections.abc import Iterable
from typing import Final

from jinja2 import nodes

from declweb.templating.facts import Path
from declweb.templating.positions import Spot, spot

Chain = tuple[str | int, ...]
"""A name and its path."""

Proof = tuple[frozenset[Chain], frozenset[Chain]]
"""What is known to be defined if a condition holds, and if it does not."""

NOTHING: Final[frozenset[Chain]] = frozenset()

NAMES: Final = (nodes.Name, nodes.Getattr, nodes.Getitem)


def unwound(node: nodes.Node) -> tuple[nodes.Node, list[nodes.Getattr | nodes.Getitem]]:
    """Return what attributes are looked up in, and the look-ups in order."""
    steps = []
    while isinstance(node, nodes.Getattr | nodes.Getitem):
        steps.append(node)
        node = node.node
    return node, steps[::-1]


def path_of(steps: Iterable[nodes.Getattr | nodes.Getitem]) -> tuple[Path, list[Spot]]:
    """Return the part of the look-ups that is written out."""
    path: list[str | int] = []
    spots = []
    for step in steps:
        if isinstance(step, nodes.Getattr):
            path.append(step.attr)
            spots.append(spot(step, 1))
        elif isinstance(step.arg, nodes.Const) and isinstance(step.arg.value, str | int):
            path.append(step.arg.value)
            spots.append(spot(step.arg, isinstance(step.arg.value, str)))
        else:
            break
    return tuple(path), spots


def common(first: Chain, second: Chain) -> int:
    """Return how many parts two chains have in common from their beginning."""
    for position, (one, other) in enumerate(zip(first, second, strict=False)):
        if one != other:
            return position
    return min(len(first), len(second))


def proof_of(test: nodes.Node) -> Proof:
    """Return what a condition proves."""
    if isinstance(test, nodes.Not):
        held, failed = proof_of(test.node)
        return failed, held
    if isinstance(test, nodes.And | nodes.Or):
        (left_held, left_failed), (right_held, right_failed) = proof_of(test.left), proof_of(test.right)
        if isinstance(test, nodes.And):
            return left_held | right_held, left_failed & right_failed
        return left_held & right_held, left_failed | right_failed
    if isinstance(test, nodes.Test) and test.name in ("defined", "undefined"):
        base, steps = unwound(test.node)
        path, _spots = path_of(steps)
        if isinstance(base, nodes.Name) and len(path) == len(steps):
            known = frozenset([(base.name, *path)])
            return (known, NOTHING) if test.name == "defined" else (NOTHING, known)
    return NOTHING, NOTHING
