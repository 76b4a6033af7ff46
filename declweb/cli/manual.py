"""What the models say about themselves, in the words of the site file.

Owns reading the sentence below each field, and the words for its type, default and example. Everything is derived;
nothing is typed twice. Only the reference and the schema need it.
"""

import ast
import inspect
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache
from importlib import import_module
from itertools import pairwise
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

import tomli_w
from annotated_types import Ge, Le
from pydantic.fields import FieldInfo

from declweb.model import Site
from declweb.model.base import Choice, Name, OneOrMany, Table
from declweb.model.days import ClosedPeriod
from declweb.model.fields import BoundValue, Choices, DefaultValue, WrittenConditions
from declweb.model.forms import FieldName
from declweb.model.handlers import Commands, Functions, Handler, Module
from declweb.model.headers import HeaderName
from declweb.model.hooks import OnPaths
from declweb.model.kinds import Kind
from declweb.model.policies import Csp
from declweb.model.texts import Language, Text
from declweb.model.urls import FixedPath, PathPattern, SiteUrl, UrlPath, UrlTarget
from declweb.model.words import (
    CacheTime,
    Duration,
    KeepTime,
    Rate,
    RateLimit,
    Size,
    SwitchedTime,
    spoken_duration,
    spoken_size,
)


@dataclass(frozen=True, slots=True)
class Key:
    """One key of a table, as the manual shows it."""

    word: str
    type: str
    default: str
    """As it would be written; empty where nothing would be."""
    sentence: str
    example: str
    is_required: bool


def keys(model: type[Table]) -> Iterator[Key]:
    """Yield the keys of a table, in the order of the manual."""
    types, told = get_type_hints(model, include_extras=True), sentences(model)
    own_first = sorted(model.model_fields.items(), key=lambda item: item[0] not in model.__annotations__)
    for name, field in own_first:
        word = field.alias or name
        type_ = words(types[name])
        example = _example(word, types[name]) or _example(word, field)
        yield Key(word, type_, _default(field, type_), told.get(name, ""), example, field.is_required())


@cache
def sentences(model: type[Table]) -> dict[str, str]:
    """Return the text below each field of a table, by the field's name."""
    found: dict[str, str] = {}
    for kind in reversed(model.__mro__):
        if issubclass(kind, Table):
            module = ast.parse(inspect.getsource(sys.modules[kind.__module__]))
            found |= next(
                dict(_told(n.body)) for n in module.body if isinstance(n, ast.ClassDef) and n.name == kind.__name__
            )
    return found


def _told(body: list[ast.stmt]) -> Iterator[tuple[str, str]]:
    """Yield each name that is assigned to, with the text below it."""
    for assignment, below in pairwise(body):
        match assignment, below:
            case (
                ast.AnnAssign(target=ast.Name(id=name)) | ast.Assign(targets=[ast.Name(id=name)]),
                ast.Expr(value=ast.Constant(value=str(text))),
            ):
                yield name, inspect.cleandoc(text)


def sentence_of(kind: Kind) -> str:
    """Return what the manual says of a kind of table: below its field, or of its class, or of its module."""
    if kind.is_inner:
        return inspect.getdoc(kind.model) or ""
    names = {field.alias or name: name for name, field in Site.model_fields.items()}
    if told := sentences(Site).get(names[kind.name]):
        return told
    if kind.shape == "pairs" or kind.model is None:
        return _sentence_of_pairs(kind.name)
    return inspect.getdoc(kind.model) or ""


def _sentence_of_pairs(name: str) -> str:
    module = import_module(f"declweb.model.{name}")
    about = (inspect.getdoc(module) or "").partition("\n")[0].partition(": ")[2]
    below = dict(_told(ast.parse(inspect.getsource(module)).body)).get(name.capitalize())
    return " ".join(filter(None, (_capitalised(about), below)))


def _capitalised(text: str) -> str:
    return text[:1].upper() + text[1:]


