"""What the pages' own Content Security Policy keeps from working on them.

Owns which policy a page is sent with, and what would let a blocked thing through. Sends and renders nothing.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import SplitResult, unquote, urljoin, urlsplit

from declweb.files import Folder
from declweb.http.headers import find
from declweb.http.paths import pattern
from declweb.http.policy import Policy, declared, effective, lets_inline, lets_through, parse
from declweb.model import HeaderRule, Route
from declweb.model.static import Static
from declweb.pages.file import PageFile
from declweb.problems import Place, Problem
from declweb.routing.files import Naming, is_hidden
from declweb.rules.addresses import addresses, named_addresses
from declweb.rules.base import Rule, Subject
from declweb.rules.languages import addresses_of
from declweb.rules.media_types import media_type
from declweb.rules.pages import page_set
from declweb.rules.template_set import TemplateSet, template_set
from declweb.rules.template_uses import Use
from declweb.templating.loads import Load, loads, loads_of_style
from declweb.templating.markup import spot_at
from declweb.templating.positions import normalized

FIELD = "Content-Security-Policy"
ANYWHERE = "/any-address"
"""Stands for the address of an error page."""
NOWHERE = "https://this-site.invalid"
"""The origin of a site that does not say its own."""
CHECKED = frozenset({"http", "https", "data"})
"""Schemes of addresses that are looked at."""
MOST_FILES = 200_000
MOST_STYLESHEETS = 200
LARGEST_STYLESHEET = 256 * 1024
"""How many files of a folder are looked at, how many stylesheets are read, and how large they are in bytes."""
MOST_PAGES = 1000
LARGEST_PAGE = 1024 * 1024
"""How many pages of a folder of files are read, and how large they are in bytes."""
MOST_TOLD = 25
"""What is told of one such folder."""
_FOREIGN_PICTURE = re.compile(r'<img src="(?:[A-Za-z][A-Za-z0-9+.-]*:|//)')
"""A picture of another site, as Markdown makes it."""

_THINGS = {
    "connect-src": "data",
    "font-src": "fonts",
    "frame-src": "frames",
    "img-src": "pictures",
    "manifest-src": "manifests",
    "media-src": "sound and film",
    "object-src": "objects",
    "script-src-elem": "scripts",
    "style-src-elem": "styles",
}
"""What is loaded, by directive."""

_REFUSALS = {
    "base-uri": "the site's policy does not let addresses begin with {}",
    "form-action": "the site's policy does not let forms be sent to {}",
}
"""What is said of directives that load nothing."""


Words = tuple[str, str]
"""What is wrong, and what would allow it."""


@dataclass(frozen=True, slots=True)
class Sent:
    """A policy, and whether it is that of `[security]`."""

    policy: Policy
    is_own: bool

    @property
    def key(self) -> str:
        """What tells two policies apart."""
        return repr(sorted(self.policy.items()))


def blocked_in_templates(subject: Subject) -> Iterator[Problem]:
    """A template has a script, a style or an address of another site that the site's policy keeps out."""
    templates = template_set(subject)
    sent = _by_template(templates, subject)
    for facts in templates.facts_in_use():
        for load, why in _blocked(facts.loads, sent.get(facts.name, ()), subject):
            spot = spot_at(normalized(templates.texts[facts.name]), load.start)
            yield _problem(why, templates.place(facts.name, spot, load.word))


def blocked_in_pages(subject: Subject) -> Iterator[Problem]:
    """A written page has a script, a style or an address of another site that the site's policy keeps out."""
    pages = page_set(subject)
    seen: set[Place] = set()
    for page in pages.pages:
        html = pages.content_of(page).html if _is_suspicious(page) else ""
        found = _loads_of(html, may_be_anything=not page.is_markdown or page.allows_html)
        for load, why in _blocked(found, _listed(_sent(subject, page.address, 200)) if found else (), subject):
            place = _place_in_page(page, html, load)
            if place not in seen:
                seen.add(place)
                yield _problem(why, place)


