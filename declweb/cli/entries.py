"""`declweb entries VERB`: what visitors sent, for its owner.

Owns how entries are shown, judged and copied on the command line. Which are meant is `entry_choice`'s, what they are
stored in `storage`'s.
"""

import os
import re
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from itertools import islice
from pathlib import Path
from typing import IO, Any, cast

import click

from declweb.cli.entry_choice import (
    SEVERAL,
    Asked,
    asking,
    chosen,
    counted,
    env_option,
    form_option,
    status_option,
    told_apart,
    with_bar,
    words_argument,
    yes_option,
)
from declweb.cli.terminal import refuse, say, site_argument
from declweb.model import Form
from declweb.problems import visible
from declweb.storage import Entry, Status, Store, StoreDown, Taken

WIDEST = 60
"""Characters of an entry that a list shows."""
_LONGEST_NAME = 200
"""Bytes of a file's name that every file system takes."""


class _Verbs(click.Group):
    """Verbs in the order in which they stand here."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 # click's signature
        return list(self.commands)


@click.group(cls=_Verbs)
def command() -> None:
    """List, show, export, judge and delete what visitors sent.

    A RECEIPT is what the visitor was given, such as K7QF2-M9XA3.
    """


# --- looking ----------------------------------------------------------------------------------------------------------


@command.command("list")
@site_argument
@form_option
@status_option
@click.option("--held", "is_held", is_flag=True, help="The same as --status held.")
@click.option("--limit", type=click.IntRange(min=1), default=100, show_default=True, help="How many, the latest.")
@env_option
def list_(site: Path, name: str | None, status: Status | None, is_held: bool, limit: int, env: str | None) -> None:  # noqa: FBT001, PLR0913 # click's
    """List entries, the latest last."""
    status = "held" if is_held else status
    with asking(site, env) as asked:
        forms = asked.forms(name)
        latest: list[Entry] = []
        for form in forms:
            latest += islice(asked.entries(form, status, is_newest_first=True), limit)
        latest = sorted(latest, key=lambda entry: entry.number)[-limit:]
        for entry in latest:
            say(_line(entry, asked, is_of_many=name is None))
        number = sum(asked.count(form, status) for form in forms)
        if number > len(latest):
            click.echo(f"{counted(number - len(latest))} before these; see them with --limit {number}", err=True)
        elif not number:
            click.echo("there are no entries", err=True)
        _note_shown(asked, latest)


def _note_shown(asked: Asked, entries: Iterable[Entry]) -> None:
    """Held entries go 30 days after they were shown; a list that cannot be written to is shown nevertheless."""
    held = [entry.receipt for entry in entries if entry.status == "held"]
    if held:
        with suppress(StoreDown):
            asked.store.note_shown(held)


def _line(entry: Entry, asked: Asked, *, is_of_many: bool) -> str:
    created = entry.created.astimezone(asked.zone).strftime("%Y-%m-%d %H:%M")
    words = " · ".join(text for text in (_spoken(value) for value in entry.told.values()) if text)
    words = visible(re.sub(r"\s+", " ", words))
    shown = words if len(words) <= WIDEST else f"{words[: WIDEST - 1]}…"
    form = f"{entry.form}  " if is_of_many else ""
    status = "" if entry.status == "new" else f"[{entry.status}] "
    files = f"  ({len(entry.uploads)} file{'' if len(entry.uploads) == 1 else 's'})" if entry.uploads else ""
    return f"{entry.receipt}  {created}  {form}{status}{shown}{files}"


def _spoken(value: object) -> str:
    if value is None or value is False:
        return ""
    if value is True:
        return "yes"
    if isinstance(value, Mapping):
        return ", ".join(f"{name}: {_spoken(each)}" for name, each in value.items())
    return ", ".join(map(_spoken, value)) if isinstance(value, (list, tuple)) else str(value)


@command.command()
@words_argument
@form_option
@status_option
@click.option("--files", type=click.Path(file_okay=False, path_type=Path), help="A folder to copy their files to.")
@env_option
def show(words: Sequence[str], name: str | None, status: Status | None, files: Path | None, env: str | None) -> None:
    """Show entries with all that was written, and copy their files."""
    receipts, site = told_apart(words)
    with asking(site, env, receipts) as asked:
        entries = chosen(asked, name, status)
        for number, entry in enumerate(entries):
            if number:
                say("")
            _show(entry, asked)
        if files is not None:
            _copy_files(asked.store, entries, files)
        _note_shown(asked, entries)


def _show(entry: Entry, asked: Asked) -> None:
    say(entry.receipt, "help")
    created = entry.created.astimezone(asked.zone).strftime("%Y-%m-%d %H:%M:%S %Z")
    say(f"  {entry.form}, {created}, language {entry.language}, {entry.status}")
    if entry.reasons:
        say(f"  {entry.points} points: {visible(', '.join(entry.reasons))}")
    if entry.expires is not None:
        say(f"  kept until {entry.expires.astimezone(asked.zone):%Y-%m-%d}")
    declared = {field.name for field in entry.fields}
    labels = {field.name: field.label for field in entry.fields}
    told = entry.told
    for field in [*labels, *(field for field in entry.told if field not in declared)]:
        files = [f"{upload.name} ({_size(upload.size)})" for upload in entry.uploads if upload.field == field]
        text = ", ".join(files) or _spoken(told.get(field))
        if text:
            lines = [visible(line) for line in text.splitlines()] or [""]
            say(f"  {visible(labels.get(field, field))}", "margin")
            for line in lines:
                say(f"    {line}")


def _size(size: int) -> str:
    return f"{size / 1e6:.1f} MB" if size >= 1e6 else f"{max(1, round(size / 1e3))} KB"


def _copy_files(store: Store, entries: Sequence[Entry], folder: Path) -> None:
    """Copy files under their own names, each entry's into a folder of its own."""
    number = sum(len(entry.uploads) for entry in entries)
    copied = 0
    for entry in with_bar(entries, len(entries), "Copying files"):
        taken: set[str] = set()
        for upload in entry.uploads:
            target = folder / entry.receipt
            target.mkdir(parents=True, exist_ok=True)
            path = target / _free_name(upload.name, upload.id, taken)
            try:
                shutil.copyfile(store.uploads.path(upload.id), path)
            except OSError as error:
                refuse(f"{visible(upload.name)} of {entry.receipt} cannot be copied: {error.strerror}", 1)
            copied += 1
    click.echo(f"{copied} of {number} files copied to {folder}", err=True)


