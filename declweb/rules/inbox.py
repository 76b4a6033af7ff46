"""`[inbox]`: pages that would stay empty.

Owns what is to be said of the inbox alone; who is let in is `protection`'s, and who else is at its addresses
`addresses`'s.
"""

from collections.abc import Iterator

from declweb.problems import Problem
from declweb.rules.base import Rule, Subject


def empty_inbox(subject: Subject) -> Iterator[Problem]:
    """There is an inbox, and no form from which anything could come into it."""
    site = subject.site
    is_unsure = subject.draft.is_short_of("forms") or subject.draft.is_broken("inbox")
    if site.inbox is None or site.inbox.off or site.forms or is_unsure:
        return
    yield Problem(
        "empty-inbox",
        "the site has no form, so nothing ever comes into its inbox",
        subject.document.header_place(("inbox",)),
        help="add a form, below a line such as [forms.contact], or take the inbox out",
    )


RULES: tuple[Rule, ...] = (empty_inbox,)
