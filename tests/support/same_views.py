"""Views that run under Flask and under declweb, as docs/flask-views.md holds them: both programs, and what they answer.

Owns how the page is made into two programs, and how a line of requests is read. What counts as a difference stands in
`side_by_side`.
"""

import re
import tomllib
import zlib
from base64 import urlsafe_b64decode
from collections.abc import Iterator, Mapping
from functools import cache
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from types import ModuleType
from typing import Any
from urllib.parse import unquote_to_bytes
from wsgiref.validate import validator

from cases import write
from flask import Flask
from side_by_side import Answers, Behaviour, behaviours_of, declared_app
from werkzeug.test import Client, EnvironBuilder
from werkzeug.wrappers import Request, Response

PAGE = Path(__file__).parents[2] / "docs" / "flask-views.md"
ELSEWHERE = {"Markup": "markupsafe", "escape": "markupsafe", "secure_filename": "werkzeug.utils"}
"""Names that Flask's own module does not have."""
ALSO = ("HEAD", "OPTIONS", "DELETE", "PATCH")
"""Methods with which every address that is read is asked, too."""
_IMPORT = re.compile(r"^from flask import \((.*?)\)$", re.MULTILINE | re.DOTALL)
_SESSION = re.compile(r"^session=(\.?)([^.;]+)[^;]*")
_EXPIRES = re.compile(r" Expires=(?!Thu, 01 Jan 1970)[^;]*;")
"""A moment that may be a second later for whoever is asked next; Max-Age tells of it, too."""


@cache
def sections() -> tuple[Behaviour, ...]:
    """Return the sections of the page, with what each begins with."""
    return behaviours_of(PAGE)


@cache
def observed(title: str) -> tuple[Answers, ...]:
    """Return what both answer to the requests of a section."""
    section = next(one for one in sections() if one.title == title)
    with TemporaryDirectory() as name:
        site = _merged(section.site)
        folder = write(Path(name), {**section.files, "site.toml": site, "views.py": _for_declweb(section.flask)})
        clients = (
            Client(flask_app(folder, tomllib.loads(site), _for_flask(section.flask)), Response, use_cookies=False),
            Client(validator(declared_app(folder)), Response, use_cookies=False),
        )
        jars: tuple[dict[str, str], dict[str, str]] = ({}, {})
        return tuple(
            Answers(line, status, method, url, *(_ask(*pair, line, method) for pair in zip(clients, jars, strict=True)))
            for line, status, method, url in _requests(section)
        )


def _requests(section: Behaviour) -> Iterator[tuple[str, int, str, str]]:
    """Yield each request with the status that the page tells, and each address that is read by other methods."""
    for written in section.requests:
        line, _, status = written.partition(" → ")
        method, _, url = line.partition("; ")[0].partition(" ")
        yield line, int(status), method, url
        if method == "GET":
            for other in ALSO:
                yield f"{other}{line.removeprefix('GET')}", 0, other, url


def _merged(site: str) -> str:
    """Return a site file in which a section's own [hooks] stands in the place of the usual one."""
    first, *more = site.split('[hooks]\nmodule = "views"\n')
    return f'{first}{"".join(more[:-1])}[hooks]\nmodule = "views"\n{more[-1]}'


def _for_declweb(views: str) -> str:
    return _IMPORT.sub(r"from declweb import (\1)", views)


def _for_flask(views: str) -> str:
    """Return the views with names imported from where Flask's users find them."""
    found = _IMPORT.search(views)
    assert found is not None
    names = re.findall(r"\w+", found[1])
    lines = [f"from flask import {', '.join(name for name in names if name not in ELSEWHERE)}"]
    lines += [f"from {home} import {name}" for name, home in ELSEWHERE.items()]
    return _IMPORT.sub("\n".join(lines), views)


def flask_app(folder: Path, site: Mapping[str, Any], source: str) -> Flask:
    """Return the Flask app with these views, the routes of a site file, and the templates and files of a folder."""
    views = ModuleType("views")
    exec(compile(source, "views.py", "exec"), vars(views))
    app = Flask("views", root_path=str(folder))
    app.secret_key = site["session"]["secret"]
    app.config |= {"PROPAGATE_EXCEPTIONS": False, "SESSION_COOKIE_SAMESITE": "Lax"}
    for name, route in site["routes"].items():
        _add(app, name, route, views)
    hooks = site["hooks"]
    for kind in ("before_request", "after_request"):
        for each in _many(hooks.get(kind, [])):
            getattr(app, kind)(getattr(views, each))
    for error, each in hooks.get("errors", {}).items():
        app.register_error_handler(int(error) if error.isdecimal() else ZeroDivisionError, getattr(views, each))
    return app


def _add(app: Flask, name: str, route: Mapping[str, Any], views: ModuleType) -> None:
    """Add a route; of several functions, the one of the method answers."""
    if "handler" in route:
        app.add_url_rule(route["path"], name, getattr(views, route["handler"]), methods=route.get("methods", ["GET"]))
        return
    for method in ("get", "post"):
        app.add_url_rule(route["path"], f"{name} {method}", getattr(views, route[method]), methods=[method.upper()])


def _many(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value


def _ask(client: Client, jar: dict[str, str], line: str, method: str) -> Response:
    """Send a request; the cookies of a session go from and into the jar."""
    target, *fields = line.split("; ")
    path, _, query = target.partition(" ")[2].partition("?")
    headers: list[tuple[str, str]] = []
    body: Any = b""
    files: dict[str, list[Any]] = {}
    for each in fields:
        if each.startswith("body="):
            body = each.removeprefix("body=").encode()
        elif each.startswith("file "):
            name, _, file = each.removeprefix("file ").partition("=")
            files.setdefault(name, []).append((BytesIO(b"content"), file, "text/plain"))
        else:
            name, _, value = each.rstrip(";").partition(": ")
            headers.append((name, _kept(jar) if value == "kept" else value))
    builder = EnvironBuilder(path, query_string=query, method=method, headers=headers, data=files or body)
    environ = builder.get_environ()
    environ["PATH_INFO"] = _decoded(path)
    environ["REMOTE_ADDR"] = "198.51.100.7"
    response = client.open(Request(environ))
    response.get_data()
    response.close()
    if method in {"GET", "POST"}:
        for cookie in response.headers.getlist("Set-Cookie"):
            name, _, value = cookie.partition(";")[0].partition("=")
            jar[name] = value
    response.headers.setlist(
        "Set-Cookie",
        [_SESSION.sub(_opened, _EXPIRES.sub("", cookie)) for cookie in response.headers.getlist("Set-Cookie")],
    )
    return response


def _opened(found: re.Match[str]) -> str:
    """Return what a session's cookie says, without its signature; a `.` before it says that it is packed."""
    said = urlsafe_b64decode(found[2] + "==")
    return f"session={(zlib.decompress(said) if found[1] else said).decode()}"


def _kept(jar: Mapping[str, str]) -> str:
    return "; ".join(f"{name}={value}" for name, value in jar.items() if value)


def _decoded(path: str) -> str:
    return unquote_to_bytes(path).decode("latin-1")
