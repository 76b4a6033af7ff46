"""`[errors]`: error pages that nobody would ever see.

Owns which pages answer for the whole site. Knows nothing of what they say.
"""

from collections.abc import Iterator, Mapping

from declweb.problems import Problem
from declweb.rules.addresses import addresses
from declweb.rules.base import Rule, Subject
from declweb.rules.pages import page_set


def hidden_error_pages(subject: Subject) -> Iterator[Problem]:
    """Find error pages that are never shown, because one beside the start page lies nearer to every address."""
    nearer = _beside_the_start_page(subject)
    for status in subject.site.errors:
        file = nearer.get(status) or nearer.get(f"{status[0]}xx")
        if file is not None:
            yield Problem(
                "hidden-address",
                f"the page for `{status}` is never shown, since {file} lies nearer to every address",
                subject.key_place(("errors", status)),
                help="take one of the two out",
            )


def _beside_the_start_page(subject: Subject) -> Mapping[str, str]:
    """Return the files that answer for everything, by the status or the class that they are for."""
    pages = page_set(subject)
    found = {
        page.name: page.file
        for page in pages.error_pages
        if not page.folder and pages.folders[page.table].path == "/" and page.edition == pages.languages[0]
    }
    for mount, _ in addresses(subject).mounts:
        file = f"{mount.folder.strip('/')}/404.html"
        if mount.path == "/" and not mount.off and subject.folder.find(file):
            found.setdefault("404", file)
    return found


RULES: tuple[Rule, ...] = (hidden_error_pages,)