def _is_suspicious(page: PageFile) -> bool:
    """Tell whether it is worth looking what a page has in it; Markdown without HTML can have pictures only."""
    if page.is_markdown and not page.allows_html:
        return "![" in page.source and ("//" in page.source or "data:" in page.source)
    return True


@lru_cache(maxsize=8192)
def _loads_of(html: str, *, may_be_anything: bool) -> tuple[Load, ...]:
    """Return what a page runs and loads, read once: a site is loaded anew whenever one of its pages changes."""
    return tuple(loads(html)) if may_be_anything or _FOREIGN_PICTURE.search(html) else ()


def _place_in_page(page: PageFile, html: str, load: Load) -> Place:
    if not page.is_markdown:
        return page.place_in_text(spot_at(html, load.start).line, load.word)
    found = page.source.find(load.word)
    return page.place_in_text(page.source.count("\n", 0, max(found, 0)) + 1, load.word)


def blocked_in_files(subject: Subject) -> Iterator[Problem]:
    """A page that is a file, such as that of a single-page app, has what the site's policy keeps out."""
    for name, address, status, given in dict.fromkeys(_page_files(subject)):
        yield from _in_file(name, address, status, given, subject)


def _in_file(name: str, address: str, status: int, given: str | None, subject: Subject) -> list[Problem]:
    try:
        text = normalized(subject.folder.read_text(name))
    except (OSError, UnicodeDecodeError):
        return []  # whatever it is, it is no page
    return [
        _problem(why, Place.of(subject.shown(name), text, load.start, load.start + len(load.word)))
        for load, why in _blocked(loads(text), _listed(_sent(subject, address, status, given)), subject)
    ]


def blocked_in_stylesheets(subject: Subject) -> Iterator[Problem]:
    """A stylesheet loads what the policies of all pages keep out; every one is read, so only `check` asks for this."""
    own, *others = _policies(subject)
    for name in _stylesheets(subject):
        try:
            text = normalized(subject.folder.read_text(name))
        except (OSError, UnicodeDecodeError):
            continue  # a browser makes of it what it can
        for load in loads_of_style(text):
            if not any(_lets(sent, load, _origin(subject)) for sent in (own, *others)):
                place = Place.of(subject.shown(name), text, load.start, load.start + len(load.word))
                yield _problem(_words(load, own, _origin(subject)), place)


def blocked_in_other_files(subject: Subject) -> Iterator[Problem]:
    """A page in a folder of files has what the site's policy keeps out; every one is read, so only `check` asks."""
    own = {name for name, *_ in _page_files(subject)}
    for mount, _ in addresses(subject).mounts:
        told, others = 0, 0
        for name, address in _pages_of(mount, subject):
            found = _in_file(name, address, 200, None, subject) if name not in own else []
            if told + len(found) <= MOST_TOLD:
                yield from found
                told += len(found)
            else:
                others += 1
        if others:
            pages = "1 more page here has" if others == 1 else f"{others} more pages here have"
            place = Place(subject.shown(mount.folder.strip("/")))
            yield Problem("blocked-by-policy", f"{pages} something that the site's policy blocks", place,
                          help="set another Content-Security-Policy for them in [[headers]]")  # fmt: skip


def _pages_of(mount: Static, subject: Subject) -> Iterator[tuple[str, str]]:
    """Yield the pages in a folder of files, with their addresses."""
    folder, naming = Folder(subject.folder.root / mount.folder), Naming.of(mount)
    is_read = not mount.off and folder.root.is_relative_to(subject.folder.root)
    for name in folder.names("**/*.html", most=MOST_FILES)[:MOST_PAGES] if is_read else ():
        status = folder.stat(name)
        if not is_hidden(name) and status is not None and status.st_size <= LARGEST_PAGE:
            yield f"{mount.folder.strip('/')}/{name}", naming.path(name, folder.find)


def _policies(subject: Subject) -> Iterator[Sent]:
    """Yield the site's own policy, and those that some pages have in its place."""
    security = subject.site.security
    yield Sent(declared(security.csp, strict=security.preset == "strict"), is_own=True)
    site = subject.site
    for headers in (*(route.headers for route in site.routes.values()), *(rule.set for rule in site.headers)):
        if (value := find(headers.items(), FIELD)) is not None:
            yield Sent(parse(value), is_own=False)
    if any(name.lower() == FIELD.lower() for rule in subject.site.headers for name in rule.unset):
        yield Sent({}, is_own=False)


