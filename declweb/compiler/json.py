"""`[json.NAME]`: answers for programs.

Owns how values of a site file are written as JSON (RFC 8259), and which kind of answer each endpoint gets. Knows no
other table.
"""

import datetime
import json

from declweb.compiler.answering import Fixed
from declweb.compiler.building import Building
from declweb.compiler.crossing import Openness, openness
from declweb.compiler.data import SiteData
from declweb.compiler.static import cache_control
from declweb.http.answer import Headers
from declweb.http.prepared import Prepared
from declweb.model import Json

BY_ORIGIN = "is answered to each origin by itself"
"""Why a value is not prepared whose answer names the page that may read it."""


def add_endpoints(building: Building, data: SiteData) -> None:
    """Add every JSON endpoint."""
    for name, endpoint in building.site.json_.items():
        if endpoint.off:
            continue
        opened = openness(endpoint)
        if endpoint.handlers:
            _add_handled(name, endpoint, building)
        elif endpoint.data is not None:
            from declweb.compiler.json_data import add_rows  # noqa: PLC0415 # most sites have none

            add_rows(name, endpoint, opened, building, data.source(endpoint.data))
        else:
            _add_value(name, endpoint, opened, building)


def _add_value(name: str, endpoint: Json, opened: Openness | None, building: Building) -> None:
    """Add an endpoint that is the same for everyone."""
    headers: Headers = [("Content-Type", "application/json"), ("Cache-Control", cache_control(endpoint.cache))]
    is_for_all = opened is not None and opened.is_for_all
    if opened is not None and is_for_all:
        headers += opened.fields(None)
    prepared = Prepared(as_json(endpoint.value), headers, finish=building.finisher(endpoint.path))
    reasons = (BY_ORIGIN,) if opened is not None and not is_for_all else ()
    fixed = Fixed(f"json.{name}", building.parts.place(("json", name)), prepared, reasons)
    building.add_endpoint(endpoint.path, fixed, ("GET",), "JSON value")


def _add_handled(name: str, endpoint: Json, building: Building) -> None:
    """Add an endpoint that the site's own Python answers."""
    from declweb.compiler.handlers import of_endpoint  # noqa: PLC0415 # most sites have no Python

    spoken = " and ".join(dict.fromkeys(endpoint.handlers.values()))
    building.add_endpoint(endpoint.path, of_endpoint(name, endpoint, building), tuple(endpoint.handlers), spoken)


def as_json(value: object) -> bytes:
    """Return a value of the site file as JSON; dates and times as RFC 3339 writes them."""
    return json.dumps(value, default=_written, ensure_ascii=False, allow_nan=False, indent=2).encode() + b"\n"


def _written(value: object) -> str:
    if isinstance(value, datetime.date | datetime.time):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} is no value of a site file")
