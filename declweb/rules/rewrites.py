"""Rewrites: doubled and hidden ones, and those that show nothing.

Owns the list of all rewrites, those of files among them. The compiler builds what is checked here.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from declweb.model.redirects import Redirect, each
from declweb.model.rewrites import Rewrite
from declweb.model.urls import variables
from declweb.problems import Also, Place, Problem
from declweb.rules.addresses import addresses, shape
from declweb.rules.base import Rule, Subject, made_once, narrowed
from declweb.rules.redirects import unknown_variable
from declweb.rules.served import served


@dataclass(frozen=True, slots=True)
class Shown:
    """One rewrite and where it is written."""

    source: str
    rewrite: Rewrite | Redirect
    place: Place
    """Of the address."""
    target_place: Place


@made_once
def rewrites(subject: Subject) -> tuple[Shown, ...]:
    """Return all rewrites that are not switched off, the site file's own first."""
    found = [
        Shown(
            rewrite.from_,
            rewrite,
            subject.place(("rewrites", index, "from")),
            subject.place(("rewrites", index, "to")),
        )
        for index, rewrite in enumerate(subject.site.rewrites)
        if not rewrite.off and not subject.draft.is_broken("rewrites", index)
    ]
    for source, rules in subject.moved.rewrites.items() if subject.moved else ():
        place = subject.moved and subject.moved.place(source)
        found += [Shown(source, rule, place, place) for rule in rules if place]
    return tuple(found)


def rewrite_variables(subject: Subject) -> Iterator[Problem]:
    """A rewrite's target uses a variable that its address does not have."""
    for each_ in rewrites(subject):
        if isinstance(each_.rewrite, Redirect):
            continue  # its file has been looked at
        known = {variable.name for variable in variables(each_.source)}
        for variable in variables(each_.rewrite.to):
            if variable.name not in known:
                yield unknown_variable(variable.name, each_.source, known, each_.target_place)


def rewrite_targets(subject: Subject) -> Iterator[Problem]:
    """A rewrite shows a page that does not exist, or that is switched off."""
    if subject.draft.is_short_of("routes", "json", "static"):
        return
    serves = served(subject)
    for shown in rewrites(subject):
        target = shown.rewrite.to
        path = target.partition("?")[0]
        place = narrowed(shown.target_place, target)
        if serves.off(target):
            yield Problem("link-to-off", f"{path} is switched off, so {shown.source} shows an error page", place,
                          help="let it show another page, or switch the rewrite off as well")  # fmt: skip
        elif not serves.itself(target):
            yield Problem("dead-link", f"nothing answers {path}, so {shown.source} would be an error page", place,
                          help=_what_else(path, subject) or serves.near(target))  # fmt: skip


def _what_else(path: str, subject: Subject) -> str | None:
    """Return the help for a target that is itself nothing but the address of a rewrite."""
    if any(one.source == path for one in rewrites(subject)):
        return "what is shown is not rewritten again: write the address of a page or a file"
    return None


def doubled_rewrites(subject: Subject) -> Iterator[Problem]:
    """Two rewrites claim the same address: the second would never be seen."""
    first: dict[tuple[str, tuple[str, ...]], Shown] = {}
    for shown in rewrites(subject):
        if isinstance(shown.rewrite, Redirect) and shown.rewrite.force:
            continue
        form = shape(shown.source)
        before = first.get((form, ())) or first.get((form, shown.rewrite.conditions))
        if before is None:
            first[form, shown.rewrite.conditions] = shown
        elif isinstance(before.rewrite, Rewrite):
            yield Problem(
                "duplicate-url",
                f"{shown.source} is rewritten twice; the first would always win",
                shown.place,
                also=(Also(before.place, "comes first"),),
                help="delete one of them",
            )


def hidden_rewrites(subject: Subject) -> Iterator[Problem]:
    """A page, a file or a redirect has the address of a rewrite, and comes first."""
    found = addresses(subject)
    claims = {shape(claim.path): claim for claim in found.claims() if "GET" in claim.methods and not claim.is_off}
    for shown in rewrites(subject):
        source, claim = shown.source, claims.get(shape(shown.source))
        if isinstance(shown.rewrite, Redirect):
            continue
        if claim is not None:
            yield _hidden(shown, claim.spoken, claim.also(subject))
        elif any(not one.off and not one.conditions for one in each(subject.redirects.get(source, []))):
            yield _hidden(shown, "a redirect", Also(subject.key_place(("redirects", source)), "in [redirects]"))
        elif "<" not in source and served(subject).is_file(source):
            yield _hidden(shown, "a file")


def _hidden(shown: Shown, by: str, *also: Also) -> Problem:
    return Problem(
        "hidden-address",
        f"this rewrite never happens: {by} answers {shown.source}",
        shown.place,
        also=also,
        help="delete one of the two",
    )


RULES: tuple[Rule, ...] = (rewrite_variables, rewrite_targets, doubled_rewrites, hidden_rewrites)
