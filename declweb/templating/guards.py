"""The tables of what is asked before a filter or a test is called.

Owns for each filter and test that can make something big out of something small, or takes long with little, the
question to the meter that comes before it. What is in no table is linear in what it is given, and what it is given is
never large.
"""

from collections.abc import Iterable, Mapping
from functools import partial
from inspect import unwrap
from typing import Any, Final

from jinja2.filters import FILTERS, make_attrgetter
from jinja2.tests import TESTS
from jinja2.utils import pass_context
from markupsafe import escape

from declweb.templating.budget import LIGHT, LONG, Meter, is_tree
from declweb.templating.methods import Function, number, pieces, replace, search, words
from declweb.templating.runtime import Context, add, allow_conversions, forgiving, plain

SLOW: Final = 50
"""How many times longer than a plain copy the slow filters take."""
MOST_DIGITS: Final = 400
"""More than a float can have, before or after its point."""


# --- filters ----------------------------------------------------------------------------------


def weighty(context: Context, value: Any, *_args: Any, **_options: Any) -> Any:
    """Before what works with the text of a value."""
    if type(value) is str and len(value) < LONG:
        return value
    if is_tree(value):
        context.meter.weigh(value)
    return context.meter.heavy(value)


def _passing(_context: Context, value: Any, *_args: Any, **_options: Any) -> Any:
    return value


def _looping(context: Context, value: Any, *args: Any, **options: Any) -> Any:
    _attribute(options.get("attribute", args[0] if args else None))
    return context.meter.loop(value)


def _attribute(name: Any) -> int:
    """Return how many looks into a value the name of an attribute means."""
    if name is None:
        return 0
    if len(str(name)) > LONG:
        raise ValueError("no attribute has a name as long as that")
    return 1 + str(name).count(".") + str(name).count(",")


def _counting(context: Context, value: Any, *_args: Any, **_options: Any) -> Any:
    if is_tree(value):
        context.meter.step(len(value))
    return context.meter.heavy(value)


def _sorting(position: int, context: Context, value: Any, *args: Any, attribute: Any = None, **_options: Any) -> Any:
    meter = context.meter
    values = list(meter.loop(value))
    attribute = args[position] if len(args) > position else attribute
    meter.step((4 + _attribute(attribute)) * len(values))
    names = str(attribute).split(",") if attribute is not None else []
    if names and ("." in names[0] or len(names) > 1 or {*map(type, values)} != {dict}):
        for name in names:
            meter.allow(
                sum(_held_size(meter, held) for held in map(make_attrgetter(context.environment, name), values))
            )
    return values


def _held_size(meter: Meter, value: object) -> int:
    return len(value) if isinstance(value, str) else meter.weigh(value) if is_tree(value) else 0


def _batch(context: Context, value: Any, linecount: int, fill_with: Any = None) -> Any:
    context.meter.allow(number(linecount) * context.meter.weigh(fill_with))
    return context.meter.loop(value)


def _slice(context: Context, value: Any, slices: int, fill_with: Any = None) -> Any:
    context.meter.allow(number(slices) * context.meter.weigh(fill_with))
    return context.meter.loop(value)


def _center(context: Context, value: Any, width: int = 80) -> Any:
    context.meter.allow(number(width))
    return weighty(context, value)


def _dictsort(context: Context, value: Any, *_args: Any, **_options: Any) -> Any:
    context.meter.step(4 * len(value))
    return value


def _format(context: Context, value: Any, *args: Any, **values: Any) -> Any:
    allow_conversions(context.meter, str(weighty(context, value)), values or args)
    return value


def _indent(context: Context, value: Any, width: int | str = 4, *_args: Any, **_options: Any) -> Any:
    pieces(context.meter, value)
    context.meter.allow(len(value.splitlines()) * (len(width) if isinstance(width, str) else number(width)))
    return value


def _pprint(context: Context, value: Any) -> Any:
    context.meter.afford(context.meter.weigh(value) * SLOW)
    return value


