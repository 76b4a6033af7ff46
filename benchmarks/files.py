"""Files over loopback beside a bare WSGI application, Caddy and nginx; a film; a folder of 50,000 files.

`python -m benchmarks.files SITE` loads a site in a fresh process, asks it for every file, and prints seconds and MB.
"""

import gc
import json
import os
import socket
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from benchmarks.calls import caller
from benchmarks.over_http import ALIKE, COMMANDS, NAMES, WORKERS, filled, load, started
from benchmarks.report import Claim, Figure, Section
from benchmarks.rounds import Effort, Series, alternate
from benchmarks.servers import DEADLINE, HOST, Server, loading, memory, serving
from benchmarks.sites import FILE, write_files
from benchmarks.sites import load as load_site

SMALL = 1024
LARGE = 100 * 1024
FILM = 300_000_000
MANY = 50_000
MOST_MEMORY = 100
"""MB that a folder of many files may cost."""
BUFFER = 1024 * 1024

NGINX = """
daemon off;
user {user};
pid {folder}/nginx.pid;
error_log stderr crit;
worker_processes {workers};
events {{}}
http {{
  access_log off;
  sendfile on;
  client_body_temp_path {folder}/nginx-body;
  proxy_temp_path {folder}/nginx-proxy;
  fastcgi_temp_path {folder}/nginx-fastcgi;
  scgi_temp_path {folder}/nginx-scgi;
  uwsgi_temp_path {folder}/nginx-uwsgi;
  server {{ listen {host}:PORT; root {folder}; }}
}}
"""
"""Debian's configuration, without the log."""


def files(effort: Effort) -> Section:
    """Ask for small files, for unchanged ones, for a film, and for one of very many."""
    section = Section(f"Files of {SMALL:,} and of {LARGE:,} bytes, and one of {FILM // 1_000_000} MB, over HTTP")
    for size in (SMALL, LARGE):
        _of_size(size, effort, section)
    _film(effort, section)
    _many(effort, section)
    return section


def _of_size(size: int, effort: Effort, section: Section) -> None:
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        body = write_files(Path(folder), 1, size)
        file = Path(folder) / FILE.format(0).lstrip("/")
        servers = started(("alike", "bare", "caddy"), folder, file, stack, Path(folder))
        servers["nginx"] = stack.enter_context(_nginx(folder))
        for name, server in servers.items():
            server.wait(FILE.format(0))
            assert server.get(FILE.format(0))[1] == body, f"{name} sends another file"
        costs: dict[str, list[float]] = {name: [] for name in (*servers, "304")}
        turns = {name: load(server, FILE.format(0), effort.seconds, costs[name]) for name, server in servers.items()}
        unchanged = f"If-None-Match: {dict(servers['declweb'].fields(FILE.format(0)))['etag']}"
        turns["304"] = load(servers["declweb"], FILE.format(0), effort.seconds, costs["304"], [unchanged])
        found = alternate(turns, effort.rounds)
    what = f"file of {size // 1024} KB"
    ours = found["declweb"]
    section.claims.append(Claim(f"{what}, {ALIKE}", ours.over(found["alike"]), least=0.85))
    section.claims.append(Claim(f"{what}, beside one that sends two header fields", ours.over(found["bare"])))
    section.claims.append(Claim(f"{what}, beside Caddy", ours.over(found["caddy"]), least=2 if size == SMALL else None))
    section.claims.append(Claim(f"304 for a {what}, beside 200", found["304"].over(ours), least=1))
    section.figures.extend(
        Figure(
            f"{what}: {(NAMES | {'nginx': 'nginx', '304': '`declweb serve`, 304'})[name]}",
            series,
            "requests/s",
            f"{sorted(costs[name])[len(costs[name]) // 2]:.0f} µs of processor",
        )
        for name, series in found.items()
    )


@contextmanager
def _nginx(folder: str) -> Iterator[Server]:
    user = "root" if os.getuid() == 0 else "nobody"
    text = NGINX.format(user=user, folder=folder, workers=WORKERS, host=HOST)
    configuration = Path(folder, "nginx.conf")
    configuration.write_text(text, encoding="utf-8")
    # The port is only known when the command is made, so the shell puts it in.
    command = f"sed -i s/PORT/{{port}}/ {configuration} && exec nginx -e stderr -c {configuration}"
    with serving(("sh", "-c", command)) as server:
        yield server


