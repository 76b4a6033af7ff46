"""What is asked of an endpoint: from the query of an address to conditions, an order, columns and a page.

Owns how a question is written, and what is wrong with one: all of it at once, each with the parameter, and with what
would be right. Knows neither rows nor answers.
"""

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, tzinfo
from functools import cached_property
from typing import Any
from urllib.parse import parse_qsl

from declweb.data.dataset import Cell, Column
from declweb.data.literals import EXPECTED, Mistyped, read, written
from declweb.data.selecting import OPERATORS, Condition, Order
from declweb.problems import did_you_mean
from declweb.translations import Say, mark

MOST_ROWS = 1000
"""Rows that may be asked for at once."""
MOST_PARAMETERS = 100
MOST_VALUES = 100
"""Of a list."""
MOST_DIGITS = 9

OF_ROWS = ("sort", "fields", "format", "next", "page_size")
"""What can be asked of all rows."""

LISTS = ("a,b", '"a,b",c')

_TOKEN = re.compile("[A-Za-z0-9_-]+")

UNKNOWN = mark("`{name}` is not known here.")
TWICE = mark("`{name}` is given more than once.")
DOUBLED = mark("`{value}` stands in `{name}` more than once.")
MISSING = mark("`{name}` is missing.")
EMPTY = mark("`{name}` is empty.")
MISTYPED = mark("`{value}` is not what `{name}` takes: it takes {expected}.")
NO_CHOICE = mark("`{value}` is none of the values of `{name}`.")
NO_COLUMN = mark("`{value}` is no column that `{name}` takes.")
NO_OPERATOR = mark("`{column}` cannot be asked with `{operator}`.")
NO_LIST = mark("`{value}` is no list for `{name}`: what has a comma, a quote or a line break in it stands in quotes.")
TOO_SMALL = mark("`{name}` must be at least {least}.")
TOO_LARGE = mark("`{name}` must be at most {most}.")
TOO_MANY = mark("This asks for more than a hundred things at once.")
UNREADABLE = mark("The query is no text in UTF-8.")
NO_SUCH_PAGE = mark("`{name}` belongs to another question, or is cut off. Begin with the first page.")
MEANT = mark("Did you mean `{word}`?")


@dataclass(frozen=True, slots=True)
class Parameter:
    """What may be asked besides columns, or must be."""

    name: str
    type: str
    is_required: bool = False
    default: Cell = None
    choices: tuple[str, ...] = ()
    least: Cell = None
    most: Cell = None


@dataclass(frozen=True, slots=True)
class Mistake:
    """Something that is wrong with a question."""

    parameter: str
    text: str
    values: Mapping[str, str] = field(default_factory=dict)
    allowed: tuple[str, ...] = ()
    """What would be right."""
    meant: str | None = None
    """Which of it was probably meant."""

    def said(self, say: Say) -> str:
        """Return what is wrong in a language."""
        values = {name: say(value) if name == "expected" else value for name, value in self.values.items()}
        return say(self.text).format(name=self.parameter, **values)


class Refused(Exception):
    """A question that has no answer."""

    def __init__(self, mistakes: Sequence[Mistake]) -> None:
        super().__init__(", ".join(mistake.parameter for mistake in mistakes))
        self.mistakes = tuple(mistakes)


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked."""

    params: Mapping[str, Cell] = field(default_factory=dict)
    """The values of the parameters, None for those that are not given."""
    conditions: tuple[Condition, ...] = ()
    orders: tuple[Order, ...] = ()
    fields: tuple[str, ...] = ()
    page_size: int = 50
    next: str | None = None
    format: str | None = None
    given: Mapping[str, str] = field(default_factory=dict)
    """The parameters as they were written, in their order."""


@dataclass(frozen=True)
class Terms:
    """What may be asked of an endpoint."""

    params: Mapping[str, Parameter] = field(default_factory=dict)
    filters: Mapping[str, Column] = field(default_factory=dict)
    sorts: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    orders: tuple[Order, ...] = ()
    """The order where nobody asks for another one."""
    page_size: int = 50
    has_rows: bool = False
    formats: tuple[str, ...] = ()
    """How the answer can be written; nothing may be asked of a function's."""
    zone: tzinfo = UTC
    """Of moments that do not say theirs."""
    is_open: bool = False
    """Whether nothing is said of what is not known: somebody else knows it."""

    @cached_property
    def names(self) -> tuple[str, ...]:
        """What may be asked, by name; of a column its first spelling alone."""
        known = {"sort": self.sorts, "format": self.formats}
        return (*self.params, *self.filters, *(name for name in OF_ROWS if known.get(name, self.has_rows)))

    def question(self, query: str, *, is_form: bool = False) -> Question:
        """Return what a query asks; raises Refused. What a form left empty is not asked."""
        reading = _Reading(self)
        try:
            pairs = parse_qsl(query, keep_blank_values=True, errors="strict", max_num_fields=MOST_PARAMETERS)
        except UnicodeDecodeError:
            raise Refused([Mistake("", UNREADABLE)]) from None
        except ValueError:
            raise Refused([Mistake("", TOO_MANY)]) from None
        for name, text in pairs:
            if text or not is_form:
                reading.take(name, text)
        return reading.done()

    def params_of(self, query: str, *, is_form: bool = False) -> Mapping[str, Cell]:
        """Return the values of the parameters alone, whatever else is asked; raises Refused where one is wrong."""
        return replace(self, is_open=True).question(query, is_form=is_form).params


