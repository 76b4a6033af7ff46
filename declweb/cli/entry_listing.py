"""`declweb entries list` and `show`: looking at what visitors sent, and copying its files.

Owns how an entry reads at a terminal.
"""

import re
import shutil
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime, time, timedelta
from pathlib import Path

import click

from declweb.cli.entry_choice import (
    Asked,
    asking,
    choosing,
    chosen,
    counted,
    env_option,
    form_option,
    status_option,
    told_apart,
    with_bar,
)
from declweb.cli.terminal import refuse, say, site_argument
from declweb.problems import visible
from declweb.storage import Entry, Search, Status, Store, StoreDown
from declweb.storage.naming import free_name

DAY = click.DateTime(["%Y-%m-%d"])
MANY = 1_000_000
"""Entries that are counted, not more."""
WIDEST = 60
"""Characters of an entry that a list shows."""


@click.command("list")
@site_argument
@form_option
@status_option
@click.option("--held", "is_held", is_flag=True, help="The same as --status held.")
@click.option("--search", "text", metavar="TEXT", default="", help="Only those with all of these words, in any field.")
@click.option("--since", type=DAY, help="Only those of this day, such as 2026-05-31, and later.")
@click.option("--until", type=DAY, help="Only those of this day and earlier.")
@click.option("--limit", type=click.IntRange(min=1), default=100, show_default=True, help="How many, the latest.")
@env_option
def list_(  # noqa: PLR0913 # click's
    site: Path,
    name: str | None,
    status: Status | None,
    is_held: bool,  # noqa: FBT001 # click's
    text: str,
    since: datetime | None,
    until: datetime | None,
    limit: int,
    env: str | None,
) -> None:
    """List entries, the latest last."""
    with asking(site, env) as asked:
        if name is not None:
            asked.check(name)
        status = Status.HELD if is_held else status
        search = Search(
            form=name,
            text=text,
            statuses=() if status is None else (status,),
            since=since and _midnight(since, asked),
            until=until and _midnight(until + timedelta(days=1), asked),
        )
        latest = asked.store.search(search, limit)[::-1] if asked.store.exists else []
        for entry in latest:
            say(_line(entry, asked, is_of_many=name is None))
        if len(latest) == limit:
            number = asked.store.count_found(search, MANY)
            if number > limit:
                click.echo(f"{counted(number - limit)} before these; see them with --limit {number}", err=True)
        elif not latest:
            click.echo("there are no entries" if search == Search() else "there are no such entries", err=True)
        _note_shown(asked, latest)


def _midnight(day: datetime, asked: Asked) -> datetime:
    """Return when a day begins where the site is."""
    return datetime.combine(day.date(), time(tzinfo=asked.zone))


def _note_shown(asked: Asked, entries: Iterable[Entry]) -> None:
    """Held entries go 30 days after they were shown; a list that cannot be written to is shown nevertheless."""
    held = [entry.receipt for entry in entries if entry.status == Status.HELD]
    if held:
        with suppress(StoreDown):
            asked.store.note_shown(held)


def _line(entry: Entry, asked: Asked, *, is_of_many: bool) -> str:
    created = entry.created.astimezone(asked.zone).strftime("%Y-%m-%d %H:%M")
    words = " · ".join(text for text in (_spoken(value) for value in entry.told.values()) if text)
    words = visible(re.sub(r"\s+", " ", words))
    shown = words if len(words) <= WIDEST else f"{words[: WIDEST - 1]}…"
    form = f"{entry.form}  " if is_of_many else ""
    status = "" if entry.status == Status.NEW else f"[{entry.status}] "
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


@click.command()
@choosing
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
            path = target / free_name(upload.name, upload.id, taken)
            try:
                shutil.copyfile(store.uploads.path(upload.id), path)
            except OSError as error:
                refuse(f"{visible(upload.name)} of {entry.receipt} cannot be copied: {error.strerror}", 1)
            copied += 1
    click.echo(f"{copied} of {number} files copied to {folder}", err=True)
