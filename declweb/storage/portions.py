"""Portions: how many things one statement names.

Owns that no statement grows with what there is.
"""

from collections.abc import Iterator, Sequence
from typing import TypeVar

T = TypeVar("T")

PORTION = 500
"""Receipts or numbers that one statement names, and rows that are read at once."""


def portions(things: Sequence[T], size: int | None = None) -> Iterator[Sequence[T]]:
    """Yield things, so many at a time as one statement may name."""
    size = size or PORTION
    return (things[start : start + size] for start in range(0, len(things), size))
