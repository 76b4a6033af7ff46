"""`[redirects]` and rewrites: from an old address to where it leads.

Owns how a target is filled in, and the order in which several are tried. Knows nothing of what else an address may
answer. A plain redirect stays the two strings it was written as: there may be a hundred thousand of them.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from html import escape
from urllib.parse import parse_qsl, quote, unquote, urlencode

from werkzeug.routing import BaseConverter

from declweb.app import Finisher, Listed
from declweb.compiler.building import Building
from declweb.compiler.conditions import BUILDERS, Circumstances, Condition, captures, comes_from_elsewhere
from declweb.context import Context
from declweb.http.answer import Answer, status_line
from declweb.http.paths import SAFE, escaped
from declweb.model.redirects import PERMANENT, Redirect, RedirectValue, each
from declweb.model.rewrites import Rewrite
from declweb.model.urls import Variable, is_external, parse, variables
from declweb.routing import Matcher
from declweb.routing.converters import SAFE_IN_QUERIES, instance

AN_HOUR = "max-age=3600"
"""Permanent redirects are kept for an hour, so that a mistake can be taken back."""

Values = Mapping[str, object]
Write = Callable[[object], str]
"""Writes the value of a variable into a target."""


@dataclass(frozen=True, slots=True, eq=False)
class Step:
    """One redirect or rewrite of an address."""

    to: str
    status: int
    conditions: tuple[Condition, ...]
    parts: tuple[str | tuple[str, Write], ...]
    consumed: frozenset[str] = frozenset()
    """Query parameters whose values stand in the target."""
    fixed: tuple[tuple[str, object], ...] = ()
    """Values of variables that the address settles, such as the empty rest of a path."""

    def holds(self, context: Context, values: dict[str, object]) -> bool:
        """Tell whether all conditions hold; every one that is looked at leaves its mark in the context."""
        return all(condition(context, values) for condition in self.conditions)

    def filled(self, values: Values) -> str:
        """Return the target with its variables filled in."""
        if not self.parts:
            return self.to
        known = {**values, **dict(self.fixed)}
        return "".join(part if isinstance(part, str) else part[1](known[part[0]]) for part in self.parts)


def _parts(target: str, typed: Mapping[str, BaseConverter]) -> Iterator[str | tuple[str, Write]]:
    """Yield the parts of a target; behind the question mark a value is written as a part of the query."""
    is_query = False
    for part in parse(target):
        if isinstance(part, str):
            is_query = is_query or "?" in part
            yield part
        else:
            yield part.name, partial(_in_query if is_query else _in_path, typed.get(part.name))


def _in_path(converter: BaseConverter | None, value: object) -> str:
    return escaped(str(value)) if converter is None or value == "" else converter.to_url(value)


def _in_query(converter: BaseConverter | None, value: object) -> str:
    return quote(unquote(_in_path(converter, value)), safe=SAFE_IN_QUERIES)


def redirects(building: Building) -> "tuple[Redirects, Redirects]":
    """Return the forced redirects of a site, and the others."""
    forced, ordinary = empty(building), empty(building)
    for source, value in building.site.redirects.items():
        if not isinstance(value, str):
            forced.add(source, value, force=True)
        ordinary.add(source, value)
    return forced, ordinary


def empty(building: Building) -> "Redirects":
    """Return what redirects or rewrites of a site can be added to."""
    site = building.site
    country = site.proxy.country_header if site.proxy else None
    known = Circumstances(building.languages, site.site.timezone, country)
    return Redirects(building.finisher, building.parts.classes, known)


def list_redirects(building: Building) -> None:
    """List every redirect."""
    for source, value in building.site.redirects.items():
        always = ("has variables in its address",) if "<" in source else ()
        if isinstance(value, str):
            building.overview.append(Listed(source, ("*",), "", f"→ {value}", "", always))
            continue
        for redirect in each(value):
            if not redirect.off:
                reasons = (*always, *(f"depends on {name}" for name in redirect.conditions))
                building.overview.append(Listed(source, ("*",), "", f"→ {redirect.to}", "", reasons))


class Redirects:
    """The redirects and rewrites of a site, forced ones or the others."""

    def __init__(self, finisher: Finisher, classes: Mapping[str, type[BaseConverter]], site: Circumstances) -> None:
        self._finisher = finisher
        self._classes = classes
        self._site = site
        self._exact: dict[str, str | tuple[Step, ...]] = {}
        self._patterns: Matcher[tuple[Step, ...]] = Matcher(classes)
        self._bare: dict[str, tuple[Step, ...]] = {}
        """Where the rest of a path, with which a pattern ends, is empty."""

    def __bool__(self) -> bool:
        return bool(self._exact) or bool(self._patterns)

    def concerns(self, path: str) -> bool:
        """Tell whether any of them may answer a path."""
        return path in self._exact or self._by_pattern(path, "GET")[0] is not None

    def add(self, source: str, value: RedirectValue, *, force: bool = False, status: int = 301) -> None:
        """Add what an old address leads to; `force` picks the forced ones, `status` is what they answer by default."""
        if isinstance(value, str) and not force and "<" not in source:
            self._exact[source] = value
            return
        self._put(
            source, [self._step(source, one, status) for one in each(value) if one.force == force and not one.off]
        )

    def add_rewrites(self, source: str, rewrites: Iterable[Rewrite | Redirect]) -> None:
        """Add what is shown at an address; the first whose conditions hold."""
        self._put(source, [self._step(source, one, 200) for one in rewrites if not one.off])

    def _put(self, source: str, steps: Sequence[Step]) -> None:
        if not steps:
            return
        if not variables(source):
            self._exact[source] = tuple(steps)
            return
        self._patterns.add(source, tuple(steps))
        self._add_empty_rest(source, tuple(steps))

    def _add_empty_rest(self, source: str, steps: tuple[Step, ...]) -> None:
        """Let a trailing `<path:…>` be empty."""
        *before, last = parse(source)
        if not isinstance(last, Variable) or last.converter != "path" or any(isinstance(p, Variable) for p in before):
            return
        bare = tuple(replace(step, fixed=((last.name, ""),)) for step in steps)
        stem = "".join(str(part) for part in before)
        for path in {stem, stem.rstrip("/") or "/"}:
            self._bare.setdefault(path, bare)

    def _step(self, source: str, redirect: Redirect | Rewrite, status: int) -> Step:
        conditions = tuple(BUILDERS[name](getattr(redirect, name), self._site) for name in redirect.conditions)
        if self._chooses_language(source, redirect):
            conditions += (comes_from_elsewhere,)
        typed = {variable.name: instance(variable, self._classes) for variable in variables(source)}
        used = {variable.name for variable in variables(redirect.to)}
        default = 302 if status == 301 and conditions else status
        given, query = (redirect.status, redirect.query or {}) if isinstance(redirect, Redirect) else (None, {})
        return Step(
            redirect.to,
            given or default,
            conditions,
            tuple(_parts(redirect.to, typed)) if used else (),
            frozenset(parameter for parameter, name in captures(query).items() if name in used),
        )

    def _chooses_language(self, source: str, redirect: Redirect | Rewrite) -> bool:
        """Tell whether a redirect leads from a page to another language of the site, by what the browser says."""
        of = self._site.languages.of
        is_guess = isinstance(redirect, Redirect) and redirect.force and redirect.language is not None
        return is_guess and of(redirect.to) != of(source)

    def exact(self, context: Context) -> Answer | None:
        """Answer an address without variables."""
        found = self._exact.get(context.path)
        if found is None:
            return None
        if isinstance(found, str):
            return self._answer(context, 301, found, is_conditional=False)
        return self._first(context, found, {})

    def with_variables(self, context: Context) -> Answer | None:
        """Answer an address with variables."""
        steps, values = self._by_pattern(context.path, context.method)
        return self._first(context, steps or (), values)

    def rewritten(self, context: Context) -> str | None:
        """Return the address that is shown in an address's place, with the query that it is asked with."""
        found = self._exact.get(context.path)
        steps, values = self._by_pattern(context.path, context.method) if found is None else (found, {})
        for step in steps or ():
            if isinstance(step, Step) and step.holds(context, captured := dict(values)):
                return _with_query(step.filled(captured), context, step.consumed)
        return None

    def _by_pattern(self, path: str, method: str) -> tuple[tuple[Step, ...] | None, Values]:
        """Return what leads away from an address with variables, and their values."""
        if not self._patterns or path in self._bare:
            return self._bare.get(path), {}
        found = self._patterns.match(path, method)
        return found.claimant, found.variables or {}

    def _first(self, context: Context, steps: Sequence[Step], values: Values) -> Answer | None:
        is_conditional = any(step.conditions for step in steps)
        for step in steps:
            if step.holds(context, captured := dict(values)):
                target = step.filled(captured)
                return self._answer(context, step.status, target, is_conditional=is_conditional, consumed=step.consumed)
        return None

    def _answer(
        self, context: Context, status: int, target: str, *, is_conditional: bool, consumed: Iterable[str] = ()
    ) -> Answer:
        is_kept = status in PERMANENT and not is_conditional
        return moved(context, status, relocated(target, context, consumed), self._finisher, is_kept=is_kept)


