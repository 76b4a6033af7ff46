"""`[json.NAME]`: answers for programs.

Owns how values of a site file are written as JSON (RFC 8259).
"""

import datetime
import json


def as_json(value: object) -> bytes:
    """Return a value of the site file as JSON; dates and times as RFC 3339 writes them."""
    return json.dumps(value, default=_written, ensure_ascii=False, allow_nan=False, indent=2).encode() + b"\n"


def _written(value: object) -> str:
    if isinstance(value, datetime.date | datetime.time):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} is no value of a site file")
