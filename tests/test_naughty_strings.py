"""Whatever visitors write comes out as it went in: of the page, the store, CSV, XLSX and JSON; and does nothing there.

What is allowed to differ: blanks at the ends are taken off, lines end with a line feed, one-line fields have none.
"""

import csv
import io
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urlencode

import openpyxl  # type: ignore[import-untyped] # it has no types
import pytest
from cases import running, write
from naughty import naughty_strings
from openpyxl.utils.escape import unescape  # type: ignore[import-untyped] # it has no types
from werkzeug.test import Client, TestResponse

from declweb.forms.conditions import WHITE
from declweb.forms.values import BLANKS
from declweb.storage import Entry, Store, StoreSettings
from declweb.storage.exports import FORMATS

SITE = """
[site]
name = "Naughty"

[forms.contact]
path = "/contact"
template = "contact.html"
keep = "1 day"
limit = "none"
success = { redirect = "/thanks", message = "Thank you: {{ entry.line }} and {{ entry.text[:300] }}" }

[forms.contact.fields]
line = { label = "A line", max_length = 5000 }
text = { label = "A text", type = "textarea", required = true }
number = { label = "A number", type = "integer", min = 3 }

[[forms.contact.send]]
email = "owner@example.com"
subject = "About {{ entry.line }}"

[routes.thanks]
path = "/thanks"
template = "thanks.html"
"""
MESSAGES = "{% for message in get_flashed_messages() %}<p id=message>{{ message }}</p>{% endfor %}"
FILES = {
    "site.toml": SITE,
    "templates/contact.html": "<!doctype html><title>Contact</title><main>{{ form }}</main>",
    "templates/thanks.html": f"<!doctype html><title>Thanks</title><main>{MESSAGES}</main>",
}
HEAD = {"Content-Type": "application/x-www-form-urlencoded"}


def as_text(sent: str) -> str:
    """Return what is stored of a text of several lines."""
    return sent.replace("\r\n", "\n").replace("\r", "\n").strip(BLANKS)


def as_line(sent: str) -> str:
    """Return what is stored of a line."""
    return re.sub(r"[\r\n]+", " ", sent).strip(BLANKS)


STRINGS = [each for each in naughty_strings() if as_text(each).strip(WHITE)]


