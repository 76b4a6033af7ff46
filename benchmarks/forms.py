"""Entries that a form accepts, each on disk before it is thanked for: declweb, Flask, and a bare sqlite3 program.

The form has four fields and one message to be sent, which waits: there is no mail server. Every post is another entry,
with a submission key as the served script makes it; there is no limit per visitor, since all of them come from one
address.
"""

import re
import sqlite3
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path

from benchmarks.over_http import COMMANDS, CONNECTIONS, FEW_THREADS, GUNICORN, THREADS, filled, load
from benchmarks.peers import DATABASE, flask_form_app
from benchmarks.report import Claim, Figure, Section
from benchmarks.rounds import Effort, Series, alternate
from benchmarks.servers import HOST, Server, serving

CONTACT = "/contact"
ABOUT = "/about"
TOPICS = {"question": "A question", "praise": "Praise"}
MESSAGE = "I would like two loaves of Moabit rye, and a plum cake for eight people, please. " * 4

SITE = f"""
[site]
name = "Blackbird Bakery"

[routes.thanks]
path = "/thanks"
text = "Thank you."

[routes.about]
path = "{ABOUT}"
template = "about.html"

[forms.contact]
path = "{CONTACT}"
template = "contact.html"
success = {{ redirect = "/thanks" }}
keep = "180 days"
limit = "none"

[forms.contact.fields]
name = {{ label = "Your name", type = "text", required = true, max_length = 80 }}
email = {{ label = "Your e-mail address", type = "email", required = true }}
topic = {{ label = "What is it about?", type = "select", choices = {{ question = "A question", praise = "Praise" }} }}
message = {{ label = "Your message", type = "textarea", required = true, min_length = 10, max_length = 5000 }}

[[forms.contact.send]]
email = "hello@blackbird.example"
subject = "{{{{ entry.topic }}}} from {{{{ entry.name }}}}"
reply_to = "{{{{ entry.email }}}}"

[limits]
readers = 64
readers_per_visitor = 64

[mail]
from = "Blackbird Bakery <website@blackbird.example>"
"""
PAGE = "<!doctype html>\n<html lang=en><title>Write to us</title>\n<h1>Write to us</h1>\n{}\n"

SCRIPT = f"""
local number = 0
local run = math.random(1, 1e9)
wrk.headers["Content-Type"] = "application/x-www-form-urlencoded"
init = function(args)
  math.randomseed(os.time() * 1000 + tonumber(args[1]))
  run = math.random(1, 2^31)
end
request = function()
  number = number + 1
  local id = run .. "-" .. number
  return wrk.format("POST", "{CONTACT}", nil, "name=Ann+" .. id ..
    "&email=ann%40example.com&topic=praise&_key=" .. id .. "&message={MESSAGE.strip().replace(" ", "+")}")
end
"""


@dataclass(frozen=True, slots=True)
class Contender:
    """A form that is served, and the database that it fills."""

    server: Server
    database: Path
    table: str

    def count(self) -> int:
        """Return how many entries are stored."""
        return self._ask(f"SELECT count(*) FROM {self.table}")

    def groups(self) -> int:
        """Return how many transactions brought them, as far as the store counts that."""
        return self._ask("SELECT coalesce(sum(number), 0) FROM generations")

    def _ask(self, statement: str) -> int:
        with closing(sqlite3.connect(f"file:{self.database}?mode=ro", uri=True)) as connection:
            return int(connection.execute(statement).fetchone()[0])


