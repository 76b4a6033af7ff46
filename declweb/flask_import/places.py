"""Where the parts of a Flask application are written.

Owns how a place begins a line that is said. Knows nothing of what is said.
"""

import inspect
from collections.abc import Callable
from typing import Any

FLASKS = frozenset({"flask", "jinja2", "werkzeug", "builtins", "markupsafe", "_operator", "urllib"})
"""The packages whose parts every application has."""


def is_flasks(each: Any) -> bool:
    """Tell whether something came with Flask, and not from the author."""
    module = getattr(each, "__module__", None) or "builtins"
    return module.partition(".")[0] in FLASKS


def place(function: Callable[..., Any] | None) -> str:
    """Return where a function is written, as the beginning of a line; nothing where that is not known."""
    inner = inspect.unwrap(function) if function is not None else None
    inner = getattr(inner, "view_class", getattr(inner, "func", inner))
    try:
        return f"{inspect.getsourcefile(inner)}:{inspect.getsourcelines(inner)[1]}: " if inner is not None else ""
    except (TypeError, OSError):
        return ""
