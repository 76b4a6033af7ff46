"""Flask's documented behaviours as docs/flask.md tells them: both ways, the requests, and what differs on purpose.

Owns the notation of that page and what counts as a difference between two answers.
"""

import json
import re
import runpy
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING
from urllib.parse import urljoin

from cases import Exchange, ask, strict_client, write
from flask import Flask
from werkzeug.test import Client
from werkzeug.wrappers import Response

from declweb.loading import load_site

if TYPE_CHECKING:
    from declweb.app import App

PAGE = Path(__file__).parents[2] / "docs" / "flask.md"
EVERYWHERE = "What differs everywhere"

_BLOCK = re.compile(r"^```(\S*)[ ]*([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_ROW = re.compile(r"^\| (?!request \|)([^|-][^|]*) \| ([^|]*) \| ([^|]+) \|$", re.MULTILINE)
_ELSEWHERE = frozenset({"Date", "Content-Length"})
"""Header fields that are not compared: the server sets the one, and the other is compared with the body."""


@dataclass(frozen=True)
class Difference:
    """A line of a table: in the answers to these requests, these parts differ."""

    requests: str
    parts: frozenset[str]
    reason: str


@dataclass
class Behaviour:
    """A section of the page."""

    title: str
    flask: str = ""
    site: str = ""
    files: dict[str, str] = field(default_factory=dict)
    requests: list[str] = field(default_factory=list)
    differences: list[Difference] = field(default_factory=list)


@dataclass(frozen=True)
class Answers:
    """What both said to one request."""

    request: str
    status: int
    """The status that the page tells of."""
    method: str
    url: str
    theirs: Response
    ours: Response

    def differences(self) -> frozenset[str]:
        """Return what differs: `status`, `body` or the name of a header field."""
        return frozenset(self._differences())

    def _differences(self) -> Iterator[str]:
        if self.theirs.status_code != self.ours.status_code:
            yield "status"
        if self._bodies_differ():
            yield "body"
        names = {name.title() for response in (self.theirs, self.ours) for name, _ in response.headers}
        for name in names - _ELSEWHERE:
            theirs, ours = (self._field(response, name) for response in (self.theirs, self.ours))
            if theirs != ours:
                yield name.replace("Etag", "ETag")

    def _bodies_differ(self) -> bool:
        """Tell whether the bodies differ, which a HEAD tells by their lengths."""
        if self.theirs.get_data() != self.ours.get_data():
            return True
        return self.theirs.headers.get("Content-Length") != self.ours.headers.get("Content-Length")

    def _field(self, response: Response, name: str) -> object:
        values = response.headers.getlist(name)
        if name == "Location":
            return [urljoin(urljoin("http://localhost/", self.url), value) for value in values]
        if name in {"Allow", "Vary"}:
            return {part.strip() for value in values for part in value.split(",")}
        return values


KINDS: dict[str, Callable[[Answers], bool]] = {
    "every answer": lambda answers: True,
    "every page": lambda answers: answers.ours.status_code == 200,
    "every redirect": lambda answers: answers.ours.status_code in {301, 302, 303, 307, 308},
    "every error": lambda answers: answers.ours.status_code >= 400,
    "every JSON value": lambda answers: answers.ours.mimetype == "application/json",
    "every file": lambda answers: answers.url.startswith("/static/") and answers.ours.status_code < 500,
}
"""What the first column of a table may say instead of a request."""


def concerns(difference: Difference, answers: Answers) -> bool:
    """Tell whether a listed difference is about these answers."""
    kind = KINDS.get(difference.requests)
    return kind(answers) if kind else difference.requests == f"`{answers.request}`"


@cache
def behaviours() -> tuple[Behaviour, ...]:
    """Return the sections of the page."""
    return behaviours_of(PAGE)


def behaviours_of(page: Path) -> tuple[Behaviour, ...]:
    """Return the sections of such a page, with the blocks that every one begins with put in."""
    preamble, *sections = re.split(r"^## ", page.read_text(encoding="utf-8"), flags=re.MULTILINE)
    beginnings = {kind: content for kind, _, content in _BLOCK.findall(preamble)}
    found = [_behaviour(section) for section in sections]
    for behaviour in found:
        behaviour.flask = beginnings["python"] + behaviour.flask
        behaviour.site = beginnings["toml"] + behaviour.site
    return tuple(found)


def _behaviour(section: str) -> Behaviour:
    behaviour = Behaviour(section.partition("\n")[0])
    for kind, name, content in _BLOCK.findall(section):
        if name:
            behaviour.files[name] = content
        elif kind == "python":
            behaviour.flask += content
        elif kind == "toml":
            behaviour.site += content
        elif kind == "requests":
            behaviour.requests += content.splitlines()
    behaviour.differences = [
        Difference(request.strip(), frozenset(re.findall(r"`([^`]+)`", parts)), reason.strip())
        for request, parts, reason in _ROW.findall(_BLOCK.sub("", section))
    ]
    return behaviour


@cache
def observed(title: str) -> tuple[Answers, ...]:
    """Return what both answer to the requests of a section."""
    behaviour = next(one for one in behaviours() if one.title == title)
    with TemporaryDirectory() as name:
        folder = write(Path(name), {**behaviour.files, "site.toml": behaviour.site, "app.py": behaviour.flask})
        theirs, ours = Client(flask_app(folder), Response, use_cookies=False), strict_client(declared_app(folder))
        return tuple(_asked(line, theirs, ours) for line in behaviour.requests)


def flask_app(folder: Path) -> Flask:
    """Return the Flask app that app.py in a folder makes."""
    app = runpy.run_path(str(folder / "app.py"), run_name="example")["app"]
    assert isinstance(app, Flask)
    app.root_path = str(folder)
    return app


def declared_app(folder: Path) -> "App":
    """Return the declared site of a folder, which must be without any problem."""
    loaded = load_site(folder, None, {})
    assert not loaded.problems, [f"{problem.place} {problem.code} {problem.message}" for problem in loaded.problems]
    assert loaded.app is not None
    return loaded.app


def _asked(line: str, theirs: Client, ours: Client) -> Answers:
    request, _, status = line.partition(" → ")
    target, *fields = request.split("; ")
    method, _, url = target.partition(" ")
    headers = [(name, value) for name, _, value in (one.partition(": ") for one in fields)]
    exchange = Exchange(method, url, headers)
    theirs_and_ours = ask(theirs, exchange), ask(ours, exchange)
    return Answers(request, int(status), method, url, *theirs_and_ours)


def as_value(response: Response) -> object:
    """Return what a JSON answer stands for."""
    return json.loads(response.get_data())
