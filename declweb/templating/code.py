# ruff: noqa: D102, N802, N815 - the methods are named after Jinja's nodes, and each writes the code of one
"""How a template becomes Python: Jinja's code generator, with a meter in what it writes.

Owns the generated code where it differs from Jinja's: one output is one step, loops are charged, operators and filters
ask the meter, and every name and attribute knows where it stands. Must not know what the meter's rules are.
"""

from collections.abc import Callable, Iterable
from typing import Any, Final

from jinja2 import nodes
from jinja2.compiler import CodeGenerator as JinjaCodeGenerator
from jinja2.compiler import DependencyFinderVisitor, Frame
from jinja2.filters import FILTERS
from jinja2.idtracking import VAR_LOAD_PARAMETER
from jinja2.tests import TESTS

from declweb.problems import suggestion
from declweb.templating.budget import LONG
from declweb.templating.errors import BrokenTemplate
from declweb.templating.guards import NATIVE, NATIVE_TESTS

GROUP: Final = 64
"""The most parts that are put out in one go."""
_LITERALS: Final = (nodes.List, nodes.Tuple, nodes.Dict)


def words(node: nodes.Node) -> str:
    """Return an expression as it is written, as far as it is names: `config.phone`, `config.words[site.language]`."""
    if isinstance(node, nodes.Name):
        return str(node.name)
    if isinstance(node, nodes.Getattr):
        return f"{words(node.node)}.{node.attr}".removeprefix(".")
    if isinstance(node, nodes.Getitem):
        if isinstance(node.arg, nodes.Const) and isinstance(node.arg.value, str):
            return f"{words(node.node)}.{node.arg.value}".removeprefix(".")
        key = words(node.arg) if isinstance(node.arg, nodes.Getattr) else ""
        return f"{words(node.node)}[{key or '…'}]"
    return ""


def is_constant(node: nodes.Node | None) -> bool:
    """Tell whether an expression is written out in full."""
    if isinstance(node, _LITERALS):
        return all(map(is_constant, node.iter_child_nodes()))
    if isinstance(node, nodes.Pair):
        return is_constant(node.key) and is_constant(node.value)
    return isinstance(node, nodes.Const)


