"""Rows as an API: declweb beside Datasette and a Flask view with SQLAlchemy; and a spreadsheet of 100,000 lines."""

import csv
import random
import sqlite3
import tempfile
from contextlib import ExitStack
from functools import partial
from pathlib import Path

from benchmarks.over_http import FEW_THREADS, GUNICORN, WORKERS, load
from benchmarks.peers import DATABASE
from benchmarks.report import Claim, Figure, Section
from benchmarks.rounds import Effort, Series, alternate
from benchmarks.servers import BIN, HOST, Server, loading, serving

ROWS = 10_000
MANY = 100_000
COLUMNS = ("slug", "name", "category", "price", "vegan", "baked")
CATEGORIES = ("bread", "cake", "drinks", "rolls", "savoury")
SITE = """
[site]
name = "Bakery"

[data.items]
file = "items.csv"
columns.slug.key = true
columns.name = "text"
columns.category = "text"
columns.price = "number"
columns.vegan = "yes/no"
columns.baked = "date"

[json.items]
path = "/api/items"
data = "items"
filter = ["category", "price"]
sort = ["price", "name"]

[routes.page]
path = "/page"
html = "<h1>Bakery</h1>{PAGE}"
"""
OURS = "/api/items?category={category}&price__gte={price}&sort=-price&page_size=50"
DATASETTES = (
    "/items/items.json?category={category}&price__gte={price}&_sort_desc=price&_size=50&_shape=objects"
    "&_nocount=1&_nofacet=1&_nosuggest=1"
)
"""What it can leave out it leaves out."""
ASKED = {"declweb": OURS, "Datasette": DATASETTES, "Flask and SQLAlchemy": OURS}
MOST_SECONDS = 2.0
MOST_MEMORY = 12.0
"""Times the size of the file."""


def data(effort: Effort) -> Section:
    """Ask for filtered and sorted rows, a different question each time; then load a large file."""
    section = Section(f"{ROWS:,} rows as an API, and {MANY:,} lines of a spreadsheet")
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        root = Path(folder)
        servers = _servers(root, stack)
        _rows(servers, root, effort, section)
        _unfiltered(servers["declweb"], effort, section)
    _large_file(effort, section)
    return section


def items(count: int) -> list[list[str]]:
    """Return rows like those of the bakery's menu, the same ones each time."""
    chance = random.Random(count)  # not for secrets
    return [
        [
            f"item-{number}",
            f"{chance.choice(('Dark', 'Light', 'Small', 'Sweet'))} {chance.choice(('loaf', 'torte', 'roll'))} {number}",
            chance.choice(CATEGORIES),
            f"{chance.randint(50, 9999) / 100:.2f}",
            chance.choice(("yes", "no")),
            f"2026-{chance.randint(1, 12):02}-{chance.randint(1, 28):02}",
        ]
        for number in range(count)
    ]


def write_csv(path: Path, rows: list[list[str]]) -> None:
    """Write rows as a spreadsheet."""
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([COLUMNS, *rows])


def _servers(root: Path, stack: ExitStack) -> dict[str, Server]:
    rows = items(ROWS)
    (root / "site").mkdir()
    (root / "site" / "site.toml").write_text(SITE.replace("{PAGE}", "x" * 9_000), encoding="utf-8")
    write_csv(root / "site" / "items.csv", rows)
    database = root / "items.db"
    with sqlite3.connect(database) as connection:
        connection.execute(
            "CREATE TABLE items"
            " (slug TEXT PRIMARY KEY, name TEXT, category TEXT, price REAL, vegan INTEGER, baked TEXT)"
        )
        connection.executemany("INSERT INTO items VALUES (?, ?, ?, ?, ? = 'yes', ?)", rows)
        for column in ("category", "price"):
            connection.execute(f"CREATE INDEX by_{column} ON items ({column})")
    connection.close()
    commands = {
        "declweb": (BIN / "declweb", "serve", root / "site", "--port", "{port}", "--workers", str(WORKERS)),
        "Datasette": (BIN / "datasette", "serve", "-i", database, "--host", HOST, "--port", "{port}"),
        "Flask and SQLAlchemy": (*GUNICORN, "--threads", str(FEW_THREADS), "benchmarks.peers:flask_rows"),
    }
    more = {DATABASE: str(database)}
    servers = {name: stack.enter_context(serving(command, more)) for name, command in commands.items()}
    for name, server in servers.items():
        server.wait(_asked(name))
        answer = server.get(_asked(name))
        assert answer[1].count(b"item-") >= 50, answer
    return servers


def _asked(name: str) -> str:
    return ASKED[name].format(category="cake", price="4.20")