_NAMED: tuple[tuple[Any, str], ...] = (
    (Size, 'size such as `"5 MB"`'),
    (Duration, 'time such as `"30 minutes"`'),
    (CacheTime, 'time such as `"1 hour"`, or `"never"`'),
    (SwitchedTime, 'time such as `"1 year"`, `"never"`, or `false`'),
    (KeepTime, 'time such as `"180 days"`, or `"forever"`'),
    (RateLimit, 'number in a time such as `"5 per minute"`, or `"none"`'),
    (ClosedPeriod, 'date, or days such as `"2026-12-20 to 2027-01-06"`'),
    (BoundValue, 'number, date, time, or day such as `"today + 2 days"`'),
    (DefaultValue, "value of the field's type"),
    (WrittenConditions, "table of field = value, or a list of values"),
    (Choices, "list of texts, or table of value = label"),
    (FieldName, "name"),
    (Functions, "table of name = function, or a list of functions"),
    (Commands, "table of name = function, or a list of functions"),
    (OnPaths, "function or table"),
    (Handler, "function"),
    (Module, "module"),
    (Csp, "table, or `false`"),
    (UrlPath, "address"),
    (FixedPath, "address without variables"),
    (UrlTarget, "address, of this site or of the web"),
    (PathPattern, "address with `*`"),
    (SiteUrl, "web address"),
    (HeaderName, "name of a header"),
    (Name, "name"),
    (Language, "language code"),
    (Text, "text, or one for each language"),
)
"""What the types that the models share are called; each is known by its first annotation."""

_PLAIN: dict[Any, str] = {
    str: "text",
    int: "whole number",
    float: "number",
    bool: "`true` or `false`",
    date: "date",
    datetime: "date with time",
    time: "time of day",
    Any: "any value",
}


def words(annotation: Any) -> str:
    """Return the words for a type."""
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _annotated(arguments[0], arguments[1:])
    if origin in {Union, UnionType}:
        return " or ".join(dict.fromkeys(words(part) for part in arguments if part is not type(None)))
    if origin is list:
        return f"list of {words(arguments[0])}"
    if origin is dict:
        return f"table of {words(arguments[0])} = {words(arguments[1])}"
    return "table" if isinstance(annotation, type) and issubclass(annotation, Table) else _PLAIN[annotation]


def _annotated(base: Any, said: tuple[Any, ...]) -> str:
    for named, text in _NAMED:
        if get_args(named)[1] in said:
            return text
    if get_args(OneOrMany)[1] in said:
        return f"{words(get_args(base)[0])}, or a list of such"
    for choice in said:
        if isinstance(choice, Choice):
            return "one of " + ", ".join(f"`{toml(word)}`" for word in choice.words)
    return words(base) + _bounds(said)


def _bounds(said: tuple[Any, ...]) -> str:
    constraints = [part for one in said for part in (one.metadata if isinstance(one, FieldInfo) else [one])]
    least = next((f" from {one.ge}" for one in constraints if isinstance(one, Ge)), "")
    return least + next((f" to {one.le}" for one in constraints if isinstance(one, Le)), "")


def _default(field: FieldInfo, type_: str) -> str:
    value = field.get_default()
    if value is None or value in ([], {}) or isinstance(value, Table) or field.is_required():
        return ""
    if isinstance(value, timedelta):
        return toml(spoken_duration(value))
    if isinstance(value, Rate):
        return toml(str(value))
    return toml(spoken_size(value) if type_.startswith("size") else value)


def _example(word: str, annotation: Any) -> str:
    found = next(_examples(annotation), None)
    return "" if found is None else f"{word} = {toml(found)}"


def _examples(annotation: Any) -> Iterator[object]:
    if isinstance(annotation, FieldInfo):
        yield from annotation.examples or ()
        return
    if get_origin(annotation) is Annotated:
        for said in reversed(annotation.__metadata__):
            yield from _examples(said)
    for part in get_args(annotation)[:1]:
        yield from _examples(part)


def toml(value: object) -> str:
    """Return a value as it is written in a site file, on one line."""
    if isinstance(value, dict):
        pairs = (f"{tomli_w.dumps({key: 0}).partition(' = ')[0]} = {toml(part)}" for key, part in value.items())
        return f"{{ {', '.join(pairs)} }}"
    if isinstance(value, list):
        return f"[{', '.join(map(toml, value))}]"
    return tomli_w.dumps({"value": value}).removeprefix("value = ").rstrip("\n")
