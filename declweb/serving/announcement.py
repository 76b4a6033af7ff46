"""What is said when a site begins to be served.

Owns the words. Knows what is served, not how.
"""

from collections.abc import Iterator

from declweb.problems import Problem, count
from declweb.serving.addresses import is_wildcard, url
from declweb.serving.reload import Live

SHOWN = 5
"""Warnings that are shown; `declweb check` shows all."""


def announcement(live: Live, host: str, port: int, *, is_secure: bool) -> Iterator[tuple[str, str]]:
    """Yield lines, each with the role that `declweb.problems.COLOURS` gives a colour, or none."""
    version, app = live.version, live.version.app
    address = url(host, port, is_secure=is_secure, prefix=app.prefix if app else "")
    everywhere = f" and at every other address of this machine ({host})" if is_wildcard(host) else ""
    name = app.name if app else version.site.site.name if version.site else str(live.source.file)
    yield f"{name} is served at {address}{everywhere}", "place"
    if app is None:
        yield f"  {live.source.file} is broken; the browser shows what is wrong with it", "error"
    else:
        environment = f"; environment {version.environment}" if version.environment else ""
        yield f"  {version.urls}{environment}", ""
    if live.source.is_development:
        yield "  for work on the site: changes show at once, and problems in the browser", ""
    yield from _problems(version.problems, "declweb check " + str(live.source.path))
    yield "  Ctrl-C stops it", "margin"


def _problems(problems: tuple[Problem, ...], more: str) -> Iterator[tuple[str, str]]:
    if not problems:
        return
    yield f"  {count(problems)}:", problems[0].severity
    for problem in problems[:SHOWN]:
        yield f"    {problem.place}: {problem.message}", ""
    if len(problems) > SHOWN:
        yield f"    and more; `{more}` shows all", "margin"