def _replacing(context: Context, value: Any, old: Any, new: Any, *_args: Any, **_options: Any) -> Any:
    text = str(weighty(context, value))
    if type(value) is type(old) is type(new) is str:
        pass
    elif any(hasattr(each, "__html__") for each in (value, old, new)):
        text, new = escape(text), escape(new)
    replace(context.meter, str(text), str(old), str(new))
    return value


def _round(context: Context, value: Any, precision: int = 0, *_args: Any, **_options: Any) -> Any:
    if abs(precision) > MOST_DIGITS:
        raise context.meter.over("memory")
    return value


def _tags(context: Context, value: Any) -> Any:
    text = str(weighty(context, value))
    pieces(context.meter, text)
    return value


def _tojson(context: Context, value: Any, indent: int | str | None = None) -> Any:
    weight, depth = context.meter.measure(value)
    if indent:
        width = len(indent) if isinstance(indent, str) else number(indent)
        context.meter.afford(weight * (10 + width * depth))
    return value


def _trim(context: Context, value: Any, chars: str | None = None) -> Any:
    search(context.meter, str(weighty(context, value)), chars)
    return value


def _urlize(context: Context, value: Any, *args: Any, **options: Any) -> Any:
    text = str(weighty(context, value))
    if len(text) < LONG and not args and not options:
        return value
    extras = context.meter.weigh([*args, *options.values()])
    words = text.split()
    context.meter.afford((len(text) + len(words) * extras) * SLOW)
    context.meter.afford(sum(len(word) ** 2 for word in words))
    return value


def _wordwrap(context: Context, value: Any, *args: Any, wrapstring: str | None = None, **_options: Any) -> Any:
    text = str(weighty(context, value))
    between = args[2] if len(args) > 2 else wrapstring
    context.meter.afford(len(text) * (SLOW + len(between or "")))
    context.meter.afford(max(map(len, text.splitlines()), default=0) ** 2)
    return value


CHECKS: Final[dict[str, Function]] = {
    "abs": _passing,
    "attr": _passing,
    "batch": _batch,
    "center": _center,
    "count": _passing,
    "dictsort": _dictsort,
    "first": _passing,
    "format": _format,
    "groupby": partial(_sorting, 0),
    "indent": _indent,
    "items": _passing,
    "join": _passing,
    "last": _passing,
    "length": _passing,
    "list": _looping,
    "map": _looping,
    "max": partial(_sorting, 1),
    "min": partial(_sorting, 1),
    "pprint": _pprint,
    "random": _passing,
    "reject": _looping,
    "rejectattr": _looping,
    "replace": _replacing,
    "reverse": _counting,
    "round": _round,
    "select": _looping,
    "selectattr": _looping,
    "slice": _slice,
    "sort": partial(_sorting, 2),
    "striptags": _tags,
    "sum": _passing,
    "title": _tags,
    "tojson": _tojson,
    "trim": _trim,
    "unique": partial(_sorting, 1),
    "urlencode": _pprint,
    "urlize": _urlize,
    "wordcount": _tags,
    "wordwrap": _wordwrap,
    "xmlattr": _pprint,
}
"""What is asked before each of Jinja's filters; before all others, `weighty`."""
NATIVE: Final = frozenset({"d", "default"})
"""Filters that make nothing and take anything, and are called without asking."""


def _as_is(_meter: Meter, value: Any) -> Any:
    return value


def _weigh_each(meter: Meter, values: Iterable[Any]) -> Iterable[Any]:
    weight = 0
    for value in values:
        if type(value) not in LIGHT and is_tree(value):
            weight += meter.weigh(value)
            meter.allow(weight)
        yield value


def _weigh_groups(meter: Meter, groups: Any) -> Any:
    meter.weigh([group[0] for group in groups])
    return meter.settle(groups)


CHARGES: Final[dict[str, Function]] = {
    "groupby": _weigh_groups,
    "map": _weigh_each,
    "reject": _as_is,
    "rejectattr": _as_is,
    "select": _as_is,
    "selectattr": _as_is,
}
"""How what a filter gives is charged where `Meter.settle` is not right: what was counted is not counted again, and
what may hold one value many times is weighed."""


