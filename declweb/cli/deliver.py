"""`declweb deliver`: what waits in the outbox goes out, or is shown.

Owns how that is asked for and told on the command line. How messages are delivered is `delivery`'s business.
"""

import logging
import os
import signal
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from threading import Event

import click

from declweb.cli.terminal import refuse, refuse_site, say, site_argument
from declweb.delivery.outcome import Delivered, Later, Outcome
from declweb.delivery.settings import Settings
from declweb.problems import visible
from declweb.serving.source import Source
from declweb.storage import MessageKind, MessageState, Outgoing, Store, StoreDown, StoreSettings, StoreTooNew, opened

ROLES = {
    MessageState.WAITING: "warning",
    MessageState.HELD: "",
    MessageState.FAILED: "error",
    MessageState.DELIVERED: "",
}


@click.command()
@site_argument
@click.option("--watch", "stays", is_flag=True, help="Stay, and deliver what comes, until Ctrl-C.")
@click.option("--now", "is_now", is_flag=True, help="Do not wait for the next try of what failed before.")
@click.option("--failed", "is_failed", is_flag=True, help="Send what has failed once more, too: when it is mended.")
@click.option("--list", "is_list", is_flag=True, help="Send nothing: list what waits, is held or has failed, and why.")
@click.option(
    "--eml",
    "folder",
    metavar="FOLDER",
    type=click.Path(file_okay=False, path_type=Path),
    help="Send nothing: write each waiting mail into a file that mail programs open.",
)
@click.option("--env", metavar="NAME", help="The environment of the site file to use; production if it is there.")
def command(  # noqa: PLR0913 # click's
    site: Path, env: str | None, folder: Path | None, *, stays: bool, is_now: bool, is_failed: bool, is_list: bool
) -> None:
    """Deliver what waits in the outbox.

    Once through; exits with 1 when something could not be delivered. `declweb serve` delivers by
    itself; this is for seeing what happens, and for machines on which no site runs.
    """
    store, settings = _opened(Source(site, env))
    try:
        if not store.exists:
            say("nothing waits: nothing was ever sent")
        elif is_list:
            _list(store)
        elif folder is not None:
            _write(store, settings, folder)
        else:
            if is_now:
                store.hurry()
            if is_failed:
                store.resend_failed()
            sys.exit(_watch(store, settings) if stays else _once(store, settings))
    except (StoreDown, StoreTooNew) as error:
        refuse(f"the entries cannot be reached: {error}", 1)
    finally:
        store.stop()


def _opened(source: Source) -> tuple[Store, Settings]:
    try:
        site, problems = source.declared()
    except OSError as error:
        refuse(f"{source.file} cannot be read: {(error.strerror or str(error)).lower()}")
    if site is None or any(problem.is_error for problem in problems):
        refuse_site([problem for problem in problems if problem.is_error], source.file, aside="; nothing is delivered")
    store = opened(StoreSettings.of(site.storage, source.folder))
    store.keeps = {name: form.kept_for for name, form in site.forms.items()}
    return store, Settings.of(site, store.uploads)


def _once(store: Store, settings: Settings) -> int:
    from declweb.delivery.rounds import Round, utc_now  # noqa: PLC0415 # not for a list
    from declweb.delivery.telling import tell_owner  # noqa: PLC0415 # as above

    tally: Counter[str] = Counter()

    def report(message: Outgoing, outcome: Outcome) -> None:
        tally[type(outcome).__name__] += 1
        role = "" if isinstance(outcome, Delivered) else "warning" if isinstance(outcome, Later) else "error"
        say(f"{_named(message)}: {visible(outcome.words)}", role)

    logging.getLogger("declweb.delivery").setLevel(logging.CRITICAL)  # it is said here
    with _until_asked_to_end() as end:
        while not end.is_set():
            for kind in settings.kinds:
                Round(store, settings, kind, stop=end, report=report).run()
            if end.is_set() or not tell_owner(store, settings, utc_now()):
                break
    waiting = store.waiting_messages()
    if waiting and MessageKind.EMAIL not in settings.kinds and store.next_due((MessageKind.EMAIL,)) is not None:
        say("there is no `[mail] server`: mails wait; `declweb deliver --eml FOLDER` writes them into files", "warning")
    say(f"{tally['Delivered']} delivered, {waiting} waiting, {store.failed_messages()} failed")
    return 1 if tally["Later"] or tally["Refused"] else 0


@contextmanager
def _until_asked_to_end() -> Iterator[Event]:
    """Yield what is set once this process is asked to end, so that what is on its way is noted; asked twice it dies."""
    end = Event()

    def ask(number: int, _frame: object) -> None:
        end.set()
        signal.signal(number, signal.SIG_DFL)

    before = {number: signal.signal(number, ask) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield end
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _watch(store: Store, settings: Settings) -> int:
    from declweb.delivery.delivering import Deliverer  # noqa: PLC0415 # not for once

    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stdout)
    with _until_asked_to_end() as end:
        say(f"delivering as process {os.getpid()}; Ctrl-C stops it")
        deliverer = Deliverer(store, settings)
        deliverer.start()
        end.wait()
        deliverer.stop()
    return 0


def _list(store: Store) -> None:
    messages = [each for each in store.messages() if each.state != MessageState.DELIVERED]
    for message in messages:
        say(f"{message.state:8} {_named(message)}", ROLES[message.state])
        if message.last_words:
            tries = f"{message.attempts} {'try' if message.attempts == 1 else 'tries'}"
            say(f"         {tries}; the last one: {visible(message.last_words)}")
        if message.state == MessageState.WAITING and message.attempts:
            say(f"         the next one: {message.due.astimezone():%Y-%m-%d %H:%M:%S}")
    if not messages:
        say("nothing waits, nothing is held, nothing has failed")


def _named(message: Outgoing) -> str:
    about = f" ({message.form} {message.receipt})" if message.receipt else ""
    target = message.target if message.kind == MessageKind.EMAIL else "/".join(message.target.split("/")[:3])
    return f"{message.kind} to {visible(target)}{about}"


def _write(store: Store, settings: Settings, folder: Path) -> None:
    """Write mails into files; they go on waiting."""
    from declweb.delivery.composing import Unsendable  # noqa: PLC0415 # not for a list

    folder.mkdir(parents=True, exist_ok=True)
    number = 0
    for message in _waiting_mails(store):
        path = folder / f"{message.number:06}{'-' if message.receipt else ''}{message.receipt}.eml"
        try:
            data = _eml(message, settings)
        except Unsendable as error:
            say(f"{_named(message)}: {error}", "error")
            continue
        path.write_bytes(data)
        number += 1
    say(f"{number} {'mail' if number == 1 else 'mails'} written into {folder}; they go on waiting")


def _waiting_mails(store: Store) -> Iterator[Outgoing]:
    return (each for each in store.messages() if each.kind == MessageKind.EMAIL and each.state == MessageState.WAITING)


def _eml(message: Outgoing, settings: Settings) -> bytes:
    from declweb.delivery.composing import compose  # noqa: PLC0415 # as above

    return compose(replace(message, target=settings.target_of(message)), settings).as_bytes()
