"""Schemathesis against the documents of sites, in process.

`python tests/support/trying.py 2000 [SITE …]` sends at least so many requests to each site, with all checks.
Every request comes from another visitor, so that no limit per visitor ends it.
"""

import re
import shutil
import sys
import tempfile
import time
import warnings
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

import declweb

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

ROOT = Path(__file__).parents[2]
NAMES = (
    "sites/bakery", "sites/school",
    "examples/contact-form", "examples/form-in-own-html", "examples/form-in-two-languages",
    "examples/json", "examples/order-with-upload", "examples/price-list", "examples/registration",
)  # fmt: skip
DOCUMENTED = [ROOT / name for name in NAMES]
"""The sites that declweb brings along and that have a document."""


@dataclass
class Tried:
    """What came of it."""

    requests: int = 0
    statuses: Counter[str] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)


def tried(site: Path, folder: Path, *, each: int, seed: int | None = None) -> Tried:
    """Return what came of trying all operations of a site, with so many examples of each, the same for a seed."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # its own, about what it is made of
        import schemathesis.openapi  # noqa: PLC0415 # slow to import
        from schemathesis.config import SchemathesisConfig  # noqa: PLC0415 # as above
        from schemathesis.engine import from_schema  # noqa: PLC0415 # as above

        copy = folder / site.name
        shutil.copytree(site, copy, ignore=shutil.ignore_patterns("storage"))
        _open_all_year(copy / "site.toml")
        found = Tried()
        schema = schemathesis.openapi.from_wsgi(
            "/openapi.json",
            _visited(declweb.load(copy / "site.toml", reload=False), found),
            config=SchemathesisConfig(seed=seed),
        )
        schema.config.generation.update(max_examples=each)
        refusing = schema.config.checks.negative_data_rejection
        refusing.expected_statuses = [*refusing.expected_statuses, "414"]  # what is wrong may be too long, too
        for event in from_schema(schema).execute():
            _look(event, found)
        return found


def _open_all_year(file: Path) -> None:
    """Let forms take what is right whatever day it is: while they are closed, 503 answers all of it."""
    file.write_text(re.sub(r"^closed(_text)? = .*\n", "", file.read_text("utf-8"), flags=re.MULTILINE), "utf-8")


def _visited(app: Any, found: Tried) -> Any:
    """Let every request come from another visitor, who takes no compression."""
    numbers = count(1)

    def visited(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        number = next(numbers)
        environ["REMOTE_ADDR"] = f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"
        environ.pop("HTTP_ACCEPT_ENCODING", None)

        def start(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
            found.requests += 1
            found.statuses[status[:3]] += 1
            return start_response(status, headers, exc_info) if exc_info else start_response(status, headers)

        answer: Iterable[bytes] = app(environ, start)
        return answer

    return visited


def _look(event: Any, found: Tried) -> None:
    """Note what an event of the engine tells of failures."""
    match type(event).__name__:
        case "ScenarioFinished":
            for number, checks in event.recorder.checks.items():
                case = event.recorder.cases[number].value
                found.failures += [
                    f"{each.name}: {each.failure_info.failure.title}: {each.failure_info.failure.message}\n"
                    f"{case.method} {case.path} {case.query} {case.body!r}"
                    for each in checks
                    if each.status.name == "FAILURE"
                ]
        case "NonFatalError" | "FatalError":
            found.failures.append(repr(event))


def main() -> int:
    """Try sites, and say what was seen; return 1 where something failed."""
    least, *names = sys.argv[1:]
    failed = False
    for site in [Path(name).resolve() for name in names] or DOCUMENTED:
        began, found = time.monotonic(), Tried()
        while found.requests < int(least) and not found.failures:
            with tempfile.TemporaryDirectory() as folder:
                last = tried(site, Path(folder), each=int(least) // 8)
            found.requests += last.requests
            found.statuses += last.statuses
            found.failures += last.failures
        seconds = time.monotonic() - began
        print(f"{site.name}: {found.requests} requests in {seconds:.0f} s, {dict(sorted(found.statuses.items()))}")  # noqa: T201 # that is what it is for
        print(*found.failures, sep="\n\n")  # noqa: T201 # as above
        failed |= bool(found.failures)
    return failed


if __name__ == "__main__":
    raise SystemExit(main())
