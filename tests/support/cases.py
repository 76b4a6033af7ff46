"""Cases that a site author can read: sites that work, and sites that do not.

An accepted case is a Markdown file. A block ```` ```toml ```` is its site file, any other block whose first word is a
path (```` ```html templates/home.html ````) a file beside it. A block ```` ```requests ```` holds requests, each a line
with method and URL, header lines below it, and lines that begin with `<` for what must come back:

    GET /speisekarte?from=flyer
    Accept: text/html
    < 301
    < Location: /menu/?from=flyer
    < contains Moved
    < lacks Traceback
    < body The whole body, with \\n for a line's end

Lines that begin with `+` are a form's fields (`+ name = Ann`; a value `@report.txt` is the file of that name beside the
site file), and lines that begin with `|` are a body. `Cookie: kept` sends back the cookies that the site has set so
far, and `< stored contact 2` counts the entries of a form.

A word behind `requests` is the environment that is asked; a block ```` ```variables ```` has NAME=value lines.

A rejected case is a TOML file. What is wrong with a line stands in a comment at its end, and what stands nowhere in
the file, or in a line that takes no comment, in a line that begins with `#!`; other files of the site begin with `#:`:

    tempalte = "a.html"  # error: 1 [unknown-key] did you mean `template`?
    #! site.toml:3:1 [missing-key] add `path
    #: templates/a.html
    #| <h1>{{ nmae }}</h1>

`#: moved.csv (latin-1)` names the encoding of another file, `#*250 /a,/b` repeats a line of it, and `moved.csv:1-250:1`
stands for the same in many lines.
"""

import re
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from urllib.parse import unquote_to_bytes
from wsgiref.validate import validator

from werkzeug.test import Client, EnvironBuilder
from werkzeug.wrappers import Request, Response

from declweb.app import App
from declweb.loading import load_site

