"""The endpoints that answer with what is in a `[data.NAME]`, at their addresses.

Owns what is put together for them. Knows no question.
"""

from zoneinfo import ZoneInfo

from declweb.compiler.building import Building
from declweb.compiler.crossing import Openness
from declweb.compiler.data import Bound
from declweb.compiler.json_asking import Asking
from declweb.compiler.json_rows import Rows
from declweb.compiler.static import cache_control
from declweb.data.dataset import Dataset
from declweb.data.drawing import STYLE, Drawn, style
from declweb.model import Json
from declweb.model.urls import variables


def add_rows(name: str, endpoint: Json, opened: Openness | None, building: Building, source: Bound) -> None:
    """Add an endpoint at its address; what its page looks like is added with the first one."""
    site, parts, finisher = building.site, building.parts, building.finisher
    assert endpoint.data is not None
    zone = ZoneInfo(site.site.timezone)
    rows = Rows(
        f"json.{name}",
        parts.place(("json", name)),
        endpoint,
        source,
        Asking.of(endpoint, finisher, zone),
        finisher,
        [("Cache-Control", cache_control(endpoint.cache))],
        opened,
        Drawn(endpoint.data, site.site.name, zone),
        tuple(building.languages.codes),
    )
    what = "rows of" if isinstance(source.shape, Dataset) else "document"
    building.add_endpoint(endpoint.path, rows, ("GET",), f"{what} {endpoint.data}")
    if not variables(endpoint.path):
        building.rows[endpoint.path] = rows
    address, body = style()
    if address not in building.own:
        building.add_own(STYLE, address, "text/css; charset=utf-8", body)