def moved(context: Context, status: int, location: str, finisher: Finisher, *, is_kept: bool = True) -> Answer:
    """Answer with a redirect; `is_kept` says that browsers may remember it for an hour."""
    link = escape(location)
    sentence = f'Moved to <a href="{link}">{link}</a>.'
    body = f'<!doctype html>\n<html lang="en">\n<title>Moved</title>\n<p>{sentence}</p>\n</html>\n'
    encoded = body.encode()
    headers = [
        ("Content-Type", "text/html; charset=utf-8"),
        ("Content-Length", str(len(encoded))),
        ("Location", location),
        ("Cache-Control", AN_HOUR if is_kept else "no-cache"),
    ]
    return status_line(status), finisher(context.path)(status, context.is_secure, headers), [encoded]


def relocated(target: str, context: Context, consumed: Iterable[str] = ()) -> str:
    """Return the Location of a target: below the prefix, with the visitor's query, never another host by accident."""
    if is_external(target):
        return _with_query(quote(target, safe=SAFE + "?#%[]"), context, consumed)
    path = "/" + target.lstrip("/\\")
    return _with_query(context.prefix + quote(path, safe=SAFE + "?#%"), context, consumed)


def _with_query(location: str, context: Context, consumed: Iterable[str]) -> str:
    """Merge the visitor's query with the target's; the visitor's wins (DESIGN §2)."""
    asked = context.query
    if not asked:
        return location
    rest, hash_, fragment = location.partition("#")
    base, mark, own = rest.partition("?")
    if not mark and not consumed:
        query = quote(asked, safe=SAFE + '?%[]|^`{}"<>')
        query = query.replace('"', "%22").replace("<", "%3C").replace(">", "%3E")
    else:
        visitor = [
            (name, value) for name, value in parse_qsl(asked, keep_blank_values=True) if name not in set(consumed)
        ]
        names = {name for name, _ in visitor}
        kept = [(name, value) for name, value in parse_qsl(own, keep_blank_values=True) if name not in names]
        query = urlencode([*kept, *visitor])
    return f"{base}?{query}{hash_}{fragment}" if query else f"{base}{hash_}{fragment}"
