"""Searching: what is found is what a plain look at every entry finds, whatever is indexed by now."""

import itertools
import unicodedata
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from entering import FIELDS, entering, mail, received
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from declweb.storage import Entry, Json, Search, Status, Store, StoredField, StoreSettings, database, migrations
from declweb.storage.search import Labels

NOON = datetime(2026, 5, 3, 12, tzinfo=UTC)
CAKE = StoredField("cake", "Which cake?", "radio")
LABELS: Labels = {"contact": {"cake": {"sacher": "Schokolade mit Sahne", "own": "Eigene Idee"}}}


def said(store: Store, words: str, **more: object) -> str:
    """Add an entry that says this; return its receipt."""
    entry = entering(values={"name": "Ann", "message": words}, **more)
    store.add(entry)
    return entry.receipt


def found(store: Store, words: str = "", **more: object) -> list[str]:
    """Return the receipts of what is found, now and once all of it is indexed: these are the same."""
    search = Search(text=words, **more)  # type: ignore[arg-type] # what a search can be asked
    before = [entry.receipt for entry in store.search(search)]
    store.index()
    assert [entry.receipt for entry in store.search(search)] == before
    assert [entry.receipt for entry in store.found(search)] == before
    assert store.count_found(search) == len(before)
    return before


SAID = (
    ("Two loaves, please", "LOAVES"),
    ("Two loaves, please", "ease Tw"),
    ("Straße nach Süden", "STRASSE süd"),
    ("Ünal", "u\N{COMBINING DIAERESIS}nal"),
    ("ΣΊΣΥΦΟΣ", "σίσυφος"),
    ("İstanbul", "i\N{COMBINING DOT ABOVE}stanbul"),
    ("100% sure", "100%"),
    ("snake_case", "e_c"),
    ('a "quoted" word', '"quoted"'),
    ("it's", "'s"),
    ("a\\b", "\\"),
    ("u*y", "*"),
    ("履歴書", "歴書"),
    ("see you at x", "x"),
    ("one\nand another line", "one another"),
    ("NEAR(a b) OR c", "near(a OR"),
)
"""What an entry says, and what finds it and no other one of these."""


def test_words_are_found_in_whatever_case_and_as_they_stand(store: Store) -> None:
    receipts = [said(store, words) for words, _ in dict.fromkeys(SAID)]
    for _ in range(2):
        for receipt, (words, asked) in zip(receipts, SAID, strict=True):
            others = [one for one, (each, _) in zip(receipts, SAID, strict=True) if each == words]
            assert [entry.receipt for entry in store.search(Search(text=asked))] == others[::-1], asked
            assert receipt in others
        store.index()


def test_nothing_else_is_found(store: Store) -> None:
    said(store, "Two loaves, please")
    for _ in range(2):
        for asked in ("l%s", "l_aves", '"', "loaves nowhere", "\0", "\ud800", "message", "textarea"):
            assert store.search(Search(text=asked)) == [], asked
        store.index()


def test_a_whole_letter_can_be_looked_for(store: Store) -> None:
    letter = " ".join(f"word{number}" for number in range(3000))
    receipt = said(store, letter)
    said(store, letter[:100])
    assert found(store, letter) == [receipt]
    assert found(store, letter.replace(" ", "")) == []


def test_every_field_the_files_and_the_receipt_are_searched(store: Store) -> None:
    values: dict[str, Json] = {"message": "hello", "many": ["nuts", "milk"], "people": 8, "agreed": True}
    entry = entering(values=values, uploads=[received(store, name="Lebenslauf März.PDF")])
    store.add(entry)
    for asked in ("hello", "NUTS", "ilk", "8", "lebenslauf märz", entry.receipt.lower()[2:9]):
        assert found(store, asked) == [entry.receipt]
    assert found(store, "true") == []


def test_passwords_are_not_searched(store: Store) -> None:
    fields = (*FIELDS, StoredField("secret", "Secret", "password"))
    store.add(entering(values={"message": "hello", "secret": "swordfish"}, fields=fields))
    assert found(store, "swordfish") == []


