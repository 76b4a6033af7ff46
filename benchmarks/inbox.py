"""100,000 entries in one store: what the inbox's first page, its searches and its filters take on SQLite."""

import random
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

from werkzeug.security import generate_password_hash
from werkzeug.test import Client

from benchmarks.report import Claim, Figure, Section
from benchmarks.rounds import Effort, alternate
from declweb.loading import load_site
from declweb.problems import draw_text
from declweb.storage import Entering, Message, MessageKind, Search, Status, Store, StoredField, StoreSettings

MANY = 100_000
GROUP = 1000
PAGE = 50
PROMISED = 150
"""Milliseconds."""

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
ZONE = ZoneInfo("Europe/Berlin")
DAYS = 30
FORMS = {"contact": 60, "order": 30, "guestbook": 9, "jobs": 1}
"""How many of a hundred entries came by each form."""
LABELS = {"order": {"cake": {"sacher": "Sacher, with cream", "cheese": "Cheesecake", "own": "My own idea"}}}
FIELDS = (
    StoredField("name", "Your name", "text"),
    StoredField("email", "Your e-mail address", "email"),
    StoredField("cake", "Which cake?", "radio"),
    StoredField("message", "Your message", "textarea"),
)
RARE = "Quittenmus"
"""A word of three entries."""
TEXT = """ba be bo bro cke da dei den der ein en er fe ge gen hal hei in ka ke la le li lo ma me mor na ne nen
or pe ra re ro sa scha se sel ßen ta te ter ti to tor tra um un ver wa we wei wo zu zwei öl über"""
SYLLABLES = TEXT.split()


PASSWORD = "flour, water, salt"
SITE = """
[site]
name = "Bakery"
timezone = "Europe/Berlin"

[storage]
folder = "{folder}"

[forms.contact]
path = "/contact"
keep = "forever"
fields.name = {{ label = "Your name" }}

[users.anna]
password = "{hash}"

[inbox]
path = "/inbox"
allow = "anna"
"""
PAGES = {
    "the first one, with counts and the chart": "/inbox",
    "all entries": "/inbox/entries",
    "entries of one form, not yet seen": "/inbox/entries?form=contact&show=new",
    "a search for a common word": "/inbox/entries?q=zwieback",
    "a search for a rare word": f"/inbox/entries?q={RARE}",
    "an entry": "/inbox/entry/R0000-34567",
    "messages that are stuck": "/inbox/messages",
}
"""The owner's pages."""


def inbox(effort: Effort) -> Section:
    """Fill a store, index it, and ask it what the inbox asks."""
    with tempfile.TemporaryDirectory() as folder:
        store = Store(StoreSettings(Path(folder)))
        try:
            return _measured(store, Path(folder), effort)
        finally:
            store.stop()


def _measured(store: Store, folder: Path, effort: Effort) -> Section:
    section = Section(f"The inbox with {MANY:,} entries")
    receipts = _fill(store)
    before, start = _size(folder), time.process_time()
    store.index()
    section.remarks.append(
        f"The {MANY:,} entries take {before:.0f} MB; indexing them took {time.process_time() - start:.0f} s, away from"
        f" those who hand something in, and {_size(folder) - before:.0f} MB."
    )
    _judge(store, receipts)
    questions = _questions(store)
    numbers = {name: _spoken(question()) for name, question in questions.items()}
    found = alternate({name: partial(_milliseconds, question) for name, question in questions.items()}, effort.batches)
    for name, series in found.items():
        section.claims.append(Claim(f"{MANY:,} entries, {name}", series.median, "ms", most=PROMISED))
        section.figures.append(Figure(name, series, "ms", numbers[name]))
    _add_pages(section, folder, effort)
    return section


def _add_pages(section: Section, folder: Path, effort: Effort) -> None:
    """Ask for whole pages, as a browser gets them from the site, signing in and drawing included."""
    client = _owner(folder)
    pages = {name: partial(_wall, client, url) for name, url in PAGES.items()}
    for name, series in alternate(pages, effort.batches).items():
        section.claims.append(Claim(f"{MANY:,} entries, the page: {name}", series.median, "ms", most=PROMISED))
        section.figures.append(Figure(f"the page: {name}", series, "ms", "by the clock"))


def _owner(folder: Path) -> Client:
    """Return a browser that has signed in on a site with these entries."""
    site = folder / "site"
    site.mkdir()
    text = SITE.format(folder=folder, hash=generate_password_hash(PASSWORD, "scrypt:32768:8:1"))
    (site / "site.toml").write_text(text, "utf-8")
    loaded = load_site(site, None, {})
    assert loaded.app is not None, draw_text(loaded.problems)
    client = Client(loaded.app)
    assert client.post("/login", data={"user": "anna", "password": PASSWORD}).status_code == 303
    return client


def _wall(client: Client, url: str) -> float:
    start = time.perf_counter()
    answer = client.get(url)
    assert answer.status_code == 200, answer.status
    return (time.perf_counter() - start) * 1e3


