"""The environment templates live in: what they may reach, how they are loaded, and how they are rendered.

Must not know the disk (a loader or a reading function is handed in), WSGI, or what a site declares: whoever makes an
environment adds its globals and filters before the first template is loaded.
"""

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, MutableMapping
from contextlib import contextmanager
from datetime import date, time
from types import BuiltinMethodType, CodeType, FunctionType, MethodType, TracebackType
from typing import Any, Final, NoReturn, cast

import jinja2
from jinja2 import nodes
from jinja2.exceptions import SecurityError, TemplateNotFound, TemplatesNotFound, TemplateSyntaxError
from jinja2.filters import FILTERS
from jinja2.lexer import TokenStream
from jinja2.loaders import BaseLoader
from jinja2.runtime import Context as JinjaContext
from jinja2.runtime import LoopContext, Macro
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.tests import TESTS

from declweb.memory import Memory
from declweb.templating.analysis import analyse
from declweb.templating.budget import Budget, Meter
from declweb.templating.code import CodeGenerator
from declweb.templating.errors import BrokenTemplate, RenderError, TemplateError, Unsafe
from declweb.templating.facts import Facts
from declweb.templating.guards import CHECKS, TEST_CHECKS, Runs, comparing, join, total, weighty
from declweb.templating.links import links
from declweb.templating.loads import loads
from declweb.templating.markup import literal
from declweb.templating.methods import ATTRIBUTES, DATE_METHODS, METHODS, Function, TextFormat
from declweb.templating.positions import Token, located, normalized
from declweb.templating.runtime import GLOBALS, METER, METERED, Context
from declweb.templating.syntax import explain, too_much
from declweb.templating.undefined import REFUSED, Undefined, refused

USUAL: Final = Budget()
Read = Callable[[str], str | None]

UNESCAPED: Final = (".txt",)
"""Endings of the names of templates whose output is no HTML."""
LONGEST: Final = 200_000
"""How many words and signs a template may have; compiling so many takes seconds. Plain text counts as one."""
KNOWN: Final = 1000
"""Of how many attributes of one type it is remembered that they are safe."""
REMEMBERED: Final = 1000
"""Templates of which it is remembered what they say, and into what they were compiled."""
FORMATS: Final = ("format", "format_map")
Place = tuple[str | None, int, str] | None
_FUNCTIONS: Final = (FunctionType, MethodType, BuiltinMethodType)
_HOOKS: Final = (FunctionType, MethodType)
"""Kinds of functions that a site brings; what they raise is theirs."""
_LOCALS: Final = ("_loop_vars", "_block_vars")
"""What compiled templates hand over with each call, for functions that want the context."""


class Reader(BaseLoader):
    """A loader that reads templates with a function: from a name to its source, or None where there is none."""

    def __init__(self, read: Read) -> None:
        self._read = read

    def get_source(self, _environment: jinja2.Environment, template: str) -> tuple[str, None, None]:
        """Return the source of a template; names lead nowhere but into the folder, and each file has one name."""
        source = self._read(template) if is_name(template) else None
        if source is None:
            raise TemplateNotFound(template)
        return source, None, None


def is_name(name: object) -> bool:
    """Tell whether this can be the name of a template: a relative path without detours."""
    return (
        isinstance(name, str)
        and not {"", ".", ".."} & set(name.split("/"))
        and not any(character in name for character in "\\\0")
    )


class Template(jinja2.Template):
    """A compiled template."""

    def _get_default_module(self, ctx: JinjaContext | None = None) -> Any:
        # Jinja keeps one module for all renderings: what its macros keep would be kept for ever, and for everyone.
        if ctx is None:
            return self.make_module()
        meter = cast("Context", ctx).meter
        if self not in meter.modules:
            shared = cast("Environment", self.environment).shared_names
            variables = {name: ctx.parent[name] for name in shared if name in ctx.parent}
            meter.modules[self] = self.make_module({**variables, METER: meter})
        return meter.modules[self]


_facts: Memory[tuple[str, str | None], Facts] = Memory(REMEMBERED)
_codes: Memory[object, CodeType] = Memory(REMEMBERED)
"""What was made of templates last: the same ones are loaded again whenever a file of their site changes."""


