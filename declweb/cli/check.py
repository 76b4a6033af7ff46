"""`declweb check`."""

import sys
from pathlib import Path

import click

from declweb.cli.terminal import CANNOT, has_colours, site_argument
from declweb.loading import check_site
from declweb.problems import Place, Problem, count, draw_github, draw_json, draw_text
from declweb.serving.source import Source, unreadable

DRAWINGS = {
    "text": lambda problems: draw_text(problems, colours=has_colours(sys.stdout)),
    "json": draw_json,
    "github": draw_github,
}
"""How problems are drawn: for people, for programs, for a pull request."""


@click.command()
@site_argument
@click.option("--format", "form", type=click.Choice(list(DRAWINGS)), default="text", show_default=True)
def command(site: Path, form: str) -> None:
    """Say everything that is wrong with a site.

    It is checked in every environment that it declares. Exits with 0 when it can be served, with or without warnings,
    with 1 when it is broken, with 2 when it cannot be read.
    """
    source = Source(site)
    try:
        problems, code = check_site(site, source.variables), 0
    except OSError as error:
        problems, code = (Problem("unreadable-site", unreadable(site, error), Place(str(source.file))),), CANNOT
    if drawing := DRAWINGS[form](problems):
        click.echo(drawing)
    is_broken = any(problem.is_error for problem in problems)
    if form != "json":
        click.echo(_summary(source, problems, is_broken=is_broken), err=form == "github")
    sys.exit(code or int(is_broken))


def _summary(source: Source, problems: tuple[Problem, ...], *, is_broken: bool) -> str:
    numbers = f"{count(problems)} in {source.file}"
    if is_broken:
        return f"\n{numbers}"
    urls = source.load().urls
    return f"\n{numbers}, nothing that keeps it from running: {urls}" if problems else f"{source.file} is fine: {urls}"
