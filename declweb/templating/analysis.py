# ruff: noqa: N802 - the walk's methods are named after Jinja's nodes
"""What a template says before it is rendered: a pure walk over its syntax tree.

Owns the facts of one template, and what follows from the facts of all the templates it draws in. Must not know which
names, templates or addresses a site has: rules compare.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final, Literal

from jinja2 import nodes
from jinja2.compiler import find_undeclared
from jinja2.visitor import NodeVisitor

from declweb.templating.links import Link
from declweb.templating.loads import Load
from declweb.templating.positions import Spot, spot

Path = tuple[str | int, ...]
Kind = Literal["extends", "include", "import", "from"]

VISITOR: Final = frozenset({"request", "session", "g"})
"""Names whose values belong to the visitor."""
MESSAGES: Final = "get_flashed_messages"
"""What shows messages for the visitor: whoever has no cookie has none."""
_SPECIAL: Final = frozenset({"self", "super"})
_IN_MACRO: Final = frozenset({"caller", "kwargs", "varargs"})


# --- facts of one template --------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Use:
    """A name that the template does not assign itself, with the attributes looked up in it."""

    name: str
    path: Path
    """`config.social["instagram"]` is of `config` the path ("social", "instagram"); it ends where it is worked out."""
    spots: tuple[Spot, ...]
    """Where the name and each part of the path stand."""
    guarded: int = 0
    """How many of these may be missing: 1 is the name, 2 its first attribute. Set by `is defined` and `default`."""
    called: bool = False

    @property
    def spot(self) -> Spot:
        """Where it begins."""
        return self.spots[0]

    def __str__(self) -> str:
        return ".".join(map(str, (self.name, *self.path)))


@dataclass(frozen=True, slots=True)
class Word:
    """The name of a filter, a test or a block."""

    word: str
    spot: Spot


@dataclass(frozen=True, slots=True)
class Reference:
    """An extends, include, import or from: another template that is drawn in."""

    kind: Kind
    names: tuple[str, ...]
    """The templates it may mean; empty where the name is worked out."""
    spots: tuple[Spot, ...]
    """Where each name stands; where the name is worked out, where that does."""
    first_found: bool = False
    """The names are a list, of which the first one that exists is taken."""
    ignore_missing: bool = False
    with_context: bool = True
    conditional: bool = False
    """It stands where it may never be reached: in an if, a loop, a macro."""
    imported: tuple[str, ...] = ()
    """What a from takes out of the template."""
    scope: frozenset[str] = frozenset()
    """Names that the other template sees if it is drawn in with the context."""

    @property
    def is_dynamic(self) -> bool:
        """Whether the name is worked out."""
        return not self.names


@dataclass(frozen=True, slots=True)
class Argument:
    """A keyword argument; its value is known if it is constant."""

    name: str
    spot: Spot
    is_constant: bool
    value: object = None


@dataclass(frozen=True, slots=True)
class UrlFor:
    """A call of url_for."""

    spot: Spot
    endpoint: str | None
    """None where it is worked out."""
    endpoint_spot: Spot
    arguments: tuple[Argument, ...]
    is_complete: bool
    """There are no further arguments by `*` or `**`."""

    @property
    def is_external(self) -> bool:
        """Whether it may ask for an address with the host."""
        return any(each.name == "_external" and (each.value or not each.is_constant) for each in self.arguments)


@dataclass(frozen=True, slots=True)
class Facts:
    """What one template says."""

    name: str
    uses: tuple[Use, ...] = ()
    assigned: frozenset[str] = frozenset()
    """Names it assigns at its top level; what another template can import, and sees if it extends or is extended."""
    references: tuple[Reference, ...] = ()
    urls: tuple[UrlFor, ...] = ()
    filters: tuple[Word, ...] = ()
    assets: tuple[Word, ...] = ()
    """What is written in front of `|asset`, without its quotes."""
    tests: tuple[Word, ...] = ()
    blocks: tuple[Word, ...] = ()
    links: tuple[Link, ...] = ()
    loads: tuple[Load, ...] = ()
    stored: tuple[Word, ...] = ()
    """Names that it gives a meaning of its own, anywhere, in the order of their places."""


def analyse(
    tree: nodes.Template, name: str, source: str, links: Iterable[Link] = (), loads: Iterable[Load] = ()
) -> Facts:
    """Return what a template says, from its tree and its normalized source."""
    walk = _Walk(frozenset(_assigned(tree.body)), source.split("\n"))
    walk.visit_all(tree.body)
    return Facts(
        name,
        tuple(walk.uses),
        walk.top,
        tuple(walk.references),
        tuple(walk.urls),
        tuple(walk.filters),
        tuple(walk.assets),
        tuple(walk.tests),
        tuple(walk.blocks),
        tuple(links),
        tuple(loads),
        tuple(_stored(tree)),
    )


def _stored(tree: nodes.Node) -> list[Word]:
    """Return the names that are stored or are parameters, however deep they stand."""
    found, todo = [], [tree]
    while todo:
        node = todo.pop()
        if isinstance(node, nodes.Name) and node.ctx in {"store", "param"}:
            found.append(Word(node.name, spot(node)))
        todo += node.iter_child_nodes()
    return sorted(found, key=lambda word: word.spot)


def _assigned(body: Iterable[nodes.Node]) -> Iterator[str]:
    """Return the names that statements assign in the scope they stand in."""
    for node in body:
        if isinstance(node, nodes.If):
            yield from _assigned([*node.body, *node.elif_, *node.else_])
        elif isinstance(node, nodes.Assign | nodes.AssignBlock):
            yield from _targets(node.target)
        elif isinstance(node, nodes.Macro):
            yield node.name
        elif isinstance(node, nodes.Import):
            yield node.target
        elif isinstance(node, nodes.FromImport):
            yield from (each if isinstance(each, str) else each[1] for each in node.names)


def _targets(target: nodes.Node) -> Iterator[str]:
    if isinstance(target, nodes.Name):
        yield target.name
    elif isinstance(target, nodes.Tuple | nodes.List):
        for item in target.items:
            yield from _targets(item)


Chain = tuple[str | int, ...]
"""A name and its path."""
_Proof = tuple[frozenset[Chain], frozenset[Chain]]
"""What is known to be defined if a condition holds, and if it does not."""
_NOTHING: Final[frozenset[Chain]] = frozenset()


class _Walk(NodeVisitor):
    """Visits the nodes of a template in the order in which they run."""

    def __init__(self, top: frozenset[str], lines: list[str]) -> None:
        self.top = top
        self._lines = lines
        self.uses: list[Use] = []
        self.references: list[Reference] = []
        self.urls: list[UrlFor] = []
        self.filters: list[Word] = []
        self.assets: list[Word] = []
        self.tests: list[Word] = []
        self.blocks: list[Word] = []
        self._bound: set[str] = set(_SPECIAL)
        self._later: frozenset[str] = top
        """What is assigned somewhere in the scopes around, which a macro sees when it is called."""
        self._proved: frozenset[Chain] = _NOTHING
        self._conditional = False
        self._hands_on_loop = False

    def visit_all(self, body: Iterable[nodes.Node | None]) -> None:
        for node in body:
            if node is not None:
                self.visit(node)

    @contextmanager
    def _scope(
        self, bound: Iterable[str] = (), body: Iterable[nodes.Node] = (), *, conditional: bool = True
    ) -> Iterator[None]:
        """Visit what is assigned in it and is gone after it."""
        before = self._bound, self._later, self._conditional
        self._bound = self._bound | set(bound)
        self._later = self._later | set(_assigned(body))
        self._conditional = conditional or self._conditional
        yield
        self._bound, self._later, self._conditional = before

    @contextmanager
    def _given(self, proved: frozenset[Chain]) -> Iterator[None]:
        before = self._proved
        self._proved = before | proved
        yield
        self._proved = before

    # --- names ---

    def visit_Name(self, node: nodes.Name) -> None:
        if node.ctx == "load":
            self._use(node)
        else:
            self._bound.add(node.name)

    def visit_NSRef(self, node: nodes.NSRef) -> None:
        if node.name not in self._bound:
            self.uses.append(Use(node.name, (), (spot(node),)))

    def visit_Getattr(self, node: nodes.Getattr) -> None:
        self._use(node)

    def visit_Getitem(self, node: nodes.Getitem) -> None:
        self._use(node)

    def _use(self, node: nodes.Node, *, is_guarded: bool = False, called: bool = False) -> None:
        base, steps = _unwound(node)
        path, spots = _path(steps)
        for step in steps[len(path) :]:
            if isinstance(step, nodes.Getitem):
                self.visit(step.arg)
        if not isinstance(base, nodes.Name):
            self.visit(base)
        elif base.name not in self._bound:
            chain = (base.name, *path)
            guarded = len(chain) if is_guarded else max((_common(chain, known) for known in self._proved), default=0)
            complete = len(path) == len(steps)
            self.uses.append(Use(base.name, path, (spot(base), *spots), guarded, called and complete))

    # --- expressions ---

    def visit_Filter(self, node: nodes.Filter) -> None:
        self.filters.append(Word(node.name, spot(node)))
        if node.name == "asset" and isinstance(node.node, nodes.Const) and isinstance(node.node.value, str):
            self.assets.append(Word(node.node.value, spot(node.node)))
        if node.node is not None:
            if node.name in ("default", "d") and isinstance(node.node, _NAMES):
                self._use(node.node, is_guarded=True)
            else:
                self.visit(node.node)
        self.visit_all([*node.args, *node.kwargs, node.dyn_args, node.dyn_kwargs])

    def visit_Test(self, node: nodes.Test) -> None:
        line, column = spot(node)  # of the `is`
        found = self._lines[line - 1].find(node.name, column)
        self.tests.append(Word(node.name, Spot(line, found + 1 or column)))
        if node.name in ("defined", "undefined") and isinstance(node.node, _NAMES):
            self._use(node.node, is_guarded=True)
        else:
            self.visit(node.node)
        self.visit_all([*node.args, *node.kwargs, node.dyn_args, node.dyn_kwargs])

    def visit_And(self, node: nodes.And) -> None:
        self.visit(node.left)
        with self._given(_proof(node.left)[0]):
            self.visit(node.right)

    def visit_Or(self, node: nodes.Or) -> None:
        self.visit(node.left)
        with self._given(_proof(node.left)[1]):
            self.visit(node.right)

    def visit_CondExpr(self, node: nodes.CondExpr) -> None:
        self.visit(node.test)
        held, failed = _proof(node.test)
        with self._given(held):
            self.visit(node.expr1)
        if node.expr2 is not None:
            with self._given(failed):
                self.visit(node.expr2)

    def visit_Call(self, node: nodes.Call) -> None:
        if isinstance(node.node, nodes.Name) and node.node.name == "url_for" and "url_for" not in self._bound:
            self._url_for(node)
        if isinstance(node.node, _NAMES):
            self._use(node.node, called=True)
        else:
            self.visit(node.node)
        self.visit_all([*node.args, *node.kwargs, node.dyn_args, node.dyn_kwargs])

    def _url_for(self, node: nodes.Call) -> None:
        first = (
            node.args[0] if node.args else next((each.value for each in node.kwargs if each.key == "endpoint"), node)
        )
        endpoint = first.value if isinstance(first, nodes.Const) and isinstance(first.value, str) else None
        arguments = tuple(_argument(each) for each in node.kwargs if each.key != "endpoint")
        is_complete = node.dyn_args is None and node.dyn_kwargs is None
        self.urls.append(UrlFor(spot(node.node), endpoint, spot(first), arguments, is_complete))

    # --- statements ---

    def visit_If(self, node: nodes.If) -> None:
        self.visit(node.test)
        held, failed = _proof(node.test)
        before, self._conditional = self._conditional, True
        with self._given(held):
            self.visit_all(node.body)
        with self._given(failed):
            self.visit_all([*node.elif_, *node.else_])
        self._conditional = before

    def visit_For(self, node: nodes.For) -> None:
        self.visit(node.iter)
        target = [*_targets(node.target)]
        if node.test is not None:
            with self._scope(target):
                self.visit(node.test)
        held = _proof(node.test)[0] if node.test is not None else _NOTHING
        before, self._hands_on_loop = self._hands_on_loop, _is_extended(node)
        with self._scope([*target, "loop"], node.body), self._given(held):
            self.visit_all(node.body)
        self._hands_on_loop = before
        with self._scope((), node.else_):
            self.visit_all(node.else_)

    def visit_Block(self, node: nodes.Block) -> None:
        self.blocks.append(Word(node.name, spot(node)))
        with self._scope(self.top, node.body, conditional=False):
            if not node.scoped:
                self._bound = {*self.top, *_SPECIAL}
            self.visit_all(node.body)

    def visit_Macro(self, node: nodes.Macro) -> None:
        self._bound.add(node.name)
        self._function(node, self._later)

    def visit_CallBlock(self, node: nodes.CallBlock) -> None:
        self.visit(node.call)
        self._function(node, frozenset())

    def _function(self, node: nodes.Macro | nodes.CallBlock, later: frozenset[str]) -> None:
        with self._scope(later | _IN_MACRO, node.body):
            firsts = len(node.args) - len(node.defaults)
            for position, argument in enumerate(node.args):
                if position >= firsts:
                    self.visit(node.defaults[position - firsts])
                self._bound.add(argument.name)
            self.visit_all(node.body)

    def visit_With(self, node: nodes.With) -> None:
        self.visit_all(node.values)
        with self._scope((name for target in node.targets for name in _targets(target)), node.body, conditional=False):
            self.visit_all(node.body)

    def visit_Assign(self, node: nodes.Assign) -> None:
        self.visit(node.node)
        self.visit(node.target)

    def visit_AssignBlock(self, node: nodes.AssignBlock) -> None:
        with self._scope((), node.body, conditional=False):
            self.visit_all([*node.body, node.filter])
        self.visit(node.target)

    def visit_FilterBlock(self, node: nodes.FilterBlock) -> None:
        with self._scope((), node.body, conditional=False):
            self.visit_all([*node.body, node.filter])

    def visit_Scope(self, node: nodes.Scope) -> None:
        with self._scope((), node.body, conditional=False):
            self.visit_all(node.body)

    # --- other templates ---

    def visit_Extends(self, node: nodes.Extends) -> None:
        self._refer("extends", node.template)

    def visit_Include(self, node: nodes.Include) -> None:
        self._refer("include", node.template, ignore_missing=node.ignore_missing, with_context=node.with_context)

    def visit_Import(self, node: nodes.Import) -> None:
        self._refer("import", node.template, with_context=node.with_context)
        self._bound.add(node.target)

    def visit_FromImport(self, node: nodes.FromImport) -> None:
        pairs = [(each, each) if isinstance(each, str) else each for each in node.names]
        imported = tuple(name for name, _alias in pairs)
        self._refer("from", node.template, with_context=node.with_context, imported=imported)
        self._bound |= {alias for _name, alias in pairs}

    def _refer(
        self,
        kind: Kind,
        template: nodes.Expr,
        *,
        ignore_missing: bool = False,
        with_context: bool = True,
        imported: tuple[str, ...] = (),
    ) -> None:
        self.visit(template)
        names = _names(template)
        self.references.append(
            Reference(
                kind,
                tuple(str(name.value) for name in names),
                tuple(spot(name) for name in names) or (spot(template),),
                isinstance(template, nodes.List | nodes.Tuple),
                ignore_missing,
                with_context,
                self._conditional,
                imported,
                frozenset(self._bound - _SPECIAL - ({"loop"} if not self._hands_on_loop else set())),
            )
        )


def _is_extended(node: nodes.For) -> bool:
    """Tell whether Jinja makes `loop` for a loop, which it does only where the loop itself looks at it."""
    is_named = bool(find_undeclared(node.body, ("loop",)))
    return is_named or node.recursive or any(block.scoped for block in node.find_all(nodes.Block))


_NAMES: Final = (nodes.Name, nodes.Getattr, nodes.Getitem)


def _unwound(node: nodes.Node) -> tuple[nodes.Node, list[nodes.Getattr | nodes.Getitem]]:
    """Return what attributes are looked up in, and the look-ups in order."""
    steps = []
    while isinstance(node, nodes.Getattr | nodes.Getitem):
        steps.append(node)
        node = node.node
    return node, steps[::-1]


def _path(steps: Iterable[nodes.Getattr | nodes.Getitem]) -> tuple[Path, list[Spot]]:
    """Return the part of the look-ups that is written out."""
    path: list[str | int] = []
    spots = []
    for step in steps:
        if isinstance(step, nodes.Getattr):
            path.append(step.attr)
            spots.append(spot(step, 1))
        elif isinstance(step.arg, nodes.Const) and isinstance(step.arg.value, str | int):
            path.append(step.arg.value)
            spots.append(spot(step.arg, isinstance(step.arg.value, str)))
        else:
            break
    return tuple(path), spots


def _common(first: Chain, second: Chain) -> int:
    """Return how many parts two chains have in common from their beginning."""
    for position, (one, other) in enumerate(zip(first, second, strict=False)):
        if one != other:
            return position
    return min(len(first), len(second))


def _proof(test: nodes.Node) -> _Proof:
    if isinstance(test, nodes.Not):
        held, failed = _proof(test.node)
        return failed, held
    if isinstance(test, nodes.And | nodes.Or):
        (left_held, left_failed), (right_held, right_failed) = _proof(test.left), _proof(test.right)
        if isinstance(test, nodes.And):
            return left_held | right_held, left_failed & right_failed
        return left_held & right_held, left_failed | right_failed
    if isinstance(test, nodes.Test) and test.name in ("defined", "undefined"):
        base, steps = _unwound(test.node)
        path, _spots = _path(steps)
        if isinstance(base, nodes.Name) and len(path) == len(steps):
            known = frozenset([(base.name, *path)])
            return (known, _NOTHING) if test.name == "defined" else (_NOTHING, known)
    return _NOTHING, _NOTHING


def _argument(keyword: nodes.Keyword) -> Argument:
    value = keyword.value
    if isinstance(value, nodes.Const):
        return Argument(keyword.key, spot(value), is_constant=True, value=value.value)
    return Argument(keyword.key, spot(value), is_constant=False)


def _names(template: nodes.Expr) -> list[nodes.Const]:
    """Return the names that a template's name may be; none where it is worked out."""
    if isinstance(template, nodes.Const) and isinstance(template.value, str):
        return [template]
    if isinstance(template, nodes.List | nodes.Tuple):
        choices = [_names(item) for item in template.items]
    elif isinstance(template, nodes.CondExpr) and template.expr2 is not None:
        choices = [_names(template.expr1), _names(template.expr2)]
    else:
        return []
    return [name for names in choices for name in names] if all(choices) else []


# --- a template and all it draws in -----------------------------------------------------------


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
        return any(_common(parts, use) == min(len(parts), len(use)) for use in uses)

    return frozenset(filter(is_used, names))
