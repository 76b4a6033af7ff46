"""What compiled templates call: output, operators, and the functions every template has.

Each does what Jinja's own does, and asks the meter before it makes something big out of something small. Must not
know how templates are compiled, nor environments.
"""

import operator
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from decimal import Decimal
from functools import wraps
from itertools import islice
from typing import Any, Final

import markupsafe
from jinja2.runtime import Context as JinjaContext
from jinja2.runtime import markup_join, str_join
from jinja2.utils import Cycler, Joiner, Namespace, pass_context
from markupsafe import Markup, escape

from declweb.templating.budget import BITS, LIGHT, LONG, Budget, Meter, is_tree
from declweb.templating.undefined import REFUSED, Undefined, refused

METER: Final = "meter of this rendering"
"""Where the variables of a rendering hold its meter; no name in a template can have spaces."""

escape_text = getattr(markupsafe, "_escape_inner", escape)
"""Escape what is a plain string; much faster than `escape`, which makes a Markup of it, and the same text."""

_NUMBERS: Final = frozenset({int, float, bool})
_RISKY: Final = re.compile(r"[*(]|\d{3}")
_CONVERSION: Final = re.compile(r"%(\([^()]*\)|\()?[#0\- +]*(\*|\d*)(?:\.(\*|\d*))?")


class Context(JinjaContext):
    """The variables of one template in one rendering, and the rendering's meter."""

    def __init__(self, environment: Any, parent: dict[str, Any], *args: Any, **options: Any) -> None:
        super().__init__(environment, parent, *args, **options)
        if METER not in parent:
            parent[METER] = Meter(Budget())
        self.meter: Meter = parent[METER]


def show(meter: Meter, value: Any) -> Any:
    """Return the text of a value for HTML."""
    kind = type(value)
    if kind is Markup:
        return value
    if kind in LIGHT:
        return str(value)
    if kind is str and len(value) < LONG:
        return escape_text(value)
    if is_tree(value):
        meter.weigh(value)
    elif wrong := _unprintable(value):
        return show(meter, refused(wrong))
    return meter.settle(escape(value))


def plain(meter: Meter, value: Any) -> Any:
    """Return the text of a value where nothing is escaped."""
    if isinstance(value, str):
        return value
    if is_tree(value):
        meter.weigh(value)
    elif wrong := _unprintable(value):
        value = refused(wrong)
    return meter.settle(str(value))


def _unprintable(value: object) -> TypeError | None:
    """Return what is wrong with printing what has no text of its own, only an address in memory."""
    if isinstance(value, Undefined):
        return None
    if isinstance(value, Iterator):
        return TypeError('these are many values: write `|join(", ")` or `|list` behind them')
    return TypeError("a function has no text: write `()` behind its name") if callable(value) else None


def concat(meter: Meter, values: Sequence[Any], *, escaped: bool) -> Any:
    """Return what `~` gives."""
    texts = [value if isinstance(value, str) else plain(meter, value) for value in values]
    meter.allow(sum(map(len, texts)))
    return meter.settle((markup_join if escaped else str_join)(texts))


def forgiving(operation: Callable[..., Any]) -> Callable[..., Any]:
    """Return an operation that gives nothing defined for values with which it cannot be done."""

    @wraps(operation)
    def run(*args: Any, **options: Any) -> Any:
        try:
            return operation(*args, **options)
        except REFUSED as error:
            return refused(error)

    return run


def exact(left: Any, right: Any) -> tuple[Any, Any]:
    """Return the sides of an operation: prices are exact, and what a template adds to one or takes it times is, too."""
    if isinstance(left, Decimal) and isinstance(right, float):
        return left, Decimal(str(right))
    if isinstance(right, Decimal) and isinstance(left, float):
        return Decimal(str(left)), right
    return left, right


@forgiving
def add(meter: Meter, left: Any, right: Any) -> Any:
    """Return what `+` gives."""
    if type(left) in _NUMBERS and type(right) in _NUMBERS:
        return meter.settle(left + right)
    if isinstance(left, str) and isinstance(right, str):
        meter.allow(len(left) + len(right))
    elif type(left) is type(right) and isinstance(left, list | tuple):
        (weight, depth), (more, deeper) = meter.measure(left), meter.measure(right)
        return meter.made(left + right, weight + more, max(depth, deeper))
    left, right = exact(left, right)
    return meter.settle(left + right)


@forgiving
def subtract(meter: Meter, left: Any, right: Any) -> Any:
    """Return what `-` gives."""
    left, right = exact(left, right)
    return meter.settle(left - right)


@forgiving
def multiply(meter: Meter, left: Any, right: Any) -> Any:
    """Return what `*` gives."""
    if isinstance(left, int):
        left, right = right, left
    if isinstance(right, int):
        if isinstance(left, int):
            if left.bit_length() + right.bit_length() > BITS:
                raise meter.over("memory")
        elif isinstance(left, str | bytes):
            meter.allow(len(left) * right)
        elif isinstance(left, list | tuple):
            weight, depth = meter.measure(left)
            meter.allow(weight * right)
            return meter.made(left * right, weight * max(right, 1), depth)
    left, right = exact(left, right)
    return meter.settle(left * right)


