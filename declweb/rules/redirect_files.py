"""`redirects_from`: what the files with many redirects add to the site.

Owns which of two redirects counts. Reads none: that is the business of `redirect_files`.
"""

from collections.abc import Iterator
from dataclasses import replace

from declweb.problems import Also, Problem
from declweb.redirect_files import read_redirects
from declweb.rules.base import Rule, Subject


def with_redirect_files(subject: Subject) -> Subject:
    """Return the subject with what its redirect files say."""
    named = {
        index: name
        for index, name in enumerate(subject.site.redirects_from)
        if not subject.draft.is_broken("redirects_from", index)
    }
    if not named:
        return subject
    moved = read_redirects(
        subject.folder,
        list(named.values()),
        subject.shown,
        lambda position: subject.document.place(("redirects_from", list(named)[position])),
    )
    return replace(subject, moved=moved)


def problems_of_files(subject: Subject) -> Iterator[Problem]:
    """What is wrong in the files themselves."""
    yield from subject.moved.problems if subject.moved else ()


def doubled_redirects(subject: Subject) -> Iterator[Problem]:
    """An old address stands in the site file and in a file with redirects."""
    if subject.moved is None:
        return
    for source in subject.site.redirects.keys() & subject.moved.redirects.keys():
        place = subject.moved.place(source)
        if place is not None:
            yield Problem(
                "duplicate-url",
                f"{source} is redirected twice; the site file's own redirect would always win",
                place,
                also=(Also(subject.document.key_place(("redirects", source)), "in [redirects]"),),
                help="delete one of them",
            )


RULES: tuple[Rule, ...] = (problems_of_files, doubled_redirects)
