"""Who answers which address: the list of all claims, and claims that meet.

Owns what is said of addresses that nobody could match. What serves an address is said in `served`.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from werkzeug.routing import BaseConverter

from declweb.faults import spoken
from declweb.files import real_path
from declweb.model import Site
from declweb.model.patterns import explosive
from declweb.model.static import Static
from declweb.model.urls import Variable, parse, variables
from declweb.pages import own
from declweb.pages.file import PageFile
from declweb.problems import Also, Place, Problem, suggestion
from declweb.routing import UnusableConverter, Urls
from declweb.routing.converters import instance, joined, longest, segments
from declweb.rules.base import Rule, Subject, made_once, narrowed
from declweb.rules.feeds import feeds
from declweb.rules.files import PublicFiles
from declweb.rules.languages import addresses_of, addresses_of_form, languages
from declweb.rules.pages import page_set
from declweb.sitefile import KeyPath

PATIENCE = 20_000
"""Comparisons made to guess what dead links were meant to be; a second or so."""

PAGE = "page"
"""The name by which url_for knows written pages."""

INBOX = "inbox"
"""The name by which url_for knows the owner's pages."""

FORM_METHODS = frozenset({"GET", "POST"})
"""What every form answers: its page, and what is sent from it."""

DEFAULT_MOUNT = Static(path="/static", folder="static", name="static")
"""The folder that is served without being declared, where it exists."""


@dataclass(frozen=True, slots=True)
class Claim:
    """One table that claims an address."""

    path: str
    methods: frozenset[str]
    key: KeyPath
    is_off: bool = False
    language: str | None = None
    """The language whose version of a route it is, where that is not written in the site file."""
    page: PageFile | None = None
    """The page that claims it; `key` is then empty."""

    @property
    def spoken(self) -> str:
        """What the author calls it."""
        if self.page:
            return self.page.file
        return spoken(self.key[:2]) + (f" in the language `{self.language}`" if self.language else "")

    def place(self, subject: Subject) -> Place:
        """Return where it is claimed."""
        return self.page.place() if self.page else subject.place(self.key)

    def also(self, subject: Subject) -> Also:
        """Return where it is claimed and in what; the file of a page says both."""
        return Also(self.place(subject), "is the page" if self.page else f"in {self.spoken}")


@dataclass(frozen=True, slots=True)
class Addresses:
    """Every address of a site and who claims it."""

    classes: Mapping[str, type[BaseConverter]]
    exact: dict[str, list[Claim]] = field(default_factory=lambda: defaultdict(list))
    """Routes and endpoints without variables."""
    patterns: list[Claim] = field(default_factory=list)
    """Routes and endpoints with variables."""
    mounts: list[tuple[Static, KeyPath | None]] = field(default_factory=list)

    def claims(self) -> Iterator[Claim]:
        """Yield routes and endpoints in the order in which they were declared."""
        for claims in self.exact.values():
            yield from claims
        yield from self.patterns


@made_once
def addresses(subject: Subject) -> Addresses:
    """Return who claims which address, leaving out what cannot be understood."""
    site = subject.site
    found = Addresses(subject.classes)
    for name, route in site.routes.items():
        methods, key = frozenset(route.methods), ("routes", name, "path")
        for language, path in addresses_of(route, subject).items():
            claim = Claim(path, methods, key, route.off, None if path == route.path else language)
            if not variables(path):
                found.exact[path].append(claim)
            elif is_usable(path, found.classes):
                found.patterns.append(claim)
    _add_endpoints(found, site)
    for name, form in site.forms.items():
        for language, path in addresses_of_form(form, subject).items():
            key, other = ("forms", name, "path"), None if path == form.path else language
            found.exact[path].append(Claim(path, FORM_METHODS, key, form.off, other))
    _add_inbox(found, site)
    for feed in feeds(subject):
        found.exact[feed.address].append(Claim(feed.address, frozenset({"GET"}), feed.key))
    for claim in (*_claims_of_login(subject), *_claims_of_pages(subject)):
        found.exact[claim.path].append(claim)
    _add_lists(found, subject)
    found.mounts.extend((mount, None) for mount in default_mounts(site.static, subject))
    found.mounts.extend((mount, ("static", index, "path")) for index, mount in enumerate(site.static))
    return found


def _claims_of_login(subject: Subject) -> Iterator[Claim]:
    """Yield what the pages to sign in and out claim, in each language; nothing on a site without users."""
    login, known = subject.site.login, languages(subject)
    for path in (login.path, login.out) if subject.site.users else ():
        for language, address in known.editions(path).items():
            yield Claim(address, FORM_METHODS, ("login",), language=None if address == path else language)


def _add_endpoints(found: "Addresses", site: Site) -> None:
    for name, endpoint in site.json_.items():
        claim = Claim(endpoint.path, frozenset(endpoint.methods), ("json", name, "path"), endpoint.off)
        if not variables(endpoint.path):
            found.exact[endpoint.path].append(claim)
        elif is_usable(endpoint.path, found.classes):
            found.patterns.append(claim)


