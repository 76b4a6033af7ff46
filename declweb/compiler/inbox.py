"""`[inbox]`: the addresses of the owner's pages.

Owns that nobody gets to them who is not let in, what browsers and caches are told of each answer, and how what is sent
is read. What stands on the pages is `inbox`'s business.
"""

import logging
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import IO, ClassVar
from urllib.parse import parse_qs

from declweb.app import Finisher, Listed
from declweb.compiler.building import Building
from declweb.compiler.protection import Door, Gate
from declweb.context import Context
from declweb.http.answer import READING, Answer, Headers, Refused, status_line
from declweb.http.headers import merge
from declweb.http.incoming import incoming, refuse
from declweb.http.origins import is_cross_site
from declweb.http.prepared import Prepared
from declweb.inbox.actions import do, told, undo
from declweb.inbox.audits import done
from declweb.inbox.downloads import Download, copy, export, upload
from declweb.inbox.drawing import POLICY, Page, draw, served
from declweb.inbox.erasure import erase_now
from declweb.inbox.office import Call, Office
from declweb.inbox.pages import address, entries, entry, erase, messages, overview, stuck_messages
from declweb.model.inbox import Inbox, InboxAddress
from declweb.model.urls import variables
from declweb.storage import Store, StoreDown, StoreTooNew
from declweb.translations import mark

logger = logging.getLogger("declweb.inbox")

LARGEST = 256_000
"""Bytes of what a button sends: the receipts of a page, and more than that."""
MOST_FIELDS = 2000
LATER = 30
BLOCK = 256 * 1024

DOWN = mark("What was stored cannot be reached at the moment. Nothing was changed. Please try again in a minute.")
CROSS_SITE = mark("This was sent from another site, so it was not done.")

ALWAYS: Headers = [
    ("Cache-Control", "no-store"),
    ("X-Robots-Tag", "noindex"),
    ("Referrer-Policy", "same-origin"),
    ("X-Content-Type-Options", "nosniff"),
    ("X-Frame-Options", "DENY"),
]
"""What every answer says, whatever the site file has for others."""

Outcome = Page | Download | str
"""A page, a file, or the address to go on at."""

DOES: Mapping[tuple[InboxAddress, str], Callable[[Call], Outcome]] = {
    (InboxAddress.OVERVIEW, "GET"): overview,
    (InboxAddress.ENTRIES, "GET"): entries,
    (InboxAddress.ENTRY, "GET"): entry,
    (InboxAddress.FILE, "GET"): upload,
    (InboxAddress.DO, "POST"): do,
    (InboxAddress.CSV, "GET"): export("csv"),
    (InboxAddress.XLSX, "GET"): export("xlsx"),
    (InboxAddress.JSON, "GET"): export("json"),
    (InboxAddress.ADDRESS, "GET"): address,
    (InboxAddress.COPY, "GET"): copy,
    (InboxAddress.ERASE, "GET"): erase,
    (InboxAddress.ERASE, "POST"): erase_now,
    (InboxAddress.MESSAGES, "GET"): messages,
    (InboxAddress.DONE, "GET"): done,
}
"""What answers below the path of the inbox, by the method that it is asked with."""


