"""`cors`: what browsers are told that ask for pages of other origins (Fetch, section 3.2).

Owns the fields that say whose pages may read an answer, and the answer to a preflight. Says them on every answer at an
endpoint's address, errors among them. Knows nothing of what is answered.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from declweb.app import Finisher
from declweb.compiler.building import Building
from declweb.context import Context
from declweb.http.answer import Answer, Headers, status_line
from declweb.model import Json
from declweb.model.urls import variables
from declweb.routing import Matcher

EXPOSED = "ETag, Link, Retry-After"
"""What a page of another origin may read besides the usual fields."""
HOLDS = 7200
"""Seconds for which a browser need not ask again; the most that one of them takes."""


@dataclass(frozen=True, slots=True)
class Openness:
    """Whose pages may read the answers of an endpoint, and with which methods they may ask."""

    origins: frozenset[str]
    methods: tuple[str, ...]

    @property
    def is_for_all(self) -> bool:
        """Whether everybody's pages may."""
        return "*" in self.origins

    def fields(self, origin: str | None) -> Headers:
        """Return what is said on every answer."""
        if self.is_for_all:
            return [("Access-Control-Allow-Origin", "*"), ("Access-Control-Expose-Headers", EXPOSED)]
        if origin not in self.origins:
            return [("Vary", "Origin")]
        return [
            ("Access-Control-Allow-Origin", str(origin)),
            ("Access-Control-Expose-Headers", EXPOSED),
            ("Vary", "Origin"),
        ]


@dataclass(frozen=True, slots=True)
class Crossing:
    """Looks at every request that is not prepared."""

    exact: Mapping[str, Openness]
    patterns: Matcher[Openness]
    finisher: Finisher

    def __call__(self, context: Context) -> Answer | None:
        """Leave in a context what is said to browsers; answer a preflight."""
        found = self.exact.get(context.path)
        if found is None and self.patterns:
            found = self.patterns.match(context.path, "GET").claimant
        if found is None:
            return None
        get = context.environ.get
        origin = get("HTTP_ORIGIN")
        context.said = found.fields(origin)
        if context.method != "OPTIONS" or not get("HTTP_ACCESS_CONTROL_REQUEST_METHOD"):
            return None
        headers: Headers = [("Allow", ", ".join((*found.methods, "OPTIONS")))]
        if found.is_for_all or origin in found.origins:
            headers += [
                ("Access-Control-Allow-Methods", ", ".join(found.methods)),
                ("Access-Control-Allow-Headers", "*, Authorization"),
                ("Access-Control-Max-Age", str(HOLDS)),
            ]
        return status_line(204), self.finisher(context.path)(204, context.is_secure, headers), []


def openness(endpoint: Json) -> Openness | None:
    """Return whose pages may read the answers of an endpoint; None where no other ones may."""
    if endpoint.cors is None:
        return None
    methods = sorted({*endpoint.methods, *(["HEAD"] if "GET" in endpoint.methods else [])})
    return Openness(frozenset(endpoint.cors), tuple(methods))


def crossing(building: Building) -> Crossing | None:
    """Return what looks at requests from other origins; None where no endpoint lets them in."""
    exact: dict[str, Openness] = {}
    patterns: Matcher[Openness] = Matcher(building.parts.classes)
    for endpoint in building.site.json_.values():
        found = None if endpoint.off else openness(endpoint)
        if found is not None and variables(endpoint.path):
            patterns.add(endpoint.path, found)
        elif found is not None:
            exact[endpoint.path] = found
    return Crossing(exact, patterns, building.finisher) if exact or patterns else None
