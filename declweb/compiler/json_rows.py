"""`[json.NAME]` with `data`: rows of a dataset, page by page, and documents.

Owns what is answered to a question about rows, and which answers are kept: JSON for programs, CSV for spreadsheets, a
page for people. Knows neither how rows are read nor how a question is written.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from threading import Lock
from typing import Any, ClassVar
from urllib.parse import parse_qsl

from declweb.app import Finisher
from declweb.compiler.crossing import Openness
from declweb.compiler.data import Bound
from declweb.compiler.json_asking import HTML, Asking, wants_html
from declweb.context import Context, constant_context
from declweb.data import writing
from declweb.data.dataset import Cell, Dataset, Document
from declweb.data.drawing import Drawn, address
from declweb.data.literals import Mistyped, as_cell
from declweb.data.pages import WrongToken, page, resume, token
from declweb.data.questions import NO_CHOICE, NO_SUCH_PAGE, Mistake, Question, Terms
from declweb.data.questions import Refused as Unanswerable
from declweb.data.selecting import Condition, Order, matching
from declweb.http.answer import Answer, Headers, Refused
from declweb.http.headers import merge
from declweb.http.negotiation import best_language
from declweb.http.paths import escaped
from declweb.http.prepared import Prepared
from declweb.model import Json
from declweb.model.urls import Variable, parse
from declweb.rules.data import variables_in

BUDGET = 16 * 1024 * 1024
"""The bytes that answers to questions may take in memory, for each endpoint."""
LARGEST = 1024 * 1024
"""Bytes of an answer that is worth keeping."""
MOST_ADDRESSES = 1000
"""Addresses of an endpoint with variables of which it is known that nothing is kept any more."""
OVERHEAD = 4 * 1024
"""What an answer in memory takes besides its content, which is there in several codings."""

Given = Mapping[str, Cell]


@dataclass(frozen=True, slots=True)
class Asked:
    """What is answered: a question about what is there."""

    found: Dataset | Document
    question: Question
    conditions: tuple[Condition, ...]
    url: str
    query: str


Kept = dict[str, tuple[object, Prepared]]
"""Answers by query, each with the stamp of what it was made of."""


class Answers:
    """Answers that were given, for those who ask the same again."""

    def __init__(self) -> None:
        self._at: dict[str, Kept] = {}
        self._order: dict[tuple[str, str], int] = {}
        self._taken = 0
        self._lock = Lock()

    def at(self, url: str) -> Kept:
        """Return the answers that are kept of an address; it is the same one as long as the site runs."""
        return self._at.setdefault(url, {})

    def find(self, url: str, query: str, stamp: object) -> Prepared | None:
        """Return the answer to a query, if what is asked about is still the same."""
        kept = self._at.get(url, _NOTHING).get(query)
        return kept[1] if kept is not None and kept[0] == stamp else None

    def keep(self, url: str, query: str, stamp: object, prepared: Prepared) -> None:
        """Keep an answer at the expense of those that have been kept the longest."""
        if len(prepared.body) > LARGEST:
            return
        with self._lock:
            self._drop((url, query))
            self.at(url)[query] = stamp, prepared
            self._order[url, query] = cost = 2 * len(prepared.body) + OVERHEAD
            self._taken += cost
            while self._taken > BUDGET:
                self._drop(next(iter(self._order)))

    def _drop(self, key: tuple[str, str]) -> None:
        if (cost := self._order.pop(key, None)) is not None:
            self._taken -= cost
            self._at[key[0]].pop(key[1], None)
            if not self._at[key[0]] and len(self._at) > MOST_ADDRESSES:
                del self._at[key[0]]


_NOTHING: Kept = {}

LONGEST_SHOWN = 60
"""Characters of a wrong value that are repeated."""


@dataclass(frozen=True, slots=True, eq=False)
class Ready:
    """Answers at one address that need no more than a look, while nobody asks for a page."""

    kept: Kept
    source: Bound
    cost: int = 0
    """Answers have a budget of their own."""

    def now(self, query: str, environ: Mapping[str, Any]) -> Prepared | None:
        """Return the answer to a query, if it was given before."""
        found = self.kept.get(query)
        if found is None or ((accept := environ.get("HTTP_ACCEPT")) is not None and wants_html(accept)):
            return None
        return found[1] if found[0] == self.source.stamp() else None


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """An endpoint that answers with what is in a `[data.NAME]`."""

    name: str
    place: str
    endpoint: Json
    source: Bound
    asking: Asking
    finisher: Finisher
    headers: Headers
    openness: Openness | None
    drawn: Drawn
    languages: Sequence[str]
    answers: Answers = field(default_factory=Answers)
    is_original: ClassVar[bool] = False
    """It is no page that is listed."""
    _terms: dict[tuple[str, ...], Terms] = field(default_factory=dict)

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why it cannot be made before the first request."""
        if not self.source.changes:
            return ("depends on what is asked: each answer is made once",)
        return (f"asks `{self.endpoint.data}` what is there now",)

    def prepare(self, path: str, prefix: str) -> Prepared:
        """Never made as a page is: it depends on the query."""
        raise AssertionError(f"{self.name} is not prepared for {prefix}{path}")

    def warm(self, path: str, prefix: str) -> None:
        """Give the answer that is asked for most, before it is asked for."""
        if not self.source.changes:
            self.respond(constant_context(path, prefix))

    def ready(self, path: str, prefix: str) -> Ready | None:
        """Return what answers at an exact address before anything else is looked at; None where that changes."""
        if self.openness is not None and not self.openness.is_for_all:
            return None
        return Ready(self.answers.at(f"{prefix}{escaped(path)}"), self.source)

    def respond(self, context: Context) -> Answer:
        """Answer one request."""
        context.endpoint, context.place = self.name, self.place
        is_person = wants_html(context.environ.get("HTTP_ACCEPT"))
        url, query = f"{context.prefix}{escaped(context.path)}", context.query
        variables = self.asking.variables(context)
        try:
            if is_person and not _names_format(query):
                return self._sent(self._page(self._asked(query, url, variables, is_form=True), context), context)
            stamp = self.source.stamp()
            prepared = self.answers.find(url, query, stamp)
            if prepared is None:
                prepared = self._prepared(self._asked(query, url, variables), context)
                self.answers.keep(url, query, stamp, prepared)
        except Unanswerable as error:
            return self.asking.refused(error, context, is_person=is_person)
        return self._sent(prepared, context)

    def _sent(self, prepared: Prepared, context: Context) -> Answer:
        return prepared.answer(context.fields, secure=context.is_secure, head=context.method == "HEAD")

    # --- what is asked ------------------------------------------------------------------------------------------------

    def _found(self, query: str, variables: Given, *, is_form: bool = False) -> Dataset | Document:
        """Return what is there now; raises Unanswerable where the parameters of its query are wrong."""
        if not self.source.params:
            return self.source.now()
        given = {
            **variables,
            **Terms(params=self.asking.params, zone=self.asking.zone).params_of(query, is_form=is_form),
        }
        values = {name: _meant(self.endpoint.where.get(name), given) for name in self.source.params}
        try:
            return self.source.now(values)
        except ValueError:
            texts = {name: given.get(name) for name in self.asking.params if name in self._named}
            shown = {name: text[:LONGEST_SHOWN] for name, text in texts.items() if isinstance(text, str)}
            if not shown:
                raise Refused(HTTPStatus.NOT_FOUND) from None
            raise Unanswerable([Mistake(name, NO_CHOICE, {"value": text}) for name, text in shown.items()]) from None

    @property
    def _named(self) -> frozenset[str]:
        """The variables in `where`."""
        values = self.endpoint.where.values()
        texts = (each for value in values for each in (value if isinstance(value, list) else [value]))
        return frozenset(name for text in texts if isinstance(text, str) for name in variables_in(text))

    def _asked(self, query: str, url: str, variables: Given, *, is_form: bool = False) -> Asked:
        found = self._found(query, variables, is_form=is_form)
        question = self.terms(found).question(query, is_form=is_form)
        conditions: tuple[Condition, ...] = ()
        if isinstance(found, Dataset):
            conditions = (*self._where(found, {**variables, **question.params}), *question.conditions)
        return Asked(found, question, conditions, url, query)

    def terms(self, found: Dataset | Document) -> Terms:
        """Return what may be asked."""
        if isinstance(found, Document):
            return Terms(params=self.asking.params, formats=("json",), zone=self.asking.zone)
        terms = self._terms.get(found.names)
        if terms is None:
            endpoint = self.endpoint
            terms = self._terms[found.names] = Terms(
                params=self.asking.params,
                filters={name: found.column(name) for name in endpoint.filter},
                sorts=tuple(endpoint.sort),
                fields=tuple(endpoint.fields or found.names),
                orders=tuple(map(Order.of, endpoint.order)),
                page_size=endpoint.page_size,
                has_rows=True,
                formats=("json", "csv"),
                zone=self.asking.zone,
            )
        return terms

    def _where(self, dataset: Dataset, given: Given) -> Iterator[Condition]:
        """Yield what the site file says of the rows; nothing of what is not given."""
        for name, value in self.endpoint.where.items():
            if name in self.source.params:
                continue
            type_ = dataset.column(name).type
            meant = _meant(value, given)
            try:
                if isinstance(meant, list):
                    yield Condition(name, "in", tuple(as_cell(each, type_, self.asking.zone) for each in meant))
                elif meant is not None:
                    yield Condition(name, "eq", as_cell(meant, type_, self.asking.zone))
            except Mistyped:
                # A variable of the path that no cell can be: nothing has it.
                yield Condition(name, "in", ())

    # --- what is answered ---------------------------------------------------------------------------------------------

    def _prepared(self, asked: Asked, context: Context) -> Prepared:
        found = asked.found
        if isinstance(found, Document):
            return self._made(writing.document(found.value) + "\n", "application/json", context)
        if asked.question.format == "csv":
            return self._csv(asked, found, context)
        rows, following = self._part(asked, found)
        body = [f'{{"items": {writing.items(found, rows, asked.question.fields)},\n"next": ']
        link: Headers = []
        if following is None:
            body.append("null}\n")
        else:
            url = _next(asked, following)
            link = [("Link", f'<{url}>; rel="next"')]
            body.append(f"{writing.document({'token': following, 'url': url})}}}\n")
        return self._made("".join(body), "application/json", context, link)

    def _part(self, asked: Asked, dataset: Dataset) -> tuple[Sequence[int], str | None]:
        """Return the rows of a page, and the token of the next one; raises Unanswerable for a token of another one."""
        question = asked.question
        key = repr((asked.url, sorted(question.params.items()), asked.conditions, question.orders))
        terms, behind = self.terms(dataset), None
        hidden = {name for name in dataset.names if name not in terms.fields and name not in terms.filters}
        if question.next is not None:
            try:
                behind = resume(dataset, question.orders, question.next, key, hidden)
            except WrongToken:
                raise Unanswerable([Mistake("next", NO_SUCH_PAGE)]) from None
        part = page(dataset, asked.conditions, question.orders, question.page_size, behind)
        return part.rows, None if part.is_last else token(dataset, question.orders, part.rows[-1], key, hidden)

    def _csv(self, asked: Asked, dataset: Dataset, context: Context) -> Prepared:
        """Answer all rows for a spreadsheet; a page of them where one is asked for."""
        question, link = asked.question, []
        if {"page_size", "next"}.isdisjoint(question.given):
            rows = page(dataset, asked.conditions, question.orders, len(dataset)).rows
        else:
            rows, following = self._part(asked, dataset)
            link = [("Link", f'<{_with(asked, next=following)}>; rel="next"')] if following else []
        named = ("Content-Disposition", f'attachment; filename="{self.endpoint.data}.csv"')
        text = writing.as_csv(dataset, rows, question.fields)
        return self._made(text, "text/csv; charset=utf-8; header=present", context, [named, *link])

    def _page(self, asked: Asked, context: Context) -> Prepared:
        """Answer with a page for people."""
        context.vary.add("Accept-Language")
        language = best_language(context.environ.get("HTTP_ACCEPT_LANGUAGE"), self.languages) or self.languages[0]
        found = asked.found
        if isinstance(found, Document):
            text = self.drawn.document(found, language, context.prefix, asked.url)
        else:
            rows, following = self._part(asked, found)
            text = self.drawn.rows(
                found, self.terms(found), asked.question, rows,
                {"here": asked.url, "next": _with(asked, next=following) if following else None},
                language, context.prefix, total=len(matching(found, asked.conditions)),
            )  # fmt: skip
        said = [("Content-Language", language), ("Content-Security-Policy", self.drawn.policy)]
        return self._made(text, f"{HTML}; charset=utf-8", context, said)

    def _made(self, text: str, media_type: str, context: Context, said: Headers | None = None) -> Prepared:
        headers = [("Content-Type", media_type), *self.headers, ("Vary", "Accept"), *(said or [])]
        if self.openness is not None and self.openness.is_for_all:
            headers = merge(headers, self.openness.fields(None))
        return Prepared(text.encode("utf-8", "replace"), headers, finish=self.finisher(context.path), lazy=True)


