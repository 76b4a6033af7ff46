"""The same views under declweb and under Flask: in process, on Granian and on gunicorn."""

from contextlib import ExitStack

from benchmarks.calls import caller
from benchmarks.in_process import microseconds
from benchmarks.over_http import COMMANDS, FEW_THREADS, GUNICORN, WORKERS, load
from benchmarks.peers import flask_views_app
from benchmarks.report import Claim, Figure, Section
from benchmarks.rounds import Effort, alternate
from benchmarks.servers import BIN, Server, serving
from benchmarks.sites import VIEWS
from benchmarks.sites import load as load_site

KINDS = {
    "text": "a text",
    "table": "a table in JSON",
    "template": "a template with 20 rows",
    "response": "a Response with a cookie",
    "elsewhere": "a redirect with url_for",
    "stream": "a generator of ten parts",
    "count": "a text, and a session that is written",
}
LEAST = {"in process": 1.5, "on Granian": 1.5, "on gunicorn": 1.3}
"""How many times Flask's rate a text must have; all else must have as much as Flask."""
SERVERS = {
    ("declweb", "on Granian"): (BIN / "declweb", "serve", VIEWS, "--port", "{port}", "--workers", str(WORKERS)),
    ("Flask", "on Granian"): (*COMMANDS["bare"][:-1], "benchmarks.peers:flask_views"),
    ("declweb", "on gunicorn"): (*GUNICORN, "--threads", str(FEW_THREADS), f'declweb:load("{VIEWS}")'),
    ("Flask", "on gunicorn"): (*GUNICORN, "--threads", str(FEW_THREADS), "benchmarks.peers:flask_views"),
}


def _path(kind: str) -> str:
    return f"/{kind}/plum"


def _least(kind: str, where: str) -> float:
    return LEAST[where] if kind == "text" else 1.0


def hooks(effort: Effort) -> Section:
    """Ask for each kind of answer in each place, declweb and Flask in turn."""
    section = Section("The same views under declweb and under Flask")
    _in_process(effort, section)
    with ExitStack() as stack:
        servers = {who: stack.enter_context(serving(command)) for who, command in SERVERS.items()}
        for server in servers.values():
            server.wait(_path("text"))
        for where in ("on Granian", "on gunicorn"):
            pair = {name: server for (name, place), server in servers.items() if place == where}
            for kind in KINDS:
                _over_http(kind, where, pair, effort, section)
    return section


def _in_process(effort: Effort, section: Section) -> None:
    app, flask = load_site(VIEWS), flask_views_app()
    for kind, what in KINDS.items():
        ours, theirs = caller(app, _path(kind)), caller(flask, _path(kind))
        assert ours() == theirs(), f"declweb and Flask answer {kind} differently:\n{ours()!r}\n{theirs()!r}"
        found = microseconds({"declweb": ours, "Flask": theirs}, effort.batches)
        rate = found["Flask"].over(found["declweb"])
        section.claims.append(Claim(f"{what}, in process, beside Flask", rate, least=_least(kind, "in process")))
        section.figures.extend(Figure(f"{name}, in process: {what}", series, "µs") for name, series in found.items())


def _over_http(kind: str, where: str, servers: dict[str, Server], effort: Effort, section: Section) -> None:
    what = KINDS[kind]
    costs: dict[str, list[float]] = {name: [] for name in servers}
    ours, theirs = (server.get(_path(kind)) for server in servers.values())
    assert ours == theirs, f"declweb and Flask answer {kind} differently {where}:\n{ours!r}\n{theirs!r}"
    asked = {
        name: load(server, _path(kind), max(1.0, effort.seconds / 3), costs[name], may_redirect=kind == "elsewhere")
        for name, server in servers.items()
    }
    found = alternate(asked, effort.rounds)
    rate = found["declweb"].over(found["Flask"])
    section.claims.append(Claim(f"{what}, {where}, beside Flask", rate, least=_least(kind, where)))
    for name, series in found.items():
        note = f"{sorted(costs[name])[len(costs[name]) // 2]:.0f} µs of processor"
        section.figures.append(Figure(f"{name} {where}: {what}", series, "requests/s", note))