def _rows(servers: dict[str, Server], root: Path, effort: Effort, section: Section) -> None:
    costs: dict[str, list[float]] = {name: [] for name in servers}
    asked = {
        name: load(server, _asked(name), effort.seconds, costs[name], script=_script(root, name))
        for name, server in servers.items()
    }
    found = alternate(asked, effort.rounds)
    ours = found["declweb"]
    for name, least in (("Datasette", 3.0), ("Flask and SQLAlchemy", 5.0)):
        what = f"{ROWS:,} rows, filtered, sorted, 50 a page, another question each time, beside {name}"
        section.claims.append(Claim(what, ours.over(found[name]), least=least))
    for name, series in found.items():
        note = f"{sorted(costs[name])[len(costs[name]) // 2]:.0f} µs of processor"
        section.figures.append(Figure(f"{name}: rows, filtered and sorted", series, "requests/s", note))


def _script(root: Path, name: str) -> Path:
    """Return a script with which wrk asks a different question each time."""
    parts = ASKED[name].replace("{category}", '" .. kinds[math.random(#kinds)] .. "')
    parts = parts.replace("{price}", '" .. string.format("%.2f", math.random(50, 5000) / 100) .. "')
    kinds = ", ".join(f'"{kind}"' for kind in CATEGORIES)
    path = root / f"{name.split(maxsplit=1)[0]}.lua"
    path.write_text(
        f'local kinds = {{{kinds}}}\nfunction request() return wrk.format("GET", "{parts}") end\n', encoding="utf-8"
    )
    return path


def _unfiltered(server: Server, effort: Effort, section: Section) -> None:
    costs: dict[str, list[float]] = {"rows": [], "page": []}
    asked = {
        name: load(server, path, effort.seconds, costs[name], ("Accept: application/json",))
        for name, path in (("rows", "/api/items"), ("page", "/page"))
    }
    found = alternate(asked, effort.rounds)
    rate = found["rows"].over(found["page"])
    section.claims.append(Claim("rows, unfiltered and unchanged, beside a prepared page", rate, least=0.95))
    for name, what in (("rows", "declweb: rows, unfiltered"), ("page", "declweb: a prepared page of that size")):
        section.figures.append(Figure(what, found[name], "requests/s"))


def _large_file(effort: Effort, section: Section) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "items.csv")
        write_csv(path, items(MANY))
        size = path.stat().st_size / 1e6
        told: list[dict[str, float]] = []
        found = alternate({"file": loading("benchmarks.data", path, told)}, effort.rounds)["file"]
    most = max(each["memory"] for each in told) / size
    section.claims.append(Claim(f"{MANY:,} lines are read, indexes included", found.median, "s", most=MOST_SECONDS))
    section.claims.append(Claim("and take, indexes included, so many times their size", most, most=MOST_MEMORY))
    section.figures.append(Figure(f"{MANY:,} lines, {size:.1f} MB", found, "s"))
    memory = Series(tuple(each["memory"] for each in told))
    section.figures.append(Figure("memory that they take", memory, "MB", "resident, with what reading left behind"))


def _load(path: Path) -> dict[str, float]:
    """Read a file and make every index that questions may need; return seconds and MB."""
    import time  # noqa: PLC0415 # in the process that is measured alone

    from benchmarks.servers import memory  # noqa: PLC0415 # as above
    from declweb.data.dataset import Dataset  # noqa: PLC0415 # as above
    from declweb.data.reading import read_data  # noqa: PLC0415 # as above
    from declweb.data.selecting import Condition, Order, matching, ordered  # noqa: PLC0415 # as above
    from declweb.data.values import Reading  # noqa: PLC0415 # as above
    from declweb.model import Data  # noqa: PLC0415 # as above

    columns = dict.fromkeys(COLUMNS, "text") | {"price": "number", "vegan": "yes/no", "baked": "date"}
    declared = Data.model_validate({"file": "items.csv", "columns": {**columns, "slug": {"key": True}}})
    read_data("warm", declared, b",".join(column.encode() for column in COLUMNS) + b"\n", "items.csv", Reading())
    before, began = memory("self", "VmRSS"), time.perf_counter()
    found = read_data("items", declared, path.read_bytes(), "items.csv", Reading())
    assert isinstance(found.made, Dataset)
    assert len(found.made) == MANY
    ask = partial(matching, found.made)
    for column in COLUMNS:
        first = found.made.cells[column][0]
        ask([Condition(column, "eq", first)])
        ordered(found.made, ask([Condition(column, "gte", first)] if column != "vegan" else []), [Order(column)])
    return {"spent": time.perf_counter() - began, "memory": memory("self", "VmRSS") - before}


if __name__ == "__main__":
    import json
    import sys

    print(json.dumps(_load(Path(sys.argv[1]))))