@forgiving
def divide(meter: Meter, left: Any, right: Any) -> Any:
    """Return what `/` gives."""
    left, right = exact(left, right)
    return meter.settle(left / right)


@forgiving
def floor_divide(meter: Meter, left: Any, right: Any) -> Any:
    """Return what `//` gives."""
    left, right = exact(left, right)
    return meter.settle(left // right)


negate = forgiving(operator.neg)
keep = forgiving(operator.pos)


@forgiving
def cut(meter: Meter, value: Any, *bounds: Any) -> Any:
    """Return what a slice gives."""
    return meter.settle(value[slice(*bounds)])


def loop_over(meter: Meter, values: Any) -> Iterable[Any]:
    """Return what a loop goes over: nothing, where there is nothing to go over."""
    if type(values) is not list and not isinstance(values, Iterable):
        values = refused(TypeError(f"a loop cannot go over {type(values).__name__}"))
    return meter.loop(values)


def loop_over_parts(meter: Meter, count: int, values: Any) -> Iterable[Any]:
    """Return what a loop with several names goes over."""
    return [take_apart(count, value) for value in loop_over(meter, values)]


def take_apart(count: int, value: Any) -> Sequence[Any]:
    """Return the parts of a value for so many names; nothing defined, where it has another number of parts."""
    try:
        parts = tuple(islice(value, count + 1))
        if len(parts) == count:
            return parts
        nothing = refused(ValueError(f"there are {count} names for another number of parts"))
    except TypeError as error:
        nothing = refused(error)
    return (nothing,) * count


def _contains(value: Any, values: Any) -> bool:
    return value in values


def _lacks(value: Any, values: Any) -> bool:
    return value not in values


COMPARISONS: Final[dict[str, Callable[[Any, Any], Any]]] = {
    "eq": operator.eq,
    "ne": operator.ne,
    "gt": operator.gt,
    "gteq": operator.ge,
    "lt": operator.lt,
    "lteq": operator.le,
    "in": _contains,
    "notin": _lacks,
}
"""Jinja's words for comparisons, and what they do."""


@forgiving
def compare(left: Any, *steps: Any) -> Any:
    """Return what a chain of comparisons gives: word, value, word, value and so on, up to the first that fails."""
    outcome = True
    for word, right in zip(steps[::2], steps[1::2], strict=True):
        outcome = COMPARISONS[word](left, right)
        if not outcome:
            break
        left = right
    return outcome


@forgiving
def power(meter: Meter, left: Any, right: Any) -> Any:
    """Return what `**` gives."""
    if isinstance(left, int) and isinstance(right, int) and abs(left) > 1 and left.bit_length() * right > BITS:
        raise meter.over("memory")
    return meter.settle(left**right)


@forgiving
def modulo(meter: Meter, left: Any, right: Any) -> Any:
    """Return what `%` gives: what is left of a division, or a formatted text."""
    if isinstance(left, str):
        allow_conversions(meter, left, right)
    return meter.settle(left % right)


def allow_conversions(meter: Meter, text: str, values: Any) -> None:
    """Ask for what `text % values` makes at most."""
    if (
        len(text) < LONG
        and not _RISKY.search(text)
        and all(map(_is_small, values if type(values) is tuple else [values]))
    ):
        return
    stars = max((abs(value) for value in values if isinstance(value, int)), default=0) if type(values) is tuple else 0
    size = 0
    weight = meter.weigh(values)
    for name, *widths in _CONVERSION.findall(text):
        if name == "(":
            raise ValueError("a name in % formatting cannot hold parentheses")
        size += weight + sum(stars if width == "*" else int(width[:12] or 0) for width in widths)
        meter.allow(size)


def _is_small(value: object) -> bool:
    return type(value) in LIGHT or (type(value) is str and len(value) < LONG)


class _Namespace(Namespace):
    """A namespace that does not write out what it holds: one that holds others could be endless."""

    def __repr__(self) -> str:
        return "<namespace>"


@pass_context
def make_dict(context: Context, /, *args: Any, **items: Any) -> dict[Any, Any]:
    """Return a mapping."""
    return context.meter.weighed(dict(*args, **items))


@pass_context
def make_range(context: Context, *bounds: int) -> range:
    """Return whole numbers to loop over, no more than a rendering has steps."""
    numbers = range(*bounds)
    if numbers[context.meter.steps :]:
        raise context.meter.over("steps")
    return numbers


@pass_context
def make_cycler(context: Context, *items: Any) -> Cycler:
    """Return what gives its items in turn."""
    return Cycler(*context.meter.weighed(items))


def make_joiner(sep: str = ", ") -> Joiner:
    """Return what gives a separator, but not the first time."""
    return Joiner(sep)


def make_namespace(*args: Any, **values: Any) -> Namespace:
    """Return what can be assigned to inside of loops."""
    return _Namespace(*args, **values)


GLOBALS: Final[dict[str, Callable[..., Any]]] = {
    "range": make_range,
    "dict": make_dict,
    "cycler": make_cycler,
    "joiner": make_joiner,
    "namespace": make_namespace,
}
METERED: Final = frozenset({make_cycler, make_dict, make_range})
"""Those of them that want the context."""
