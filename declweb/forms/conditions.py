"""Conditions on other fields: `show_when`, `required_when` and a send's `when`.

Owns what they mean; the served script means the same, and a test runs both side by side.
"""

from collections.abc import Mapping, Sequence
from typing import Any


def holds(condition: Mapping[str, Any] | None, answers: Mapping[str, Sequence[str]]) -> bool:
    """Tell whether a condition holds; `answers` are texts as they are sent, of the shown fields."""
    raise NotImplementedError


def holds_for_entry(condition: Mapping[str, Any] | None, values: Mapping[str, Any]) -> bool:
    """Tell whether a send's `when` holds for the stored values of an entry."""
    raise NotImplementedError