def test_choices_are_found_by_what_is_shown_for_them_now(store: Store) -> None:
    sacher = entering(values={"cake": "sacher"}, fields=[CAKE])
    own = entering(values={"cake": ["own", "sacher"]}, fields=[StoredField("cake", "Cakes", "checkboxes")])
    other = entering(form="order", values={"cake": "sacher"}, fields=[CAKE])
    for each in (sacher, own, other):
        store.add(each)
    store.index()
    assert found(store, "schokolade") == []
    store.labels = LABELS
    assert found(store, "SCHOKOLADE") == [own.receipt, sacher.receipt]
    assert found(store, "schokolade idee") == [own.receipt]
    assert found(store, "sacher", form="order") == [other.receipt]
    store.labels = {"contact": {"cake": {"sacher": "Ohne Nüsse", "own": "Idee"}}}
    assert found(store, "schokolade") == []
    assert found(store, "nüsse") == [own.receipt, sacher.receipt]


def test_filters(store: Store) -> None:
    receipts = {
        "old": said(store, "bread", created=NOON - timedelta(days=1)),
        "held": said(store, "bread", status="held", created=NOON),
        "waiting": said(store, "bread", status="waiting", created=NOON + timedelta(seconds=1)),
        "order": said(store, "bread", form="order", created=NOON + timedelta(days=1), messages=[mail()]),
    }
    names = {receipt: name for name, receipt in receipts.items()}

    def named(words: str = "bread", **more: object) -> list[str]:
        return [names[receipt] for receipt in found(store, words, **more)]

    for words in ("", "bread", "ea"):
        assert named(words) == ["order", "waiting", "held", "old"]
        assert named(words, form="contact") == ["waiting", "held", "old"]
        assert named(words, statuses=("held", "waiting")) == ["waiting", "held"]
        assert named(words, since=NOON) == ["order", "waiting", "held"]
        assert named(words, since=NOON, until=NOON + timedelta(seconds=1)) == ["held"]
        assert named(words, has_failed=True) == []
        assert named(words, form="nothing") == []
    store.mark_seen([receipts["old"], receipts["order"]], "anna")
    (message,) = store.claim(1, 60)
    store.note_attempt(message, "550 no", is_delivered=False)
    for words in ("", "bread", "ea"):
        assert named(words, is_seen=True) == ["order", "old"]
        assert named(words, is_seen=False) == ["waiting", "held"]
        assert named(words, has_failed=True) == ["order"]
        assert named(words, has_failed=True, form="contact") == []
    assert store.failed_among(receipts.values()) == {receipts["order"]}


def test_pages_follow_each_other(store: Store) -> None:
    receipts = [said(store, f"bread {number}") for number in range(7)][::-1]
    store.index(5)
    for words in ("", "bread", "ad"):
        pages: list[str] = []
        before = None
        while page := store.search(Search(text=words, before=before), 2):
            pages += [entry.receipt for entry in page]
            before = page[-1].number
        assert pages == receipts
    assert store.count_found(Search(text="bread"), most=4) == 4


def test_all_that_is_found_comes_in_portions(store: Store) -> None:
    from declweb.storage.lookup import found_entries  # noqa: PLC0415 # it imports SQLAlchemy

    receipts = [said(store, f"bread {number}") for number in range(5)][::-1]
    entries = found_entries(store._process().database, Search(text="bread"), {}, portion=2)
    assert [entry.receipt for entry in entries] == receipts


def test_counts(store: Store) -> None:
    assert store.counts() == {}
    said(store, "one", messages=[mail(), mail("second@example.com")])
    seen = said(store, "two")
    said(store, "three", status="held")
    said(store, "four", form="order", status="approved")
    store.mark_seen([seen], "anna")
    for message in store.claim(9, 60):
        store.note_attempt(message, "550 no", is_delivered=False)
    for _ in range(2):
        counts = store.counts()
        contact, order = counts["contact"], counts["order"]
        assert (contact.total, contact.unseen, contact.failed) == (3, 2, 1)
        assert contact.statuses == {"new": 2, "held": 1}
        assert (order.total, order.unseen, order.failed, order.statuses) == (1, 1, 0, {"approved": 1})
        store.index(2)


