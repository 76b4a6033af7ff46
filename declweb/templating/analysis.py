# ruff: noqa: N802 - the walk's methods are named after Jinja's nodes
"""What a template says before it is rendered: a pure walk over its syntax tree.

Owns how the facts of one template are found. Must not know which names, templates or addresses a site has: rules
compare.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Final

from jinja2 import nodes
from jinja2.compiler import find_undeclared
from jinja2.visitor import NodeVisitor

from declweb.templating.chains import NAMES, NOTHING, Chain, common, path_of, proof_of, unwound
from declweb.templating.facts import Argument, Facts, Kind, Reference, UrlFor, Use, Word
from declweb.templating.links import Link
from declweb.templating.loads import Load
from declweb.templating.positions import Spot, spot

_SPECIAL: Final = frozenset({"self", "super"})


_IN_MACRO: Final = frozenset({"caller", "kwargs", "varargs"})


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
        self._proved: frozenset[Chain] = NOTHING
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
        base, steps = unwound(node)
        path, spots = path_of(steps)
        for step in steps[len(path) :]:
            if isinstance(step, nodes.Getitem):
                self.visit(step.arg)
        if not isinstance(base, nodes.Name):
            self.visit(base)
        elif base.name not in self._bound:
            chain = (base.name, *path)
            guarded = len(chain) if is_guarded else max((common(chain, known) for known in self._proved), default=0)
            complete = len(path) == len(steps)
            self.uses.append(Use(base.name, path, (spot(base), *spots), guarded, called and complete))

    # --- expressions ---

    def visit_Filter(self, node: nodes.Filter) -> None:
        self.filters.append(Word(node.name, spot(node)))
        if node.name == "asset" and isinstance(node.node, nodes.Const) and isinstance(node.node.value, str):
            self.assets.append(Word(node.node.value, spot(node.node)))
        if node.node is not None:
            if node.name in ("default", "d") and isinstance(node.node, NAMES):
                self._use(node.node, is_guarded=True)
            else:
                self.visit(node.node)
        self.visit_all([*node.args, *node.kwargs, node.dyn_args, node.dyn_kwargs])

    def visit_Test(self, node: nodes.Test) -> None:
        line, column = spot(node)  # of the `is`
        found = self._lines[line - 1].find(node.name, column)
        self.tests.append(Word(node.name, Spot(line, found + 1 or column)))
        if node.name in ("defined", "undefined") and isinstance(node.node, NAMES):
            self._use(node.node, is_guarded=True)
        else:
            self.visit(node.node)
        self.visit_all([*node.args, *node.kwargs, node.dyn_args, node.dyn_kwargs])

    def visit_And(self, node: nodes.And) -> None:
        self.visit(node.left)
        with self._given(proof_of(node.left)[0]):
            self.visit(node.right)

    def visit_Or(self, node: nodes.Or) -> None:
        self.visit(node.left)
        with self._given(proof_of(node.left)[1]):
            self.visit(node.right)

    def visit_CondExpr(self, node: nodes.CondExpr) -> None:
        self.visit(node.test)
        held, failed = proof_of(node.test)
        with self._given(held):
            self.visit(node.expr1)
        if node.expr2 is not None:
            with self._given(failed):
                self.visit(node.expr2)

    def visit_Call(self, node: nodes.Call) -> None:
        if isinstance(node.node, nodes.Name) and node.node.name == "url_for" and "url_for" not in self._bound:
            self._url_for(node)
        if isinstance(node.node, NAMES):
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
        held, failed = proof_of(node.test)
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
        held = proof_of(node.test)[0] if node.test is not None else NOTHING
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
