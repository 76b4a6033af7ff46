"""What the commands share: their argument, colours, and how they end.

Owns the manners of the command line. Knows no site.
"""

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn, TextIO

import click

from declweb.problems import Problem, count, draw_text, painted

site_argument = click.argument("site", default=".", type=click.Path(path_type=Path))
"""A site file or its folder."""

CANNOT = 2
"""The exit code of what cannot even begin."""


def has_colours(stream: TextIO) -> bool:
    """Tell whether what is written there may be coloured (https://no-color.org)."""
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def say(text: str, role: str = "") -> None:
    """Write a line, in the colour of its role where colours are seen."""
    click.echo(painted(text, role) if role and has_colours(sys.stdout) else text)


def refuse(reason: str, code: int = CANNOT) -> NoReturn:
    """Write in a sentence why it cannot be done, and end."""
    word = painted("error", "error") if has_colours(sys.stderr) else "error"
    click.echo(f"{word}: {reason}", err=True)
    sys.exit(code)


def refuse_site(problems: Sequence[Problem], file: Path, code: int = CANNOT, *, aside: str = "") -> NoReturn:
    """Write what is wrong with a site, and end."""
    click.echo(draw_text(problems, colours=has_colours(sys.stderr)), err=True)
    click.echo(f"\n{count(problems)} in {file}{aside}", err=True)
    sys.exit(code)