def _stylesheets(subject: Subject) -> Iterator[str]:
    for mount, _ in subject.memo(addresses).mounts:
        folder = Folder(subject.folder.root / mount.folder)
        is_read = not mount.off and folder.root.is_relative_to(subject.folder.root)
        names = folder.names("**/*.css", most=MOST_FILES)[:MOST_STYLESHEETS] if is_read else []
        for name in (f"{mount.folder.strip('/')}/{name}" for name in names):
            status = subject.folder.stat(name)
            if status is not None and status.st_size <= LARGEST_STYLESHEET:
                yield name


def _page_files(subject: Subject) -> Iterator[tuple[str, str, int, str | None]]:
    """Yield files that are pages, with address, status and own policy: of routes, rewrites, at the top of folders."""
    for route in subject.site.routes.values():
        if route.file is not None and not route.off and _is_html(route):
            yield route.file, route.path, route.status, find(route.headers.items(), FIELD)
    for mount, _ in addresses(subject).mounts:
        base, folder = mount.below, mount.folder.strip("/")
        shown = [each.to[len(base) :] for each in subject.site.rewrites if each.to.startswith(base)]
        pages = {**dict.fromkeys(shown, 200), mount.index: 200, "404.html": 404}
        for name, status in pages.items() if not mount.off else ():
            if name.endswith(".html") and subject.folder.find(f"{folder}/{name}") is not None:
                yield f"{folder}/{name}", f"{base}{name.removesuffix(mount.index)}", status, None


# --- which policy a page is sent with ---------------------------------------------------------------------------------


def _by_template(templates: TemplateSet, subject: Subject) -> Mapping[str, list[Sent]]:
    """Return the policies of the pages that a template is a part of."""
    found: dict[str, dict[str, Sent]] = defaultdict(dict)
    for use in templates.uses:
        for sent in _of_use(use, subject):
            for name in templates.closure(use.version).templates:
                found[name].setdefault(sent.key, sent)
    return {name: list(policies.values()) for name, policies in found.items()}


def _of_use(use: Use, subject: Subject) -> Iterator[Sent]:
    if use.key[:1] == ("routes",):
        route = subject.site.routes[str(use.key[1])]
        paths = addresses_of(route, subject).values() if _is_html(route) and not route.off else ()
        given = find(route.headers.items(), FIELD)
        found = (_sent(subject, path, route.status, given) for path in paths)
    elif use.key[:1] == ("errors",):
        status = str(use.key[1])
        found = (_sent(subject, ANYWHERE, int(status.replace("x", "0"))) for _ in range(1))
    else:
        found = (_sent(subject, page.address, 200) for page in page_set(subject).pages[:1])
    yield from (sent for sent in found if sent is not None)


def _is_html(route: Route) -> bool:
    return media_type(route).partition(";")[0].strip() in {"text/html", "application/xhtml+xml"}


def _sent(subject: Subject, path: str, status: int, given: str | None = None) -> Sent | None:
    """Return the policy of the answers at a path; None where they have none."""
    security = subject.site.security
    policy = declared(security.csp, strict=security.preset == "strict") if given is None else parse(given)
    is_own = given is None
    for rule in _rules(subject, path, status):
        if any(name.lower() == FIELD.lower() for name in rule.unset):
            policy, is_own = {}, False
        if (value := find(rule.set.items(), FIELD)) is not None:
            policy, is_own = parse(value), False
    return Sent(policy, is_own) if policy else None


def _rules(subject: Subject, path: str, status: int) -> Iterable[HeaderRule]:
    path = re.sub("<[^>]*>", "-", path)
    return (
        rule
        for rule in subject.site.headers
        if (not rule.only_status or status in rule.only_status) and pattern(rule.path).fullmatch(path)
    )


def _origin(subject: Subject) -> str:
    return named_addresses(subject).origin or NOWHERE


