"""Conditions of redirects and rewrites: what a request must be like for one of them to hold.

Owns what each condition looks at, and what it leaves in the context for caches to know. Knows nothing of what follows
when one holds.
"""

import datetime
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl

from declweb.clock import present
from declweb.context import Context
from declweb.http.answer import READING
from declweb.http.navigation import CONSULTED, is_navigation
from declweb.http.negotiation import best_language
from declweb.model.moments import moment
from declweb.model.urls import variables
from declweb.routing import Languages

Condition = Callable[[Context, dict[str, object]], bool]
"""Tells whether a request meets it; leaves in the context what it looked at, and captures variables."""


@dataclass(frozen=True, slots=True, eq=False)
class Circumstances:
    """What conditions need to know of the site."""

    languages: Languages
    timezone: str
    country_header: str | None = None
    now: Callable[[], datetime.datetime] = present


def captures(wanted: Mapping[str, str | bool]) -> dict[str, str]:
    """Return the variables that get their values from query parameters, by parameter."""
    found = {name: variables(value) for name, value in wanted.items() if isinstance(value, str)}
    return {name: captured[0].name for name, captured in found.items() if captured}


def _query(wanted: Mapping[str, str | bool], site: Circumstances) -> Condition:
    captured = captures(wanted)

    def holds(context: Context, values: dict[str, object]) -> bool:
        asked = dict(parse_qsl(context.query, keep_blank_values=True))
        for name, value in wanted.items():
            if (name in asked) == (value is False):
                return False
            if name in captured:
                values[captured[name]] = asked[name]
            elif isinstance(value, str) and asked[name] != value:
                return False
        return True

    return holds


def _host(wanted: list[str], site: Circumstances) -> Condition:
    names = {name.lower() for name in wanted}

    def holds(context: Context, values: dict[str, object]) -> bool:
        host = context.environ.get("HTTP_HOST", "").lower()
        return host in names or host.partition(":")[0] in names

    return holds


def _language(wanted: list[str], site: Circumstances) -> Condition:
    offered = [*wanted, *(code for code in site.languages.codes if code not in wanted)]

    def holds(context: Context, values: dict[str, object]) -> bool:
        context.vary.add("Accept-Language")
        return best_language(context.environ.get("HTTP_ACCEPT_LANGUAGE"), offered) in wanted

    return holds


def comes_from_elsewhere(context: Context, values: dict[str, object]) -> bool:
    """Tell whether a visitor does not come from a page of this very site: there the language was chosen already.

    A browser says so in Sec-Fetch-Site (W3C, Fetch Metadata Request Headers), if it knows it.
    """
    context.vary.add("Sec-Fetch-Site")
    return context.environ.get("HTTP_SEC_FETCH_SITE") != "same-origin"


def _country(wanted: list[str], site: Circumstances) -> Condition:
    header = f"HTTP_{(site.country_header or '').upper().replace('-', '_')}"

    def holds(context: Context, values: dict[str, object]) -> bool:
        context.is_private = True
        return context.environ.get(header, "").upper() in wanted

    return holds


def _cookie(wanted: list[str], site: Circumstances) -> Condition:
    def holds(context: Context, values: dict[str, object]) -> bool:
        context.vary.add("Cookie")
        return any(name in context.request.cookies for name in wanted)

    return holds


def _starts(first: datetime.date, site: Circumstances) -> Condition:
    start = moment(first, site.timezone)

    def holds(context: Context, values: dict[str, object]) -> bool:
        return site.now() >= start

    return holds


def _ends(last: datetime.date, site: Circumstances) -> Condition:
    is_day = not isinstance(last, datetime.datetime)
    end = moment(last + datetime.timedelta(days=1) if is_day else last, site.timezone)

    def holds(context: Context, values: dict[str, object]) -> bool:
        return site.now() < end if is_day else site.now() <= end

    return holds


def _navigation_only(_wanted: bool, site: Circumstances) -> Condition:  # noqa: FBT001 - the shape of a condition
    def holds(context: Context, values: dict[str, object]) -> bool:
        if context.method not in READING:
            return False
        context.vary.update(CONSULTED)
        get = context.environ.get
        mode, destination = get("HTTP_SEC_FETCH_MODE"), get("HTTP_SEC_FETCH_DEST")
        return is_navigation(context.path, mode, destination, get("HTTP_ACCEPT"))

    return holds


BUILDERS: dict[str, Callable[..., Condition]] = {
    "query": _query,
    "host": _host,
    "language": _language,
    "country": _country,
    "cookie": _cookie,
    "starts": _starts,
    "ends": _ends,
    "navigation_only": _navigation_only,
}
"""What builds each of the model's conditions; it has their order."""
