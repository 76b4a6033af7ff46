"""What starting costs: `declweb --help`, `declweb serve` until its first answer, and what each of them imports."""

import re
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Mapping
from pathlib import Path

from benchmarks.report import Claim, Figure, Section
from benchmarks.rounds import Effort, Series, alternate
from benchmarks.servers import BIN, DEADLINE, environment, seconds_of, serving
from benchmarks.sites import PAGE, SITE, write_routes

DECLWEB = BIN / "declweb"
BAKERY = Path(__file__).parent.parent / "sites" / "bakery"
MANY = 2000
NOTHING = "python -c pass"
HELP = "declweb --help"
SERVE = "declweb serve, the site of these benchmarks"
SERVE_BAKERY = "declweb serve, sites/bakery"
SERVE_MANY = f"declweb serve, {MANY:,} routes"
WORTH_SAYING = 1.0
"""Milliseconds from which on an imported package is listed."""


def starting(effort: Effort) -> Section:
    """Start each command in turn, once before anything is measured."""
    with tempfile.TemporaryDirectory() as folder:
        many = write_routes(Path(folder), MANY)
        commands: Mapping[str, Callable[[], float]] = {
            NOTHING: lambda: seconds_of(sys.executable, "-c", "pass"),
            HELP: lambda: seconds_of(DECLWEB, "--help"),
            SERVE: lambda: _until_served(SITE, PAGE),
            SERVE_BAKERY: lambda: _until_served(BAKERY, "/"),
            SERVE_MANY: lambda: _until_served(many, "/r7/plum"),
        }
        alternate(commands, 1)
        found = alternate(commands, effort.starts)
    nothing = found[NOTHING]
    milliseconds = {name: Series(tuple(figure * 1e3 for figure in series.figures)) for name, series in found.items()}
    section = Section(
        "Starting",
        [
            Claim("`declweb --help`", milliseconds[HELP].median, "ms", most=150),
            Claim("`declweb serve` until its first answer", milliseconds[SERVE].median, "ms", most=600),
            Claim("`declweb --help`, beside `python -c pass`", found[HELP].over(nothing)),
            Claim("`declweb serve` until its first answer, beside `python -c pass`", found[SERVE].over(nothing)),
        ],
        [Figure(name, series, "ms") for name, series in milliseconds.items()],
    )
    section.remarks.extend(
        [
            f"`declweb --help` imports {_spoken(_imported_by_help())}",
            f"`declweb serve` imports, all its processes together, {_spoken(_imported_by_serve())}",
        ]
    )
    return section


def _until_served(site: Path, path: str) -> float:
    start = time.perf_counter()
    with serving((DECLWEB, "serve", site, "--port", "{port}")) as server:
        server.wait(path)
        return time.perf_counter() - start


def _imported_by_help() -> Mapping[str, float]:
    command = (sys.executable, "-X", "importtime", DECLWEB, "--help")
    done = subprocess.run(command, env=environment(), capture_output=True, text=True, timeout=DEADLINE, check=True)
    return _by_package(done.stderr)


def _imported_by_serve() -> Mapping[str, float]:
    with tempfile.TemporaryFile("w+") as log:
        command = (DECLWEB, "serve", SITE, "--port", "{port}")
        with serving(command, {"PYTHONPROFILEIMPORTTIME": "1"}, log.fileno()) as server:
            server.wait(PAGE)
        log.seek(0)
        return _by_package(log.read())


def _by_package(told: str) -> Mapping[str, float]:
    """Return the milliseconds that each package's own modules took, from Python's own account."""
    milliseconds: dict[str, float] = defaultdict(float)
    for own, module in re.findall(r"^import time:\s*(\d+) \|\s*\d+ \|\s*(\S+)$", told, re.MULTILINE):
        package = module.partition(".")[0]
        name = "the standard library" if package in sys.stdlib_module_names else package.lstrip("_")
        milliseconds[name] += int(own) / 1000
    return milliseconds


def _spoken(milliseconds: Mapping[str, float]) -> str:
    listed = [
        f"{name} {spent:.0f} ms"
        for name, spent in sorted(milliseconds.items(), key=lambda one: -one[1])
        if spent >= WORTH_SAYING
    ]
    return ", ".join(listed) + "."
