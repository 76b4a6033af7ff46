"""What visitors wrote is theirs, whatever comes between them and the store."""

from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from urllib.parse import unquote

import pytest
from cases import running, strict_client, write
from werkzeug.test import TestResponse

from declweb.app import App
from declweb.compiler.form_refusals import spoken_wait
from declweb.forms import accept
from declweb.forms.allowance import Allowance
from declweb.storage import StoreDown, UploadFolder

SITE = """
[site]
name = "Bakery"

[mail]
from = "Bakery <website@bakery.example>"

[limits]
form = "10 KB"
entry = "50 KB"

[forms.order]
path = "/order"
keep = "forever"
limit = "none"

[forms.order.fields]
name = { label = "Your name", required = true }
cake = { label = "Which cake?", type = "radio", choices = { own = "My own idea" } }
photo = { label = "A picture", type = "file", accept = "any" }
secret = { label = "Password", type = "password" }

[forms.past]
path = "/past"
keep = "forever"
ends = 2020-01-01
fields.name = { label = "Your name" }
fields.cake = { label = "Which cake?", type = "radio", choices = { own = "My own idea" } }
fields.secret = { label = "Password", type = "password" }
fields.idea = { label = "Your idea", type = "textarea" }

[forms.hand]
path = "/hand"
template = "hand.html"
keep = "forever"
ends = 2020-01-01
closed_text = "Too late."
fields.name = { label = "Your name" }
"""
HAND = '<title>Hand</title><form method="post"><input name="name" id="n"><button>Send</button></form>'
FILES = {"site.toml": SITE, "templates/hand.html": HAND}
PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write(tmp_path, FILES)


@pytest.fixture
def app(folder: Path) -> App:
    return running(folder)


def post(app: App, path: str, files: dict[str, tuple[bytes, str]] | None = None, **data: str) -> TestResponse:
    sent = {name: (BytesIO(content), file) for name, (content, file) in (files or {}).items()}
    return strict_client(app).post(
        path, data={**data, **sent}, environ_base={"REMOTE_ADDR": "192.0.2.1"}, buffered=True
    )


def test_a_form_that_closed_meanwhile_shows_what_was_written(app: App) -> None:
    response = post(app, "/past", name="Ann <3", cake="own", secret="geheim", idea="One\r\n\r\nTwo")
    assert response.status_code == 503
    assert "This form is closed at the moment." in response.text
    assert "<dt>Your name</dt><dd>Ann &lt;3</dd><dt>Which cake?</dt><dd>My own idea</dd>" in response.text
    assert "One\r\n\r\nTwo" in response.text
    assert "geheim" not in response.text
    assert "mailto:website@bakery.example" in response.text
    assert "Your idea: One" in unquote(response.text)
    assert "<title>Error:" in response.text


def test_nothing_written_is_nothing_shown(app: App) -> None:
    response = post(app, "/past")
    assert response.status_code == 503
    assert "mailto:" not in response.text
    assert "was not sent" not in response.text


def test_a_closed_form_in_ones_own_html_keeps_what_was_written(app: App) -> None:
    response = post(app, "/hand", name="Ann")
    assert response.status_code == 503
    assert "Too late." in response.text
    assert 'value="Ann"' in response.text


def test_a_closed_form_whose_body_cannot_be_read_is_closed(app: App) -> None:
    response = strict_client(app).post("/past", data=b"x", content_type="text/weird", buffered=True)
    assert response.status_code == 503


def test_too_large_a_file_loses_no_word(app: App, folder: Path) -> None:
    response = post(app, "/order", {"photo": (b"x" * 60_000, "a.bin")}, name="Ann", cake="own")
    assert response.status_code == 413
    assert "50 KB" in response.text
    assert 'value="Ann"' in response.text
    assert "checked" in response.text
    assert "mailto:website@bakery.example" in response.text
    assert not list((folder / "storage" / "uploads").rglob("*/*-*"))


def test_files_wait_for_each_visitor_within_bounds(app: App, folder: Path) -> None:
    """Forms that are never right cannot fill the disk; the visitor is told which file to choose again."""
    big = {"photo": (PDF + b"x" * 40_000, "a.pdf")}
    told = [post(app, "/order", big, name="").text for _ in range(8)]
    kept = ["a.pdf, 40" in text for text in told]
    assert 1 <= sum(kept) < 8
    assert "it could not be kept" in told[-1]
    assert len(list((folder / "storage" / "uploads" / "held").iterdir())) == sum(kept)


def test_a_file_that_cannot_be_laid_aside_is_asked_for_again(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    def hold(_folder: UploadFolder, _name: str) -> str:
        raise StoreDown("no room")

    monkeypatch.setattr(UploadFolder, "hold", hold)
    response = post(app, "/order", {"photo": (PDF, "a.pdf")}, name="")
    assert response.status_code == 422
    assert "A picture: choose the file again: it could not be kept" in response.text


def test_files_of_tickets_do_not_lie_about(app: App, folder: Path) -> None:
    """What came with a ticket, and is not used, is gone with the answer."""
    ticket = post(app, "/order", {"photo": (PDF, "a.pdf")}, name="").text
    value = ticket.split('name="_ticket.photo" value="')[1].split('"')[0]
    response = post(app, "/order", {"photo": (PDF + b" ", "b.pdf")}, name="Ann", **{"_ticket.photo": value})
    assert response.status_code == 303
    assert not list((folder / "storage" / "uploads" / "incoming").iterdir())


def test_the_allowance_comes_back() -> None:
    now = datetime(2026, 1, 1, tzinfo=UTC)
    allowance = Allowance()
    assert allowance.take("a", 60, 100, now)
    assert not allowance.take("a", 60, 100, now + timedelta(minutes=59))
    assert allowance.take("b", 60, 100, now)
    assert allowance.take("a", 60, 100, now + timedelta(minutes=61))


@pytest.fixture(autouse=True)
def own_allowance(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(accept, "ALLOWANCE", Allowance())


@pytest.mark.parametrize(
    ("seconds", "language", "said"),
    [(43, "en", "43 seconds"), (60, "en", "1 minute"), (3601, "en", "61 minutes"), (7201, "de-AT", "3 Stunden")],
)
def test_how_long_to_wait(seconds: int, language: str, said: str) -> None:
    assert spoken_wait(seconds, language) == said
