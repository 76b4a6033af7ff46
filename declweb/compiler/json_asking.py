"""What endpoints are asked: parameters of the query and variables of the path, and the answer to what makes no sense.

Owns how a refused question is told: problem+json (RFC 9457) to programs, the site's error page to people. Knows neither
rows nor functions.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from zoneinfo import ZoneInfo

from declweb.app import Finisher
from declweb.context import Context
from declweb.data.dataset import Cell
from declweb.data.literals import Mistyped, as_cell
from declweb.data.questions import MEANT, Mistake, Parameter, Terms
from declweb.data.questions import Refused as Unanswerable
from declweb.http.answer import Answer, Refused, status_line
from declweb.http.negotiation import best_type
from declweb.model import Json
from declweb.model.params import Param
from declweb.model.urls import variables
from declweb.translations import Say

HTML, JSON = "text/html", "application/json"
FORMS = (JSON, "application/problem+json", HTML)
_ANYTHING = frozenset({None, "", "*/*", JSON})

ONE, SEVERAL = "This cannot be answered as it is asked.", "This cannot be answered as it is asked, for {count} reasons."


def wants_html(accept: str | None) -> bool:
    """Tell whether a person asks: Accept prefers HTML to JSON."""
    return accept not in _ANYTHING and best_type(accept, FORMS) == HTML


@dataclass(frozen=True, slots=True)
class Asking:
    """What may be asked of an endpoint besides columns."""

    params: Mapping[str, Parameter]
    of_path: Mapping[str, str]
    """The types of the path's variables, where `params` gives them one."""
    finisher: Finisher
    zone: ZoneInfo
    """Of moments that do not say theirs."""

    @classmethod
    def of(cls, endpoint: Json, finisher: Finisher, zone: ZoneInfo) -> "Asking":
        """Return what a table of the site file lets be asked."""
        names = {variable.name for variable in variables(endpoint.path)}
        typed = {name: param.type for name, param in endpoint.params.items() if name in names}
        asked = {name: _parameter(name, param, zone) for name, param in endpoint.asked.items()}
        return cls(asked, typed, finisher, zone)

    def values(self, context: Context) -> dict[str, object]:
        """Return the variables of the path and the parameters of the query; raises Unanswerable, or Refused."""
        asked = Terms(params=self.params, zone=self.zone).question(context.query).params if self.params else {}
        return {**self.variables(context), **asked}

    def variables(self, context: Context) -> dict[str, object]:
        """Return the variables of the path; one that is not of its type leads nowhere."""
        given = context.view_args
        try:
            return {
                name: as_cell(value, self.of_path[name], self.zone) if name in self.of_path else value
                for name, value in given.items()
            }
        except Mistyped:
            raise Refused(HTTPStatus.NOT_FOUND) from None

    def refused(self, error: Unanswerable, context: Context, *, is_person: bool) -> Answer:
        """Answer a question that has no answer; raises Refused for the error page that people see."""
        context.vary.add("Accept")
        if is_person:
            raise Refused(HTTPStatus.BAD_REQUEST, told=lambda say: _for_people(error.mistakes, say)) from None
        body = json.dumps(_problem(error.mistakes), ensure_ascii=False).encode("utf-8", "replace") + b"\n"
        headers = [
            ("Content-Type", "application/problem+json"),
            ("Content-Language", "en"),
            ("Cache-Control", "no-store"),
            ("Content-Length", str(len(body))),
        ]
        return status_line(400), self.finisher(context.path)(400, context.is_secure, headers), [body]


def _parameter(name: str, param: Param, zone: ZoneInfo) -> Parameter:
    def cell(value: object) -> Cell:
        return None if value is None else as_cell(value, param.type, zone)

    return Parameter(
        name, param.type, param.required, cell(param.default), tuple(param.choices or ()), cell(param.min),
        cell(param.max),
    )  # fmt: skip


def _problem(mistakes: tuple[Mistake, ...]) -> dict[str, object]:
    """Return what a program is told: each parameter with what is wrong with it and what would be right."""
    errors = []
    for mistake in mistakes:
        told: dict[str, object] = {"parameter": mistake.parameter, "detail": mistake.said(_in_english)}
        told |= {"allowed": list(mistake.allowed)} if mistake.allowed else {}
        told |= {"suggestion": mistake.meant} if mistake.meant else {}
        errors.append(told)
    return {
        "type": "about:blank",
        "title": status_line(400).partition(" ")[2],
        "status": 400,
        "detail": ONE if len(mistakes) == 1 else SEVERAL.format(count=len(mistakes)),
        "errors": errors,
    }


def _in_english(text: str) -> str:
    return text


def _for_people(mistakes: tuple[Mistake, ...], say: Say) -> str:
    """Return the same in sentences, a line for each mistake."""
    return "\n".join(
        f"{mistake.said(say)} {say(MEANT).format(word=mistake.meant) if mistake.meant else ''}".rstrip()
        for mistake in mistakes
    )
