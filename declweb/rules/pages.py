"""`[[pages]]`: what is wrong with written pages, and the set of them that all other rules look at.

Owns which folders hold pages, and which moment it is for them. Knows no template, and no link.
"""

from collections.abc import Iterator
from dataclasses import replace

from declweb.clock import present
from declweb.model import Pages
from declweb.pages.folder import Reader, bases
from declweb.pages.page_set import PageSet
from declweb.problems import Also, Place, Problem
from declweb.rules.base import Rule, Subject, made_once
from declweb.rules.closed import closed

MOST_TOLD = 12
"""Files that are not served which are named."""

DEFAULT_FOLDER = Pages(folder="pages", path="/")
"""The folder whose pages are served without being declared, where it exists."""


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


@made_once
def page_set(subject: Subject) -> PageSet:
    """Return the pages of a site."""
    site = subject.site.site
    tables = [table for table, _ in page_tables(subject)]
    languages = site.all_languages
    reader = Reader(subject.folder, languages, subject.shown)
    found = enumerate(zip(tables, bases(tables), strict=True))
    folders = [reader.read(table, number, base) for number, (table, base) in found]
    now = None if subject.is_development else present()
    rules = closed(subject)

    def allowed(address: str) -> frozenset[frozenset[str]]:
        return frozenset(rule.allow for rule in rules.of(address))

    return PageSet(tables, folders, languages, site.timezone, now, allowed)


def with_former_addresses(subject: Subject) -> Subject:
    """Return the subject with the redirects that its pages ask for."""
    former: dict[str, tuple[str, Place]] = {}
    for page in page_set(subject).pages:
        for number, source in enumerate(page.redirect_from):
            former.setdefault(source, (page.address, page.place("redirect_from", number)))
    return replace(subject, former=former) if former else subject


def doubled_former_addresses(subject: Subject) -> Iterator[Problem]:
    """A page names a former address that is redirected elsewhere."""
    for page in page_set(subject).pages:
        for number, source in enumerate(page.redirect_from):
            place = page.place("redirect_from", number)
            other = subject.key_place(("redirects", source))
            if other != place:
                yield Problem(
                    "duplicate-url",
                    f"{source} is redirected twice; this one would never happen",
                    place,
                    also=(Also(other, "is the other"),),
                    help="delete one of them",
                )


def shown_tags(subject: Subject) -> Iterator[Problem]:
    """A Markdown page holds HTML, and visitors will read the tags; a page is mentioned once."""
    pages = page_set(subject)
    for page in pages.pages:
        tags = pages.content_of(page).shown_tags
        if tags:
            more = {1: "", 2: ", and so is another"}.get(len(tags), f", and so are {len(tags) - 1} others")
            yield Problem(
                "shown-tag",
                f"`{tags[0].text[:60]}` is shown as it is written{more}",
                page.place_in_text(tags[0].line, tags[0].text),
                help="write Markdown instead, or `html = true` in [[pages]] if all who write pages may use HTML",
            )


def unserved_files(subject: Subject) -> Iterator[Problem]:
    """A folder of pages has a file that every web server knows, such as robots.txt, and it is not served from there."""
    site = subject.site
    public = [mount.folder.strip("/") for mount in site.static if not mount.off]
    read = {*site.redirects_from, *(route.file for route in site.routes.values())}
    files = [
        file
        for file in page_set(subject).unserved
        if file not in read and not any(folder == "." or file.startswith(f"{folder}/") for folder in public)
    ]
    if files:
        first, *others = files
        more = [Also(Place(subject.shown(file)), "is not served either") for file in others[:MOST_TOLD]]
        if len(others) > MOST_TOLD:
            more.append(Also(Place(subject.shown(first.rpartition("/")[0])), f"has {len(others) - MOST_TOLD} more"))
        name = first.rpartition("/")[2]
        yield Problem(
            "unread-file",
            f"`{name}` is not served: a folder of pages has pages, pictures, sound, films and PDF files",
            Place(subject.shown(first)),
            also=tuple(more),
            help="put it into a folder of [[static]]"
            + (f', one with path = "/" for it to be found at /{name}' if "/" not in first.partition("/")[2] else ""),
        )


def problems_of_pages(subject: Subject) -> Iterator[Problem]:
    """What is wrong in the files themselves."""
    yield from page_set(subject).problems


RULES: tuple[Rule, ...] = (problems_of_pages, unserved_files, shown_tags, doubled_former_addresses)
