"""`declweb entries export` and `backup`: what visitors sent, for other programs and for safety.

Owns where it is written to, and that a file is only there once it is whole.
"""

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, cast

import click

from declweb.cli.entry_choice import SEVERAL, asking, counted, env_option, form_option, status_option, with_bar
from declweb.cli.terminal import refuse, say, site_argument
from declweb.storage import Status


@click.command()
@site_argument
@form_option
@status_option
@click.option("--format", "form", type=click.Choice(["csv", "xlsx", "json", "jsonl"]), default="csv", show_default=True)
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="A file; standard output without it.")
@env_option
def export(  # noqa: PLR0913 # click's
    site: Path, name: str | None, status: Status | None, form: str, out: Path | None, env: str | None
) -> None:
    """Write the entries of a form for a spreadsheet or a program.

    In CSV a text that begins with = + - @ gets a ' before it, so that no spreadsheet takes it for a formula.
    """
    from declweb.storage.exports import FORMATS  # noqa: PLC0415 # for this command alone

    if form == "xlsx" and out is None and sys.stdout.isatty():
        refuse("a spreadsheet is nothing to read at a terminal; name a file: --out entries.xlsx")
    with asking(site, env) as asked:
        name = name or asked.only_form()
        asked.check(name)
        number = asked.count(name, status)
        entries = with_bar(asked.entries(name, status), number, "Exporting")
        fields = asked.fields(name)
        cut = 0
        try:
            with _output(out) as to:
                cut = FORMATS[form](entries, fields, asked.zone, to)
        except BrokenPipeError:
            _quietly()
        except OSError as error:
            refuse(f"{out or 'standard output'} cannot be written: {(error.strerror or str(error)).lower()}", 1)
    if cut:
        click.echo(f"{cut} cells were too long for a spreadsheet and were cut; csv and json have them whole", err=True)
    if out is not None:
        click.echo(f"{counted(number)} in {out}", err=True)


@contextmanager
def _output(out: Path | None) -> Iterator[IO[bytes]]:
    """Lend what is written to; a file is only there once it is whole, and for its owner alone."""
    if out is None:
        yield cast("IO[bytes]", sys.stdout.buffer)
        sys.stdout.flush()
        return
    part = tempfile.NamedTemporaryFile(dir=out.parent, prefix=f".{out.name}-", delete=False)  # noqa: SIM115 # below
    try:
        with part:
            yield cast("IO[bytes]", part)
        Path(part.name).replace(out)
    except BaseException:
        Path(part.name).unlink(missing_ok=True)
        raise


def _quietly() -> None:
    """End as programs end whose reader has seen enough."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    sys.exit(1)


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
@site_argument
@env_option
def backup(folder: Path, site: Path, env: str | None) -> None:
    """Copy everything that was stored to a new FOLDER.

    The copy is whole and consistent, also while the site runs.

    With SQLite the copy is a storage folder: put in place of the site's own, it brings everything back. With
    PostgreSQL it has every entry and message as JSON lines, and the files; pg_dump copies the database itself.
    """
    with asking(site, env) as asked:
        if not asked.store.exists:
            refuse("there are no entries yet", 1)
        files = 0
        bar: Any = None

        def progress(done: int, number: int) -> None:
            nonlocal files, bar
            files = number
            if bar is None and number >= SEVERAL and sys.stderr.isatty():
                bar = click.progressbar(length=number, label="Copying files", file=sys.stderr)
            if bar is not None:
                bar.update(done - bar.pos)

        try:
            asked.store.backup(folder, progress)
        except FileExistsError:
            refuse(f"{folder} is there already; name a new folder", 1)
        if bar is not None:
            bar.render_finish()
        number = sum(asked.store.forms().values())
        say(f"{counted(number)} and {files} file{'' if files == 1 else 's'} copied to {folder}")
