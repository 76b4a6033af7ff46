"""`[converters]` as Werkzeug's converters.

Owns what each converter takes and gives, in a path and in an address that is built. Knows no route and no request.
What a converter takes is all in its regular expression: Werkzeug answers 404 when a converter refuses a value that its
expression took, without trying the next rule.
"""

import datetime
import re
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any

from werkzeug.routing import (
    AnyConverter,
    BaseConverter,
    FloatConverter,
    IntegerConverter,
    Map,
    PathConverter,
    UnicodeConverter,
    UUIDConverter,
    ValidationError,
)
from werkzeug.routing.rules import parse_converter_args

from declweb.http.paths import escaped
from declweb.model import Converter
from declweb.model.converters import LONGEST
from declweb.model.patterns import checked, example, integer_range, matches_slash, one_of
from declweb.model.urls import Part, Variable

SAFE_IN_QUERIES = "!$'()*,/:;?@"
"""Characters that stand for themselves in the names and values of a query: `&`, `=` and `+` mean something there."""


class UnusableConverter(ValueError):
    """A variable whose converter is unknown or takes no such arguments."""


class _Text(UnicodeConverter):
    """A piece of text without slashes."""

    regex = rf"[^/]{{1,{LONGEST}}}"

    def __init__(self, map: Map) -> None:  # noqa: A002 - Werkzeug's name
        BaseConverter.__init__(self, map)


class _Path(PathConverter):
    """The rest of a path."""

    longest = 1000
    part_isolating = False
    regex = r"[^/].{0,999}?"


class _Number(BaseConverter):
    """A decimal number, with or without a fraction."""

    regex = r"-?\d{1,15}(?:\.\d{1,15})?"

    def to_python(self, value: str) -> float:
        return float(value)


class _Date(BaseConverter):
    """A day as ISO 8601 writes it."""

    regex = r"\d{4}-\d{2}-\d{2}"

    def to_python(self, value: str) -> datetime.date:
        try:
            return datetime.date.fromisoformat(value)
        except ValueError as error:
            raise ValidationError from error

    def to_url(self, value: object) -> str:
        return value.isoformat() if isinstance(value, datetime.date) else str(value)


BUILT_IN: dict[str, type[BaseConverter]] = {
    "text": _Text,
    "string": UnicodeConverter,
    "integer": IntegerConverter,
    "int": IntegerConverter,
    "number": _Number,
    "float": FloatConverter,
    "path": _Path,
    "uuid": UUIDConverter,
    "any": AnyConverter,
    "date": _Date,
}
"""The converters that need no declaration: the site file's own words for types, and Werkzeug's."""


class _Declared(BaseConverter):
    """What a table of `[converters]` declares."""

    digits: int | None = None
    is_integer = False
    longest = LONGEST
    inner = ""

    def __init__(self, map: Map, following: int = 0) -> None:  # noqa: A002 - Werkzeug's name
        """`following` is how many characters of the path stand between the variable and the end of its segment."""
        super().__init__(map)
        anything = "[^/]" if self.part_isolating else "."
        self.regex = rf"(?!{anything}{{{self.longest + following + 1}}})(?:{self.inner})"

    def to_python(self, value: str) -> Any:
        return int(value) if self.is_integer else value

    def to_url(self, value: Any) -> str:
        text = str(value).zfill(self.digits) if self.digits and self.is_integer else str(value)
        return escaped(text)


def converter_classes(declared: Mapping[str, Converter]) -> dict[str, type[BaseConverter]]:
    """Return every converter that a path of the site may name."""
    return {**BUILT_IN, **{name: _declared(name, converter) for name, converter in declared.items()}}


def _declared(name: str, converter: Converter) -> type[BaseConverter]:
    inner, is_isolating = _expression(converter)
    return type(
        f"Declared_{name}",
        (_Declared,),
        {
            "inner": inner,
            "longest": converter.max_length,
            "part_isolating": is_isolating,
            "weight": 50 if converter.type == "integer" else 100 if is_isolating else 200,
            "digits": converter.digits,
            "is_integer": converter.type == "integer",
        },
    )


def _expression(converter: Converter) -> tuple[str, bool]:
    """Return the regular expression of a converter, and whether it stays within one segment."""
    if converter.pattern is not None:
        return checked(converter.pattern), not matches_slash(converter.pattern)
    if converter.one_of is not None:
        return one_of(converter.one_of), True
    if converter.type == "integer":
        return integer_range(converter.min, converter.max, converter.digits), True
    return f"[^/]{{1,{converter.max_length}}}", True


