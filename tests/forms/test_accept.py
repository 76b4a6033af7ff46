"""What becomes of what is sent: through a whole site, in process."""

import os
import re
import sqlite3
from collections.abc import Iterator
from html import unescape
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from cases import running, strict_client, write
from werkzeug.test import TestResponse

from declweb.app import App
from declweb.storage import Entry, Outgoing, Store, StoreDown

SITE = """
[site]
name = "Bakery"
url = "https://bakery.example"

[forms.order]
path = "/order"
keep = "2 years"
limit = "none"
success = { message = "Thank you, {{ entry.name }}: {{ entry.receipt }}, {{ entry.cake }}" }

[forms.order.fields]
name = { label = "Your name", required = true, max_length = 80 }
email = { label = "Your e-mail address", type = "email" }
cake = { label = "Which cake?", type = "radio", choices = { sacher = "Sacher", own = "My own idea" } }
idea = { label = "Tell us your idea", type = "textarea", show_when = { cake = "own" } }
people = { label = "For how many?", type = "integer", min = 2, max = 80 }
extras = { label = "Extras", type = "checkboxes", choices = ["Cream", "Candles"] }
photo = { label = "A picture", type = "file", accept = "any" }
secret = { label = "Password", type = "password" }

[[forms.order.send]]
email = ["orders@bakery.example", "anna@bakery.example"]
subject = "Order {{ entry.receipt }}: {{ entry.cake }} for {{ entry.people }}"
reply_to = "{{ entry.email }}"
attach = ["photo"]

[[forms.order.send]]
email = "{{ entry.email }}"
subject = "We have your order, {{ entry.name }}"
template = "received.txt"

[[forms.order.send]]
webhook = "https://till.example/orders"
secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
when = { cake = "own" }
"""

FILES = {"site.toml": SITE, "templates/received.txt": "Dear {{ entry.name }} & all,\n{{ entry.extras }}\n"}
PNG = b"%PDF-1.4 nothing much"


class Visit:
    """A visitor of a site."""

    def __init__(self, app: App) -> None:
        self.app = app
        assert app.store is not None
        self.store: Store = app.store

    def post(self, address: str = "192.0.2.1", headers: dict[str, str] | None = None, **data: Any) -> TestResponse:
        return strict_client(self.app).post(
            "/order", data=data, headers=headers, environ_base={"REMOTE_ADDR": address}, buffered=True
        )

    @property
    def entries(self) -> list[Entry]:
        return list(self.store.entries("order"))

    @property
    def entry(self) -> Entry:
        (entry,) = self.entries
        return entry

    @property
    def messages(self) -> list[Outgoing]:
        return list(self.store.messages())


@pytest.fixture
def visit(tmp_path: Path) -> Iterator[Visit]:
    visit = Visit(running(write(tmp_path, FILES)))
    yield visit
    visit.store.stop()


def file(name: str = "report.pdf", content: bytes = PNG) -> tuple[BytesIO, str]:
    return BytesIO(content), name


def kept(ticket: str | list[str]) -> dict[str, Any]:
    return {"_ticket.photo": ticket}


def tickets(page: str) -> list[str]:
    return [unescape(each) for each in re.findall(r'name="_ticket\.photo"[^>]*value="([^"]+)"', page)]


def test_all_of_an_entry_is_stored(visit: Visit) -> None:
    response = visit.post(name="Ann", cake="sacher", people="8", extras=["Cream", "Candles"], photo=file("履歴書.pdf"))
    assert response.status_code == 303
    entry = visit.entry
    assert entry.values["name"] == "Ann"
    assert entry.values["cake"] == "sacher"
    assert entry.values["people"] == 8
    assert entry.values["extras"] == ["Cream", "Candles"]
    assert "idea" not in entry.values
    assert (entry.language, entry.status, entry.points, entry.reasons) == ("en", "new", 0, [])
    (upload,) = entry.uploads
    assert (upload.field, upload.name, upload.size) == ("photo", "履歴書.pdf", len(PNG))
    assert visit.store.uploads.path(upload.id).read_bytes() == PNG
    assert [each.label for each in entry.fields][:2] == ["Your name", "Your e-mail address"]
    assert entry.expires is not None


