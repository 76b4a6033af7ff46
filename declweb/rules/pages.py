"""`[[pages]]`: what is wrong with written pages, and the set of them that all other rules look at."""

from collections.abc import Iterator
from datetime import UTC, datetime

from declweb.model import Pages
from declweb.pages.folder import Reader
from declweb.pages.page_set import PageSet
from declweb.problems import Problem
from declweb.rules.base import Rule, Subject

DEFAULT_FOLDER = Pages(folder="pages", path="/")
"""The folder whose pages are served without being declared, where it exists."""


def page_set(subject: Subject) -> PageSet:
    """Return the pages of a site; the same for all that look at one subject."""
    return subject.memo(_read)


def page_tables(subject: Subject) -> list[tuple[Pages, int | None]]:
    """Return the folders of pages and which of `[[pages]]` each is, the one that is found by itself without a number.

    Numbers are those of the site file; what could not be read is left out.
    """
    declared = [
        (table, index) for index, table in enumerate(subject.site.pages) if not subject.draft.is_broken("pages", index)
    ]
    is_taken = any(
        table.folder.strip("/") == DEFAULT_FOLDER.folder or table.path == DEFAULT_FOLDER.path
        for table in subject.site.pages
    ) or subject.draft.is_short_of("pages")
    is_there = (subject.document.folder / DEFAULT_FOLDER.folder).is_dir()
    return [*([(DEFAULT_FOLDER, None)] if is_there and not is_taken else []), *declared]


def _read(subject: Subject) -> PageSet:
    site = subject.site.site
    tables = [table for table, _ in page_tables(subject)]
    languages = site.all_languages
    reader = Reader(subject.folder, languages, subject.shown)
    folders = [reader.read(table, number) for number, table in enumerate(tables)]
    now = None if subject.is_development else datetime.now(UTC)
    return PageSet(tables, folders, languages, site.timezone, now)


def problems_of_pages(subject: Subject) -> Iterator[Problem]:
    """What is wrong in the files themselves."""
    yield from page_set(subject).problems


RULES: tuple[Rule, ...] = (problems_of_pages,)
