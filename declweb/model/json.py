"""`[json.NAME]`: answers for programs."""

import math
from typing import Annotated

from pydantic import AfterValidator, Field

from declweb.model.base import OneOfMany, Value, wrong
from declweb.model.urls import FixedPath
from declweb.model.words import CacheTime


def _finite(value: object) -> object:
    if isinstance(value, float) and not math.isfinite(value):
        raise wrong(
            "not-json",
            f"JSON has no number `{value}` (RFC 8259, section 6)",
            help="write a number, or a text in quotes",
        )
    for part in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        _finite(part)
    return value


class Json(OneOfMany):
    """An address that answers programs in JSON; `url_for("json.NAME")` gives it."""

    path: Annotated[FixedPath, Field(examples=["/api/version"])]
    """The address: a path that begins with a slash."""
    value: Annotated[Value, AfterValidator(_finite), Field(examples=[{"name": "blackbird", "version": 3}])]
    """What is answered: any value, table or list; dates are written as RFC 3339 says."""
    cache: Annotated[CacheTime | None, Field(examples=["1 hour"])] = None
    """How long browsers and caches may keep the answer without asking; they ask each time where nothing is said."""
    off: bool = False
    """Switches the endpoint off without deleting it: it answers 404."""
