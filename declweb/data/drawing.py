"""Rows and documents as people see them: a page with a table, drawn with a template of declweb's own.

Owns the page, its style, and what browsers may do with it. What people can ask there is what programs can ask. Knows
neither request nor site but for its name.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, tzinfo
from decimal import Decimal, localcontext
from functools import cache
from hashlib import blake2b
from importlib.resources import files
from typing import ClassVar
from urllib.parse import quote, urlencode

from jinja2 import Environment, PackageLoader, StrictUndefined

from declweb.data.dataset import ANY, Column, Dataset, Document
from declweb.data.literals import EXPECTED
from declweb.data.questions import Question, Terms
from declweb.http.policy import NONE, SELF
from declweb.http.policy import written as policy
from declweb.translations import SOURCE, Say, find_spoken, mark, translated

STYLE = "declweb.data.style"
"""The name that `url_for` knows the style by."""

POLICY = policy(
    {
        "default-src": (NONE,),
        "style-src": (SELF,),
        "img-src": (SELF,),
        "form-action": (SELF,),
        "base-uri": (NONE,),
        "frame-ancestors": (NONE,),
    }
)
"""What a browser may do with a page: draw it with its own style, and ask again with its form."""

ASIDE = ("sort", "fields", "page_size")
"""What a form passes on as it is."""

FEW = 4
"""Fields of a form that need not be folded up."""

ASKED = {
    "eq": mark("{column} is {value}"),
    "not": mark("{column} is not {value}"),
    "lt": mark("{column} is less than {value}"),
    "lte": mark("{column} is at most {value}"),
    "gt": mark("{column} is more than {value}"),
    "gte": mark("{column} is at least {value}"),
    "in": mark("{column} is one of {value}"),
    "contains": mark("{column} contains {value}"),
    "starts": mark("{column} begins with {value}"),
    "empty": mark("{column} is empty: {value}"),
}
"""How people are told what is asked of a column."""

LEAST, MOST, CONTAINS = mark("{column}, at least"), mark("{column}, at most"), mark("{column} contains")
ONE_ROW, MANY_ROWS = mark("1 row"), mark("{count} rows")
YES, NO = mark("yes"), mark("no")

MOST_WRITTEN = 60
"""Digits before and behind the point that people are shown; a number with more stands as programs write it."""

_STYLES = {**dict.fromkeys(("number", "integer"), "number"), **dict.fromkeys(("text", "url", "email", ANY), "words")}
_INPUTS = {"number": "number", "integer": "number", "date": "date", "time": "time", "datetime": "datetime-local"}


@dataclass(frozen=True, slots=True)
class Input:
    """A field of the form."""

    name: str
    label: str
    type: str
    value: str
    choices: tuple[tuple[str, str], ...] = ()
    step: str | None = None


@dataclass(frozen=True, slots=True)
class Heading:
    """The head of a column."""

    name: str
    text: str
    url: str | None
    """Where the rows are sorted by it, if visitors may."""
    sorted: str | None
    """`ascending`, `descending`, or None."""
    style: str
    """`number` or `words`; nothing for what is short and of the same length."""


@cache
def style() -> tuple[str, bytes]:
    """Return the address of the style, with its hash in it, and the style."""
    body = (files(__package__) / "served" / "rows.css").read_bytes()
    return f"/declweb/rows-{blake2b(body, digest_size=8).hexdigest()}.css", body


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("declweb.data"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )


@dataclass(frozen=True, slots=True)
class Writer:
    """Writes cells as the people who speak a language do."""

    language: str
    say: Say
    zone: tzinfo

    def __call__(self, cell: object) -> str:
        """Return a cell as text."""
        from babel.dates import format_date, format_datetime, format_time  # noqa: PLC0415 # not before it is needed

        if cell is None:
            return ""
        if isinstance(cell, bool):
            return self.say(YES if cell else NO)
        if isinstance(cell, Decimal | int):
            return self._number(cell)
        if isinstance(cell, datetime):
            return format_datetime(cell, "medium", self._zone_of(cell), self.language)
        if isinstance(cell, date):
            return format_date(cell, locale=self.language)
        return format_time(cell, locale=self.language, format="short") if isinstance(cell, time) else str(cell)

    def _number(self, number: Decimal | int) -> str:
        from babel.numbers import format_decimal  # noqa: PLC0415 # not before it is needed

        number = Decimal(number)
        digits = max(0, -int(number.as_tuple().exponent))
        if max(digits, number.adjusted()) > MOST_WRITTEN:
            return str(number)
        form = f"#,##0.{'0' * digits}" if digits else "#,##0"
        with localcontext(prec=2 * MOST_WRITTEN + 2):
            return format_decimal(number, form, self.language, decimal_quantization=False)

    def _zone_of(self, moment: datetime) -> tzinfo:
        """Return the time zone in which a moment is written: its own where it would leave the calendar in ours."""
        try:
            moment.astimezone(self.zone)
        except OverflowError:
            return moment.tzinfo or self.zone
        return self.zone


@dataclass(frozen=True, slots=True)
class Drawn:
    """What draws the pages of an endpoint."""

    name: str
    """What the data is called."""
    site: str
    zone: tzinfo
    policy: ClassVar[str] = POLICY

    def rows(  # noqa: PLR0913 # what a page of rows is made of
        self,
        dataset: Dataset,
        terms: Terms,
        question: Question,
        rows: Sequence[int],
        urls: Mapping[str, str | None],
        language: str,
        prefix: str,
        *,
        total: int,
    ) -> str:
        """Return a page with rows; `urls` are those of this page without its query, and of the next page."""
        page = _Page(dataset, terms, question, str(urls["here"]), self._writer(language))
        return self._drawn(
            "rows.html",
            language,
            prefix,
            headings=page.headings(),
            inputs=page.inputs(),
            hidden=page.hidden(),
            asked=page.asked(),
            is_open=len(page.inputs()) <= FEW,
            rows=[[dataset.cells[name][row] for name in question.fields] for row in rows],
            count=page.count(total),
            here=urls["here"],
            next=urls["next"],
            first=page.address(next=None) if "next" in question.given else None,
            csv=page.address(next=None, page_size=None, format="csv"),
            json=page.address(format="json"),
        )

    def document(self, document: Document, language: str, prefix: str, here: str) -> str:
        """Return a page with a document."""
        return self._drawn("document.html", language, prefix, value=document.value, json=f"{here}?format=json")

    def _drawn(self, template: str, language: str, prefix: str, **values: object) -> str:
        write = self._writer(language)
        known = {"site": self.site, "name": self.name, "language": write.language, "style": f"{prefix}{style()[0]}"}
        written_in = {"say": write.say, "write": write}
        return _environment().get_template(template).render({**known, **written_in, **values})

    def _writer(self, language: str) -> Writer:
        spoken = find_spoken(language) or SOURCE
        return Writer(spoken, translated(spoken), self.zone)


class _Page:
    """A page while it is drawn."""

    def __init__(self, dataset: Dataset, terms: Terms, question: Question, here: str, write: Writer) -> None:
        self.dataset = dataset
        self.terms = terms
        self.question = question
        self.here = here
        self.say = write.say
        self.write = write

    def address(self, **changed: str | None) -> str:
        """Return the address of the same question with some of it changed; None takes a part out."""
        return address(self.here, {**self.question.given, **changed})

    def count(self, total: int) -> str:
        """Return how many rows there are."""
        return self.say(ONE_ROW) if total == 1 else self.say(MANY_ROWS).format(count=self.write(total))

    def headings(self) -> list[Heading]:
        """Return the heads of the columns."""
        found = []
        first = self.question.orders[0] if self.question.orders else None
        for name in self.question.fields:
            column = self.dataset.column(name)
            is_first = first is not None and first.column == name
            is_descending = is_first and first is not None and first.is_descending
            url = None
            if name in self.terms.sorts:
                url = self.address(sort=f"-{name}" if is_first and not is_descending else name, next=None)
            way = None if not is_first else "descending" if is_descending else "ascending"
            found.append(Heading(name, column.spoken, url, way, _STYLES.get(column.type, "")))
        return found

    def inputs(self) -> list[Input]:
        """Return the fields of the form: what is asked most of columns of each type."""
        return [
            *(each for column in self.terms.filters.values() for each in self._of_column(column)),
            *(self._input(name, name, param.type, param.choices) for name, param in self.terms.params.items()),
        ]

    def _of_column(self, column: Column) -> list[Input]:
        label, name = column.spoken, column.name
        if column.choices or column.type == "yes/no":
            return [self._input(name, label, column.type, column.choices)]
        if column.type in _INPUTS:
            both = ((f"{name}__gte", LEAST), (f"{name}__lte", MOST))
            return [self._input(each, self.say(text).format(column=label), column.type) for each, text in both]
        if column.type in EXPECTED:
            return [self._input(f"{name}__contains", self.say(CONTAINS).format(column=label), "text")]
        return []

    def _input(self, name: str, label: str, type_: str, choices: Sequence[str] = ()) -> Input:
        pairs = tuple((each, each) for each in choices)
        if type_ == "yes/no":
            pairs = (("yes", self.say(YES)), ("no", self.say(NO)))
        step = {"number": "any", "integer": "1", "time": "any", "datetime": "any"}.get(type_)
        value = self.question.given.get(name, "")
        return Input(name, label, "select" if pairs else _INPUTS.get(type_, "text"), value, pairs, step)

    def hidden(self) -> list[tuple[str, str]]:
        """Return what the form passes on without showing it."""
        shown = {each.name for each in self.inputs()}
        return [(name, text) for name, text in self.question.given.items() if name not in {*shown, "next", "format"}]

    def asked(self) -> list[tuple[str, str]]:
        """Return what is asked of columns in words, and where it is not asked any more."""
        return [
            (self._in_words(name), self.address(**{name: None, "next": None}))
            for name in self.question.given
            if name not in {*ASIDE, "next", "format"} and name not in self.terms.params
        ]

    def _in_words(self, name: str) -> str:
        column, _, operator = (name, "", "eq") if name in self.terms.filters else name.rpartition("__")
        found = next(
            each.value for each in self.question.conditions if (each.column, each.operator) == (column, operator)
        )
        value = ", ".join(map(self.write, found)) if isinstance(found, tuple) else self.write(found)
        return self.say(ASKED[operator]).format(column=self.terms.filters[column].spoken, value=value)


def address(here: str, given: Mapping[str, str | None]) -> str:
    """Return the address of a question."""
    query = urlencode({name: text for name, text in given.items() if text is not None}, quote_via=quote, safe=",:")
    return f"{here}?{query}" if query else here