@dataclass(frozen=True, slots=True, eq=False)
class Room:
    """What answers at one of the addresses."""

    office: Office
    gate: Gate
    below: InboxAddress
    place: str
    finisher: Finisher
    own: tuple[str, ...]
    """The site's own origins, as far as they are known."""
    name: ClassVar[str] = "inbox"
    reasons: ClassVar[tuple[str, ...]] = ("is for those who may use the inbox",)
    headers: ClassVar[Headers] = []
    is_original: ClassVar[bool] = False

    def prepare(self, path: str, prefix: str) -> Prepared:
        """Nothing here is the same for everyone."""
        raise NotImplementedError

    def respond(self, context: Context) -> Answer:
        """Answer one request."""
        context.endpoint, context.place, context.is_private = self.name, self.place, True
        turned_away = self.gate.check(context)
        if turned_away is not None:
            refuse(context.environ)
            return turned_away
        call = self._call(context)
        try:
            return self._answer(context, call, DOES[self.below, "GET" if context.method in READING else "POST"](call))
        except (StoreDown, StoreTooNew) as error:
            logger.error("the inbox cannot be shown: %s", error)  # noqa: TRY400 # no bug
            raise Refused(503, [("Retry-After", str(LATER))], lambda say: say(DOWN)) from None

    def _call(self, context: Context) -> Call:
        args = context.request.args
        return Call(
            office=self.office,
            prefix=context.prefix,
            user=str(getattr(context.user, "name", "")),
            query={name: args.getlist(name) for name in args},
            variables=context.view_args,
            session=context.session,
            sent=self._sent(context) if context.method == "POST" else {},
            is_read=context.method != "HEAD" and "prefetch" not in context.environ.get("HTTP_SEC_PURPOSE", ""),
        )

    def _sent(self, context: Context) -> Mapping[str, list[str]]:
        """Return what a button sent; raises Refused for what no page of the inbox sends."""
        get = context.environ.get
        if is_cross_site(get("HTTP_SEC_FETCH_SITE"), get("HTTP_ORIGIN"), self.own, get("HTTP_HOST", "")):
            refuse(context.environ)
            raise Refused(HTTPStatus.FORBIDDEN, told=lambda say: say(CROSS_SITE))
        coming = incoming(context.environ)
        if coming.length is None or coming.length > LARGEST:
            refuse(context.environ)
            raise Refused(HTTPStatus.LENGTH_REQUIRED if coming.length is None else HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        kind = get("CONTENT_TYPE", "").partition(";")[0].strip().lower()
        body = coming.read(coming.length)
        if kind != "application/x-www-form-urlencoded" or len(body) < coming.length:
            raise Refused(HTTPStatus.BAD_REQUEST)
        try:
            return parse_qs(body.decode(), errors="strict", max_num_fields=MOST_FIELDS, keep_blank_values=True)
        except ValueError:
            raise Refused(HTTPStatus.BAD_REQUEST) from None

    # --- answers ------------------------------------------------------------------------------------------------------

    def _answer(self, context: Context, call: Call, outcome: Outcome) -> Answer:
        match outcome:
            case Page():
                text = draw(call, outcome, told(call), undo(call), stuck_messages(call))
                return self._page(context, text.encode())
            case Download():
                headers = outcome.headers
                return status_line(200), self._finished(context, 200, headers), _Body(outcome.content)
            case location:
                headers = [
                    ("Location", location),
                    ("Content-Type", "text/html; charset=utf-8"),
                    ("Content-Length", "0"),
                ]
                return status_line(303), self._finished(context, 303, headers), []

    def _page(self, context: Context, body: bytes) -> Answer:
        headers = [
            ("Content-Type", "text/html; charset=utf-8"),
            ("Content-Length", str(len(body))),
            ("Content-Language", self.office.language),
            ("Content-Security-Policy", POLICY),
        ]
        return status_line(200), self._finished(context, 200, headers), [body]

    def _finished(self, context: Context, status: int, headers: Headers) -> Headers:
        """Return header fields after all that the site file says, which takes nothing away from what is strict here."""
        strict = [header for header in headers if header[0] != "Content-Length"]
        finished = self.finisher(context.path)(status, context.is_secure, list(headers))
        return merge(finished, [*strict, *ALWAYS])


class _Body:
    """A file that is read block by block, and closed at the end."""

    def __init__(self, content: IO[bytes]) -> None:
        self._content = content

    def __iter__(self) -> Iterator[bytes]:
        while block := self._content.read(BLOCK):
            yield block

    def close(self) -> None:
        """Close the file."""
        self._content.close()


def add_inbox(building: Building, inbox: Inbox, store: Store, door: Door) -> Store:
    """Add the pages of the inbox at their addresses; return the store whose entries they show."""
    site, parts = building.site, building.parts
    gate = Gate(door, (frozenset(inbox.allow),), inbox.by)
    place = parts.place(("inbox",))
    office = Office(
        site,
        inbox,
        store,
        {name: form.path for name, form in site.forms.items() if not form.off},
        site.login.out if inbox.by == "login" else None,
    )
    own = (site.site.url,) if site.site.url else ()
    for below, (path, methods) in inbox.addresses.items():
        _add(building, path, Room(office, gate, below, place, building.finisher, own), methods)
    for each in served():
        building.add_own(each.name, each.address, each.media_type, each.body)
    store.labels = office.labels
    return store


def _add(building: Building, path: str, room: Room, methods: frozenset[str]) -> None:
    answered = [*methods, *(["HEAD"] if "GET" in methods else [])]
    if variables(path):
        building.patterns.add(path, room, answered)
    else:
        building.exact.setdefault(path, {}).update(dict.fromkeys(answered, room))
    building.overview.append(Listed(path, tuple(sorted(methods)), room.name, "inbox", room.place, room.reasons))
