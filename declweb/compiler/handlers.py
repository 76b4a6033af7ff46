"""`handler` of routes and JSON endpoints: views of the site's own Python.

Owns how a view is called, and what its answer says besides what the view says. Knows nothing of how one is found.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from werkzeug.datastructures import Headers as ResponseHeaders
from werkzeug.wrappers import Response

from declweb.app import Finisher
from declweb.compiler.building import Building
from declweb.compiler.cookies import NO_COOKIES, Cookies
from declweb.compiler.json_asking import Asking, wants_html
from declweb.compiler.static import cache_control
from declweb.context import Context
from declweb.data.questions import Refused as Unanswerable
from declweb.hooks.answers import JSON, NoAnswer, answered, checked, sent
from declweb.http.answer import Answer, Finish, Headers
from declweb.http.headers import find, merge
from declweb.http.prepared import Prepared
from declweb.model import Json, Route

PRIVATE = ("Cache-Control", "private, no-cache")
"""What is said of an answer of which it is not known what it looked at."""
NEVER = ("Cache-Control", "no-store")

_MOST = 2048
"""Paths for which the usual header fields are kept."""


def kept_private(status: int, fields: Headers) -> Headers:
    """Return the header fields of an answer with what caches are told of it, unless it says so itself."""
    if 300 <= status < 400 or find(fields, "Cache-Control") is not None:
        return fields
    return [*fields, PRIVATE if status < 400 else NEVER]


@dataclass(frozen=True, slots=True)
class View:
    """A function that answers."""

    name: str
    """As the site file names it."""
    function: Callable[..., Any]
    place: str
    """Where it is written, such as `hooks.py:12`."""


@dataclass(frozen=True, slots=True, eq=False)
class Handled:
    """An address that the site's own Python answers."""

    name: str
    place: str
    views: Mapping[str, View]
    """By method; HEAD comes with GET."""
    finisher: Finisher
    declared: Headers = field(default_factory=list)
    """The header fields that the site file gives the answer, whatever the view says."""
    cookies: Cookies = NO_COOKIES
    is_json: bool = False
    """Whether it is an endpoint for programs."""
    asking: Asking | None = None
    """What is asked of an endpoint, where its table says so."""
    is_original: ClassVar[bool] = False
    """It is no page that is listed."""
    headers: ClassVar[Headers] = []
    """They are the view's."""
    _usual: dict[tuple[Finish, str, bool], Headers] = field(default_factory=dict)
    """The header fields of answers that say nothing of their own, but for their length."""

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why it cannot be made before the first request."""
        names = dict.fromkeys(view.name for view in self.views.values())
        return (f"is answered by {' and '.join(f'`{name}`' for name in names)}",)

    def respond(self, context: Context) -> Answer:
        """Answer one request."""
        context.endpoint, context.place = self.name, self.place
        view = self.views[context.method]
        try:
            given = context.view_args if self.asking is None else self.asking.values(context)
            made = answered(view.function(**given), context)
        except Unanswerable as error:
            assert self.asking is not None
            is_person = wants_html(context.environ.get("HTTP_ACCEPT"))
            return self.asking.refused(error, context, is_person=is_person)
        except NoAnswer as error:
            raise TypeError(f"`{view.name}` ({view.place}) {error}") from error.__cause__
        if isinstance(made, Response):
            code = context.code
            if code is not None and (code.wants_response or code.after):
                return self._kept(made, context)
            made = checked(sent(made, context), context)
        return self._finished(made, context)

    def prepare(self, path: str, prefix: str) -> Prepared:
        """Never made before the first request."""
        raise AssertionError(f"{self.name} is not prepared for {prefix}{path}")

    def _finished(self, answer: Answer, context: Context) -> Answer:
        line, fields, body = answer
        finish = self.finisher(context.path)
        if len(fields) == 2 and fields[1][0] == "Content-Length" and line == "200 OK" and not self.cookies:
            # What most views answer: nothing is said that was not said before, but for the length.
            key = finish, fields[0][1], context.is_secure
            usual = self._usual.get(key)
            if usual is None:
                usual = self._remember(key, fields[0], context)
            return line, [*usual, fields[1]], body
        status = int(line[:3])
        return checked(
            (line, finish(status, context.is_secure, self._described(status, fields, context)), body), context
        )

    def _remember(self, key: tuple[Finish, str, bool], kind: tuple[str, str], context: Context) -> Headers:
        if len(self._usual) >= _MOST:
            self._usual.clear()
        usual = key[0](200, context.is_secure, self._described(200, [kind], context))
        self._usual[key] = usual
        return usual

    def _described(self, status: int, fields: Headers, context: Context) -> Headers:
        """Return the header fields of an answer with those that the site file gives it."""
        if self.is_json and fields and fields[0][0] == "Content-Type" and fields[0][1].startswith("text/html"):
            fields = [JSON, *fields[1:]]
        fields = kept_private(status, fields)
        if self.declared:
            fields = merge(fields, self.declared)
        if self.cookies:
            fields = merge(fields, self.cookies.fields(context.view_args, context.prefix, secure=context.is_secure))
        return fields

    def _kept(self, response: Response, context: Context) -> Answer:
        """Leave a response as it is for the functions that are given it, but for its header fields."""
        fields = self._described(response.status_code, response.headers.to_wsgi_list(), context)
        finish = self.finisher(context.path)
        response.headers = ResponseHeaders(finish(response.status_code, context.is_secure, fields))
        context.code.response = response
        return response.status, [], []


def of_route(name: str, route: Route, building: Building) -> Handled:
    """Return what answers at the address of a route with handlers."""
    place = building.parts.place(("routes", name))
    declared = merge(
        [("Cache-Control", cache_control(route.cache))] if route.cache is not None else [], route.headers.items()
    )
    return Handled(
        name, place, _views(route.handlers, building), building.finisher, declared, Cookies(route.set_cookies)
    )


def of_endpoint(name: str, endpoint: Json, building: Building) -> Handled:
    """Return what answers at the address of a JSON endpoint with handlers."""
    place = building.parts.place(("json", name))
    declared = [("Cache-Control", cache_control(endpoint.cache))] if endpoint.cache is not None else []
    views = _views(endpoint.handlers, building)
    asking = Asking.of(endpoint, building.finisher, ZoneInfo(building.site.site.timezone)) if endpoint.params else None
    return Handled(f"json.{name}", place, views, building.finisher, declared, is_json=True, asking=asking)


def _views(handlers: Mapping[str, str], building: Building) -> dict[str, View]:
    functions = building.parts.functions
    views = {method: View(spec, functions[spec], functions.place(spec)) for method, spec in handlers.items()}
    if "GET" in views:
        views.setdefault("HEAD", views["GET"])
    return views