# --- what is blocked --------------------------------------------------------------------------------------------------


def _blocked(found: Iterable[Load], sent: Sequence[Sent], subject: Subject) -> Iterator[tuple[Load, Words]]:
    """Yield what the policies of a page keep out, or those of another page in a frame of it."""
    origin = _origin(subject)
    for load in found if sent else ():
        blocking = next((one for one in sent if not _lets(one, load, origin)), None)
        if blocking is not None:
            yield load, _words(load, blocking, origin)
        elif load.directive == "frame-src" and (why := _unframed(load.url, subject, origin)):
            yield load, why


def _unframed(address: str, subject: Subject, origin: str) -> Words | None:
    """Say why a page of this site is not shown in a frame."""
    url = urlsplit(urljoin(f"{origin}/", address))
    if f"{url.scheme}://{url.netloc}" != origin:
        return None
    path = unquote(url.path).removeprefix(subject.prefix)
    given = (find(route.headers.items(), FIELD) for route in subject.site.routes.values() if route.path == path)
    sent = _sent(subject, path, 200, next(given, None))
    if sent is None or lets_through(sent.policy, "frame-ancestors", origin, origin):
        return None
    return f"{path} lets itself be shown in no frame, not even here", _added("self", "frame-ancestors", sent)


def _lets(sent: Sent, load: Load, origin: str) -> bool:
    if load.kind != "address":
        is_element = load.kind in {"script", "style"}
        by_hash = is_element or "'unsafe-hashes'" in (effective(sent.policy, load.directive) or ())
        return lets_inline(sent.policy, load.directive, load.digest if by_hash else None)
    try:
        url = urljoin(f"{origin}/", load.url)
        return urlsplit(url).scheme not in CHECKED or lets_through(sent.policy, load.directive, url, origin)
    except ValueError:
        return True


def _problem(why: Words, place: Place) -> Problem:
    return Problem("blocked-by-policy", why[0], place, help=why[1])


def _listed(sent: Sent | None) -> tuple[Sent, ...]:
    return () if sent is None else (sent,)


def _words(load: Load, sent: Sent, origin: str) -> Words:
    directive = load.directive.removesuffix("-elem").removesuffix("-attr")
    if load.kind == "address":
        source = _source(urlsplit(urljoin(f"{origin}/", load.url)), origin)
        message = _REFUSALS.get(load.directive, f"the site's policy allows no {_THINGS.get(load.directive)} from {{}}")
        message = message.format("this site" if source == "self" else source)
        return message, _added(source, directive, sent)
    if load.kind in {"script", "style"}:
        verb = "running" if load.kind == "script" else "having an effect"
        message = f"the site's policy keeps this {load.kind} from {verb}: it stands in the page"
        if load.digest is None:
            return message, f"put it into a file; a {load.kind} with expressions in it cannot be told from a stranger's"
        return message, f"put it into a file, or {_added(load.digest, directive, sent)}"
    return _WORDS[load.kind][0].format(load.word), _WORDS[load.kind][1]


_WORDS = {
    "style=": ("the site's policy keeps this `{}` from having an effect", "write a class, and its style in a file"),
    "on…=": (
        "the site's policy keeps this `{}` from doing anything",
        "listen to the event in a script file",
    ),
    "javascript:": ("the site's policy keeps this link from doing anything", "make it a button, and its script a file"),
}
"""What is said of attributes."""


def _source(url: SplitResult, origin: str) -> str:
    """Return the source that lets an address through."""
    if url.scheme == "data":
        return "data:"
    return "self" if f"{url.scheme}://{url.netloc}" == origin else f"{url.scheme}://{url.netloc}"


def _added(source: str, directive: str, sent: Sent) -> str:
    if sent.is_own:
        return f'add "{source}" to `{directive}` below [security.csp]'
    quoted = source if "://" in source or source == "data:" else f"'{source}'"
    return f"add {quoted} to `{directive}` in the {FIELD} that is set for this page"


RULES: tuple[Rule, ...] = (blocked_in_templates, blocked_in_pages, blocked_in_files)