def _add_inbox(found: "Addresses", site: Site) -> None:
    """Add the addresses of the owner's pages."""
    for path, methods in site.inbox.addresses.values() if site.inbox is not None else ():
        claim = Claim(path, methods, ("inbox", "path"), site.inbox is not None and site.inbox.off)
        if variables(path):
            found.patterns.append(claim)
        else:
            found.exact[path].append(claim)


def _claims_of_pages(subject: Subject) -> Iterator[Claim]:
    """Yield what written pages claim, those that are not shown among them."""
    pages = page_set(subject)
    methods = frozenset({"GET"})
    shown = {page.address for page in pages.all_pages}
    for page in (*pages.all_pages, *(page for page in pages.files if page.address and page.address not in shown)):
        yield Claim(page.address, methods, (), is_off=not pages.shows(page), page=page)


def _add_lists(found: "Addresses", subject: Subject) -> None:
    """Add the addresses of lists of pages; whatever else is found there comes first."""
    for dated in page_set(subject).lists.values():
        for number in range(1, dated.count + 1):
            address = dated.address(number)
            if address not in found.exact:
                found.exact[address].append(Claim(address, frozenset({"GET"}), (), page=dated.index))


def default_mounts(declared: list[Static], subject: Subject) -> list[Static]:
    """Return `static/` at /static where the folder is there and nothing else is declared there."""
    is_taken = any(mount.path.rstrip("/") == DEFAULT_MOUNT.path or mount.endpoint == "static" for mount in declared)
    folder = real_path(subject.folder.root / "static")
    is_there = folder.is_dir() and folder.is_relative_to(subject.folder.root)
    return [DEFAULT_MOUNT] if is_there and not is_taken else []


@made_once
def public_files(subject: Subject) -> PublicFiles:
    """Return the files of all [[static]] folders."""
    return PublicFiles((mount for mount, _ in addresses(subject).mounts), subject.folder.root)


def is_usable(path: str, classes: Mapping[str, type[BaseConverter]]) -> bool:
    """Tell whether a pattern can be matched: whatever else is wrong with it is said elsewhere."""
    try:
        for variable in variables(path):
            instance(variable, classes)
    except UnusableConverter:
        return False
    return True


def _paths(subject: Subject) -> list[tuple[str, Place]]:
    """Return every path of the site that may have variables, and where it stands."""
    paths = [(route.path, subject.place(("routes", name, "path"))) for name, route in subject.site.routes.items()]
    paths += [(each.path, subject.place(("json", name, "path"))) for name, each in subject.site.json_.items()]
    paths += [(source, subject.key_place(("redirects", source))) for source in subject.redirects if "<" in source]
    rewrites = enumerate(subject.site.rewrites)
    return paths + [(rewrite.from_, subject.place(("rewrites", index, "from"))) for index, rewrite in rewrites]


# --- converters -------------------------------------------------------------------------------------------------------


def unknown_converters(subject: Subject) -> Iterator[Problem]:
    """A path names a converter that nobody declares."""
    classes = subject.classes
    paths = _paths(subject)
    for path, place in paths:
        for variable in variables(path):
            if subject.draft.is_broken("converters", variable.converter):
                continue
            try:
                instance(variable, classes)
            except UnusableConverter as error:
                yield _unknown_converter(subject, variable, place, str(error))


def _unknown_converter(subject: Subject, variable: Variable, place: Place, message: str) -> Problem:
    known = [*subject.classes, *subject.draft.left_out("converters")]
    near = None if variable.converter in known else suggestion(variable.converter, known)
    return Problem(
        "unknown-converter",
        message,
        narrowed(place, variable.converter),
        help=near
        or (None if variable.converter in known else f"known are {', '.join(known)}; more go below [converters]"),
    )


def slow_addresses(subject: Subject) -> Iterator[Problem]:
    """Several variables in one address can be told apart in so many ways that looking for one takes endless time."""
    paths = _paths(subject)
    for path, place in paths:
        if len(variables(path)) > 1 and is_usable(path, subject.classes) and _is_slow(path, subject.classes):
            yield Problem(
                "slow-address",
                f"the variables of {path} can be told apart in too many ways",
                place,
                help="put a slash between them, or give them converters that have nothing in common",
            )


def _is_slow(path: str, classes: Mapping[str, type[BaseConverter]]) -> bool:
    """Tell whether matching takes endless time: in one segment, or across them where a variable may have slashes."""
    parts = parse(path)
    is_open = any(isinstance(part, Variable) and not instance(part, classes).part_isolating for part in parts)
    for stretch in [parts] if is_open else segments(parts):
        count = sum(isinstance(part, Variable) for part in stretch)
        try:
            if count > 1 and explosive(joined(stretch, classes), longest(stretch, classes)):
                return True
        except ValueError:
            return True
    return False


