"""declweb, nginx and Caddy serving the same files, as docs/files.md tells them: files, requests, differences.

Owns the notation of that page, how each of the three is started and asked, and what counts as a difference. Requests
are sent byte by byte as the page writes them: a client library would put paths right that are meant to be wrong.
"""

import gzip
import os
import re
import socket
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from http.client import HTTPResponse
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import brotli  # type: ignore[import-untyped] # has no types
import zstandard
from outside import found
from servers import DEADLINE, Running, eventually, free_port, serve

PAGE = Path(__file__).parents[2] / "docs" / "files.md"
EVERYWHERE = "What differs everywhere"
CHANGED = 1_762_000_000
"""When every file of the page was last changed: Sat, 01 Nov 2025 12:26:40 GMT."""

_BLOCK = re.compile(r"^```(\S*)[ ]*([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_ROW = re.compile(r"^\| (?!request \|)([^|-][^|]*) \| ([^|]*) \| ([^|]*) \| ([^|]+) \|$", re.MULTILINE)
_ELSEWHERE = frozenset({"Connection", "Content-Length", "Date", "Keep-Alive", "Server", "Transfer-Encoding"})
"""Header fields that are not compared: servers set them, and the length is compared with the body."""
_ERRORS = 400
_OF_ERRORS = ("Allow", "Content-Range")
"""What is compared of errors besides the status: the page that tells of them is each server's own."""
_PACKERS: Mapping[str, Callable[[bytes], bytes]] = {
    ".br": brotli.compress,
    ".gz": lambda content: gzip.compress(content, mtime=0),
    ".zst": zstandard.ZstdCompressor().compress,
}


@dataclass(frozen=True)
class Answer:
    """What a server answered."""

    status: int
    fields: tuple[tuple[str, str], ...]
    body: bytes

    def all(self, name: str) -> list[str]:
        """Return the values of the fields with this name."""
        return [value for given, value in self.fields if given.lower() == name.lower()]

    def first(self, name: str) -> str:
        """Return the value of the first field with this name, nothing when there is none."""
        return next(iter(self.all(name)), "")


@dataclass(frozen=True)
class Server:
    """A running server."""

    port: int

    def send(self, method: bytes, target: bytes, fields: bytes = b"") -> Answer:
        """Return the answer to these very bytes, on a connection of its own."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=DEADLINE) as connection:
            head = b"%b %b HTTP/1.1\r\nHost: files.example\r\nConnection: close\r\n%b\r\n" % (method, target, fields)
            connection.sendall(head)
            response = HTTPResponse(connection, method=method.decode())
            response.begin()
            return Answer(response.status, tuple(response.getheaders()), response.read())

    def get(self, path: str, **fields: str) -> Answer:
        """Return the answer to a GET."""
        return self.send(b"GET", path.encode(), as_fields(fields.items()))


def as_fields(fields: Iterable[tuple[str, str]]) -> bytes:
    """Return header fields as they are sent; `_` in a name is a hyphen."""
    return b"".join(f"{name.replace('_', '-')}: {value}\r\n".encode("latin-1") for name, value in fields)


@dataclass(frozen=True)
class Difference:
    """A line of a table: in the answers to these requests, these parts differ from declweb's, for each peer."""

    requests: str
    parts: Mapping[str, frozenset[str]]
    reason: str


@dataclass
class Behaviour:
    """A section of the page."""

    title: str
    requests: list[str] = field(default_factory=list)
    differences: list[Difference] = field(default_factory=list)


@dataclass(frozen=True)
class Answers:
    """What declweb and one of its peers said to one request."""

    request: str
    status: int
    """The status that the page tells of."""
    target: str
    theirs: Answer
    ours: Answer

    def differences(self) -> frozenset[str]:
        """Return what differs: `body` or the name of a header field; only the peer's status where that is another."""
        same = self.theirs.status == self.ours.status
        return frozenset(self._differences()) if same else frozenset({str(self.theirs.status)})

    def _differences(self) -> Iterator[str]:
        if self.ours.status >= _ERRORS:
            yield from (name for name in _OF_ERRORS if self.theirs.all(name) != self.ours.all(name))
            return
        if _content(self.theirs) != _content(self.ours):
            yield "body"
        names = {name.title().replace("Etag", "ETag") for one in (self.theirs, self.ours) for name, _ in one.fields}
        for name in names - _ELSEWHERE:
            if self._field(self.theirs, name) != self._field(self.ours, name):
                yield name

    def _field(self, answer: Answer, name: str) -> object:
        values = answer.all(name)
        if name == "Location":
            return [_path(urljoin(f"http://files.example{self.target}", value)) for value in values]
        if name in {"Allow", "Vary"}:
            return {part.strip().lower() for value in values for part in value.split(",")}
        if name == "ETag":
            return ["weak" if value.startswith("W/") else "strong" for value in values]
        return [_without_boundary(answer, value) for value in values]


def _content(answer: Answer) -> tuple[str, bytes]:
    """Return what of an answer's body is compared: for a HEAD the length it would have."""
    text = _without_boundary(answer, answer.body.decode("latin-1")).encode("latin-1")
    return ("" if text else answer.first("Content-Length").removeprefix("0")), text


def _without_boundary(answer: Answer, text: str) -> str:
    boundary = re.search(r"boundary=(\S+)", answer.first("Content-Type"))
    return text.replace(boundary[1], "BOUNDARY") if boundary else text


def _path(url: str) -> str:
    parts = urlsplit(url)
    return parts._replace(scheme="", netloc="").geturl()


KINDS: Mapping[str, Callable[[Answers], bool]] = {
    "every answer": lambda answers: True,
    "every file": lambda answers: answers.ours.status in {200, 206},
    "every part": lambda answers: answers.ours.status == 206,
    "every 304": lambda answers: answers.ours.status == answers.theirs.status == 304,
    "every redirect": lambda answers: answers.ours.status in {301, 308},
}
"""What the first column of a table may say instead of a request."""


def concerns(difference: Difference, answers: Answers) -> bool:
    """Tell whether a listed difference is about these answers."""
    kind = KINDS.get(difference.requests)
    return kind(answers) if kind else f"`{answers.request}`" in difference.requests.split("<br>")


@cache
def behaviours() -> tuple[Behaviour, ...]:
    """Return the sections of the page that hold requests or differences."""
    found = [_behaviour(section) for section in re.split(r"^##+ ", PAGE.read_text("utf-8"), flags=re.MULTILINE)[1:]]
    return tuple(one for one in found if one.requests or one.differences)


def _behaviour(section: str) -> Behaviour:
    behaviour = Behaviour(section.partition("\n")[0])
    for kind, _, content in _BLOCK.findall(section):
        if kind == "requests":
            behaviour.requests += content.splitlines()
    behaviour.differences = [
        Difference(requests.strip(), {"nginx": _listed(nginx), "Caddy": _listed(caddy)}, reason.strip())
        for requests, nginx, caddy, reason in _ROW.findall(_BLOCK.sub("", section))
    ]
    return behaviour


def told_by_server() -> list[tuple[str, int, int]]:
    """Return the requests that servers pass on differently, with the status on Granian and on gunicorn."""
    rows = re.findall(r"^\| `(GET [^`]+)` \| `(\d+)` \| `(\d+)` \|$", PAGE.read_text("utf-8"), re.MULTILINE)
    return [(request, int(on_granian), int(on_gunicorn)) for request, on_granian, on_gunicorn in rows]


def _listed(cell: str) -> frozenset[str]:
    return frozenset(re.findall(r"`([^`]+)`", cell))


def block(name: str) -> str:
    """Return the block of the page that is called so."""
    blocks: dict[str, str] = {given: content for _, given, content in _BLOCK.findall(PAGE.read_text("utf-8"))}
    return blocks[name]


def write_files(folder: Path) -> None:
    """Write the files of the page: each line a name, two spaces or more, and what is in it."""
    written: dict[str, bytes] = {}
    for line in block("public").splitlines():
        name, content = re.split(r"  +", line, maxsplit=1)
        text, _, times = content.partition(" × ")  # noqa: RUF001 # as it is written there
        body = text.encode() * int(times or 1)
        stem, dot, ending = name.rpartition(".")
        packer = _PACKERS.get(dot + ending)
        written[name] = packer(written[stem]) if packer and stem in written else body
    for name, body in written.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(body)
    for path in [folder, *folder.rglob("*")]:
        os.utime(path, (CHANGED, CHANGED))


_NGINX = """
daemon off;
pid {folder}/nginx.pid;
error_log stderr;
worker_processes 1;
{user}
events {{}}
http {{
  access_log off;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  scgi_temp_path {folder}/scgi;
  uwsgi_temp_path {folder}/uwsgi;
  {types}
  server {{
    listen 127.0.0.1:{port};
    root {root};
    {more}
  }}
}}
"""
_TYPES = Path("/etc/nginx/mime.types")


@contextmanager
def nginx(folder: Path, root: Path, more: str) -> Iterator[Server]:
    """Run nginx with its pid, log and temporary files in a folder."""
    program, port = found("nginx"), free_port()
    folder.mkdir()
    user = "user root;" if os.getuid() == 0 else ""
    types = f"include {_TYPES};\n  default_type application/octet-stream;"
    text = _NGINX.format(folder=folder, root=root, more=more, port=port, user=user, types=types)
    (folder / "nginx.conf").write_text(text, "utf-8")
    with _listening(port, program, "-p", folder, "-c", folder / "nginx.conf", "-e", "stderr") as server:
        yield server


@contextmanager
def caddy(folder: Path, root: Path, more: str) -> Iterator[Server]:
    """Run Caddy with its data and configuration in a folder."""
    program, port = found("caddy"), free_port()
    folder.mkdir()
    text = f"{{\nadmin off\nauto_https off\n}}\nhttp://:{port} {{\nbind 127.0.0.1\nroot * {root}\n"
    (folder / "Caddyfile").write_text(f"{text}{more}}}\n", "utf-8")
    places = {name: str(folder) for name in ("HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME")}
    command = (program, "run", "--config", folder / "Caddyfile", "--adapter", "caddyfile")
    with _listening(port, *command, variables=places) as server:
        yield server


@contextmanager
def _listening(port: int, *command: str | Path, variables: Mapping[str, str] | None = None) -> Iterator[Server]:
    server = Server(port)
    with Running(*command, variables=variables) as running:

        def look() -> bool:
            assert running.process.poll() is None, running.log
            try:
                return bool(server.get("/").status)
            except OSError:
                return False

        try:
            eventually(look)
            yield server
        finally:
            running.stop()


@contextmanager
def declared(site: Path, kind: str = "granian") -> Iterator[Server]:
    """Run declweb for a site."""
    with serve(site, "--workers", "1", "--server", kind) as running:
        yield Server(running.port)
        running.stop()


_NOTATION = re.compile(rb"\\x([0-9a-f]{2})")


def request_of(line: str) -> tuple[bytes, bytes, list[tuple[str, str]]]:
    """Return method, target and fields of a request as the page writes it; `\\x00` in a target is that byte."""
    first, *fields = line.split("; ")
    method, _, target = first.partition(" ")
    raw = _NOTATION.sub(lambda found: bytes([int(found[1], 16)]), target.encode())
    return method.encode(), raw, [(name, value) for name, _, value in (one.partition(": ") for one in fields)]


def asked(line: str, server: Server) -> Answer:
    """Return a server's answer to a request of the page; `{tag}` in it is the server's own tag of that file."""
    method, target, fields = request_of(line)
    if any("{tag" in value for _, value in fields):
        tags = {coding: server.send(b"GET", target, _accepting(coding)).first("ETag") for coding in ("", "gzip")}
        fields = [
            (name, value.replace("{tag}", tags[""]).replace("{tag of gzip}", tags["gzip"])) for name, value in fields
        ]
    return server.send(method, target, as_fields(fields))


def _accepting(coding: str) -> bytes:
    return f"Accept-Encoding: {coding}\r\n".encode() if coding else b""
