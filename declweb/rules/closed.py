"""What only some users may see: the rules of a site, by what falls under them.

Owns which tables of the site file close something. Knows no user and no visitor.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from declweb.model import Site
from declweb.routing import Languages
from declweb.routing.covering import Covering
from declweb.rules.base import Subject, made_once
from declweb.rules.languages import languages


@dataclass(frozen=True, slots=True)
class ClosedRule:
    """Who may see what a pattern stands for."""

    path: str
    allow: frozenset[str]
    by: str


def closed_rules(site: Site) -> Iterator[ClosedRule]:
    """Yield the rules of a site, in the order of its file."""
    for protect in site.protect:
        for path in protect.path:
            yield ClosedRule(path, frozenset(protect.allow), protect.by)
    inbox = site.inbox
    if inbox is not None and not inbox.off:
        yield ClosedRule(f"{inbox.path.rstrip('/')}/*", frozenset(inbox.allow), inbox.by)


def covering(site: Site, known: Languages) -> Covering[ClosedRule]:
    """Return the rules of a site by what falls under them."""
    indexes = (mount.index for mount in site.static)
    return Covering(((rule.path, rule) for rule in closed_rules(site)), known, indexes)


@made_once
def closed(subject: Subject) -> Covering[ClosedRule]:
    """Return the rules of a site by what falls under them, as far as they are right."""
    return covering(subject.draft.whole, languages(subject))
