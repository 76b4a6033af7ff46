"""What is made of all pages: feeds, the sitemap and robots.txt; which of them there are, and what is wrong with them.

Owns which pages are in which feed. Writes none: that is the compiler's business.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from declweb.http.paths import pattern
from declweb.pages.file import PageFile
from declweb.pages.folder import below
from declweb.pages.page_set import PageSet
from declweb.problems import Also, Problem, suggestion
from declweb.routing import Languages
from declweb.rules.base import Rule, Subject, made_once
from declweb.rules.languages import languages
from declweb.rules.pages import page_set, page_tables
from declweb.sitefile import KeyPath

SITEMAP = "/sitemap.xml"
ROBOTS = "/robots.txt"
OPENAPI = "/openapi.json"


@dataclass(frozen=True, slots=True)
class Feed:
    """One feed of a site, in one language."""

    address: str
    language: str
    wanted: str
    """Which pages are in it, as the site file has it."""
    table: int
    """Which folder they are from."""
    key: KeyPath
    pages: tuple[PageFile, ...]
    """Those of them that have a date, the newest first."""
    home: PageFile | None
    """The page of the folder that they are in."""

    def title(self, site: str) -> str:
        """Return what the feed is called on a site of this name."""
        return f"{self.home.title} \N{EN DASH} {site}" if self.home and self.home.title != site else site


@made_once
def feeds(subject: Subject) -> tuple[Feed, ...]:
    """Return every feed; beside that of the default language one for each language in which there are pages for it."""
    return tuple(_feeds(subject))


def _feeds(subject: Subject) -> Iterator[Feed]:
    pages = page_set(subject)
    known = languages(subject)
    for number, (table, index) in enumerate(page_tables(subject)):
        for address, wanted in table.feeds.items() if not table.off else ():
            fitting = [page for page in _matching(pages, number, wanted) if page.date is not None]
            for language in known.codes:
                there = known.address(address, language)
                own = tuple(
                    page
                    for page in fitting
                    if page.edition == language
                    and _is_original(page, known)
                    and pages.is_seen_from(page.address, there)
                )
                if own or language == known.default:
                    folder = below(pages.bases[number], table) + wanted.removesuffix("*")
                    home = pages.by_path.get((f"{folder}index", language))
                    home = home if home is not None and pages.is_seen_from(home.address, there) else None
                    key = ("pages", index or 0, "feeds", address)
                    yield Feed(there, language, wanted, number, key, own, home)


def _is_original(page: PageFile, known: Languages) -> bool:
    """Tell whether a page is no copy of another one that is not translated."""
    return page.language == page.edition or page.language not in known.codes


def _matching(pages: PageSet, number: int, wanted: str) -> Iterator[PageFile]:
    fits = pattern(below(pages.bases[number], pages.folders[number]) + wanted).fullmatch
    return (page for page in pages.pages if page.table == number and fits(page.path))


def generated(subject: Subject) -> frozenset[str]:
    """Return the addresses of the files that a site has without being told.

    /sitemap.xml and /robots.txt come with pages, /openapi.json with endpoints and forms. They give way to the author's
    own. A sitemap holds absolute addresses, so the site's must be known; robots.txt is looked for at the root alone.
    """
    has_pages, site = any(not table.off for table, _ in page_tables(subject)), subject.site
    wanted = {
        SITEMAP: has_pages and site.site.url is not None,
        ROBOTS: has_pages and not subject.prefix,
        OPENAPI: not all([*(each.off for each in site.json_.values()), *(form.off for form in site.forms.values())]),
    }
    return frozenset(address for address, is_wanted in wanted.items() if is_wanted)


# --- mistakes ---------------------------------------------------------------------------------------------------------


def feeds_without_url(subject: Subject) -> Iterator[Problem]:
    """A site has feeds, and nobody knows its address, which every link in them begins with."""
    found = feeds(subject)
    if found and subject.site.site.url is None and not subject.draft.is_broken("site", "url"):
        yield Problem(
            "missing-key",
            "[site] needs `url`: whatever a feed holds is named by absolute addresses",
            subject.document.header_place(("site",)),
            also=(Also(subject.key_place(found[0].key), "is a feed"),),
            help='such as url = "https://blackbird.example"',
        )


def empty_feeds(subject: Subject) -> Iterator[Problem]:
    """A feed is asked for pages that there are not, or that have no date."""
    pages = page_set(subject)
    default = subject.site.site.all_languages[0]
    for feed in feeds(subject):
        siblings = [other.pages for other in feeds(subject) if other.key == feed.key]
        if feed.language != default or any(siblings):
            continue
        fits = pattern(below(pages.bases[feed.table], pages.folders[feed.table]) + feed.wanted).fullmatch
        files = [page for page in pages.files if page.table == feed.table and page.address and fits(page.path)]
        if any(page.date for page in files):
            continue
        if files:
            message, help_ = (
                f"no page of `{feed.wanted}` has a date",
                "write `date = 2026-12-24` above the text of each",
            )
        else:
            folders = {f"{page.folder}/*" if page.folder else "*": None for page in pages.pages}
            message = f"no page is called `{feed.wanted}`"
            help_ = suggestion(feed.wanted, folders) or "name pages as their folder has them: `news/*`"
        yield subject.problem("empty-feed", message, feed.key, help=help_)


RULES: tuple[Rule, ...] = (feeds_without_url, empty_feeds)
