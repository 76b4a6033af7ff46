"""A template and all it draws in: what follows from the facts of each of them.

Owns which of their names are free, and why a page is for one visitor alone. Must not know which names, templates or
addresses a site has: rules compare.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from declweb.templating.chains import common
from declweb.templating.facts import VISITOR, Facts, Reference, Use
from declweb.templating.positions import Spot


@dataclass(frozen=True, slots=True)
class Drawn:
    """A reference, and the template it stands in."""

    template: str
    reference: Reference


@dataclass(frozen=True, slots=True)
class Cycle:
    """Templates that draw in each other."""

    steps: tuple[Drawn, ...]
    """Each one draws in the template of the next, the last one that of the first."""

    @property
    def is_endless(self) -> bool:
        """Whether nothing on the way can keep it from going round for ever."""
        return not any(step.reference.conditional for step in self.steps)


@dataclass(frozen=True, slots=True)
class Closure:
    """A template with all that it extends, includes and imports."""

    name: str
    templates: Mapping[str, Facts]
    """In the order in which they are drawn in; only those that exist."""
    missing: tuple[Drawn, ...]
    """References of which no template exists, or one that must."""
    dynamic: tuple[Drawn, ...]
    """References whose names are worked out."""
    cycles: tuple[Cycle, ...]
    versions: Mapping[str, str] = field(default_factory=dict)
    """The templates that are drawn in where others are named, such as those of the page's language."""

    def find(self, name: str) -> Facts | None:
        """Return the template that is drawn in under a name, if it exists."""
        return self.templates.get(self.versions.get(name, name))


def _itself(name: str) -> str:
    return name


def closure(name: str, facts_of: Callable[[str], Facts | None], version_of: Callable[[str], str] = _itself) -> Closure:
    """Return a template with all it draws in; `facts_of` gives None for a template that does not exist.

    `version_of` gives the template that is drawn in where another one is named.
    """
    templates: dict[str, Facts] = {}
    versions: dict[str, str] = {}
    missing: list[Drawn] = []
    dynamic: list[Drawn] = []
    cycles: list[Cycle] = []

    def draw(named: str, way: tuple[Drawn, ...]) -> bool:
        name = version_of(named)
        if name != named:
            versions[named] = name
        begun = [step.template for step in way]
        if name in begun:
            cycles.append(Cycle(way[begun.index(name) :]))
            return True
        if name in templates:
            return True
        facts = facts_of(name)
        if facts is None:
            return False
        templates[name] = facts
        for reference in facts.references:
            drawn = Drawn(name, reference)
            if reference.is_dynamic:
                dynamic.append(drawn)
            found = [draw(other, (*way, drawn)) for other in reference.names]
            if not (any(found) if reference.first_found else all(found)) and not reference.ignore_missing:
                missing.append(drawn)
        return True

    draw(name, ())
    return Closure(name, templates, tuple(missing), tuple(dynamic), tuple(cycles), versions)


@dataclass(frozen=True, slots=True)
class FreeUse:
    """A name that no template around it assigns: the page must be given it."""

    template: str
    use: Use
    isolated: bool
    """It stands in a template imported without the context, which sees only what every template sees."""


def free_uses(drawn: Closure) -> tuple[FreeUse, ...]:
    """Return every use of a name that has to come from outside of these templates."""
    found: dict[FreeUse, None] = {}
    seen: set[tuple[str, frozenset[str], bool]] = set()

    def visit(name: str, scope: frozenset[str], *, isolated: bool) -> None:
        if (name, scope, isolated) in seen or drawn.find(name) is None:
            return
        seen.add((name, scope, isolated))
        chain = _chain(drawn, name)
        for facts in chain:
            seen.add((facts.name, scope, isolated))
            names = _from_others(chain, facts, scope)
            found.update((FreeUse(facts.name, use, isolated), None) for use in facts.uses if use.name not in names)
        for facts in chain:
            for reference in facts.references:
                inner = frozenset[str]()
                if reference.with_context:
                    inner = _from_others(chain, facts, scope) | facts.assigned | reference.scope
                for other in reference.names if reference.kind != "extends" else ():
                    visit(other, inner, isolated=isolated or not reference.with_context)

    visit(drawn.name, frozenset(), isolated=False)
    return tuple(found)


def _from_others(chain: list[Facts], facts: Facts, scope: frozenset[str]) -> frozenset[str]:
    return scope.union(*(other.assigned for other in chain if other is not facts))


def _chain(drawn: Closure, name: str) -> list[Facts]:
    """Return a template and all it extends."""
    chain: list[Facts] = []
    todo = [name]
    while todo:
        facts = drawn.find(todo.pop())
        if facts is not None and facts not in chain:
            chain.append(facts)
            todo += [other for each in facts.references if each.kind == "extends" for other in each.names]
    return chain


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a page depends on the visitor."""

    template: str
    spot: Spot
    words: str
    """Such as `looks at request.args`."""


def visitor_reasons(drawn: Closure, constant: Iterable[str] = ()) -> tuple[Reason, ...]:
    """Return why a page differs between visitors; `constant` are attributes that do not, such as `request.path`."""
    known = frozenset(constant)
    reasons = [
        Reason(free.template, free.use.spot, _visitor_words(free.use))
        for free in free_uses(drawn)
        if free.use.name in VISITOR and ".".join(map(str, (free.use.name, *free.use.path[:1]))) not in known
    ]
    for facts in drawn.templates.values():
        reasons += [
            Reason(facts.name, each.spot, "picks something at random")
            for each in facts.filters
            if each.word == "random"
        ]
    return tuple(reasons)


def _visitor_words(use: Use) -> str:
    if use.path:
        return f"looks at {use.name}.{use.path[0]}"
    return f"passes {use.name} on"


def names_used(drawn: Closure, names: Iterable[str]) -> frozenset[str]:
    """Return those of the names, such as `request.path`, that a page may look at."""
    uses = [(free.use.name, *map(str, free.use.path)) for free in free_uses(drawn)]

    def is_used(name: str) -> bool:
        parts = tuple(name.split("."))
        return any(common(parts, use) == min(len(parts), len(use)) for use in uses)

    return frozenset(filter(is_used, names))