class CodeGenerator(JinjaCodeGenerator):
    """Writes the Python of one template."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._wrapped: dict[int, str] = {}
        """Nodes, by identity, that Jinja's own methods are about to write and that are to be wrapped in a call."""

    def visit_Template(self, node: nodes.Template, frame: Frame | None = None) -> None:
        self.writeline("from declweb.templating.runtime import add, compare, concat as join, cut, divide, escape_text")
        self.writeline("from declweb.templating.runtime import floor_divide, keep, loop_over, loop_over_parts, modulo")
        self.writeline(
            "from declweb.templating.runtime import multiply, negate, plain, power, show, subtract, take_apart"
        )
        super().visit_Template(node, frame)

    def write_commons(self) -> None:
        super().write_commons()
        self.writeline("cond_expr_undefined = undefined")
        self.writeline("meter = context.meter")
        self.writeline("write = meter.write")
        self.writeline("attribute = environment.getattr")

    def visit(self, node: nodes.Node, *args: Any, **options: Any) -> Any:
        function = self._wrapped.pop(id(node), None)
        if function is None:
            return super().visit(node, *args, **options)
        return self._wrap(function, node, *args)

    def _wrap(self, function: str, node: nodes.Node, frame: Frame) -> None:
        self.write(function if function.endswith(" ") else f"{function}(")
        self.visit(node, frame)
        self.write(")")

    def _place(self, node: nodes.Node) -> str:
        return repr((self.name, node.lineno, words(node)))

    # --- statements ---

    def visit_Output(self, node: nodes.Output, frame: Frame) -> None:
        if frame.require_output_check:
            if self.has_known_extends:
                return
            self.writeline("if parent_template is None:")
            self.indent()
        for start in range(0, len(node.nodes), GROUP):
            self._put_out(node.nodes[start : start + GROUP], frame)
        if frame.require_output_check:
            self.outdent()

    def _put_out(self, parts: list[nodes.Expr], frame: Frame) -> None:
        self.start_write(frame, parts[0])
        self.write("write((")
        self.indent()
        for part in parts:
            self.newline(part)
            if isinstance(part, nodes.TemplateData):
                self.write(repr(part.data))
            else:
                self._text(part, frame)
            self.write(",")
        self.outdent()
        self.write("))")
        self.end_write(frame)

    def _text(self, node: nodes.Expr, frame: Frame) -> None:
        value = self.temporary_identifier()
        short = f"type({value} := "
        if frame.eval_ctx.volatile:
            self.write("(show if context.eval_ctx.autoescape else plain)(meter, ")
            self.visit(node, frame)
            self.write(")")
        elif frame.eval_ctx.autoescape:
            self.write(f"escape_text({value}) if {short}")
            self.visit(node, frame)
            self.write(f") is str and len({value}) < {LONG} else show(meter, {value})")
        else:
            self.write(f"{value} if {short}")
            self.visit(node, frame)
            self.write(f") is str else plain(meter, {value})")

    def visit_For(self, node: nodes.For, frame: Frame) -> None:
        count = len(node.target.items) if isinstance(node.target, nodes.Tuple) else 1
        self._wrapped[id(node.iter)] = "loop_over(meter, " if count == 1 else f"loop_over_parts(meter, {count}, "
        super().visit_For(node, frame)

    def visit_Assign(self, node: nodes.Assign, frame: Frame) -> None:
        if isinstance(node.target, nodes.Tuple):
            self._wrapped[id(node.node)] = f"take_apart({len(node.target.items)}, "
        super().visit_Assign(node, frame)

    def visit_Include(self, node: nodes.Include, frame: Frame) -> None:
        self.writeline("meter.step()", node)
        if node.with_context:
            super().visit_Include(node, frame)
            return
        if node.ignore_missing:
            self.writeline("try:")
            self.indent()
        self.writeline("template = environment.get_or_select_template(", node)
        self.visit(node.template, frame)
        self.write(f", {self.name!r})")
        if node.ignore_missing:
            self.outdent()
            self.writeline("except TemplateNotFound:")
            self.indent()
            self.writeline("pass")
            self.outdent()
            self.writeline("else:")
            self.indent()
        self.simple_write("write(template._get_default_module(context)._body_stream)", frame, node)
        if node.ignore_missing:
            self.outdent()

    def visit_Import(self, node: nodes.Import, frame: Frame) -> None:
        self.writeline("meter.step()", node)
        super().visit_Import(node, frame)

    def visit_FromImport(self, node: nodes.FromImport, frame: Frame) -> None:
        self.writeline("meter.step()", node)
        super().visit_FromImport(node, frame)

    def visit_EvalContextModifier(self, node: nodes.EvalContextModifier, frame: Frame) -> None:
        # Jinja works out the value while it compiles, where nothing is metered.
        for option in node.options:
            self.writeline(f"context.eval_ctx.{option.key} = ")
            self.visit(option.value, frame)
            if isinstance(option.value, nodes.Const):
                setattr(frame.eval_ctx, option.key, option.value.value)
            else:
                frame.eval_ctx.volatile = True

    def pull_dependencies(self, nodes: Iterable[nodes.Node]) -> None:
        finder = DependencyFinderVisitor()
        for node in nodes:
            finder.visit(node)
        for name in sorted(finder.filters):
            self._pull(self.filters, name, "filters" if self._is_native(name) else "filter_runs")
        for name in sorted(finder.tests):
            self._pull(self.tests, name, "tests" if self._is_native_test(name) else "test_runs")

    def _pull(self, names: dict[str, str], name: str, table: str) -> None:
        if name not in names:
            names[name] = self.temporary_identifier()
        self.writeline(f"{names[name]} = environment.{table}[{name!r}]")

    def _is_native(self, name: str) -> bool:
        return name in NATIVE and self.environment.filters.get(name) is FILTERS[name]

    def _is_native_test(self, name: str) -> bool:
        return name in NATIVE_TESTS and self.environment.tests.get(name) is TESTS[name]

    # --- expressions ---

    def visit_Name(self, node: nodes.Name, frame: Frame) -> None:
        if node.ctx != "load":
            super().visit_Name(node, frame)
            return
        reference = frame.symbols.ref(node.name)
        load = frame.symbols.find_load(reference)
        if load is not None and load[0] == VAR_LOAD_PARAMETER and not self.parameter_is_undeclared(reference):
            self.write(reference)
        else:
            self.write(f"(undefined(place={self._place(node)}) if {reference} is missing else {reference})")

    def visit_Getattr(self, node: nodes.Getattr, frame: Frame) -> None:
        self.write("attribute(")
        self.visit(node.node, frame)
        self.write(f", {node.attr!r}, {self._place(node)})")

    def visit_Getitem(self, node: nodes.Getitem, frame: Frame) -> None:
        if isinstance(node.arg, nodes.Slice):
            self._slice(node.node, node.arg, frame)
            return
        self.write("environment.getitem(")
        self.visit(node.node, frame)
        self.write(", ")
        self._wrap("" if is_constant(node.arg) else "meter.heavy", node.arg, frame)
        self.write(f", {self._place(node)})")

    def _slice(self, node: nodes.Expr, bounds: nodes.Slice, frame: Frame) -> None:
        self.write("cut(meter, ")
        self.visit(node, frame)
        for bound in (bounds.start, bounds.stop, bounds.step):
            self.write(", ")
            self.visit(bound or nodes.Const(None), frame)
        self.write(")")

    def visit_Compare(self, node: nodes.Compare, frame: Frame) -> None:
        operands = [node.expr, *(operand.expr for operand in node.ops)]
        words = [operand.op for operand in node.ops]
        is_safe = len(words) == 1 and words[0] in _EQUALITY
        self.write("(" if is_safe else "compare(")
        for position, operand in enumerate(operands):
            if position:
                word = words[position - 1]
                self.write(f" {_EQUALITY[word]} " if is_safe else f", {word!r}, ")
            searched = position and "in" in words[position - 1]
            short = len(words) == 1 and any(isinstance(each, nodes.Const) for each in operands)
            light = is_constant(operand) or (short and not searched)
            self._wrap("" if light else "meter.heavy", operand, frame)
        self.write(")")

    def visit_Concat(self, node: nodes.Concat, frame: Frame) -> None:
        volatile, autoescape = frame.eval_ctx.volatile, frame.eval_ctx.autoescape
        self.write("join(meter, (")
        for part in node.nodes:
            self.visit(part, frame)
            self.write(", ")
        self.write(f"), escaped={'context.eval_ctx.autoescape' if volatile else bool(autoescape)})")

    def visit_List(self, node: nodes.List, frame: Frame) -> None:
        self._weigh(node, frame, super().visit_List)

    def visit_Tuple(self, node: nodes.Tuple, frame: Frame) -> None:
        self._weigh(node, frame, super().visit_Tuple)

    def visit_Dict(self, node: nodes.Dict, frame: Frame) -> None:
        self._wrapped |= {id(pair.key): "meter.heavy" for pair in node.items if not is_constant(pair.key)}
        self._weigh(node, frame, super().visit_Dict)

    def _weigh(self, node: nodes.Expr, frame: Frame, write: Callable[[Any, Frame], None]) -> None:
        if is_constant(node) or getattr(node, "ctx", "load") != "load":
            write(node, frame)
            return
        self.write("meter.weighed(")
        write(node, frame)
        self.write(")")

    def _operation(self, node: nodes.BinExpr, frame: Frame) -> None:
        self.write(f"{_FUNCTIONS[type(node)]}(meter, ")
        self.visit(node.left, frame)
        self.write(", ")
        self.visit(node.right, frame)
        self.write(")")

    visit_Add = visit_Sub = visit_Mul = visit_Div = visit_FloorDiv = visit_Pow = visit_Mod = _operation

    def visit_Neg(self, node: nodes.UnaryExpr, frame: Frame) -> None:
        self._wrap("negate", node.node, frame)

    def visit_Pos(self, node: nodes.UnaryExpr, frame: Frame) -> None:
        self._wrap("keep", node.node, frame)

    def visit_Call(self, node: nodes.Call, frame: Frame, forward_caller: bool = False) -> None:  # noqa: FBT001, FBT002 # Jinja's signature
        if not forward_caller:
            super().visit_Call(node, frame)
            return
        self.write("str(")  # a call block puts out what it gets, which is no text if the macro does not exist
        super().visit_Call(node, frame, forward_caller=True)
        self.write(")")

    def visit_Filter(self, node: nodes.Filter, frame: Frame) -> None:
        self._must_exist(node, "filter", self.environment.filters)
        self.write(f"{self.filters[node.name]}(" + ("" if self._is_native(node.name) else "context, "))
        if node.node is not None:
            self.visit(node.node, frame)
        elif frame.eval_ctx.volatile:
            self.write(f"(Markup if context.eval_ctx.autoescape else identity)(concat({frame.buffer}))")
        elif frame.eval_ctx.autoescape:
            self.write(f"Markup(concat({frame.buffer}))")
        else:
            self.write(f"concat({frame.buffer})")
        self.signature(node, frame)
        self.write(")")

    def _must_exist(self, node: nodes.Filter | nodes.Test, kind: str, names: Iterable[str]) -> None:
        if node.name not in names:
            message = f"there is no {kind} named `{node.name}`"
            raise BrokenTemplate(message, self.name, node.lineno, word=node.name, help=suggestion(node.name, names))

    def visit_Test(self, node: nodes.Test, frame: Frame) -> None:
        self._must_exist(node, "test", self.environment.tests)
        self.write(f"{self.tests[node.name]}(" + ("" if self._is_native_test(node.name) else "context, "))
        self.visit(node.node, frame)
        self.signature(node, frame)
        self.write(")")


_FUNCTIONS: Final[dict[type, str]] = {
    nodes.Add: "add",
    nodes.Sub: "subtract",
    nodes.Mul: "multiply",
    nodes.Div: "divide",
    nodes.FloorDiv: "floor_divide",
    nodes.Pow: "power",
    nodes.Mod: "modulo",
}
_EQUALITY: Final = {"eq": "==", "ne": "!="}
"""The comparisons that values of any kinds allow."""
