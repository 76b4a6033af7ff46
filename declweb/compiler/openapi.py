"""`/openapi.json`: what a site offers to programs, as a document for them and as a page for people.

Owns which addresses stand in it, and who is answered what. What is written of each is `openapi`'s business.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import partial
from typing import ClassVar
from zoneinfo import ZoneInfo

from declweb.app import Listed
from declweb.clock import present
from declweb.compiler.building import Building
from declweb.compiler.data import SiteData
from declweb.compiler.json import as_json
from declweb.compiler.json_asking import Asking
from declweb.context import Context
from declweb.forms.questions import questions
from declweb.http.answer import READING, Answer, Finish, Headers
from declweb.http.headers import merge
from declweb.http.negotiation import best_type
from declweb.http.prepared import Prepared
from declweb.model import Json
from declweb.openapi import endpoints, forms, page, rows, whole
from declweb.openapi.answers import Part
from declweb.openapi.document import Interface, Operations
from declweb.rules.feeds import OPENAPI

_JSON, _HTML = "application/json", "text/html"


@dataclass(frozen=True, slots=True, eq=False)
class Described:
    """The document, and the page that is made from it; both are made once a day, for days may be counted from today."""

    interface: Interface
    zone: ZoneInfo
    make: Callable[[datetime], dict[str, Prepared]]
    _made: dict[date, dict[str, Prepared]] = field(default_factory=dict)
    name: ClassVar[str] = ""
    place: ClassVar[str] = ""
    reasons: ClassVar[tuple[str, ...]] = ("answers programs and people differently",)
    headers: ClassVar[Headers] = []
    is_original: ClassVar[bool] = False

    def prepare(self, path: str, prefix: str) -> Prepared:
        """There are two answers at this address."""
        raise NotImplementedError

    def respond(self, context: Context) -> Answer:
        """Answer a program with the document, and people with the page."""
        context.vary.add("Accept")
        kind = best_type(context.environ.get("HTTP_ACCEPT"), (_JSON, _HTML))
        return self.today()[kind].answer(context.fields, secure=context.is_secure, head=context.method == "HEAD")

    def today(self) -> dict[str, Prepared]:
        """Return both answers as they are today."""
        now = present().astimezone(self.zone)
        made = self._made.get(now.date())
        if made is None:
            self._made.clear()
            made = self._made[now.date()] = self.make(now)
        return made


def add_document(building: Building, data: SiteData, is_hidden: Callable[[str], bool]) -> None:
    """Add the document where something stands in it; an address that is hidden is not told of."""
    operations = {path: make for path, make in _operations(building, data) if not is_hidden(path)}
    if not operations:
        return
    interface = Interface(building.site, building.prefix, operations)
    described = Described(
        interface, ZoneInfo(building.site.site.timezone), partial(_made, interface, building.finisher(OPENAPI))
    )
    described.today()
    building.exact[OPENAPI] = dict.fromkeys(READING, described)
    building.programs.add(OPENAPI)
    building.overview.append(Listed(OPENAPI, ("GET",), "", "OpenAPI document", "", described.reasons))
    for each in page.served():
        building.add_own(each.name, each.address, each.media_type, each.body)


def _made(interface: Interface, finish: Finish, now: datetime) -> dict[str, Prepared]:
    """Return both answers as they are on a day. The App keeps what is given here: nothing that holds the building."""
    document = interface.document(now)

    def finish_page(status: int, secure: bool, headers: Headers) -> Headers:  # noqa: FBT001 # the shape of Finish
        return merge(finish(status, secure, headers), [("Content-Security-Policy", page.POLICY)])

    html = page.page(document, interface.prefix)
    usual = [("Cache-Control", "no-cache")]
    return {
        _JSON: Prepared(as_json(document), [("Content-Type", _JSON), *usual], finish=finish),
        _HTML: Prepared(html.encode(), [("Content-Type", f"{_HTML}; charset=utf-8"), *usual], finish=finish_page),
    }


def _operations(building: Building, data: SiteData) -> Iterator[tuple[str, Operations]]:
    """Yield what answers programs, by address."""
    site, parts = building.site, building.parts
    for name, endpoint in site.json_.items():
        if not endpoint.off:
            yield endpoint.path, partial(_same, _endpoint(name, endpoint, building, data))
    zone, default = ZoneInfo(site.site.timezone), site.site.all_languages[0]
    for name, form in site.forms.items():
        for language, path in parts.form_addresses(form).items() if not form.off else ():
            asked = questions(form, language, default)
            if whole.takes_json(asked):
                yield path, partial(forms.operations, name, form, asked, zone)


def _endpoint(name: str, endpoint: Json, building: Building, data: SiteData) -> dict[str, Part]:
    """Return what an endpoint answers, by method."""
    asked = tuple(Asking.of(endpoint, building.finisher, ZoneInfo(building.site.site.timezone)).params.values())
    if endpoint.handlers:
        return endpoints.of_handlers(name, endpoint, [rows.parameter(each) for each in asked])
    if endpoint.data is None:
        return endpoints.of_value(name, as_json(endpoint.value))
    source = data.source(endpoint.data)
    return rows.of_rows(name, endpoint, source.shape, asked, changes=source.changes)


def _same(operations: dict[str, Part], _now: datetime) -> dict[str, Part]:
    """Return operations that are the same on all days."""
    return operations