# --- two claims on one address ----------------------------------------------------------------------------------------


def doubled_addresses(subject: Subject) -> Iterator[Problem]:
    """Two routes or endpoints claim the same address with the same method."""
    found = addresses(subject)
    first: dict[tuple[str, str], Claim] = {}
    for claim in found.claims():
        for method in sorted(claim.methods):
            other = first.setdefault((shape(claim.path), method), claim)
            if other is not claim:
                if not (claim.language and other.language):
                    yield _doubled(method, claim, other, subject)
                break


def _doubled(method: str, claim: Claim, other: Claim, subject: Subject) -> Problem:
    if claim.language:
        claim, other = other, claim
    help_ = "give one of them another path, or delete one"
    if other.language:
        message = f"{method} {claim.path} is taken: every page is also found there in its language"
    elif claim.page and other.page:
        message = f"two files are the page {claim.path}; the first would always win"
        help_ = "rename one of them, or delete one"
    elif claim.page:
        message = f"this file is the page {claim.path}, and {other.spoken} answers there"
        help_ = f"rename the file, or give {other.spoken} another path"
    else:
        message = f"{method} {claim.path} is declared twice; the first would always win"
    return Problem("duplicate-url", message, claim.place(subject), also=(other.also(subject),), help=help_)


def shape(path: str) -> str:
    """Return a path with its variables' names taken out: what tells two patterns apart."""
    return "".join(
        f"<{part.converter}({part.arguments})>" if isinstance(part, Variable) else part for part in parse(path)
    )


def slash_twins(subject: Subject) -> Iterator[Problem]:
    """Two patterns claim an address with and without a slash at its end."""
    found = addresses(subject)
    shapes = {shape(claim.path): claim for claim in found.patterns}
    for form, claim in shapes.items():
        twin = None if form.endswith("/") else shapes.get(form + "/")
        if twin and not (claim.language and twin.language):
            yield Problem(
                "slash-twins",
                f"{claim.path} and {twin.path} differ only in the slash at the end, and visitors mix them up",
                twin.place(subject),
                also=(Also(claim.place(subject), f"in {claim.spoken}"),),
                help="keep one of them; a path with the slash answers the other spelling by itself",
            )


def doubled_names(subject: Subject) -> Iterator[Problem]:
    """Two mounts share a path or a name, or a route is called like one."""
    seen: dict[str, KeyPath | None] = {}
    for mount, key in addresses(subject).mounts:
        for word, text in (("path", mount.path.rstrip("/") or "/"), ("name", mount.endpoint)):
            if text in seen and key is not None:
                other = seen[text]
                also = (Also(subject.place(other), "in [[static]]"),) if other else ()
                yield Problem(
                    "duplicate-name",
                    f"two [[static]] folders have the {word} `{text}`",
                    subject.place(key),
                    also=also,
                    help=f"give one of them another `{word}`",
                )
                break
            seen[text] = key
    for name in subject.site.routes:
        if name in seen:
            yield Problem(
                "duplicate-name",
                f"the route `{name}` is called like a [[static]] folder: url_for could not tell them apart",
                subject.document.header_place(("routes", name)),
                help="rename the route",
            )


@made_once
def named_addresses(subject: Subject) -> Urls:
    """Return the names that url_for knows."""
    found = addresses(subject)
    urls = Urls(subject.site.site.url, found.classes, languages(subject))
    for name, route in subject.site.routes.items():
        if is_usable(route.path, found.classes):
            urls.add(name, route.path, route.methods, addresses_of(route, subject))
    for name, endpoint in subject.site.json_.items():
        if is_usable(endpoint.path, found.classes):
            urls.add(f"json.{name}", endpoint.path, endpoint.methods)
    for name, form in subject.site.forms.items():
        urls.add(f"form.{name}", form.path, FORM_METHODS, addresses_of_form(form, subject))
    pages = page_set(subject)
    if pages.pages and PAGE not in urls:
        urls.add_named(PAGE, pages.addresses)
    _name_pages_of_users(urls, subject)
    if pages.files or subject.site.forms or subject.site.users:
        urls.add(own.STYLE, own.style_address())
    for mount, _ in found.mounts:
        urls.add(mount.endpoint, f"{mount.below}<path:filename>")
    return urls


def _name_pages_of_users(urls: Urls, subject: Subject) -> None:
    """Add the names of the pages that are there for users."""
    site = subject.site
    if site.users:
        for name, path in (("login", site.login.path), ("logout", site.login.out)):
            urls.add(name, path, FORM_METHODS, languages(subject).editions(path))
    if site.inbox is not None:
        urls.add(INBOX, site.inbox.path)


RULES: tuple[Rule, ...] = (
    unknown_converters,
    slow_addresses,
    doubled_addresses,
    slash_twins,
    doubled_names,
)
