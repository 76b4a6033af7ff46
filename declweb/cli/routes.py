"""`declweb routes`."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path

import click

from declweb.app import Listed
from declweb.cli.terminal import CANNOT, refuse_site, say, site_argument
from declweb.serving.source import Source

HEADINGS = ("URL", "methods", "name", "answer", "how")


@click.command()
@site_argument
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.option("--env", metavar="NAME", help="The environment of the site file to use; production if it is there.")
def command(site: Path, form: str, env: str | None) -> None:
    """List every address of a site, and what answers it.

    Says of each whether its answer is prepared before the first request, and if not, what it depends on.
    """
    source = Source(site, env)
    version = source.load()
    if version.app is None:
        refuse_site(version.problems, source.file, CANNOT if version.site is None else 1)
    if form == "json":
        overview = [{**asdict(listed), "prepared": not listed.reasons} for listed in version.app.overview]
        click.echo(json.dumps(overview, indent=2, ensure_ascii=False))
        return
    heading, *lines = table([HEADINGS, *map(_row, version.app.overview)])
    say(heading, "margin")
    for line in lines:
        say(line)


def _row(listed: Listed) -> tuple[str, ...]:
    how = "; ".join(listed.reasons) or "prepared"
    return listed.url, " ".join(listed.methods), listed.name, listed.answer, how


def table(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Yield lines in which the cells of each column begin below each other."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
