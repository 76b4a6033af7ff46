"""`[json.NAME]`: answers for programs.

Owns how values of a site file are written as JSON (RFC 8259), and the answers made of them. Knows no other table.
"""

import datetime
import json

from declweb.app import Listed
from declweb.compiler.answering import Fixed
from declweb.compiler.building import Building
from declweb.compiler.static import cache_control
from declweb.http.prepared import Prepared
from declweb.model import Json


def add_endpoints(building: Building) -> None:
    """Add every JSON endpoint."""
    for name, endpoint in building.site.json_.items():
        if endpoint.off:
            continue
        if endpoint.handlers:
            _add_handled(name, endpoint, building)
            continue
        headers = [("Content-Type", "application/json"), ("Cache-Control", cache_control(endpoint.cache))]
        prepared = Prepared(as_json(endpoint.value), headers, finish=building.finisher(endpoint.path))
        fixed = Fixed(f"json.{name}", building.parts.place(("json", name)), prepared)
        building.add(endpoint.path, fixed, "JSON value")
        building.for_programs.add(endpoint.path)


def _add_handled(name: str, endpoint: Json, building: Building) -> None:
    """Add an endpoint that the site's own Python answers."""
    from declweb.compiler.handlers import of_endpoint  # noqa: PLC0415 # most sites have no Python

    handled = of_endpoint(name, endpoint, building)
    building.exact.setdefault(endpoint.path, {}).update(dict.fromkeys(handled.views, handled))
    building.for_programs.add(endpoint.path)
    spoken = " and ".join(dict.fromkeys(endpoint.handlers.values()))
    methods = tuple(endpoint.handlers)
    building.overview.append(Listed(endpoint.path, methods, handled.name, spoken, handled.place, handled.reasons))


def as_json(value: object) -> bytes:
    """Return a value of the site file as JSON; dates and times as RFC 3339 writes them."""
    return json.dumps(value, default=_written, ensure_ascii=False, allow_nan=False, indent=2).encode() + b"\n"


def _written(value: object) -> str:
    if isinstance(value, datetime.date | datetime.time):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} is no value of a site file")