def test_messages_are_written_when_it_is_stored(visit: Visit) -> None:
    visit.post(
        name="Ann\nBcc: all@evil.example", email="ann@example.com", cake="own", idea="Hello\nthere", people="8",
        extras="Cream", photo=file(), secret="hush hush",
    )  # fmt: skip
    entry = visit.entry
    first, second, copy, hook = visit.messages
    assert [first.target, second.target] == ["orders@bakery.example", "anna@bakery.example"]
    assert first.content["subject"] == f"Order {entry.receipt}: My own idea for 8"
    assert first.content["reply_to"] == "ann@example.com"
    file_ = entry.uploads[0]
    told = {"id": file_.id, "name": "report.pdf", "media_type": file_.media_type, "size": file_.size}
    assert first.content["attach"] == [told]
    text = str(first.content["text"])
    for line in (
        "Which cake? My own idea", "Tell us your idea:", "    there", "For how many? 8", "A picture: report.pdf",
        f"Receipt: {entry.receipt}",
    ):  # fmt: skip
        assert line in text.splitlines()
    assert "hush" not in text
    assert copy.target == "ann@example.com"
    assert copy.content["subject"] == "We have your order, Ann Bcc: all@evil. example"
    assert copy.content["text"] == "Dear Ann Bcc: all@evil. example & all,\nCream"
    assert (hook.kind, hook.target) == ("webhook", "https://till.example/orders")
    data = hook.content["data"]
    assert isinstance(data, dict)
    assert data["receipt"] == entry.receipt
    assert hook.content["type"] == "entry.created"
    assert hook.content["timestamp"] == data["created"] == entry.created.isoformat()
    assert (data["form"], data["language"], data["status"]) == ("order", "en", "new")
    assert data["fields"]["idea"] == {"label": "Tell us your idea", "value": "Hello\nthere", "text": "Hello\nthere"}
    assert data["fields"]["cake"] == {"label": "Which cake?", "value": "own", "text": "My own idea"}
    assert data["fields"]["people"] == {"label": "For how many?", "value": 8, "text": "8"}
    assert "secret" not in data["fields"]
    sent = entry.uploads[0]
    assert data["files"] == [
        {"field": "photo", "label": "A picture", "name": "report.pdf", "size": sent.size, "type": sent.media_type}
    ]
    assert "scrypt" not in str(visit.messages)
    assert str(visit.entry.values["secret"]).startswith("scrypt")


def test_a_mail_to_nobody_is_none(visit: Visit) -> None:
    visit.post(name="Ann", cake="sacher")
    assert [each.target for each in visit.messages] == ["orders@bakery.example", "anna@bakery.example"]
    assert "reply_to" not in visit.messages[0].content


@pytest.mark.parametrize("where", ["receive", "subject"])
def test_a_message_that_fails_says_the_usual(where: str, tmp_path: Path) -> None:
    endless = "{% for a in range(99999) %}{% for b in range(9999) %}x{% endfor %}{% endfor %}"
    fails = "{% if entry.name == 'boom' %}" + endless + "{% endif %}"
    files = dict(FILES)
    if where == "receive":
        files["templates/received.txt"] = f"Dear {fails}"
    else:
        files["site.toml"] = SITE.replace("We have your order, {{ entry.name }}", fails)
    visit = Visit(running(write(tmp_path, files)))
    assert visit.post(name="boom", email="ann@example.com").status_code == 303
    copy = next(each for each in visit.messages if each.target == "ann@example.com")
    if where == "receive":
        assert "Your name: boom" in str(copy.content["text"])
    else:
        assert copy.content["subject"] == f"New entry: order ({visit.entry.receipt})"
    visit.store.stop()


def test_a_file_outlives_a_mistake(visit: Visit) -> None:
    response = visit.post(name="", photo=file())
    assert response.status_code == 422
    assert "report.pdf" in response.text
    (ticket,) = tickets(response.text)
    assert visit.entries == []
    response = visit.post(name="", **kept(ticket))
    assert response.status_code == 422
    (again,) = tickets(response.text)
    assert visit.post(name="Ann", **kept(again)).status_code == 303
    (upload,) = visit.entry.uploads
    assert (upload.name, upload.field) == ("report.pdf", "photo")
    assert visit.store.uploads.path(upload.id).read_bytes() == PNG


def test_another_file_replaces_the_first(visit: Visit) -> None:
    (ticket,) = tickets(visit.post(name="", photo=file()).text)
    visit.post(name="Ann", photo=file("new.pdf", b"%PDF-1.4 new"), **kept(ticket))
    (upload,) = visit.entry.uploads
    assert upload.name == "new.pdf"