class _Reading:
    """A query while it is read."""

    def __init__(self, terms: Terms) -> None:
        self.terms = terms
        self.mistakes: list[Mistake] = []
        self.given: dict[str, str] = {}
        self.params: dict[str, Cell] = {}
        self.conditions: list[Condition] = []
        self.asked: dict[str, Any] = {"orders": terms.orders, "fields": terms.fields, "page_size": terms.page_size}
        """The question, part by part."""

    def wrong(self, name: str, text: str, allowed: Sequence[str] = (), meant: str | None = None, **values: str) -> None:
        """Note what is wrong."""
        shortened = {key: _short(value) for key, value in values.items()}
        self.mistakes.append(Mistake(_short(name), text, shortened, tuple(allowed), meant))

    def take(self, name: str, text: str) -> None:
        """Take one parameter with its value."""
        if name in self.given:
            self.wrong(name, TWICE)
            return
        self.given[name] = text
        terms = self.terms
        if name in terms.params:
            self._param(terms.params[name], text)
        elif name in OF_ROWS and name in terms.names:
            getattr(self, f"_{name}")(text)
        elif (found := self._condition_name(name)) is not None:
            self._condition(name, *found, text)
        elif not terms.is_open:
            self.wrong(name, UNKNOWN, terms.names, did_you_mean(name, self._spellings(name)))

    def done(self) -> Question:
        """Return the question once all of it is read; raises Refused."""
        for name, param in self.terms.params.items():
            if param.is_required and name not in self.given:
                self.wrong(name, MISSING, param.choices or (EXPECTED[param.type],))
            self.params.setdefault(name, param.default)
        if self.mistakes:
            raise Refused(self.mistakes)
        return Question(params=self.params, conditions=tuple(self.conditions), given=self.given, **self.asked)

    # --- parameters and columns ---

    def _param(self, param: Parameter, text: str) -> None:
        value = self._value(param.name, text, param.type, param.choices)
        if value is None:
            return
        least, most = param.least, param.most
        if least is not None and value < least:  # type: ignore[operator] # of the same type
            self.wrong(param.name, TOO_SMALL, _between(param), least=written(least))
        elif most is not None and value > most:  # type: ignore[operator] # as above
            self.wrong(param.name, TOO_LARGE, _between(param), most=written(most))
        else:
            self.params[param.name] = value

    def _value(self, name: str, text: str, type_: str, choices: Sequence[str] = ()) -> Cell:
        """Return a value of a type; None where it is none."""
        if choices:
            if text in choices:
                return text
            self.wrong(name, NO_CHOICE, choices, did_you_mean(text, choices), value=text)
            return None
        if not text:
            self.wrong(name, EMPTY, (EXPECTED[type_],))
            return None
        try:
            return read(text, type_, self.terms.zone)
        except Mistyped:
            self.wrong(name, MISTYPED, (EXPECTED[type_],), value=text, expected=EXPECTED[type_])
            return None

    def _condition_name(self, name: str) -> tuple[Column, str] | None:
        """Return the column and the operator that a parameter is made of."""
        if name in self.terms.filters:
            return self.terms.filters[name], "eq"
        column, _, operator = name.rpartition("__")
        return (self.terms.filters[column], operator) if column in self.terms.filters else None

    def _condition(self, name: str, column: Column, operator: str, text: str) -> None:
        known = OPERATORS[column.type]
        if operator not in known or (operator == "eq" and name != column.name):
            near = did_you_mean(operator, known - {"eq"})
            meant = f"{column.name}__{near}" if near else None
            self.wrong(name, NO_OPERATOR, _spellings(column), meant, column=column.name, operator=operator)
            return
        if operator == "in":
            values = tuple(self._value(name, each, column.type, column.choices) for each in self._list(name, text))
            if values and None not in values:
                self.conditions.append(Condition(column.name, operator, values))
            return
        is_part = operator in {"contains", "starts"}
        type_ = "yes/no" if operator == "empty" else "text" if is_part else column.type
        choices = column.choices if operator in {"eq", "not"} else ()
        value = self._value(name, text, type_, choices)
        if value is not None:
            self.conditions.append(Condition(column.name, operator, value))

    def _list(self, name: str, text: str) -> Sequence[str]:
        """Return the values of a list; one with a comma in it stands in quotes, as in CSV (RFC 4180)."""
        try:
            found = next(csv.reader([text], strict=True), [])
        except csv.Error:
            self.wrong(name, NO_LIST, LISTS, value=text)
            return ()
        if not found:
            self.wrong(name, EMPTY, LISTS)
        if len(found) > MOST_VALUES:
            self.wrong(name, TOO_LARGE, most=str(MOST_VALUES))
            return ()
        return found

    def _spellings(self, name: str) -> Iterator[str]:
        yield from self.terms.names
        if "__" in name:
            for column in self.terms.filters.values():
                yield from _spellings(column)

    # --- what can be asked of all rows ---

    def _names(self, name: str, text: str, known: Sequence[str]) -> tuple[str, ...] | None:
        """Return names of columns, with `-` before those that are turned round; None where one is wrong."""
        names = tuple(text.split(","))
        bare = [each.removeprefix("-") if name == "sort" else each for each in names]
        for each in bare:
            if each not in known:
                self.wrong(name, NO_COLUMN, known, did_you_mean(each, known), value=each)
            elif bare.count(each) > 1:
                self.wrong(name, DOUBLED, known, value=each)
                return None
        return names if all(each in known for each in bare) else None

    def _sort(self, text: str) -> None:
        names = self._names("sort", text, self.terms.sorts)
        if names is not None:
            self.asked["orders"] = tuple(map(Order.of, names))

    def _fields(self, text: str) -> None:
        names = self._names("fields", text, self.terms.fields)
        if names is not None:
            self.asked["fields"] = names

    def _format(self, text: str) -> None:
        known = self.terms.formats
        if text not in known:
            self.wrong("format", NO_CHOICE, known, did_you_mean(text, known), value=text)
        self.asked["format"] = text

    def _next(self, text: str) -> None:
        if not text:
            self.wrong("next", EMPTY)
        elif not _TOKEN.fullmatch(text):
            self.wrong("next", NO_SUCH_PAGE)
        self.asked["next"] = text

    def _page_size(self, text: str) -> None:
        if not (text.isascii() and text.isdecimal() and len(text) <= MOST_DIGITS):
            self.wrong("page_size", MISTYPED, (f"1 … {MOST_ROWS}",), value=text, expected=EXPECTED["integer"])
        elif int(text) < 1:
            self.wrong("page_size", TOO_SMALL, (f"1 … {MOST_ROWS}",), least="1")
        elif int(text) > MOST_ROWS:
            self.wrong("page_size", TOO_LARGE, (f"1 … {MOST_ROWS}",), most=str(MOST_ROWS))
        else:
            self.asked["page_size"] = int(text)


def _spellings(column: Column) -> tuple[str, ...]:
    """Return all that can be asked of a column."""
    return tuple(
        column.name if operator == "eq" else f"{column.name}__{operator}"
        for operator in sorted(OPERATORS[column.type], key=lambda each: (each != "eq", each))
    )


def _between(param: Parameter) -> tuple[str]:
    least, most = ("" if each is None else written(each) for each in (param.least, param.most))
    return (f"{least} … {most}".strip(),)


def _short(text: str) -> str:
    """Return what was written as it is quoted: nobody is shown a whole book."""
    return text if len(text) <= 60 else f"{text[:57]}…"