def test_days_are_those_of_the_site(store: Store) -> None:
    berlin = ZoneInfo("Europe/Berlin")
    summer = date(2026, 3, 29)  # clocks go forward: a day of 23 hours
    for moment in (
        datetime(2026, 3, 28, 22, 59, tzinfo=UTC),
        datetime(2026, 3, 28, 23, 0, tzinfo=UTC),
        datetime(2026, 3, 29, 21, 59, tzinfo=UTC),
        datetime(2026, 3, 29, 22, 0, tzinfo=UTC),
    ):
        said(store, "hello", created=moment)
    said(store, "hello", form="order", created=datetime(2026, 3, 29, 12, tzinfo=UTC))
    days = [summer - timedelta(days=1), summer, summer + timedelta(days=1)]
    assert store.per_day(days, berlin) == {"contact": [1, 2, 1], "order": [0, 1, 0]}
    assert store.per_day(days, berlin, "order") == {"order": [0, 1, 0]}


# --- indexing ---------------------------------------------------------------------------------------------------------


def rows(store: Store, statement: str) -> list[tuple[object, ...]]:
    with store._process().database.reading() as connection:
        return [tuple(row) for row in connection.execute(text(statement))]


def test_the_index_is_made_later_and_what_is_deleted_leaves_it(store: Store) -> None:
    kept, gone, discarded = (said(store, f"bread {name}") for name in ("kept", "gone", "discarded"))
    assert rows(store, "SELECT number FROM searched") == []
    assert store.index() == 3
    assert store.index() == 0
    store.delete_all([gone], "anna")
    token = store.discard([discarded], "anna").token
    assert [number for (number,) in rows(store, "SELECT number FROM searched")] == [1]
    assert found(store, "bread") == [kept]
    store.undo_discard(token, "anna")
    assert found(store, "bread") == [discarded, kept]
    if store.settings.database is None:
        vocabulary = "SELECT rowid FROM trigrams WHERE trigrams MATCH '\"gon\"'"
        assert rows(store, vocabulary) == []


def test_housekeeping_indexes(store: Store) -> None:
    said(store, "bread")
    store.housekeeping()
    assert rows(store, "SELECT count(*) FROM searched") == [(1,)]


def test_a_number_that_is_given_again_is_another_entry(sqlite_store: Store) -> None:
    last = said(sqlite_store, "bread")
    sqlite_store.index()
    sqlite_store.delete_all([last], "anna")
    again = said(sqlite_store, "cake")
    assert found(sqlite_store, "bread") == []
    assert found(sqlite_store, "cake") == [again]


def test_a_hole_in_the_index_is_looked_at_and_filled(store: Store) -> None:
    receipts = [said(store, f"bread {number}") for number in range(3)]
    store.index()
    store._write(lambda connection: connection.execute(text("DELETE FROM searched WHERE number = 1")))
    store._write(lambda connection: connection.execute(text("UPDATE entries SET noted = NULL WHERE number <= 2")))
    if store.settings.database is None:  # one writes at a time: nobody expects it
        store.index()
    assert found(store, "bread") == receipts[::-1]
    assert len(rows(store, "SELECT number FROM searched")) == 3


