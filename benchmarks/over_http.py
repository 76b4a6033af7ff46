"""A page of 1 KB over loopback: declweb, a bare WSGI application on the same server, Caddy, and Flask on gunicorn."""

import json
import os
import re
import tempfile
from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from pathlib import Path

from benchmarks.peers import BODY, FIELDS, page
from benchmarks.report import Claim, Figure, Section
from benchmarks.rounds import Effort, alternate
from benchmarks.servers import BIN, HOST, Server, output_of, serving
from benchmarks.sites import PAGE, SITE

WORKERS = len(os.sched_getaffinity(0))
THREADS = 128
"""What `declweb serve` takes where nothing is said, as are the other numbers below."""
FEW_THREADS = 8
"""What suits gunicorn better."""
CONNECTIONS = 64
ALIKE = "beside a bare WSGI application that sends the same bytes on the same server"

GUNICORN = (BIN / "gunicorn", "--bind", f"{HOST}:{{port}}", "--workers", str(WORKERS), "--worker-class", "gthread")
COMMANDS: dict[str, tuple[str | Path, ...]] = {
    "declweb": (BIN / "declweb", "serve", SITE, "--port", "{port}", "--workers", str(WORKERS)),
    "bare": (
        *(BIN / "granian", "--interface", "wsgi", "--http", "1", "--no-ws", "--port", "{port}", "--no-log"),
        *("--workers", str(WORKERS), "--blocking-threads", str(THREADS), "--runtime-mode", "mt"),
        *("--backlog", "1024", "--backpressure", "16384", "benchmarks.peers:bare"),
    ),
    "caddy": ("caddy", "file-server", "--root", "{folder}", "--listen", f"{HOST}:{{port}}"),
    "flask": (*GUNICORN, "--threads", str(THREADS), "benchmarks.peers:flask"),
    "flask, few threads": (*GUNICORN, "--threads", str(FEW_THREADS), "benchmarks.peers:flask"),
}
COMMANDS["alike"] = COMMANDS["bare"]
NAMES = {
    "declweb": "`declweb serve`",
    "alike": "bare WSGI application on Granian, the same bytes",
    "bare": "bare WSGI application on Granian, two header fields",
    "caddy": "`caddy file-server`, no access log",
    "flask": f"Flask on gunicorn, {THREADS} threads each",
    "flask, few threads": f"Flask on gunicorn, {FEW_THREADS} threads each",
}


def pages(effort: Effort) -> Section:
    """Put each server under load in turn, all of them being up."""
    body = page()
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        file = Path(folder, PAGE.lstrip("/"))
        file.write_bytes(body)
        servers = started(COMMANDS, folder, file, stack)
        for name, server in servers.items():
            server.wait(PAGE)
            assert server.get(PAGE)[1] == body, f"{name} sends another page"
        costs: dict[str, list[float]] = {name: [] for name in servers}
        found = alternate(
            {name: load(server, PAGE, effort.seconds, costs[name]) for name, server in servers.items()}, effort.rounds
        )
    section = Section(f"A prepared page of {len(body):,} bytes over HTTP")
    ours = found["declweb"]
    section.claims.extend(
        [
            Claim(f"prepared page, {ALIKE}", ours.over(found["alike"]), least=0.85),
            Claim("prepared page, beside one that sends two header fields", ours.over(found["bare"])),
            Claim("prepared page, beside Caddy's file server", ours.over(found["caddy"]), least=2),
            Claim("prepared page, beside Flask on gunicorn", ours.over(found["flask"]), least=10),
            Claim("prepared page, beside Flask on gunicorn with few threads", ours.over(found["flask, few threads"])),
        ]
    )
    section.figures.extend(
        [
            Figure(
                NAMES[name], series, "requests/s", f"{sorted(costs[name])[len(costs[name]) // 2]:.0f} µs of processor"
            )
            for name, series in found.items()
        ]
    )
    return section


def started(names: Iterable[str], folder: str, file: Path, stack: ExitStack, site: Path = SITE) -> dict[str, Server]:
    """Start servers that send a file, declweb first: the bare application is told which header fields it sends."""
    path = f"/{file.relative_to(folder)}"
    servers = {"declweb": stack.enter_context(serving(filled(COMMANDS["declweb"], folder, site)))}
    servers["declweb"].wait(path)
    said = {"alike": {FIELDS: json.dumps(servers["declweb"].fields(path))}}
    for name in names:
        if name not in servers:
            more = {BODY: str(file), **said.get(name, {})}
            servers[name] = stack.enter_context(serving(filled(COMMANDS[name], folder, site), more))
    return servers


def filled(command: Sequence[str | Path], folder: str, site: Path = SITE) -> list[str]:
    """Return a command that serves a folder, or a site."""
    return [str(site if word == SITE else word).replace("{folder}", folder) for word in command]


def load(  # noqa: PLR0913 # what a load consists of
    server: Server,
    path: str,
    seconds: float,
    costs: list[float],
    fields: Sequence[str] = (),
    *,
    may_redirect: bool = False,
    script: Path | None = None,
) -> Callable[[], float]:
    """Return what puts a server under load and returns the requests it answered in a second.

    What a request cost the server's own processes, in microseconds of a core, goes to `costs`. A `script` of wrk's own
    may ask for another address each time.
    """
    url = f"http://{HOST}:{server.port}{path}"
    asked = [word for field in fields for word in ("-H", field)]
    asked += ["-s", str(script)] if script is not None else []

    def load_once() -> float:
        before = server.processor_time
        said = output_of("wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds:g}s", *asked, url)
        spent = server.processor_time - before
        if ("Non-2xx" in said and not may_redirect) or "Socket errors" in said:
            raise SystemExit(f"{url}: {said}")
        costs.append(spent / int(_figure(r"(\d+) requests in", said)) * 1e6)
        return _figure(r"Requests/sec:\s*([\d.]+)", said)

    return load_once


def _figure(pattern: str, text: str) -> float:
    found = re.search(pattern, text)
    assert found, text
    return float(found[1])
