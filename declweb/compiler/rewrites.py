"""`[[rewrites]]` and level 8 of matching: an address that shows the page of another one.

Owns the walk through the levels in another address's name. Knows neither how rewrites are written nor what the levels
are made of.
"""

from collections.abc import Iterable, Mapping
from urllib.parse import unquote

from declweb.app import Finisher, Level, Listed
from declweb.compiler.building import Building
from declweb.compiler.redirects import Redirects, empty
from declweb.context import Context
from declweb.http.answer import Answer
from declweb.http.headers import find
from declweb.model import Redirect, Rewrite
from declweb.routing.languages import Languages

HOPS = 5
"""Other spellings and redirects for good that are followed to the page that is shown."""

AS_WRITTEN = frozenset({"RAW_URI", "REQUEST_URI"})
"""Where servers pass on the address that the visitor wrote, which the address that is shown is not."""


def rewrites(building: Building) -> tuple[Redirects, Redirects]:
    """Return the forced rewrites of a site, which redirect files may have, and the others."""
    forced, ordinary = empty(building), empty(building)
    for source, rules in _by_source(building.site.rewrites, building.parts.rewrites).items():
        forced.add_rewrites(source, [rule for rule in rules if isinstance(rule, Redirect) and rule.force])
        ordinary.add_rewrites(source, [rule for rule in rules if isinstance(rule, Rewrite) or not rule.force])
    return forced, ordinary


def list_rewrites(building: Building) -> None:
    """List the rewrites of the site file."""
    for index, rewrite in enumerate(building.site.rewrites):
        if not rewrite.off:
            methods = ("GET",) if rewrite.navigation_only else ("*",)
            reasons = ("depends on what the browser asks for",) if rewrite.navigation_only else ()
            place = building.parts.place(("rewrites", index))
            building.overview.append(Listed(rewrite.from_, methods, "", f"= {rewrite.to}", place, reasons))


def _by_source(own: Iterable[Rewrite], of_files: Mapping[str, list[Redirect]]) -> dict[str, list[Rewrite | Redirect]]:
    """Return what is shown at each address, in the order in which it is tried; the site file's own come first."""
    found: dict[str, list[Rewrite | Redirect]] = {}
    for rewrite in own:
        found.setdefault(rewrite.from_, []).append(rewrite)
    for source, rules in of_files.items():
        found.setdefault(source, []).extend(rules)
    return found


def rewriting(rewrites: Redirects, levels: tuple[Level, ...], rules: Finisher, languages: Languages) -> Level:
    """Return the level that answers an address as another one; that is looked for on `levels`, and not rewritten.

    `rules` are the header rules of the address that was asked for; those of the other one hold by themselves.
    """

    def rewrite(context: Context) -> Answer | None:
        target = rewrites.rewritten(context)
        if target is None:
            return None
        path, language, environ = context.path, context.language, context.environ
        try:
            answer = _shown(target, context, levels, languages)
        finally:
            context.ask(path, language, environ)
        if answer is None:
            return None
        status, headers, body = answer
        return status, rules(path)(int(status[:3]), context.is_secure, headers), body

    return rewrite


def _shown(target: str, context: Context, levels: tuple[Level, ...], languages: Languages) -> Answer | None:
    """Answer as the target does, or as what it is another spelling of, or has moved to for good."""
    environ = {name: value for name, value in context.environ.items() if name not in AS_WRITTEN}
    for _ in range(HOPS):
        escaped, _, query = target.partition("?")
        path = unquote(escaped)
        context.ask(path, languages.of(path), {**environ, "QUERY_STRING": query})
        answer = next((answer for level in levels if (answer := level(context)) is not None), None)
        moved = _moved_to(answer, context) if answer else None
        if moved is None:
            return answer
        target = moved
    return None


def _moved_to(answer: Answer, context: Context) -> str | None:
    """Return the address of this site that an answer sends to for good."""
    status, headers, _ = answer
    location = find(headers, "Location") if status.startswith(("301", "308")) else None
    below = f"{context.prefix}/"
    if location is None or not location.startswith(below):
        return None
    return location[len(below) - 1 :].partition("#")[0]