def test_a_reader_catches_up_where_much_is_missing(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("declweb.storage.owner_store.MUCH", 2)
    for number in range(3):
        said(store, f"bread {number}")
    assert len(store.search(Search(text="bread"))) == 3
    assert rows(store, "SELECT count(*) FROM searched") == [(3,)]


def test_a_reader_who_cannot_write_finds_all_the_same(sqlite_store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    from declweb.storage import StoreDown  # noqa: PLC0415 # next to its use

    monkeypatch.setattr("declweb.storage.owner_store.MUCH", 0)
    receipt = said(sqlite_store, "bread")

    def fails(*_: object) -> None:
        raise StoreDown("the disk is full")

    monkeypatch.setattr(sqlite_store, "_write", fails)
    assert [entry.receipt for entry in sqlite_store.search(Search(text="bread"))] == [receipt]


def test_without_an_index_of_trigrams_all_texts_are_compared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("declweb.storage.migrations.TRIGRAMS_SINCE", (99,))
    store = Store(StoreSettings(tmp_path / "storage"))
    receipt = said(store, "bread")
    said(store, "cake")
    assert found(store, "bread") == [receipt]
    assert found(store, "bread", form="contact") == [receipt]
    store.delete_all([receipt], "anna")
    assert found(store, "bread") == []
    store.stop()


def test_a_store_of_before_is_brought_up_to_date(sqlite_store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (database, migrations):
        monkeypatch.setattr(module, "STEPS", migrations.STEPS[:1])
    receipt = said(sqlite_store, "bread")
    monkeypatch.undo()
    sqlite_store.stop()
    assert found(sqlite_store, "bread") == [receipt]


# --- properties -------------------------------------------------------------------------------------------------------

TEXTS = st.text(st.sampled_from("abABßsSäÄ%_'\"\\*ﬁi \u0307İ書\n"), max_size=8)
STATUSES = st.sampled_from(("new", "held", "waiting", "approved"))
ENTRIES = st.lists(
    st.tuples(TEXTS, TEXTS, STATUSES, st.sampled_from(("contact", "order")), st.booleans(), st.integers(0, 5)),
    max_size=6,
)


def like(words: str) -> str:
    """Return a text as people compare it: the naive way."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", words).casefold())


def naive(entry: Entry, search: Search) -> bool:
    texts = "\n".join(str(value) for value in entry.values.values())
    return (
        all(word in like(f"{entry.receipt}\n{texts}") for word in like(search.text).split())
        and (search.form in {None, entry.form})
        and (not search.statuses or entry.status in search.statuses)
        and (search.is_seen is None or search.is_seen == (entry.seen is not None))
        and (search.since is None or entry.created >= search.since)
        and (search.until is None or entry.created < search.until)
        and (search.before is None or entry.number < search.before)
    )


@pytest.fixture(scope="module")
def emptied(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """A store that examples use one after the other."""
    made = Store(StoreSettings(tmp_path_factory.mktemp("searched") / "storage"))
    yield made
    made.stop()


@settings(max_examples=60, deadline=None)
@given(
    entries=ENTRIES,
    indexed=st.integers(0, 6),
    words=TEXTS,
    form=st.sampled_from((None, "contact")),
    statuses=st.lists(STATUSES, max_size=2, unique=True),
    is_seen=st.sampled_from((None, True, False)),
    days=st.tuples(st.none() | st.integers(0, 5), st.none() | st.integers(0, 5)),
    before=st.none() | st.integers(1, 7),
)
def test_a_search_finds_what_a_look_at_every_entry_finds(  # noqa: PLR0913 # what there is to ask
    emptied: Store,
    entries: list[tuple[str, str, Status, str, bool, int]],
    indexed: int,
    words: str,
    form: str | None,
    statuses: list[Status],
    is_seen: bool | None,  # of a search
    days: tuple[int | None, int | None],
    before: int | None,
) -> None:
    store = emptied
    store.delete_all([entry.receipt for entry in store.search(Search(), 100)], "anna")
    for name, message, status, of, was_seen, day in entries:
        entry = entering(
            values={"name": name, "message": message}, status=status, form=of, created=NOON + timedelta(days=day)
        )
        store.add(entry)
        if was_seen:
            store.mark_seen([entry.receipt], "anna")
    store.index(indexed)
    since, until = (None if day is None else NOON + timedelta(days=day) for day in days)
    search = Search(form=form, text=words, statuses=statuses, is_seen=is_seen, since=since, until=until, before=before)
    every = itertools.chain(*(store.entries(name) for name in ("contact", "order")))
    wanted = sorted((entry.number for entry in every if naive(entry, search)), reverse=True)
    assert [entry.number for entry in store.search(search)] == wanted
    assert store.count_found(search) == len(wanted)