def _milliseconds(question: Callable[[], object]) -> float:
    """Return what one question takes, of processor time as elsewhere: all of it is in the system's cache by now."""
    start = time.process_time()
    question()
    return (time.process_time() - start) * 1e3


def _spoken(answer: object) -> str:
    return f"{len(answer)} entries" if isinstance(answer, list) else ""


def _questions(store: Store) -> Mapping[str, Callable[[], object]]:
    """Return what is asked for one page each."""
    searches = {
        "a word that every tenth entry has": Search(text="zwieback"),
        "a word that three have": Search(text=RARE.upper()),
        "a word that none has": Search(text="Zuckerwattemaschine"),
        "parts of words that each are common, and never together": Search(text="zwieback brezeln"),
        "two characters that none has": Search(text="q9"),
        "how a choice is called": Search(text="cheesecake"),
        "a receipt": Search(text="R0000-34567"),
        "all of a form that few use": Search(form="jobs"),
        "not yet seen": Search(is_seen=False),
        "held": Search(statuses=(Status.HELD,)),
        "failed delivery": Search(has_failed=True),
        "one week, long ago": Search(since=NOW - timedelta(days=300), until=NOW - timedelta(days=293)),
        "a common word among what is held": Search(text="zwieback", statuses=(Status.HELD,)),
        "a common word of one form, not yet seen": Search(text="zwieback", form="contact", is_seen=False),
        "a common word among the half where it is not": Search(text="zwieback", form="contact", is_seen=True),
    }
    return {
        "first page: counts of each form, and the newest entries": partial(_first_page, store),
        f"the chart of {DAYS} days": partial(_chart, store),
        "a page in the middle": partial(store.search, Search(before=MANY // 2), PAGE),
        **{name: partial(store.search, search, PAGE) for name, search in searches.items()},
    }


def _first_page(store: Store) -> object:
    newest = store.search(Search(), PAGE)
    return store.counts(), newest, store.failed_among([entry.receipt for entry in newest])


def _chart(store: Store) -> object:
    last = date(NOW.year, NOW.month, NOW.day)
    return store.per_day([last - timedelta(days=ago) for ago in reversed(range(DAYS))], ZONE)


# --- filling ----------------------------------------------------------------------------------------------------------


def _fill(store: Store) -> list[str]:
    """Add entries as forms do, many in one transaction."""
    from declweb.storage.adding import Adding, add_many  # noqa: PLC0415 # SQLAlchemy comes with the first use of a store

    store.labels = LABELS
    entries = list(_entries())
    for start in range(0, MANY, GROUP):
        tasks = [Adding(each, time.time()) for each in entries[start : start + GROUP]]
        store._write(partial(add_many, tasks=tasks))  # noqa: SLF001 # one by one it would take a quarter of an hour
    return [each.receipt for each in entries]


def _entries() -> Iterator[Entering]:
    chance = random.Random(5)
    words = ["".join(chance.choices(SYLLABLES, k=chance.randint(1, 4))) for _ in range(5000)]
    weights = [1 / (rank + 5) for rank in range(len(words))]
    forms = chance.choices(list(FORMS), list(FORMS.values()), k=MANY)
    for number, form in enumerate(forms):
        said = chance.choices(words, weights, k=chance.randint(10, 120))
        if number % 10 == 0:
            said.append("Zwieback")
        elif number % 10 == 5:
            said.append("Brezeln")
        if number in {7, MANY // 2, MANY - 40}:
            said.append(RARE)
        values = {
            "name": f"{chance.choice(words)} {chance.choice(words)}".title(),
            "email": f"{chance.choice(words)}{number}@visitors.example",
            "message": " ".join(said),
        }
        if form == "order":
            values["cake"] = chance.choice(("sacher", "cheese", "own"))
        yield Entering(
            form=form,
            receipt=f"R{number // 100_000:04}-{number % 100_000:05}",
            created=NOW - timedelta(minutes=5 * (MANY - number)),
            language="en",
            values=values,
            fields=FIELDS,
            digest=f"{number:064x}",
            key=f"{number:032x}",
            messages=(
                Message(MessageKind.EMAIL, "owner@bakery.example", {"subject": "An entry", "text": values["message"]}),
            ),
            status=_status(form, chance),
        )


def _status(form: str, chance: random.Random) -> Status:
    if chance.random() < 0.01:
        return Status.HELD
    return Status.APPROVED if form == "guestbook" else Status.NEW


def _judge(store: Store, receipts: list[str]) -> None:
    """Let the owner have seen most, and a few messages have failed."""
    from sqlalchemy import text  # noqa: PLC0415 # as above

    for start in range(0, MANY - 200, 5000):
        store.mark_seen([one for one in receipts[start : start + 5000] if one[-1] != "0"], "anna")
    store._write(lambda connection: connection.execute(text("UPDATE outbox SET state = 'delivered'")))  # noqa: SLF001 # delivered by nobody
    failed = text("UPDATE outbox SET state = 'failed' WHERE number % 1000 = 0")
    store._write(lambda connection: connection.execute(failed))  # noqa: SLF001 # as above


def _size(folder: Path) -> float:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 1e6