def _film(effort: Effort, section: Section) -> None:
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        write_files(Path(folder), 1, FILM)
        servers = {
            "declweb": stack.enter_context(serving(filled(COMMANDS["declweb"], folder, Path(folder)))),
            "nginx": stack.enter_context(_nginx(folder)),
        }
        for server in servers.values():
            _until_it_listens(server)
        found = alternate({name: _downloading(server) for name, server in servers.items()}, effort.rounds)
        most = max(servers["declweb"].memory)
    section.claims.append(Claim("film of 300 MB, beside nginx", found["declweb"].over(found["nginx"]), least=0.7))
    section.figures.extend(Figure(f"film of 300 MB: {name}", series, "MB/s") for name, series in found.items())
    section.remarks.append(f"After sending films the largest of declweb's processes takes {most:.0f} MB.")


def _until_it_listens(server: Server) -> None:
    end = time.monotonic() + DEADLINE
    while time.monotonic() < end:
        try:
            socket.create_connection((HOST, server.port)).close()
        except OSError:
            time.sleep(0.01)
        else:
            return
    raise SystemExit(f"{server.process.args!r} does not listen")


def _downloading(server: Server) -> Callable[[], float]:
    """Return what downloads the film and returns the MB of it in a second."""
    request = f"GET {FILE.format(0)} HTTP/1.1\r\nHost: {HOST}\r\nConnection: close\r\n\r\n".encode()
    buffer = bytearray(BUFFER)

    def download() -> float:
        start, size = time.perf_counter(), 0
        with socket.create_connection((HOST, server.port), timeout=DEADLINE) as connection:
            connection.sendall(request)
            while taken := connection.recv_into(buffer):
                size += taken
        assert size > FILM, f"{server.process.args!r} sends {size} bytes"
        return size / (time.perf_counter() - start) / 1e6

    return download


def _many(effort: Effort, section: Section) -> None:
    """Load a site with many files and one with none, in fresh processes and with a server, in turn."""
    with tempfile.TemporaryDirectory() as folder:
        sites = {name: Path(folder, name) for name in ("many", "none")}
        write_files(sites["many"], MANY, SMALL)
        write_files(sites["none"], 0, SMALL)
        told: dict[str, list[dict[str, float]]] = {name: [] for name in sites}
        alternate({name: loading("benchmarks.files", site, told[name]) for name, site in sites.items()}, effort.loads)
        starting = {name: _starting(site) for name, site in sites.items()}
        alternate(starting, 1)
        starts = alternate(starting, effort.starts)
    spent, kept, asked, before = (
        {name: Series(tuple(one[key] for one in each)) for name, each in told.items()}
        for key in ("spent", "kept", "asked", "before")
    )
    per_file = spent["many"].above(spent["none"]) / MANY * 1e6
    section.claims.extend(
        [
            Claim(f"loading {MANY:,} files, each one more than none", per_file, "µs", most=1),
            Claim(
                f"`declweb serve` with {MANY:,} files until its first answer, beside none",
                starts["many"].over(starts["none"]),
                most=1.1,
            ),
            Claim(f"memory for {MANY:,} files, loaded", kept["many"].above(kept["none"]), "MB", most=MOST_MEMORY),
            Claim(
                f"memory for {MANY:,} files, all asked for", asked["many"].above(kept["none"]), "MB", most=MOST_MEMORY
            ),
        ]
    )
    for name, what in (("none", "no files"), ("many", f"{MANY:,} files")):
        section.figures.append(
            Figure(f"{what}: loading", _milliseconds(spent[name]), "ms", f"{before[name].median:.0f} MB before")
        )
        section.figures.append(Figure(f"{what}: until the first answer", _milliseconds(starts[name]), "ms"))
        section.figures.append(Figure(f"{what}: memory, all asked for", asked[name], "MB"))


def _milliseconds(series: Series) -> Series:
    return Series(tuple(figure * 1e3 for figure in series.figures))


def _starting(site: Path) -> Callable[[], float]:
    def start() -> float:
        begin = time.perf_counter()
        with serving(filled(COMMANDS["declweb"], str(site), site)) as server:
            server.wait("/")
            return time.perf_counter() - begin

    return start


def _measure(site: Path) -> dict[str, float]:
    """Load a site in this process and ask for its files; return seconds, and MB before, after and in the end."""
    import declweb.loading  # noqa: F401, PLC0415 - importing it is not loading

    before = memory("self", "VmRSS")
    start = time.process_time()
    app = load_site(site)
    spent = time.process_time() - start
    gc.collect()
    kept = memory("self", "VmRSS")
    names = sorted(path.name for path in (site / "static").iterdir())
    call = caller(app, *(f"/static/{name}" for name in names)) if names else caller(app, "/")
    for _ in names:
        call()
    return {"spent": spent, "before": before, "kept": kept, "asked": memory("self", "VmHWM")}


if __name__ == "__main__":
    print(json.dumps(_measure(Path(sys.argv[1]))))
