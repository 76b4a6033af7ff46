"""`declweb entries delete`, `approve`, `hold` and `release`: what the owner decides about entries.

Owns how it is asked and told. Who did what is written down by the store.
"""

import sys
from collections.abc import Callable, Iterable, Sequence
from itertools import islice

import click

from declweb.cli.entry_choice import (
    BY,
    Asked,
    ask,
    asking,
    choosing,
    chosen,
    counted,
    env_option,
    told_apart,
    with_bar,
    yes_option,
)
from declweb.cli.terminal import say
from declweb.storage import Done, Entry, Status

AT_ONCE = 100
"""Entries that are judged in one transaction."""


@click.command()
@choosing
@yes_option
@env_option
def delete(words: Sequence[str], name: str | None, status: Status | None, is_sure: bool, env: str | None) -> None:  # noqa: FBT001 # click's
    """Delete entries with their files and messages.

    Those of these receipts, or all of a form.
    """
    receipts, site = told_apart(words)
    with asking(site, env, receipts) as asked:
        entries = chosen(asked, name, status)
        if not entries:
            click.echo("there are no entries", err=True)
            return
        ask(f"Delete {counted(len(entries))}, with files and messages, for ever?", is_sure=is_sure)
        gone = sum(asked.store.delete_all(some, BY) for some in _portions(entries, "Deleting"))
        say(f"{counted(gone)} deleted")


def _portions(entries: Sequence[Entry], label: str) -> Iterable[list[str]]:
    """Yield the receipts of some entries at a time."""
    receipts = (entry.receipt for entry in with_bar(entries, len(entries), label))
    while some := list(islice(receipts, AT_ONCE)):
        yield some


def _judging(verb: str, past: str, sentence: str, change: Callable[[Asked, Sequence[str]], Done]) -> click.Command:
    """Return a command that gives entries another status."""

    @click.command(verb, help=sentence)
    @choosing
    @env_option
    def judge(words: Sequence[str], name: str | None, status: Status | None, env: str | None) -> None:
        receipts, site = told_apart(words)
        with asking(site, env, receipts) as asked:
            entries = chosen(asked, name, status)
            number = 0
            for some in _portions(entries, verb.capitalize()):
                done = change(asked, some)
                number += len(done.receipts)
                for receipt, field in done.taken.items():
                    click.echo(f"{receipt} stays held: another entry has its `{field}`", err=True)
            say(f"{counted(number)} {past}")
            if number < len(entries):
                sys.exit(1)

    return judge


def _release(asked: Asked, receipts: Sequence[str]) -> Done:
    approving = [name for name, form in asked.site.forms.items() if form.approve]
    return asked.store.release_all(receipts, BY, approving)


approve = _judging(
    "approve",
    "approved",
    "Let entries be shown on the site.",
    lambda asked, receipts: asked.store.approve_all(receipts, BY),
)
hold = _judging(
    "hold",
    "held",
    "Hold entries and their messages back.",
    lambda asked, receipts: asked.store.hold_all(receipts, BY),
)
release = _judging("release", "released", "Take entries as good that were held; their messages go out.", _release)