def _meant(value: object, given: Given) -> object:
    """Return a value of `where` with what it names put in; None where that is not given."""
    if isinstance(value, list):
        found = [_meant(each, given) for each in value]
        return [each for each in found if each is not None] or None
    if not isinstance(value, str) or not variables_in(value):
        return value
    parts = parse(value)
    filled = [given.get(part.name) if isinstance(part, Variable) else part for part in parts]
    if None in filled:
        return None
    return filled[0] if len(filled) == 1 else "".join(map(str, filled))


def _with(asked: Asked, **changed: str | None) -> str:
    """Return the address of the same question with some of it changed; None takes a part out."""
    return address(asked.url, {**asked.question.given, **changed})


_PLAIN = re.compile(r"[\w.-]+=[\w.-]*(?:&[\w.-]+=[\w.-]*)*", re.ASCII)
"""A query with nothing in it that is written in more than one way."""


def _next(asked: Asked, token: str) -> str:
    """Return the address of the next page; what was asked is written anew only where it could look otherwise."""
    if "next" not in asked.question.given and _PLAIN.fullmatch(asked.query):
        return f"{asked.url}?{asked.query}&next={token}"
    return _with(asked, next=token)


def _names_format(query: str) -> bool:
    return "format" in query and any(name == "format" for name, _ in parse_qsl(query, keep_blank_values=True))
