"""`[security]` and `site.canonical`: what would not hold, or would protect nobody.

Owns no fact about policies: those are the model's.
"""

from collections.abc import Iterator

from declweb.problems import Problem
from declweb.rules.base import Rule, Subject

DANGEROUS = {
    "'unsafe-inline'": "lets in whatever stands in a page, even what a stranger managed to put there",
    "'unsafe-eval'": "lets scripts run any text as a script",
    "*": "lets in every site of the web",
    "http:": "lets in every site of the web",
    "https:": "lets in every site of the web",
    "data:": "lets in whatever stands in a page, even what a stranger managed to put there",
}
"""Sources that a policy for scripts is not worth its name with."""

GUARDED = (
    "default-src",
    "script-src",
    "script-src-elem",
    "script-src-attr",
    "style-src",
    "style-src-elem",
    "object-src",
)
"""Directives that are looked at."""


def unsafe_policies(subject: Subject) -> Iterator[Problem]:
    """A policy lets in what policies are there to keep out."""
    csp = subject.site.security.csp
    for name in GUARDED if isinstance(csp, dict) else ():
        sources = csp.get(name) if isinstance(csp, dict) else None
        for source in sources if isinstance(sources, list) else ():
            if source in DANGEROUS:
                word = source.strip("'")
                yield subject.problem(
                    "unsafe-policy",
                    f"`{word}` {DANGEROUS[source]}",
                    ("security", "csp", name),
                    word=word,
                    help="write hashes and addresses; `declweb check` gives them for each script and style",
                )


def canonical_without_url(subject: Subject) -> Iterator[Problem]:
    """Visitors are to be sent to the site's address, but it has none."""
    site = subject.site.site
    if site.canonical and site.url is None and not subject.draft.is_broken("site", "url"):
        yield subject.problem(
            "missing-key",
            "`canonical` sends visitors to `url`, and [site] has none",
            ("site", "canonical"),
            help='add url = "https://…", the address of the site',
        )


RULES: tuple[Rule, ...] = (unsafe_policies, canonical_without_url)
