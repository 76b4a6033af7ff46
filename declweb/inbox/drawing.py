"""How the pages of the inbox are drawn: templates of declweb's own, and the files that they ask for.

Owns the environment of these templates, which the site's own never meet, and what browsers may do with a page.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from hashlib import blake2b
from importlib.resources import files

from jinja2 import Environment, PackageLoader, StrictUndefined

from declweb.http.policy import NONE, SELF, written
from declweb.inbox.office import Call
from declweb.inbox.shown import in_lines, plain, shown
from declweb.model.inbox import InboxAddress
from declweb.translations import mark

POLICY = written(
    {
        "default-src": (NONE,),
        "style-src": (SELF,),
        "script-src": (SELF,),
        "form-action": (SELF,),
        "base-uri": (NONE,),
        "frame-ancestors": (NONE,),
    }
)
"""What a browser may do with a page: draw it with its own style and script, and send its forms back."""

NAVIGATION = (
    (InboxAddress.OVERVIEW, mark("Overview")),
    (InboxAddress.ENTRIES, mark("Entries")),
    (InboxAddress.MESSAGES, mark("Messages")),
    (InboxAddress.DONE, mark("History")),
)
"""What stands above every page: below which address, and how it is called."""


@dataclass(frozen=True, slots=True)
class Served:
    """A file that the pages ask for."""

    name: str
    address: str
    media_type: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Told:
    """What came of the last action."""

    text: str
    is_bad: bool = False


@dataclass(frozen=True, slots=True)
class Undo:
    """What can be brought back."""

    token: str
    text: str


@dataclass(frozen=True, slots=True)
class Page:
    """A page that is to be drawn."""

    template: str
    values: Mapping[str, object] = field(default_factory=dict)
    here: InboxAddress | None = None
    """Which of the addresses above every page it is."""


@cache
def served() -> tuple[Served, Served]:
    """Return style and script, whose hashes are in their addresses."""
    return (
        _served("declweb.inbox.style", "inbox.css", "text/css; charset=utf-8"),
        _served("declweb.inbox.script", "inbox.js", "text/javascript; charset=utf-8"),
    )


def _served(name: str, file: str, media_type: str) -> Served:
    body = (files(__package__) / "served" / file).read_bytes()
    stem, _, ending = file.partition(".")
    return Served(name, f"/declweb/{stem}-{blake2b(body, digest_size=8).hexdigest()}.{ending}", media_type, body)


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("declweb.inbox"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )


def draw(call: Call, page: Page, told: Told | None, undo: Undo | None, stuck: int) -> str:
    """Return a page as HTML; `stuck` is how many messages could not be delivered."""
    style, script = served()
    return (
        _environment()
        .get_template(page.template)
        .render(
            {
                "say": call.say,
                "url": call.url,
                "at": InboxAddress,
                "number": call.number,
                "calendar": call.calendar,
                "plain": plain,
                "shown": shown,
                "in_lines": in_lines,
                "language": call.office.language,
                "site_name": call.office.site.site.name,
                "style": f"{call.prefix}{style.address}",
                "script": f"{call.prefix}{script.address}",
                "navigation": [(below, call.say(words)) for below, words in NAVIGATION],
                "here": page.here,
                "logout": f"{call.prefix}{call.office.logout}" if call.office.logout else None,
                "user": call.user,
                "told": told,
                "undo": undo,
                "stuck": stuck,
                "back": "",
                **page.values,
            }
        )
    )
