"""`declweb serve`."""

import sys
from pathlib import Path
from typing import Any

import click

from declweb.cli.terminal import refuse, refuse_site, say, site_argument
from declweb.problems import SiteError
from declweb.serving import CannotStart
from declweb.serving.serve import SERVERS, Wishes, serve
from declweb.serving.source import Source


@click.command()
@site_argument
@click.option("--host", help="The network address to listen on; 127.0.0.1 is this machine alone.")
@click.option("--port", type=click.IntRange(0, 65535), help="The port to listen on; 0 is any free one.")
@click.option("--workers", type=click.IntRange(1, 512), help="How many processes answer.")
@click.option("--env", metavar="NAME", help="The environment of the site file to use; production if it is there.")
@click.option("--dev", is_flag=True, help="For work on the site: environment development, problems in the browser.")
@click.option("--server", type=click.Choice(list(SERVERS)), default="granian", show_default=True)
def command(site: Path, env: str | None, *, dev: bool, **wishes: Any) -> None:
    """Serve a site.

    A change of its files is live within a second; a change that breaks it never is. Options win over [server].
    """
    source = Source(site, env, is_development=dev)
    try:
        code = serve(source, Wishes(**wishes), say)
    except SiteError as error:
        refuse_site(error.problems, source.file, aside="; it cannot be served")
    except CannotStart as error:
        refuse(str(error))
    sys.exit(code)