@pytest.mark.parametrize("ticket", ["nonsense", "a.b.c"])
def test_a_false_ticket_is_no_file(visit: Visit, ticket: str) -> None:
    response = visit.post(name="Ann", **kept(ticket))
    assert response.status_code == 422
    assert "A picture: choose the file again" in response.text
    assert tickets(response.text) == []
    assert visit.entries == []


def test_a_file_that_is_gone_is_not_left_out_without_a_word(visit: Visit) -> None:
    (ticket,) = tickets(visit.post(name="", photo=file()).text)
    for held in (visit.store.uploads.root / "held").iterdir():
        os.utime(held, (1, 1))
    response = visit.post(name="Ann", **kept(ticket))
    assert response.status_code == 422
    assert "A picture: choose the file again" in response.text
    assert 'value="Ann"' in response.text
    assert visit.entries == []
    assert visit.post(name="Ann", photo=file("new.pdf"), **kept(ticket)).status_code == 303
    assert visit.entry.uploads[0].name == "new.pdf"


def test_a_kept_file_that_cannot_be_read_just_now_stays_kept(visit: Visit, monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(*_: object) -> None:
        raise StoreDown("too many open files")

    (ticket,) = tickets(visit.post(name="", photo=file()).text)
    with monkeypatch.context() as broken:
        broken.setattr(type(visit.store.uploads), "reuse", failing)
        response = visit.post(name="Ann", **kept(ticket))
    assert response.status_code == 503
    assert tickets(response.text) == [ticket]
    assert visit.entries == []
    assert visit.post(name="Ann", **kept(ticket)).status_code == 303
    assert visit.entry.uploads[0].name == "report.pdf"


def test_tickets_are_good_everywhere_once_there_is_a_key(visit: Visit, tmp_path: Path) -> None:
    key = tmp_path / "storage" / "secret.key"
    key.parent.mkdir()
    key.write_text("")
    assert len(tickets(visit.post(name="", photo=file()).text)) == 1
    key.write_text("8" * 64)
    (ticket,) = tickets(visit.post(name="", photo=file()).text)
    another = Visit(running(tmp_path / "site.toml"))
    assert another.post(name="Ann", **kept(ticket)).status_code == 303
    assert another.entry.uploads[0].name == "report.pdf"


def test_a_key_that_can_be_guessed_is_none(visit: Visit, tmp_path: Path) -> None:
    key = tmp_path / "storage" / "secret.key"
    key.parent.mkdir()
    key.write_text("cut off")
    assert visit.post(name="Ann").status_code == 503
    key.write_text("8" * 64)
    assert visit.post(name="Ann").status_code == 303


def test_kept_files_count_as_new_ones_do(tmp_path: Path) -> None:
    several = SITE.replace('accept = "any"', 'accept = "any", multiple = true')
    visit = Visit(running(write(tmp_path, {**FILES, "site.toml": several})))
    held = tickets(visit.post(name="", photo=[file(f"{number}.pdf") for number in range(3)]).text)
    assert len(held) == 3
    response = visit.post(name="Ann", photo=file("4.pdf"), **kept(held))
    assert response.status_code == 422
    assert "A picture: choose no more than 3 files" in response.text
    assert len(tickets(response.text)) == 4
    assert visit.post(name="Ann", **kept([*held, held[0]])).status_code == 303
    assert [each.name for each in visit.entry.uploads] == ["0.pdf", "1.pdf", "2.pdf"]
    visit.store.stop()


def test_a_file_that_is_refused_takes_no_other_with_it(tmp_path: Path) -> None:
    several = SITE.replace('accept = "any"', 'accept = "any", multiple = true, max_size = "1 KB"')
    visit = Visit(running(write(tmp_path, {**FILES, "site.toml": several})))
    response = visit.post(name="Ann", photo=[file("good.pdf"), file("large.pdf", PNG * 100)])
    assert response.status_code == 422
    assert "choose a smaller file: large.pdf" in response.text
    (ticket,) = tickets(response.text)
    assert visit.post(name="Ann", **kept(ticket)).status_code == 303
    assert [each.name for each in visit.entry.uploads] == ["good.pdf"]
    visit.store.stop()


def test_the_same_twice_is_one_entry(visit: Visit) -> None:
    first = visit.post(name="Ann", photo=file(), _key="k" * 20)
    second = visit.post(name="Ann", photo=file(), _key="k" * 20, address="192.0.2.9")
    assert (first.status_code, second.status_code) == (303, 303)
    assert len(visit.entries) == 1
    third = visit.post(name="Ben", photo=file(), _key="k" * 20)
    assert third.status_code == 303
    assert len(visit.entries) == 2


def test_the_same_without_a_key_needs_the_same_visitor(visit: Visit) -> None:
    visit.post(name="Ann")
    visit.post(name="Ann")
    assert len(visit.entries) == 1
    visit.post(name="Ann", headers={"User-Agent": "Another"})
    visit.post(name="Ann", address="192.0.2.2")
    assert len(visit.entries) == 3


def test_the_same_with_a_password_is_one_entry(visit: Visit) -> None:
    visit.post(name="Ann", secret="correct horse")
    visit.post(name="Ann", secret="correct horse")
    assert len(visit.entries) == 1
    assert "correct" not in str(visit.entry.values)


def test_what_looks_like_a_machine_is_held(visit: Visit) -> None:
    response = visit.post(name="Ann", _marginalia="http://spam.example", _seconds="0.4")
    assert response.status_code == 303
    entry = visit.entry
    assert entry.status == "held"
    assert entry.reasons == ["honeypot", "fast 0.4"]
    assert {each.state for each in visit.messages} == {"held"}


def test_while_the_store_is_down_nothing_is_lost(visit: Visit, monkeypatch: pytest.MonkeyPatch) -> None:
    def down(*_: object) -> None:
        raise StoreDown("no space left on device")

    with monkeypatch.context() as broken:
        broken.setattr(type(visit.store), "add", down)
        response = visit.post(name="Ann & <b>", people="8", photo=file())
    assert response.status_code == 503
    assert int(response.headers["Retry-After"]) > 0
    assert 'value="Ann &amp; &lt;b&gt;"' in response.text
    assert "mailto:orders@bakery.example?" in response.text
    assert "Ann%20%26%20%3Cb%3E" in response.text
    (ticket,) = tickets(response.text)
    assert visit.post(name="Ann & <b>", people="8", **kept(ticket)).status_code == 303
    assert visit.entry.uploads[0].name == "report.pdf"


def test_a_file_that_cannot_be_stored_takes_no_word_with_it(visit: Visit, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise StoreDown("no space left on device")

    with monkeypatch.context() as broken:
        broken.setattr(type(visit.store.uploads), "begin", full)
        response = visit.post(name="Ann", photo=file(), email="ann@example.com")
    assert response.status_code == 503
    assert 'value="Ann"' in response.text
    assert 'value="ann@example.com"' in response.text
    assert visit.entries == []
    assert visit.post(name="Ann", photo=file()).status_code == 303


def test_programs_are_told_that_the_store_is_down(visit: Visit, monkeypatch: pytest.MonkeyPatch) -> None:
    def down(*_: object) -> None:
        raise StoreDown("no space left on device")

    monkeypatch.setattr(type(visit.store), "add", down)
    response = strict_client(visit.app).post("/order", json={"name": "Ann"}, buffered=True)
    assert response.status_code == 503
    assert response.content_type == "application/problem+json"
    assert "Retry-After" in response.headers
    assert "space" not in response.text


def test_a_site_without_forms_needs_no_store(tmp_path: Path) -> None:
    app = running(write(tmp_path, {"site.toml": '[site]\nname = "B"\n[routes.home]\npath = "/"\ntext = "x"\n'}))
    assert app.store is None
    assert not (tmp_path / "storage").exists()


def test_a_form_makes_nothing_before_it_is_sent(tmp_path: Path) -> None:
    app = running(write(tmp_path, FILES))
    assert strict_client(app).get("/order", buffered=True).status_code == 200
    assert not (tmp_path / "storage").exists()


def test_the_receipt_of_programs_is_the_stored_one(visit: Visit) -> None:
    response = strict_client(visit.app).post("/order", json={"name": "Ann", "people": 8}, buffered=True)
    assert response.status_code == 201
    assert response.json == {"receipt": visit.entry.receipt}
    assert visit.entry.values["people"] == 8
    connection = sqlite3.connect(visit.store.settings.folder / "site.db")
    assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    connection.close()
