"""`[redirects]`: circles, hidden ones, and those that lead nowhere.

Owns no list of redirects: all of them, those of files and pages among them, are the subject's.
"""

from collections.abc import Collection, Iterator, Mapping

from declweb.http.paths import path_of
from declweb.model.redirects import Redirect, RedirectValue, each
from declweb.model.urls import is_external, variables
from declweb.problems import Also, Place, Problem, suggestion
from declweb.rules.addresses import addresses
from declweb.rules.base import Rule, Subject, narrowed
from declweb.rules.served import served
from declweb.sitefile import KeyPath

LONGEST_WAY = 20
"""Addresses of a circle of redirects that are named."""


def hidden_claims(subject: Subject) -> Iterator[Problem]:
    """A page and an unconditional redirect claim one address: the one that comes first hides the other."""
    found = addresses(subject)
    for path, claims in found.exact.items():
        value = subject.redirects.get(path)
        if value is None:
            continue
        key: KeyPath = ("redirects", path)
        for redirect in each(value):
            if redirect.off or (redirect.force and redirect.conditions):
                continue
            claim = claims[0]
            if redirect.force:
                yield Problem(
                    "hidden-address",
                    f"nobody will see {path}: a forced redirect leads away from it",
                    claim.place(subject),
                    also=(Also(subject.place(key), "in [redirects]"),),
                    help="take `force` out of the redirect, or delete the page",
                )
            else:
                yield Problem(
                    "hidden-address",
                    f"this redirect never happens: {claim.spoken} answers {path}",
                    subject.key_place(key),
                    also=(claim.also(subject),),
                    help=_preferred(path, subject),
                )
            break


def _preferred(path: str, subject: Subject) -> str:
    """Say what can be done about a redirect that never happens, where it is written."""
    if path in subject.site.redirects:
        return "delete it, or write { to = …, force = true } to prefer it"
    if subject.moved is not None and path in subject.moved.redirects:
        return "take the line out, or write the redirect in [redirects] with force = true to prefer it"
    return "take the address out of `redirect_from`, or delete what answers there"


def redirect_variables(subject: Subject) -> Iterator[Problem]:
    """A redirect's target uses a variable that its source does not have."""
    for source, value in subject.redirects.items():
        for redirect in each(value) if not isinstance(value, str) or "<" in value else ():
            known = {variable.name for variable in variables(source)} | set(_captured(redirect))
            for variable in variables(redirect.to):
                if variable.name not in known:
                    yield unknown_variable(variable.name, source, known, subject.place(("redirects", source)))


def unknown_variable(name: str, source: str, known: Collection[str], place: Place) -> Problem:
    """Return the problem of a variable that stands in a target and not in the address that leads there."""
    has = f"it has {', '.join(sorted(known))}" if known else f"{source} has no variables"
    message, word = f"`<{name}>` is no variable of {source}", f"<{name}>"
    return Problem("unknown-variable", message, narrowed(place, word), help=suggestion(name, known) or has)


def _captured(redirect: Redirect) -> Iterator[str]:
    for value in (redirect.query or {}).values():
        if isinstance(value, str):
            yield from (variable.name for variable in variables(value))


def redirect_loops(subject: Subject) -> Iterator[Problem]:
    """Redirects lead in a circle."""
    found = addresses(subject)
    step = {
        source: path_of(to)
        for source, value in subject.redirects.items()
        for to, is_forced in _always(value)
        if is_forced or source not in found.exact
    }
    for circle in _circles(step):
        way = " → ".join([*_shortened(circle), circle[0]])
        yield subject.problem(
            "redirect-loop",
            f"these redirects lead in a circle: {way}",
            ("redirects", circle[0]),
            help="let one of them lead to a page",
        )


def _always(value: RedirectValue) -> tuple[tuple[str, bool], ...]:
    """Return where a redirect leads that depends on nothing, and whether it is forced; nothing where there is none."""
    if isinstance(value, str):
        return ((value, False),)
    first = next((one for one in each(value) if not one.conditions and not one.off), None)
    return ((first.to, first.force),) if first else ()


def _circles(step: Mapping[str, str]) -> Iterator[list[str]]:
    """Yield the circles that steps lead in, each from its first source on; every source is visited once."""
    order = {source: number for number, source in enumerate(step)}
    walked: dict[str, str] = {}
    for start in step:
        node = start
        while node in step and node not in walked:
            walked[node] = start
            node = step[node]
        if walked.get(node) == start:
            yield _circle(min(_circle(node, step), key=order.__getitem__), step)


def _circle(source: str, step: Mapping[str, str]) -> list[str]:
    """Return the circle that a source is a part of."""
    circle, node = [source], step[source]
    while node != source:
        circle.append(node)
        node = step[node]
    return circle


def _shortened(circle: list[str]) -> list[str]:
    return circle if len(circle) <= LONGEST_WAY else [*circle[: LONGEST_WAY - 1], "…", circle[-1]]


def redirect_targets(subject: Subject) -> Iterator[Problem]:
    """A redirect leads to an address of the site that nothing serves."""
    if subject.draft.is_short_of("routes", "json", "static", "forms"):
        return
    serves = served(subject)
    for source, value in subject.redirects.items():
        targets = {value} if isinstance(value, str) else {one.to for one in each(value) if not one.off}
        for target in targets:
            if not is_external(target) and not serves(target):
                yield subject.problem(
                    "dead-link",
                    f"nothing answers {target.partition('?')[0]}, so visitors of {source} would see an error page",
                    ("redirects", source),
                    word=target,
                    help=serves.near(target),
                )


def country_without_proxy(subject: Subject) -> Iterator[Problem]:
    """A redirect asks for the visitor's country, but nothing tells it."""
    proxy = subject.site.proxy
    if proxy is not None and proxy.country_header:
        return
    for source, value in subject.redirects.items():
        if not isinstance(value, str) and any(one.country for one in each(value)):
            yield subject.problem(
                "unknown-country",
                "the visitor's country is not known here",
                ("redirects", source),
                word="country",
                help="add `country_header` to [proxy], the header in which your proxy gives it, or take `country` out",
            )


RULES: tuple[Rule, ...] = (
    hidden_claims,
    redirect_variables,
    redirect_loops,
    redirect_targets,
    country_without_proxy,
)
