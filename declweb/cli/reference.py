"""`declweb reference`."""

import sys
from collections.abc import Iterator
from pathlib import Path

import click

from declweb.cli.manual import Key, keys, sentence_of
from declweb.cli.terminal import refuse
from declweb.model import Site
from declweb.model.kinds import Kind, inner_kinds, kinds
from declweb.problems import CODES

INTRODUCTION = """\
# The site file

A site file is a [TOML](https://toml.io/) file. This page lists every table and key that it may have; it is made by
`declweb reference`, from the program itself. A key that is not listed here is an error.

- Things with a name are `[plural.NAME]`, things without one `[[plural]]`; `NAME` is yours to choose.
- Sizes and times are a number and a unit in quotes: `"5 MB"`, `"30 minutes"`, `"180 days"`.
- `<name>` or `<converter:name>` in an address is a variable. `{{ … }}` in templates and in `text` and `html` of a route
  is filled in by [Jinja](https://jinja.palletsprojects.com/). `*` in the `path` of `[[headers]]` stands for anything.
- `${NAME}` in any text is the environment variable `NAME`, `${NAME:-default}` has a default, `$${` is a plain `${`. A
  value that is exactly one variable may stand where a number or `true` is wanted: `port = "${PORT}"`.
- `[env.NAME]` lays the same tables over the file for one environment: `[env.production.server]`. Tables merge,
  everything else replaces. `declweb serve` uses `production` if it is declared, `--dev` uses `development`,
  `--env NAME` any other.
- A text that may be written "for each language" is one text, or `{ en = "Bread", de = "Brot" }` on a site whose
  `languages` are `["en", "de"]`.
- `templates/`, `static/` (at `/static`) and `pages/` (at `/`) are found by themselves.
"""


@click.command()
@click.option(
    "--check",
    "file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Print nothing; exit with 1 when this file is not what would be printed.",
)
def command(file: Path | None) -> None:
    """Print the manual of the site file.

    It is Markdown; docs/reference.md of declweb is made with it.
    """
    if file is None:
        click.echo(reference(), nl=False)
        return
    try:
        written = file.read_text("utf-8")
    except OSError as error:
        refuse(f"`{file}` cannot be read: {(error.strerror or str(error)).lower()}")
    if written != reference():
        click.echo(f"{file} is not up to date; renew it: declweb reference > {file}", err=True)
        sys.exit(1)


def reference() -> str:
    """Return the manual."""
    sections = [INTRODUCTION]
    top = [kind for kind in kinds().values() if kind.shape == "top"]
    sections += [_top(top), *(_section(kind) for kind in _tables()), _codes()]
    return "\n".join(sections)


def _tables() -> Iterator[Kind]:
    """Yield each kind of table, and behind it those that stand in it."""
    for kind in kinds().values():
        if kind.shape != "top":
            yield kind
            yield from (inner for name, inner in inner_kinds().items() if name.startswith(f"{kind.name}."))


def _top(top: list[Kind]) -> str:
    wanted = {kind.name for kind in top}
    rows = "\n".join(_row(key) for key in keys(Site) if key.word in wanted)
    return f"## The top of the file\n\nAbove the first table:\n\n{_HEAD}{rows}\n"


def _section(kind: Kind) -> str:
    return f"## `{kind.header}`\n\n{sentence_of(kind)}\n{''.join(_rows(kind))}"


def _rows(kind: Kind) -> Iterator[str]:
    if kind.model is None:
        return
    if kind.shape == "pairs" and not kind.is_inner:
        yield "\nWhere there is more to say, a table, or a list of such:\n"
    yield f"\n{_HEAD}"
    for key in keys(kind.model):
        yield _row(key) + "\n"


_HEAD = "| key | value | otherwise | |\n|---|---|---|---|\n"


def _row(key: Key) -> str:
    otherwise = "must be there" if key.is_required else f"`{key.default}`" if key.default else ""
    example = f" `{key.example}`" if key.example else ""
    cells = (f"`{key.word}`", key.type, otherwise, key.sentence.replace("\n", " ") + example)
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _codes() -> str:
    rows = "\n".join(f"| `{name}` | {code.severity} | {code.why} |" for name, code in sorted(CODES.items()))
    return (
        f"## Problems\n\nWhat `declweb check` reports, and why it matters.\n\n| code | | why |\n|---|---|---|\n{rows}\n"
    )
