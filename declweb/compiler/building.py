"""What the builders of all tables are given, and the addresses that they fill.

Owns what is the same for all of them. Knows no table of the site file, and nothing of what answers.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from werkzeug.routing import BaseConverter

from declweb.app import Listed
from declweb.compiler.answering import Answering, Fixed
from declweb.compiler.headers import finisher
from declweb.compiler.kept_pages import Shelf
from declweb.compiler.programs import Programs
from declweb.files import Folder
from declweb.hook_modules import NONE, Functions
from declweb.http.answer import READING
from declweb.http.library import FOR_A_YEAR, Library
from declweb.http.prepared import Prepared
from declweb.model import Form, Redirect, Route, Site, Static
from declweb.model.urls import variables
from declweb.pages.page_set import PageSet
from declweb.routing import Languages, Matcher, Urls
from declweb.rules.feeds import Feed
from declweb.sitefile import KeyPath

if TYPE_CHECKING:
    from declweb.compiler.json_rows import Rows


@dataclass(frozen=True, slots=True)
class Parts:
    """What the compiler is given besides the site itself."""

    folder: Folder
    classes: Mapping[str, type[BaseConverter]]
    """Every converter that a path may name."""
    prefix: str
    """The path below which the site is mounted, without a slash at its end."""
    environment: str | None
    mounts: tuple[tuple[Static, str], ...]
    """Declared and found ones that are not switched off, with the place of each."""
    urls: Urls
    addresses_of: Callable[[Route], Mapping[str, str]]
    """The languages in which a route is found, and its path in each."""
    form_addresses: Callable[[Form], Mapping[str, str]]
    """The same of a form."""
    pages: PageSet
    feeds: tuple[Feed, ...]
    generated: frozenset[str]
    """The files that pages bring with them, where the author has none of their own."""
    rewrites: Mapping[str, list[Redirect]]
    place: Callable[[KeyPath], str]
    """Where a table is declared, such as `site.toml:14`."""
    files: frozenset[Path]
    functions: Functions = NONE
    """What the site file names of the site's own Python."""
    is_development: bool = False
    """Whether the site is being worked on."""


class OfRows(Answering, Protocol):
    """What answers with a page for each row of a dataset."""

    def addresses(self, path: str) -> Iterator[str]:
        """Yield the address of each row, at a path with variables."""


def _never(_path: str) -> bool:
    return False


class Building:
    """A site while it is compiled: the App keeps nothing of it but what it is given."""

    def __init__(self, site: Site, parts: Parts) -> None:
        self.site = site
        self.parts = parts
        self.prefix = parts.prefix
        self.languages = Languages(tuple(site.site.all_languages))
        self.is_preview = parts.environment not in {None, "production", "development"}
        self.finisher = finisher(site.headers, site.security, is_preview=self.is_preview)
        self.library = Library()
        self.exact: dict[str, dict[str, Answering]] = {}
        """By path, then by method."""
        self.patterns: Matcher[Answering] = Matcher(parts.classes)
        self.of_rows: list[tuple[str, OfRows]] = []
        """Those of the addresses with variables at which there is a page for each row of a file."""
        self.pages: set[str] = set()
        """Those of the exact addresses that are pages."""
        self.programs = Programs(self.exact, self.patterns, parts.classes)
        """Those that programs ask for."""
        self.rows: dict[str, Rows] = {}
        """Endpoints with rows, by exact address."""
        self.own: set[str] = set()
        """Those of declweb's own files, which are the same on every site."""
        self.overview: list[Listed] = []
        self.is_late: Callable[[str], bool] = _never
        """Tells whether a path is only answered after something else was asked."""

    @property
    def shelf(self) -> Shelf:
        """Where pages are kept until something changes that they are made of."""
        return Shelf(self.library, self.is_late)

    def add(self, path: str, answering: Answering, spoken: str) -> None:
        """Let something answer those who read an address, and list it as what it is called."""
        self.exact.setdefault(path, {}).update(dict.fromkeys(READING, answering))
        self.overview.append(Listed(path, ("GET",), answering.name, spoken, answering.place, answering.reasons))

    def add_endpoint(self, path: str, answering: Answering, methods: tuple[str, ...], spoken: str) -> None:
        """Let something answer programs at an address, and list it as what it is called."""
        answered = (*methods, "HEAD") if "GET" in methods and "HEAD" not in methods else methods
        reasons = answering.reasons
        if variables(path):
            self.patterns.add(path, answering, answered)
            self.programs.add_pattern(path, answering, answered)
            reasons = ("has variables in its address", *reasons)
        else:
            self.exact.setdefault(path, {}).update(dict.fromkeys(answered, answering))
            self.programs.add(path)
        self.overview.append(Listed(path, methods, answering.name, spoken, answering.place, reasons))

    def add_own(self, name: str, address: str, media_type: str, body: bytes) -> None:
        """Let declweb answer with a file of its own, whose hash is in its address; `url_for` knows it by its name."""
        prepared = Prepared(body, [("Content-Type", media_type), FOR_A_YEAR], finish=self.finisher(address))
        self.exact[address] = dict.fromkeys(READING, Fixed(name, "", prepared))
        self.own.add(address)

    def prepared(self, is_closed: Callable[[str], bool]) -> dict[str, dict[str, Prepared]]:
        """Return the answers that depend on nothing, by exact address and method; none that only some may see."""
        found = {path: self._ready(path, answers) for path, answers in self.exact.items() if not is_closed(path)}
        return {path: ready for path, ready in found.items() if ready}

    def _ready(self, path: str, answers: Mapping[str, Answering]) -> dict[str, Prepared]:
        reading = {method: answering for method, answering in answers.items() if method in READING}
        made = {each: each.prepare(path, self.prefix) for each in set(reading.values()) if not each.reasons}
        return {method: made[answering] for method, answering in reading.items() if answering in made}