@pass_context
def join(context: Context, value: Iterable[Any], d: str = "", attribute: Any = None) -> Any:
    """Do what Jinja's filter does; its elements are only known to be small together once they are there."""
    values = _held(context, value, attribute)
    parts = [part if hasattr(part, "__html__") else plain(context.meter, part) for part in values]
    context.meter.allow(sum(len(part) for part in parts if isinstance(part, str)) + len(parts) * len(d))
    return _plain_join(context.eval_ctx, parts, d)


@pass_context
def total(context: Context, value: Iterable[Any], attribute: Any = None, start: Any = 0) -> Any:
    """Do what Jinja's filter `sum` does, each addition under the same rules as `+`."""
    values = list(_held(context, value, attribute))
    if LIGHT.issuperset(map(type, values)):
        return sum(values, start)
    for each in values:
        start = add(context.meter, start, each)
    return start


def _held(context: Context, value: Iterable[Any], attribute: Any) -> Iterable[Any]:
    values = context.meter.loop(value)
    return map(make_attrgetter(context.environment, attribute), values) if _attribute(attribute) else values


_plain_join: Final = unwrap(FILTERS["join"])


# --- tests ------------------------------------------------------------------------------------


def comparing(context: Context, value: Any, *others: Any) -> Any:
    """Before a test that compares."""
    for other in others:
        context.meter.heavy(other)
    return context.meter.heavy(value)


def _dividing(_context: Context, value: Any, *_others: Any) -> Any:
    if isinstance(value, str):
        raise TypeError(f"a text is neither odd nor even nor divisible: {value[:MOST_DIGITS]!r}")
    return value


TEST_CHECKS: Final[dict[str, Function]] = {
    "divisibleby": _dividing,
    "even": _dividing,
    "lower": weighty,
    "odd": _dividing,
    "upper": weighty,
}
"""What is asked before each of Jinja's tests; before all others, a look at the clock if they compare much."""
NATIVE_TESTS: Final = words(
    "boolean callable defined escaped false float integer iterable mapping none number sameas sequence string true"
    " undefined"
)
"""Tests that are called without asking."""


# --- how a filter or test is run --------------------------------------------------------------

_JINJA: Final = FILTERS | TESTS | {"join": join, "sum": total}
"""What the tables above speak of; a filter of the site that bears the same name is another one."""
_LEADS: Final[dict[str, Function]] = {
    "context": lambda context: context,
    "eval_context": lambda context: context.eval_ctx,
    "environment": lambda context: context.environment,
}


def guarded(function: Function, check: Function, charge: Function) -> Function:
    """Return a filter or test that takes the context first, asks before it works, and charges what it makes."""
    if getattr(function, "jinja_async_variant", False):
        function = unwrap(function)
    kind = getattr(function, "jinja_pass_arg", None)
    if kind is None:

        def run(context: Context, value: Any, *args: Any, **options: Any) -> Any:
            value = check(context, value, *args, **options)
            return charge(context.meter, function(value, *args, **options))

    else:
        lead = _LEADS[kind.name]

        def run(context: Context, value: Any, *args: Any, **options: Any) -> Any:
            value = check(context, value, *args, **options)
            return charge(context.meter, function(lead(context), value, *args, **options))

    return run


class Runs(dict[str, Function]):
    """Filters or tests by name, as compiled templates call them; made when the first template needs them."""

    def __init__(self, functions: Mapping[str, Any], checks: Mapping[str, Function], default: Function) -> None:
        self._functions = functions
        self._checks = checks
        self._default = default

    def __missing__(self, name: str) -> Function:
        function = self._functions[name]
        own = function is not _JINJA.get(name)
        check = self._default if own else self._checks.get(name, self._default)
        run = guarded(function, check, Meter.settle if own else CHARGES.get(name, Meter.settle))
        self[name] = run if own else forgiving(run)
        return self[name]