@dataclass
class Page(HTMLParser):
    """What a browser makes of a page: its elements with their attributes' names, and what stands in fields."""

    shape: list[tuple[str, ...]] = field(default_factory=list)
    values: dict[str, str] = field(default_factory=dict)
    message: str = ""

    def __post_init__(self) -> None:
        super().__init__()
        self._within = ""

    def handle_starttag(self, tag: str, attrs: Sequence[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        self.shape.append((tag, *(name for name, _ in attrs if name != "value")))
        if tag == "input" and found.get("name") == "line":
            self.values["line"] = found.get("value", "")
        if tag == "textarea":
            self._within = "text"
            self.values["text"] = ""
        if found.get("id") == "message":
            self._within = "message"

    def handle_endtag(self, tag: str) -> None:
        self.shape.append((f"/{tag}",))
        self._within = ""

    def handle_comment(self, data: str) -> None:
        self.shape.append(("comment",))

    def unknown_decl(self, data: str) -> None:
        self.shape.append(("declaration",))

    def handle_pi(self, data: str) -> None:
        self.shape.append(("instruction",))

    def handle_data(self, data: str) -> None:
        if self._within == "message":
            self.message += data
        elif self._within:
            self.values[self._within] += data


def page_of(response: TestResponse) -> Page:
    page = Page()
    page.feed(response.get_data(as_text=True))
    page.close()
    # A browser drops the first line feed of a textarea, and makes line feeds of carriage returns.
    page.values = {name: (value.removeprefix("\n") if name == "text" else value) for name, value in page.values.items()}
    return page


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write(tmp_path_factory.mktemp("naughty"), FILES)


@pytest.fixture(scope="module")
def visitor(folder: Path) -> Client:
    return Client(running(folder))


@pytest.fixture(scope="module")
def sent(visitor: Client) -> Mapping[str, Page]:
    """Return the page that thanked for each string, once all of them have been sent."""
    thanks = {}
    for each in STRINGS:
        body = urlencode({"line": each, "text": each})
        answer = visitor.post("/contact", data=body, headers=HEAD)
        assert answer.status_code == 303, (each, answer.get_data(as_text=True))
        thanks[each] = page_of(visitor.get(answer.headers["Location"]))
    return thanks


@pytest.fixture(scope="module")
def entries(folder: Path, sent: Mapping[str, Page]) -> list[Entry]:
    store = Store(StoreSettings(folder / "storage"))
    found = list(store.entries("contact"))
    store.stop()
    assert len(found) == len(sent)
    return found


def exported(entries: Sequence[Entry], form: str) -> bytes:
    to = io.BytesIO()
    assert FORMATS[form](entries, ["line", "text"], UTC, to) == 0
    return to.getvalue()


def test_there_are_enough() -> None:
    assert len(STRINGS) >= 500


def test_the_store_has_what_was_sent(entries: Sequence[Entry]) -> None:
    for each, entry in zip(STRINGS, entries, strict=True):
        assert entry.values["text"] == as_text(each)
        assert entry.values["line"] == as_line(each)


def test_the_page_that_thanks_shows_it_and_does_nothing(sent: Mapping[str, Page]) -> None:
    shape = sent["undefined"].shape
    for each, page in sent.items():
        assert page.shape == shape, each
        shown = f"Thank you: {as_line(each)} and {as_text(each)[:300]}"
        assert page.message == shown or len(shown) > 1200, each


def test_the_form_has_it_still_when_something_is_wrong(visitor: Client) -> None:
    shape = None
    for each in STRINGS:
        body = urlencode({"line": each, "text": each, "number": "2"})
        answer = visitor.post("/contact", data=body, headers=HEAD)
        assert answer.status_code == 422
        page = page_of(answer)
        shape = shape or page.shape
        assert page.shape == shape, each
        assert as_text(page.values["text"]) == as_text(each), each
        assert as_line(page.values["line"]) == as_line(each), each


def test_csv_has_it_less_the_guard(entries: Sequence[Entry]) -> None:
    rows = list(csv.DictReader(io.StringIO(exported(entries, "csv").decode(), newline="")))
    for each, row in zip(STRINGS, rows, strict=True):
        for name, stored in (("text", as_text(each)), ("line", as_line(each))):
            assert row[name] in {stored, f"'{stored}"}
            assert row[name][0] not in "=+-@\t\r"
            assert (row[name] == stored) == (stored[0] not in "=+-@\t\r")


def test_xlsx_has_it_as_text(entries: Sequence[Entry]) -> None:
    book = openpyxl.load_workbook(io.BytesIO(exported(entries, "xlsx")))
    heading, *rows = book.active.iter_rows()
    columns = [cell.value for cell in heading]
    for each, row in zip(STRINGS, rows, strict=True):
        for name, stored in (("text", as_text(each)), ("line", as_line(each))):
            cell = row[columns.index(name)]
            assert cell.data_type == "s"
            assert cell.hyperlink is None
            assert unescape(cell.value) == stored, each


def test_json_has_it(entries: Sequence[Entry]) -> None:
    lines = exported(entries, "jsonl").decode().split("\n")
    assert lines.pop() == ""
    for each, line in zip(STRINGS, lines, strict=True):
        assert json.loads(line)["values"]["text"] == as_text(each)


def test_json_takes_it_as_well(folder: Path, visitor: Client, entries: Sequence[Entry]) -> None:
    assert entries  # that is, they were counted before there are more
    store = Store(StoreSettings(folder / "storage"))
    for each in STRINGS[::10]:
        answer = visitor.post("/contact", json={"line": each, "text": f"{each} again"})
        assert answer.status_code == 201
        entry = store.entry(answer.get_json()["receipt"])
        assert entry is not None
        assert entry.values["text"] == as_text(f"{each} again")
    store.stop()


def test_letters_have_it(folder: Path, entries: Sequence[Entry]) -> None:
    """No string gets out of its header field or its line."""
    store = Store(StoreSettings(folder / "storage"))
    for each, entry in zip(STRINGS, entries, strict=True):
        (message,) = store.messages(entry.receipt)
        subject = str(message.content["subject"])
        assert not re.search(r"[\r\n]", subject), each
        written = " ".join(f"About {_seen(as_line(each))}".split())
        assert written == subject or (written.startswith(subject) and len(subject) > 100), each
    store.stop()


def _seen(text: str) -> str:
    """Return a text with blanks for what is not seen, but for what joins letters."""
    return "".join(each if each.isprintable() or each in "\u200c\u200d" else " " for each in text)


@pytest.mark.parametrize("strange", ["\0", "a\0b", "\ud800", "a\udfffb", "\ud83d \ude00"])
def test_what_nothing_can_store_is_refused_with_its_field(visitor: Client, strange: str) -> None:
    body = urlencode({"line": "fine", "text": strange}, errors="surrogatepass")
    for answer in (
        visitor.post("/contact", data=body, headers=HEAD),
        visitor.post("/contact", data={"line": "fine", "text": strange.encode("utf-8", "surrogatepass")}),
    ):
        assert answer.status_code == 422
        page = answer.get_data(as_text=True)
        assert "contact-text-error" in page
        assert "contact-line-error" not in page
        assert "\0" not in page
    answer = visitor.post("/contact", json={"line": "fine", "text": strange})
    assert answer.status_code == 422
    assert [each["field"] for each in answer.get_json()["errors"]] == ["text"]