def without_code(classes: Mapping[str, type[BaseConverter]]) -> dict[str, type[BaseConverter]]:
    """Return converters that take the same texts, and of which none runs the site's own Python."""
    own = (*BUILT_IN.values(), _Declared)
    return {
        name: each if issubclass(each, own) and each.__module__ in _TRUSTED else _inert(each)
        for name, each in classes.items()
    }


_TRUSTED = frozenset({__name__, UnicodeConverter.__module__})


def _inert(converter: type[BaseConverter]) -> type[BaseConverter]:
    def __init__(self: BaseConverter, map: Map, *_args: object, **_options: object) -> None:  # noqa: A002, N807 # Werkzeug's
        BaseConverter.__init__(self, map)

    kept = {name: getattr(converter, name) for name in ("regex", "part_isolating", "weight")}
    return type(converter.__name__, (BaseConverter,), {**kept, "__init__": __init__})


@cache
def _empty_map() -> Map:
    return Map()


def instance(variable: Variable, classes: Mapping[str, type[BaseConverter]]) -> BaseConverter:
    """Return the converter of one variable; raises UnusableConverter, in words for the author."""
    if variable.converter not in classes:
        raise UnusableConverter(f"there is no converter `{variable.converter}`")
    known = classes[variable.converter]
    if (known is AnyConverter) != bool(variable.arguments) and (known is AnyConverter or issubclass(known, _Declared)):
        raise UnusableConverter(f"`{variable.converter}` takes no such arguments: ({variable.arguments})")
    try:
        args, kwargs = parse_converter_args(variable.arguments) if variable.arguments else ((), {})
        return known(_empty_map(), *args, **kwargs)
    except Exception as error:  # Werkzeug raises what comes: TypeError, ValueError, SyntaxError
        raise UnusableConverter(f"`{variable.converter}` takes no such arguments: ({variable.arguments})") from error


_SAMPLES = ("sample", "1", "1.5", "2026-01-01", "00000000-0000-4000-8000-000000000000")
"""Texts of which each built-in converter without arguments takes at least one."""


def sample(variable: Variable, classes: Mapping[str, type[BaseConverter]]) -> object:
    """Return a value that a variable may have, to render a template with; None where none is known."""
    converter = instance(variable, classes)
    if not (isinstance(converter, _Declared) or type(converter) in BUILT_IN.values()):
        return None  # what the site's own Python takes is its own to say
    texts = (
        (example(converter.inner),)
        if isinstance(converter, _Declared)
        else (*_SAMPLES, *getattr(converter, "items", ()))
    )
    found = next(filter(taker(converter), texts), None)
    return None if found is None else converter.to_python(found)


def segments(parts: Sequence[Part]) -> list[list[Part]]:
    """Return the parts of a path between its slashes."""
    found: list[list[Part]] = [[]]
    for part in parts:
        pieces = [part] if isinstance(part, Variable) else part.split("/")
        found[-1].append(pieces[0])
        found += [[piece] for piece in pieces[1:]]
    return found


def joined(parts: Sequence[Part], classes: Mapping[str, type[BaseConverter]]) -> str:
    """Return the regular expression that several parts of a path make together."""
    return "".join(_read(part, classes) if isinstance(part, Variable) else re.escape(part) for part in parts)


def _read(variable: Variable, classes: Mapping[str, type[BaseConverter]]) -> str:
    converter = instance(variable, classes)
    if isinstance(converter, _Declared):
        return f"(?:{converter.inner})"
    if isinstance(converter, _Path):
        return "[^/].*?"
    return "[^/]+" if isinstance(converter, UnicodeConverter) else f"(?:{converter.regex})"


def longest(parts: Sequence[Part], classes: Mapping[str, type[BaseConverter]]) -> int:
    """Return how many characters several parts of a path may have together."""
    found = [instance(part, classes) for part in parts if isinstance(part, Variable)]
    return sum(getattr(converter, "longest", LONGEST) for converter in found)


def in_rule(variable: Variable, following: int, classes: Mapping[str, type[BaseConverter]]) -> str:
    """Return a variable in Werkzeug's notation; `following` is what `_Declared` wants to know."""
    is_declared = issubclass(classes[variable.converter], _Declared)
    arguments = f"following={following}" if is_declared and following else variable.arguments
    return f"<{variable.converter}{f'({arguments})' if arguments else ''}:{variable.name}>"


def taker(converter: BaseConverter) -> Callable[[str], bool]:
    """Return what tells whether a converter takes a text that stands in a path."""
    matches = re.compile(converter.regex).fullmatch

    def takes(text: str) -> bool:
        if not matches(text):
            return False
        try:
            converter.to_python(text)
        except (ValidationError, ValueError):
            return False
        return True

    return takes
