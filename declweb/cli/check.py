"""`declweb check`."""

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from declweb.cli.terminal import CANNOT, has_colours, refuse, site_argument
from declweb.loading import check_site
from declweb.problems import Place, Problem, count, draw_text, in_order
from declweb.problems_data import draw_github, draw_json
from declweb.serving.source import Source, unreadable

if TYPE_CHECKING:
    from declweb.delivery.findings import Finding

DRAWINGS: dict[str, Callable[[Sequence[Problem]], str]] = {
    "text": lambda problems: draw_text(problems, colours=has_colours(sys.stdout)),
    "json": draw_json,
    "github": draw_github,
}
"""How problems are drawn: for people, for programs, for a pull request."""


@click.command()
@site_argument
@click.option("--format", "form", type=click.Choice(list(DRAWINGS)), default="text", show_default=True)
@click.option(
    "--deliver",
    "tries_out",
    is_flag=True,
    help="Try out storage, mail server, domain and webhooks as well. Sends no mail.",
)
@click.option("--dns", metavar="ADDRESS", help="The name server that --deliver asks; the machine's own otherwise.")
@click.option("--no-code", is_flag=True, help="Import none of the site's own Python, and judge the rest.")
@click.option("--env", metavar="NAME", help="The environment that --deliver tries out; production if it is there.")
def command(  # noqa: PLR0913 # click's
    site: Path, form: str, dns: str | None, env: str | None, *, tries_out: bool, no_code: bool
) -> None:
    """Say everything that is wrong with a site.

    It is checked in every environment that it declares. Exits with 0 when it can be served, with or without warnings,
    with 1 when it is broken, with 2 when it cannot be read.
    """
    if not tries_out and (dns or env):
        refuse(f"`--{'dns' if dns else 'env'}` goes with `--deliver`")
    source = Source(site, env)
    try:
        problems, code = check_site(site, source.variables, imports=not no_code), 0
    except OSError as error:
        problems, code = (Problem("unreadable-site", unreadable(site, error), Place(str(source.file))),), CANNOT
    is_broken = any(problem.is_error for problem in problems)
    found: Sequence[Finding] = ()
    if tries_out and not is_broken:
        found, further = _tried_out(source, dns)
        problems = in_order([*problems, *further])
    if drawing := DRAWINGS[form](problems):
        click.echo(drawing)
    if form != "json":
        _conclude(source, problems, found, form, tries_out=tries_out, is_broken=is_broken, no_code=no_code)
    sys.exit(code or int(any(problem.is_error for problem in problems)))


def _tried_out(source: Source, dns: str | None) -> "tuple[Sequence[Finding], Sequence[Problem]]":
    """Return what was found by trying out, and what of it is a problem."""
    from declweb.cli.delivery_check import name_server, problems_of  # noqa: PLC0415 # for --deliver alone
    from declweb.delivery.checking import findings  # noqa: PLC0415 # as above

    server = name_server(dns)
    site, problems = source.declared()
    if site is None:
        return (), problems
    found = list(findings(site, source.folder, server))
    return found, problems_of(found, source.places())


def _conclude(  # noqa: PLR0913 # what there is to say
    source: Source,
    problems: Sequence[Problem],
    found: "Sequence[Finding]",
    form: str,
    *,
    tries_out: bool,
    is_broken: bool,
    no_code: bool,
) -> None:
    """Write what is fine, and how much there is of each."""
    if tries_out and not is_broken:
        from declweb.cli.delivery_check import say_lines, summary  # noqa: PLC0415 # as above

        if form == "text":
            say_lines(found)
        click.echo(f"\n{count(problems)} in {source.file}; {summary(found)}", err=form == "github")
        return
    aside = "; nothing was tried out" if tries_out else ""
    said = _summary(source, problems, is_broken=is_broken, no_code=no_code)
    click.echo(said + aside, err=form == "github")


def _summary(source: Source, problems: Sequence[Problem], *, is_broken: bool, no_code: bool) -> str:
    numbers = f"{count(problems)} in {source.file}"
    if is_broken:
        return f"\n{numbers}"
    urls = "no Python was looked at" if no_code else source.load(is_rehearsed=True).urls
    return f"\n{numbers}, nothing that keeps it from running: {urls}" if problems else f"{source.file} is fine: {urls}"