def _free_name(name: str, otherwise: str, taken: set[str]) -> str:
    """Return a name that is one on every disk: no path, nothing hidden, not too long, and not there yet."""
    proper = re.sub(r'[\x00-\x1f\x7f/\\:*?"<>|\ud800-\udfff]', "_", name).strip(" .") or otherwise
    stem, dot, ending = proper.rpartition(".")
    stem, ending = (stem, f"{dot}{ending}") if stem and len(ending) < 20 else (proper, "")  # .tar.gz and the like
    room = _LONGEST_NAME - len(ending.encode())
    stem = stem.encode()[:room].decode(errors="ignore")
    found, number = f"{stem}{ending}", 1
    while found.casefold() in taken:
        number += 1
        found = f"{stem} ({number}){ending}"
    taken.add(found.casefold())
    return found


# --- exporting --------------------------------------------------------------------------------------------------------


@command.command()
@site_argument
@form_option
@status_option
@click.option("--format", "form", type=click.Choice(["csv", "jsonl", "xlsx"]), default="csv", show_default=True)
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
        click.echo(f"{cut} cells were too long for a spreadsheet and were cut; csv and jsonl have them whole", err=True)
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


# --- judging ----------------------------------------------------------------------------------------------------------


@command.command()
@words_argument
@form_option
@status_option
@yes_option
@env_option
def delete(words: Sequence[str], name: str | None, status: Status | None, is_sure: bool, env: str | None) -> None:  # noqa: FBT001 # click's
    """Delete entries with their files and messages; those of these receipts, or all of a form."""
    receipts, site = told_apart(words)
    with asking(site, env, receipts) as asked:
        entries = chosen(asked, name, status)
        if not entries:
            click.echo("there are no entries", err=True)
            return
        _ask(f"Delete {counted(len(entries))}, with files and messages, for ever?", is_sure=is_sure)
        gone = sum(asked.store.delete(entry.receipt) for entry in with_bar(entries, len(entries), "Deleting"))
        say(f"{counted(gone)} deleted")


def _ask(question: str, *, is_sure: bool) -> None:
    if is_sure:
        return
    try:
        if click.confirm(question, err=True):
            return
    except click.Abort:
        click.echo(err=True)
    refuse("nothing was deleted", 1)


def _judging(verb: str, past: str, sentence: str, change: Callable[[Store, Entry, Form | None], bool]) -> None:
    """Make a command that gives entries another status."""

    @command.command(verb, help=sentence)
    @words_argument
    @form_option
    @status_option
    @env_option
    def judge(words: Sequence[str], name: str | None, status: Status | None, env: str | None) -> None:
        receipts, site = told_apart(words)
        with asking(site, env, receipts) as asked:
            entries = chosen(asked, name, status)
            done = 0
            for entry in with_bar(entries, len(entries), verb.capitalize()):
                try:
                    done += change(asked.store, entry, asked.site.forms.get(entry.form))
                except Taken as refusal:
                    click.echo(f"{entry.receipt} stays held: another entry has its `{refusal.field}`", err=True)
            say(f"{counted(done)} {past}")
            if done < len(entries):
                sys.exit(1)


def _release(store: Store, entry: Entry, form: Form | None) -> bool:
    if entry.status != "held":
        return True
    return store.release(entry.receipt, "waiting" if form is not None and form.approve else "new")


_judging(
    "approve", "approved", "Let entries be shown on the site.", lambda store, one, _form: store.approve(one.receipt)
)
_judging("hold", "held", "Hold entries and their messages back.", lambda store, one, _form: store.hold(one.receipt))
_judging("release", "released", "Take entries as good that were held; their messages go out.", _release)


# --- copying ----------------------------------------------------------------------------------------------------------


@command.command()
@click.argument("folder", type=click.Path(path_type=Path))
@site_argument
@env_option
def backup(folder: Path, site: Path, env: str | None) -> None:
    """Copy everything that was stored to a new FOLDER, whole and consistent, while the site runs.

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