def forms(effort: Effort) -> Section:
    """Put each form under load in turn, then let a bare program commit groups of the size that was seen."""
    with tempfile.TemporaryDirectory(prefix="declweb-benchmark-") as temporary, ExitStack() as stack:
        folder = Path(temporary)
        contenders = _contenders(folder, stack)
        script = folder / "post.lua"
        script.write_text(SCRIPT, encoding="utf-8")
        for contender in contenders.values():
            _post(contender, script, 1)
        sizes: list[float] = []
        calls: dict[str, Callable[[], float]] = {
            name: _accepting(contender, script, effort.seconds, sizes if name == "declweb" else None)
            for name, contender in contenders.items()
        }
        ours = contenders["declweb"].database
        calls["bare"] = lambda: bare(folder / f"bare-{time.monotonic_ns()}.db", ours, round(sizes[-1]), effort.seconds)
        found = alternate({"declweb": calls.pop("declweb"), **calls}, 1)  # the first tells how large a group is
        found = alternate(
            {"declweb": _accepting(contenders["declweb"], script, effort.seconds, sizes), **calls}, effort.rounds
        )
        pages = alternate(
            {name: load(contenders["declweb"].server, name, effort.seconds, []) for name in (CONTACT, ABOUT)},
            effort.rounds,
        )
    size = sorted(sizes)[len(sizes) // 2]
    return _section(found, pages, size)


def _section(found: Mapping[str, Series], pages: Mapping[str, Series], size: float) -> Section:
    ours = found["declweb"]
    flask = max((found["flask"], found["flask, few threads"]), key=lambda series: series.median)
    names = {
        "declweb": "`declweb serve`",
        "flask": f"Flask-WTF and SQLAlchemy on gunicorn, {THREADS} threads each",
        "flask, few threads": f"Flask-WTF and SQLAlchemy on gunicorn, {FEW_THREADS} threads each",
        "bare": f"bare `sqlite3` program, groups of {size:.0f}, the same tables and rows, no server",
    }
    return Section(
        "Accepted entries, each on disk before the answer",
        [
            Claim("accepted entries, beside Flask-WTF and SQLAlchemy on gunicorn", ours.over(flask), least=3),
            Claim("accepted entries, beside a bare `sqlite3` program", ours.over(found["bare"]), least=0.5),
            Claim(
                "a form's page, beside a page of the same site without a form",
                pages[CONTACT].over(pages[ABOUT]),
                least=0.9,
            ),
        ],
        [
            *(Figure(name, found[key], "entries/s") for key, name in names.items()),
            Figure("a form's page, prepared", pages[CONTACT], "requests/s"),
            Figure("a page of the same size without a form, prepared", pages[ABOUT], "requests/s"),
        ],
        [f"{CONNECTIONS} connections; {size:.1f} entries shared one transaction. Flask is asked for no CSRF token."],
    )


def _contenders(folder: Path, stack: ExitStack) -> dict[str, Contender]:
    site = folder / "site"
    (site / "templates").mkdir(parents=True)
    (site / "site.toml").write_text(SITE, encoding="utf-8")
    (site / "templates" / "contact.html").write_text(PAGE.format("{{ form }}"), encoding="utf-8")
    (site / "templates" / "about.html").write_text(PAGE.format("<p>about</p>"), encoding="utf-8")
    found = {}
    ours = stack.enter_context(
        serving([str(site) if str(word).endswith("site") else str(word) for word in COMMANDS["declweb"]])
    )
    found["declweb"] = Contender(ours, site / "storage" / "site.db", "entries")
    for name, threads in (("flask", THREADS), ("flask, few threads", FEW_THREADS)):
        database = folder / f"flask{threads}.db"
        flask_form_app(str(database))  # makes its table, before two workers try to
        command = filled((*GUNICORN, "--threads", str(threads), "benchmarks.peers:flask_form"), str(folder))
        server = stack.enter_context(serving(command, {DATABASE: str(database)}))
        found[name] = Contender(server, database, "entry")
    for contender in found.values():
        contender.server.wait(CONTACT)
    _make_equal(found["declweb"].server, site)
    return found


def _make_equal(server: Server, site: Path) -> None:
    """Fill the page without a form up to the size of the one with a form."""
    missing = len(server.get(CONTACT)[1]) - len(server.get(ABOUT)[1])
    text = PAGE.format(f"<p>{'about us ' * (missing // 9 + 1)}"[: missing + 12] + "</p>")
    (site / "templates" / "about.html").write_text(text, encoding="utf-8")
    end = time.monotonic() + 20
    while abs(len(server.get(CONTACT)[1]) - len(server.get(ABOUT)[1])) > 200:
        if time.monotonic() > end:
            raise SystemExit("the page without a form is not served")
        time.sleep(0.05)


def _accepting(contender: Contender, script: Path, seconds: float, sizes: list[float] | None) -> Callable[[], float]:
    def accept() -> float:
        before, groups = contender.count(), contender.groups() if sizes is not None else 0
        spent = _post(contender, script, seconds)
        stored = contender.count() - before
        if sizes is not None:
            sizes.append(stored / max(1, contender.groups() - groups))
        return stored / spent

    return accept


_run = 0


def _post(contender: Contender, script: Path, seconds: float) -> float:
    """Post for so many seconds; return how long it was. Every answer must be a thank-you."""
    global _run  # noqa: PLW0603 # another one for each run: what was sent before is a repeat
    _run += 1
    url = f"http://{HOST}:{contender.server.port}{CONTACT}"
    command = ("wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds:g}s", "-s", script, url, "--", str(_run))
    before = contender.count()
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    said = done.stdout + done.stderr
    if done.returncode or "Non-2xx" in said or "Socket errors" in said:
        raise SystemExit(f"{contender.server.process.args!r}: {said}")
    asked = re.search(r"(\d+) requests in ([\d.]+)s", said)
    assert asked, said
    if contender.count() - before < int(asked[1]):
        raise SystemExit(f"{url}: {asked[1]} thank-yous, {contender.count() - before} entries")
    return float(asked[2])


def bare(database: Path, original: Path, size: int, seconds: float) -> float:
    """Return how many entries a second a program commits that does nothing else, in groups of this size.

    Every one is a copy of the last entry of `original` with its message, as a row of every table that it is in.
    """
    from declweb.storage import Store, StoreSettings  # noqa: PLC0415 # for the tables alone

    store = Store(StoreSettings(database.parent, f"sqlite:///{database}"))
    store.prepare()
    store.stop()
    entry, message = (_last_row(original, table) for table in ("entries", "outbox"))
    with closing(sqlite3.connect(database, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        done, start = 0, time.perf_counter()
        while (spent := time.perf_counter() - start) < seconds:
            own = [_own(done + number) for number in range(size)]
            connection.execute("BEGIN IMMEDIATE")
            connection.executemany(_insert("entries", entry), [{**entry, **each} for each in own])
            connection.executemany(_insert("outbox", message), [{**message, **each} for each in own])
            connection.execute(_GENERATION)
            connection.execute("COMMIT")
            done += size
    return done / spent


_GENERATION = (
    "INSERT INTO generations (form, number) VALUES ('contact', 1) ON CONFLICT (form) DO UPDATE SET number = number + 1"
)


def _last_row(database: Path, table: str) -> dict[str, object]:
    """Return the last row of a table, without its number."""
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        connection.row_factory = sqlite3.Row
        row = connection.execute(f"SELECT * FROM {table} ORDER BY number DESC LIMIT 1").fetchone()
    return {name: row[name] for name in row.keys() if name != "number"}  # noqa: SIM118 # a Row iterates over values


def _insert(table: str, row: Mapping[str, object]) -> str:
    values = ", ".join(f":{name}" for name in row)
    return f"INSERT INTO {table} ({', '.join(row)}) VALUES ({values})"


def _own(number: int) -> dict[str, str]:
    """Return what no two entries have in common."""
    return {"receipt": f"{number:010}", "digest": f"{number * 7919:064x}", "submission_key": f"key-{number}"}
