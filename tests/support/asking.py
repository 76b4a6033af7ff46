"""Forms for tests, written as in a site file, and what visitors send to them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import tomli

from declweb.model.forms import Form


@dataclass(frozen=True)
class Sent:
    """What was sent, read but not judged."""

    values: Mapping[str, Sequence[str]] = field(default_factory=dict)
    files: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    is_json: bool = False
    json: Mapping[str, object] | None = None
    refusals: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class SentFile:
    """A file that was sent."""

    name: str
    size: int = 1000


def form_of(fields: str, **keys: object) -> Form:
    """Return a form from the lines of its fields."""
    return Form.model_validate({"path": "/ask", **keys, "fields": tomli.loads(fields)})


def html(**values: str | Sequence[str]) -> Sent:
    """Return what a browser sends."""
    return Sent({name: [value] if isinstance(value, str) else value for name, value in values.items()})


def as_json(**values: object) -> Sent:
    """Return what a program sends."""
    return Sent(is_json=True, json=values)