class Environment(ImmutableSandboxedEnvironment):
    """Jinja as a site may use it: sandboxed, metered, and everything escaped unless its name ends in `.txt`.

    A key beats a method of that name: `config.items` is the key `items` if there is one.
    """

    undefined: type[Undefined]
    template_class = Template
    context_class = Context
    code_generator_class = CodeGenerator

    def __init__(self, loader: BaseLoader | Read | None = None, *, shared: tuple[str, ...] = ()) -> None:
        if loader is not None and not isinstance(loader, BaseLoader):
            loader = Reader(loader)
        super().__init__(
            loader=loader,
            autoescape=self._is_escaped,
            undefined=type("Undefined", (Undefined,), {"__slots__": (), "logged": set()}),
            optimized=False,  # it works out constants while compiling, where nothing is metered
            auto_reload=False,
            cache_size=-1,
        )
        self.shared_names = shared
        """Names of variables that imported templates see as well, as Flask's `request`."""
        self.globals = dict(GLOBALS)
        self.filters = cast("dict[str, Function]", self.filters | {"join": join, "sum": total})
        self.version_of: Callable[[str], str] | None = None
        """From the name of a template that another one draws in to that of the one that is meant."""
        self.filter_runs = Runs(self.filters, CHECKS, weighty)
        self.test_runs = Runs(self.tests, TEST_CHECKS, comparing)
        self._unescaped: set[str] = set()
        self._kinds: dict[type, _Kind] = {}

    def _is_escaped(self, name: str | None) -> bool:
        return name is None or not (name.endswith(UNESCAPED) or name in self._unescaped)

    def text(self, source: str, name: str, *, escape: bool = True) -> Template:
        """Compile template text that is in no file of its own; messages show the name, such as `site.toml:41`."""
        if not escape:
            self._unescaped.add(name)
        return cast("Template", Template.from_code(self, self.compile(source, name), self.make_globals(None)))

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        """Return the globals of a template: a plain dictionary, which is much faster than Jinja's chain."""
        return {**self.globals, **d} if d else self.globals

    def handle_exception(self, source: str | None = None) -> NoReturn:
        """Raise what is wrong with a source, in plain words; Jinja calls this while it handles its own error."""
        error = sys.exception()
        if isinstance(error, TemplateSyntaxError) and source is not None:
            raise explain(error, source) from error
        raise  # noqa: PLE0704 - Jinja calls this while it handles an exception

    def parse(self, source: str, name: str | None = None, filename: str | None = None) -> nodes.Template:
        """Return the syntax tree of a template, or raise a BrokenTemplate."""
        with _not_too_much(name):
            return super().parse(source, name, filename)

    def compile(self, source: Any, name: str | None = None, *args: Any, **options: Any) -> Any:
        """Return the code of a template, or raise a BrokenTemplate; what was compiled before is not compiled again."""
        key = (source, name, args, *options.items(), self._is_escaped(name), self._what_there_is())
        known = _codes.get(key) if isinstance(source, str) else None
        if known is None:
            with _not_too_much(name):
                code = super().compile(source, name, *args, **options)
            return _codes.keep(key, code) if isinstance(source, str) else code
        return known

    def _what_there_is(self) -> frozenset[object]:
        """Return which filters and tests there are, and which of them are Jinja's own: code depends on it."""
        filters = ((name, function is FILTERS.get(name)) for name, function in self.filters.items())
        return frozenset(
            (*filters, *((name, function is TESTS.get(name), "test") for name, function in self.tests.items()))
        )

    def _tokenize(
        self, source: str, name: str | None, filename: str | None = None, state: str | None = None
    ) -> TokenStream:
        tokens = located(self.lexer.tokeniter(source, name, filename, state), normalized(source))
        return TokenStream(self.lexer.wrap(_not_too_many(tokens, name), name, filename), name, filename)

    def facts(self, source: str, name: str) -> Facts:
        """Return what a template says, or raise a BrokenTemplate; what was read before is not read again."""
        if (known := _facts.get((source, name))) is not None:
            return known
        tree = self.parse(source, name)
        text = normalized(source)
        with _not_too_much(name):
            tokens = list(located(self.lexer.tokeniter(text, name), text))
            found = analyse(tree, name, text, links(tokens, text), loads(literal(tokens, text)))
        return _facts.keep((source, name), found)

    def literal(self, source: str, name: str) -> str:
        """Return what a template says itself: of the same length, with a hole for all that it works out."""
        text = normalized(source)
        with _not_too_much(name):
            return literal(located(self.lexer.tokeniter(text, name), text), text)

    def join_path(self, template: str, parent: str) -> str:  # noqa: ARG002 - Jinja's signature
        """Return the name of the template that is drawn in where a template names one."""
        return self.version_of(template) if self.version_of is not None else template

    # --- attributes and items ---

    def getattr(self, obj: Any, attribute: str, place: Place = None) -> Any:
        """Return what `obj.attribute` is; `place` is where a template says so."""
        kind = self._kind(type(obj))
        if kind.is_mapping:
            try:
                return obj[attribute]
            except LookupError:
                pass
        try:
            value = getattr(obj, attribute)
        except AttributeError:
            if kind.is_mapping:
                return self.undefined(obj=obj, name=attribute, place=place)
            return self._item(obj, attribute, place)
        return value if attribute in kind.safe else self._judged(kind, obj, attribute, value)

    def getitem(self, obj: Any, argument: Any, place: Place = None) -> Any:
        """Return what `obj[argument]` is; `place` is where a template says so."""
        try:
            return obj[argument]
        except (TypeError, LookupError, AttributeError, ValueError):
            pass
        if isinstance(argument, str) and hasattr(obj, argument):
            return self._judged(self._kind(type(obj)), obj, argument, getattr(obj, argument))
        return self.undefined(obj=obj, name=argument, place=place)

    def _item(self, obj: Any, name: str, place: Place) -> Any:
        try:
            return obj[name]
        except (TypeError, LookupError, AttributeError):
            return self.undefined(obj=obj, name=name, place=place)

    def _kind(self, kind: type) -> "_Kind":
        known = self._kinds.get(kind)
        if known is None:
            known = self._kinds[kind] = _Kind(issubclass(kind, Mapping))
        return known

    def _judged(self, kind: "_Kind", obj: Any, attribute: str, value: Any) -> Any:
        if isinstance(obj, Undefined):
            return obj
        if isinstance(obj, str) and attribute in FORMATS:
            return TextFormat(self, obj, attribute)
        if not self.is_safe_attribute(obj, attribute, value):
            raise SecurityError(f"`{attribute}` of a {type(obj).__name__} is not for templates")
        if len(kind.safe) < KNOWN:
            kind.safe.add(attribute)
        return value

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        """Tell whether templates may use an attribute."""
        for kind in type(obj).__mro__:
            if kind in ATTRIBUTES and hasattr(kind, attr):
                return attr in ATTRIBUTES[kind]
        return super().is_safe_attribute(obj, attr, value)

    # --- calls ---

    def call(self, context: JinjaContext, function: Any, /, *args: Any, **kwargs: Any) -> Any:
        """Call what a template calls, under the rules of the meter; what its arguments do not allow gives nothing."""
        try:
            return self._call(context, function, args, kwargs)
        except REFUSED as error:
            if type(function) in _HOOKS and function not in METERED:
                raise
            return refused(error)

    def _call(self, context: JinjaContext, function: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        meter = cast("Context", context).meter
        meter.step()
        kind = type(function)
        if kind is Macro:
            return meter.settle(_call_macro(context, meter, function, args, kwargs))
        if kind is TextFormat:
            return function.run(meter, args, _without_locals(kwargs))
        if kind is FunctionType and function in METERED:
            return function(context, *args, **_without_locals(kwargs))
        if kind is LoopContext:
            args = (meter.loop(args[0]), *args[1:])
        if kind not in _FUNCTIONS or getattr(function, "__dict__", None):
            return meter.settle(super().call(context, function, *args, **kwargs))
        owner = getattr(function, "__self__", None)
        if ask := _question(meter.heavy(owner), function.__name__):
            args = ask(meter, owner, *args, **_without_locals(kwargs)) or args
        try:
            return meter.settle(function(*args, **_without_locals(kwargs)))
        except StopIteration:
            return self.undefined("there is nothing left")

    def _filter_test_common(self, name: Any, *call: Any) -> Any:
        value, args, kwargs, context, _eval_context, is_filter = call
        runs, functions = (self.filter_runs, self.filters) if is_filter else (self.test_runs, self.tests)
        if context is None or name not in functions:
            return super()._filter_test_common(name, *call)
        return runs[name](context, value, *(args or ()), **(kwargs or {}))


def _not_too_many(tokens: Iterable[Token], name: str | None) -> Iterator[tuple[int, str, str]]:
    for count, token in enumerate(tokens):
        if count == LONGEST:
            raise BrokenTemplate(f"has more than {LONGEST:,} words and signs between its braces", name)
        yield token.line, token.kind, token.text


@contextmanager
def _not_too_much(name: str | None) -> Iterator[None]:
    try:
        yield
    except BrokenTemplate as error:
        error.template = error.template or name
        raise
    except (RecursionError, MemoryError, SyntaxError, ValueError) as error:
        if isinstance(error, SyntaxError) and not str(error).startswith("too many"):
            raise
        raise too_much(name, error) from None


class _Kind:
    """What is known of a type: whether its keys come first, and which of its attributes were found safe."""

    __slots__ = ("is_mapping", "safe")

    def __init__(self, is_mapping: bool) -> None:  # noqa: FBT001 # private, one caller
        self.is_mapping = is_mapping
        self.safe: set[str] = set()


def _without_locals(values: dict[str, Any]) -> dict[str, Any]:
    for name in _LOCALS:
        values.pop(name, None)
    return values


def _call_macro(context: JinjaContext, meter: Meter, macro: Macro, args: Any, values: dict[str, Any]) -> str:
    if macro.catch_varargs or macro.catch_kwargs:
        meter.weigh([*args, *values.values()])
    return macro(context.eval_ctx, *args, **_without_locals(values))


def _question(owner: object, name: str) -> Function | None:
    if isinstance(owner, str):
        return METHODS.get(name)
    return DATE_METHODS.get(name) if isinstance(owner, date | time) else None


# --- rendering --------------------------------------------------------------------------------


def render(template: jinja2.Template, variables: Mapping[str, Any], budget: Budget = USUAL) -> str:
    """Return what a template gives with these variables; raise a TemplateError that knows where.

    Any number of renderings may go on at once, also of the same template and within each other.
    """
    meter = Meter(budget)
    try:
        context = template.new_context({**variables, METER: meter})
        page = "".join(template.root_render_func(context))
        meter.allow(len(page))
    except TemplateError as error:
        if error.template is None:
            error.template, error.line = _place(error.__traceback__) or (template.name, None)
        raise
    except (RecursionError, MemoryError) as error:
        over = meter.over("depth" if isinstance(error, RecursionError) else "memory")
        over.template, over.line = _place(error.__traceback__) or (template.name, None)
        raise over from None
    except Exception as error:
        kind = Unsafe if isinstance(error, SecurityError) else RenderError
        raise kind(_message(error), *(_place(error.__traceback__) or (template.name, None))) from error
    return page


def _place(trace: TracebackType | None) -> tuple[str | None, int] | None:
    """Find the innermost line of a template."""
    found = None
    while trace is not None:
        template = trace.tb_frame.f_globals.get("__jinja_template__")
        if template is not None:
            found = template.name, template.get_corresponding_lineno(trace.tb_lineno)
        trace = trace.tb_next
    return found


def _message(error: Exception) -> str:
    if isinstance(error, TemplatesNotFound):
        return "there is no template named " + " or ".join(f"`{name}`" for name in error.templates)
    if isinstance(error, TemplateNotFound):
        return f"there is no template named `{error.name}`"
    return str(error) or type(error).__name__
