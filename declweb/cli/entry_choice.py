"""Which entries are meant on the command line: of which site and form, with which receipts.

Owns how entries are named and asked for, and whether somebody is sure. What is done with them stands in other modules.
"""

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar
from zoneinfo import ZoneInfo

import click

from declweb.cli.terminal import refuse, refuse_site
from declweb.forms.labels import labels
from declweb.forms.receipt import as_receipt
from declweb.model import Site
from declweb.problems import suggestion, visible
from declweb.serving.source import Source
from declweb.storage import Entry, Status, Store, StoreDown, StoreSettings, StoreTooNew, opened
from declweb.storage.entry import SECRET

BY = "declweb entries"
"""Who does it, in the list of who did what: no user can be called so."""

SEVERAL = 50
"""Entries from which on a bar shows how far it is."""

T = TypeVar("T")

env_option = click.option("--env", metavar="NAME", help="The environment of the site file to use.")
form_option = click.option("--form", "name", metavar="NAME", help="The form; all of them where none is named.")
status_option = click.option(
    "--status",
    type=click.Choice([status.value for status in Status]),
    callback=lambda _context, _option, word: Status(word) if word else None,
    help="Only those that are new, held, waiting or approved.",
)
yes_option = click.option("--yes", "is_sure", is_flag=True, help="Do not ask.")
words_argument = click.argument("words", nargs=-1, metavar="[RECEIPT]... [SITE]")

Command = TypeVar("Command", bound=Callable[..., object])


def choosing(command: Command) -> Command:
    """Let a command be told which entries are meant: by receipts, by their form and by their status."""
    return words_argument(form_option(status_option(command)))


@dataclass(frozen=True, slots=True)
class Asked:
    """The store of a site, and what was said about it."""

    site: Site
    store: Store
    zone: ZoneInfo
    receipts: Sequence[str] = ()

    @property
    def stored(self) -> list[str]:
        """The forms that have entries."""
        return list(self.store.forms()) if self.store.exists else []

    @property
    def known(self) -> list[str]:
        """The forms that are declared, and those that were when entries came."""
        return list(dict.fromkeys([*self.site.forms, *self.stored]))

    def check(self, name: str) -> None:
        """End the program where there is no such form."""
        if name in self.site.forms or name in (known := self.known):
            return
        near = suggestion(name, known) or f"there are {_quoted(known)}"
        refuse(f"there is no form `{name}`; {near}" if known else "the site declares no form")

    def forms(self, name: str | None) -> list[str]:
        """Return the forms that are meant: the one that was named, or all that have entries."""
        if name is None:
            return self.stored
        self.check(name)
        return [name]

    def only_form(self) -> str:
        """Return the one form that there is; ends the program where one must be named."""
        known = self.known
        if len(known) != 1:
            refuse(
                f"which form? Name it with --form: there are {_quoted(known)}" if known else "the site declares no form"
            )
        return known[0]

    def fields(self, form: str) -> list[str]:
        """Return the fields that a form has or had, those that are declared first."""
        declared = self.site.forms[form].fields if form in self.site.forms else {}
        found = dict.fromkeys([*declared, *(self.store.fields(form) if self.store.exists else ())])
        return [name for name in found if name not in declared or declared[name].type != SECRET]

    def entries(self, form: str, status: Status | None, *, is_newest_first: bool = False) -> Iterable[Entry]:
        """Return a form's entries, without making a store where there is none."""
        return self.store.entries(form, status, is_newest_first=is_newest_first) if self.store.exists else ()

    def count(self, form: str, status: Status | None) -> int:
        """Return how many entries a form has."""
        return self.store.count(form, status) if self.store.exists else 0


def _quoted(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


@contextmanager
def asking(site: Path, env: str | None, receipts: Sequence[str] = ()) -> Iterator[Asked]:
    """Open the store of a site; what is wrong with the site matters only where it says where entries lie."""
    declared, folder = _declared(Source(site, env))
    try:
        store = opened(StoreSettings.of(declared.storage, folder))
        store.labels = labels(declared.forms)
        try:
            yield Asked(declared, store, ZoneInfo(declared.site.timezone), receipts)
        finally:
            store.stop()
    except (StoreDown, StoreTooNew) as error:
        refuse(f"the entries cannot be reached: {error}", 1)


def _declared(source: Source) -> tuple[Site, Path]:
    try:
        site, problems = source.declared()
    except OSError as error:
        refuse(f"{source.file} cannot be read: {(error.strerror or str(error)).lower()}")
    if site is None:
        refuse_site(problems, source.file)
    return site, source.folder


def told_apart(words: Iterable[str]) -> tuple[list[str], Path]:
    """Return the receipts among the words, and the site."""
    receipts: list[str] = []
    sites: list[str] = []
    for word in words:
        receipt = None if Path(word).exists() else as_receipt(word)
        if receipt is None:
            sites.append(word)
        else:
            receipts.append(receipt)
    if len(sites) > 1:
        refuse(f"`{visible(sites[0])}` is no receipt: one looks like K7QF2-M9XA3")
    if sites and not Path(sites[0]).exists():
        refuse(f"`{visible(sites[0])}` is neither a receipt, such as K7QF2-M9XA3, nor a site")
    return receipts, Path(sites[0] if sites else ".")


def chosen(asked: Asked, name: str | None, status: Status | None) -> list[Entry]:
    """Return the entries that were named, by their receipts or as all of a form."""
    if not asked.receipts:
        if name is None:
            refuse("which entries? Give their receipts, or --form NAME for all of a form")
        asked.check(name)
        return list(asked.entries(name, status))
    found = []
    for receipt in dict.fromkeys(asked.receipts):
        entry = asked.store.entry(receipt) if asked.store.exists else None
        if entry is None:
            refuse(f"there is no entry {receipt}", 1)
        found.append(entry)
    return found


def with_bar(things: Iterable[T], length: int, label: str) -> Iterator[T]:
    """Yield things, and show how far it is where somebody watches and it takes a while."""
    if length < SEVERAL or not sys.stderr.isatty():
        yield from things
        return
    with click.progressbar(things, length=length, label=label, file=sys.stderr) as bar:
        yield from bar


def counted(number: int) -> str:
    """Return how many entries, in words."""
    return f"{number} entr{'y' if number == 1 else 'ies'}"


def ask(question: str, *, is_sure: bool) -> None:
    """End the program unless somebody is sure."""
    if is_sure:
        return
    try:
        if click.confirm(question, err=True):
            return
    except click.Abort:
        click.echo(err=True)
    refuse("nothing was deleted", 1)
