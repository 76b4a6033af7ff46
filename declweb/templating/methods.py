"""The tables of what templates may use of plain values, and of what is asked before a method of theirs is called.

Owns which attributes of each type a template may use, and for each method that can make something big out of something
small, or takes long with little, the question to the meter that comes before it. What is in no table is linear in what
it is given, and what it is given is never large. Knows nothing of filters and tests.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from jinja2.sandbox import SandboxedEscapeFormatter, SandboxedFormatter
from markupsafe import Markup

from declweb.templating.budget import LONG, Budget, Meter, is_tree

Function = Callable[..., Any]


def words(text: str) -> frozenset[str]:
    """Return the words of a text."""
    return frozenset(text.split())


_STR: Final = words(
    "capitalize casefold center count endswith expandtabs find format format_map index isalnum isalpha isascii"
    " isdecimal isdigit isidentifier islower isnumeric isprintable isspace istitle isupper join ljust lower lstrip"
    " partition removeprefix removesuffix replace rfind rindex rjust rpartition rsplit rstrip split splitlines"
    " startswith strip swapcase title upper zfill"
)
_SETS: Final = words("copy difference intersection isdisjoint issubset issuperset symmetric_difference union")
ATTRIBUTES: Final[dict[type, frozenset[str]]] = {
    Markup: _STR | {"striptags", "unescape"},
    str: _STR,
    bytes: frozenset(),
    int: words("bit_count bit_length conjugate denominator imag is_integer numerator real"),
    float: words("conjugate hex imag is_integer real"),
    list: words("copy count index"),
    tuple: words("count index"),
    dict: words("copy get items keys values"),
    set: _SETS,
    frozenset: _SETS,
    range: words("count index start step stop"),
}
"""What a template may use of each plain type; whatever else these types have is refused."""


# --- methods ----------------------------------------------------------------------------------


def number(value: object) -> int:
    """Return a number; 0 for whatever is none, which the method itself will refuse."""
    return value if isinstance(value, int) else 0


def _width(meter: Meter, _text: str, width: int, *_fill: str) -> None:
    meter.allow(number(width))


def _expandtabs(meter: Meter, text: str, tabsize: int = 8) -> None:
    meter.allow(len(text) + text.count("\t") * number(tabsize))


def _join(meter: Meter, text: str, values: Iterable[Any]) -> tuple[list[Any]]:
    values = list(meter.loop(values))
    meter.allow(meter.weigh(values) + len(text) * len(values))
    return (values,)


def replace(meter: Meter, text: str, old: str, new: str, *_count: int, **_options: int) -> None:
    """Ask before something in a text is replaced."""
    meter.allow(len(text) + text.count(old) * len(new))


def pieces(meter: Meter, text: str, *_args: Any, **_options: Any) -> None:
    """Ask before a text is taken apart."""
    meter.step(len(text) // 2)


def search(meter: Meter, text: str, what: str | None = None, *_range: int, sep: str | None = None) -> None:
    """Ask before something is looked for in a text."""
    meter.afford(len(text) * len(what or sep or "") // 10)


def _rsplit(meter: Meter, text: str, *args: Any, sep: str | None = None, **_options: Any) -> None:
    pieces(meter, text)
    search(meter, text, *args, sep=sep)


def _strftime(meter: Meter, _when: Any, *args: str, **options: str) -> None:
    for form in (*args, *options.values()):
        _allow_widths(meter, form)


def _allow_widths(meter: Meter, form: str) -> None:
    meter.allow(len(form) * LONG + sum(int(digits[:12]) for digits in re.findall(r"\d+", form)))


METHODS: Final[dict[str, Function]] = {
    "center": _width,
    "expandtabs": _expandtabs,
    "join": _join,
    "ljust": _width,
    "lstrip": search,
    "replace": replace,
    "rfind": search,
    "rindex": search,
    "rjust": _width,
    "rpartition": search,
    "rsplit": _rsplit,
    "rstrip": search,
    "split": pieces,
    "splitlines": pieces,
    "strip": search,
    "striptags": pieces,
    "zfill": _width,
}
"""What is asked before a method of a text is called; the answer, if any, is what the method is called with."""
DATE_METHODS: Final[dict[str, Function]] = {"strftime": _strftime}
"""The same for dates and times."""


class TextFormat:
    """The `format` or `format_map` of a text, with the sandbox's rules for what it may look up."""

    def __init__(self, environment: Any, text: str, name: str) -> None:
        self._environment = environment
        self._text = text
        self._mapped = name == "format_map"

    def run(self, meter: Meter, args: tuple[Any, ...], values: Mapping[str, Any]) -> str:
        """Return the formatted text."""
        if self._mapped:
            (values,), args = args, ()
        text = self._text
        if isinstance(text, Markup):
            formatter: _Counting = _EscapeFormatter(self._environment, meter, escape=text.escape)
        else:
            formatter = _Counting(self._environment, meter)
        return type(text)(formatter.vformat(text, args, values))

    def __call__(self, *args: Any, **values: Any) -> str:  # noqa: D102 - as str.format
        return self.run(Meter(Budget()), args, values)


ATTRIBUTES[TextFormat] = frozenset()


class _Counting(SandboxedFormatter):
    """A formatter that charges each field."""

    def __init__(self, environment: Any, meter: Meter, **options: Any) -> None:
        super().__init__(environment, **options)
        self._meter = meter

    def format_field(self, value: Any, format_spec: str) -> str:
        """Return the text of one field."""
        self._meter.step()
        if format_spec:
            _allow_widths(self._meter, format_spec)
        if is_tree(value):
            self._meter.weigh(value)
        text: str = super().format_field(value, format_spec)
        self._meter.take(len(text))
        return text


class _EscapeFormatter(_Counting, SandboxedEscapeFormatter): ...
