"""JSON as views write and read it: in Flask's way, byte for byte.

Owns how values are written that JSON has no word for.
"""

import dataclasses
import decimal
import json
import uuid
from datetime import date
from typing import Any

from werkzeug.http import http_date


def _default(value: Any) -> Any:
    if isinstance(value, date):
        return http_date(value)
    if isinstance(value, decimal.Decimal | uuid.UUID):
        return str(value)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return dataclasses.asdict(value)
    if hasattr(value, "__html__"):
        return str(value.__html__())
    raise TypeError(f"{type(value).__name__} cannot be written as JSON")


_COMPACT = json.JSONEncoder(default=_default, sort_keys=True, separators=(",", ":"))


class Json:
    """What requests and responses read and write JSON with."""

    @staticmethod
    def dumps(value: Any, **options: Any) -> str:
        """Return a value as JSON: in ASCII, the keys in order."""
        return json.dumps(value, **{"default": _default, "sort_keys": True, **options})

    @staticmethod
    def loads(text: str | bytes, **options: Any) -> Any:
        """Return the value of a JSON text."""
        try:
            return json.loads(text, **options)
        except RecursionError:
            raise ValueError("too many lists or objects stand within each other") from None


def body_of(value: Any) -> bytes:
    """Return the body of an answer that is a value."""
    return _COMPACT.encode(value).encode() + b"\n"