_BLOCK = re.compile(r"^```(\S*)[ ]*([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def write(folder: Path, files: Mapping[str, str | bytes]) -> Path:
    """Write the files of a site and return its folder."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder


def copied(site: Path, folder: Path) -> Path:
    """Return the same site in another folder, where it may store something; without what it has stored so far."""
    return shutil.copytree(site, folder / site.name, ignore=shutil.ignore_patterns("storage"))


def running(folder: Path, environment: str | None = None, **variables: str) -> App:
    """Return the app of a site that must be right."""
    loaded = load_site(folder, environment, variables)
    assert loaded.app is not None, "\n".join(f"{p.place} {p.code} {p.message}" for p in loaded.problems)
    return loaded.app


def strict_client(app: App) -> Client:
    """Return a client that sees to it that everything is as PEP 3333 says."""
    return Client(validator(app), Response, use_cookies=False)


@dataclass
class Exchange:
    """One request and what must come back."""

    method: str
    url: str
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: str = ""
    fields: list[tuple[str, str]] = field(default_factory=list)
    expected: list[str] = field(default_factory=list)
    environment: str | None = None


@dataclass
class Accepted:
    """A site that works."""

    files: dict[str, str]
    exchanges: list[Exchange]
    variables: dict[str, str]


def accepted(text: str) -> Accepted:
    """Read an accepted case."""
    case = Accepted({}, [], {})
    for kind, name, content in _BLOCK.findall(text):
        if kind == "requests":
            case.exchanges += [_exchange(part, name or None) for part in re.split(r"\n\s*\n", content.strip())]
        elif kind == "variables":
            case.variables |= dict(line.split("=", 1) for line in content.splitlines())
        elif kind == "toml" and not name:
            case.files["site.toml"] = content
        elif name:
            case.files[name] = content
    assert case.files, "a case needs a site file"
    assert case.exchanges, "a case needs requests"
    return case


def _exchange(text: str, environment: str | None) -> Exchange:
    first, *lines = text.splitlines()
    method, _, url = first.partition(" ")
    exchange = Exchange(method, url.strip(), environment=environment)
    for line in lines:
        if line.startswith("< "):
            exchange.expected.append(line[2:])
        elif line.startswith("| "):
            exchange.body += line[2:] + "\n"
        elif line.startswith("+ "):
            name, _, value = line[2:].partition("=")
            exchange.fields.append((name.strip(), value.strip().replace("\\n", "\n")))
        else:
            name, _, value = line.partition(":")
            exchange.headers.append((name.strip(), value.strip()))
    assert exchange.expected, f"nothing is expected of {first}"
    return exchange


Jar = dict[str, str]
"""The cookies of one browser, by their names."""


def ask(client: Client, exchange: Exchange, jar: Jar | None = None, files: Mapping[str, str] | None = None) -> Response:
    """Send a request to a site and return the complete answer; cookies go from and into the jar."""
    path, _, query = exchange.url.partition("?")
    headers = [(name, _cookies(jar or {}) if value == "kept" else value) for name, value in exchange.headers]
    data = _fields(exchange.fields, files or {}) if exchange.fields else exchange.body
    builder = EnvironBuilder(path=path, query_string=query, method=exchange.method, headers=headers, data=data)
    environ = builder.get_environ()
    environ["PATH_INFO"] = unquote_to_bytes(path).decode("latin-1")
    environ.setdefault("REMOTE_ADDR", "198.51.100.7")
    response = client.open(Request(environ))
    response.get_data()
    response.close()
    for cookie in response.headers.getlist("Set-Cookie"):
        name, _, value = cookie.partition(";")[0].partition("=")
        if jar is not None:
            jar[name] = value
    return response


def _cookies(jar: Jar) -> str:
    return "; ".join(f"{name}={value}" for name, value in jar.items() if value)


def _fields(fields: list[tuple[str, str]], files: Mapping[str, str]) -> dict[str, list[object]]:
    """Return the fields of a form as Werkzeug's client takes them."""
    found: dict[str, list[object]] = {}
    for name, value in fields:
        is_file = value.startswith("@") and value[1:] in files
        found.setdefault(name, []).append((BytesIO(files[value[1:]].encode()), value[1:]) if is_file else value)
    return found


def differences(exchange: Exchange, response: Response, app: App | None = None) -> list[str]:
    """Return what did not come back as it must."""
    text = response.get_data().decode("utf-8", "replace")
    return [line for line in exchange.expected if not _holds(line, response, text, app)]


def _holds(line: str, response: Response, text: str, app: App | None) -> bool:
    word, _, rest = line.partition(" ")
    if word == "stored":
        form, _, count = rest.partition(" ")
        return app is not None and app.store is not None and app.store.count(form) == int(count)
    if word.isdecimal():
        return response.status_code == int(word)
    checks = {"contains": rest in text, "lacks": rest not in text, "body": rest.replace("\\n", "\n") == text}
    if word in checks:
        return checks[word]
    if word == "without":
        return rest not in response.headers
    name, _, value = line.partition(":")
    return value.strip() in [given.strip() for given in response.headers.getlist(name)]


@dataclass(frozen=True)
class Expected:
    """One problem that must be found."""

    file: str
    line: int | None
    column: int | None
    code: str
    words: str


@dataclass
class Rejected:
    """A site that does not work, and what must be said of it."""

    files: dict[str, bytes]
    expected: list[Expected]


_AT_END = re.compile(r"#\s*(?:error|warning): (\d+) \[([a-z0-9-]+)\]\s*(.*)$")
_ELSEWHERE = re.compile(r"#! ([^\s:]+)(?::(\d+)(?:-(\d+))?)?(?::(\d+))? \[([a-z0-9-]+)\]\s*(.*)$")
_FILE = re.compile(r"#: (\S+)(?: \((\S+)\))?$")
_CONTENT = re.compile(r"#(?:\||\*(\d+))(?: (.*))?$")


def rejected(text: str) -> Rejected:
    """Read a rejected case."""
    case = Rejected({"site.toml": text.encode()}, [])
    name, encoding = "", "utf-8"
    for number, line in enumerate(text.split("\n"), 1):
        if found := _FILE.match(line):
            name, encoding = found[1], found[2] or "utf-8"
            case.files[name] = b""
        elif found := _CONTENT.match(line):
            case.files[name] += f"{found[2] or ''}\n".encode(encoding) * int(found[1] or 1)
        elif found := _ELSEWHERE.match(line):
            case.expected += _elsewhere(found)
        else:
            for part in re.split(r"(?=#\s*(?:error|warning): )", line)[1:]:
                found = _AT_END.match(part.strip())
                assert found, f"line {number} does not say what is expected"
                column, code, words = found.groups()
                case.expected.append(Expected("site.toml", number, int(column), code, words.strip()))
    assert case.expected, "a rejected case expects problems"
    return case


def _elsewhere(found: re.Match[str]) -> Iterator[Expected]:
    file, first, last, column, code, words = found.groups()
    for line in range(int(first), int(last or first) + 1) if first else (None,):
        yield Expected(file, line, int(column) if column else None, code, words)
