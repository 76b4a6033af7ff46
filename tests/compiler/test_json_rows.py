"""Endpoints that answer with rows: what is kept, until when, and for whom."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from cases import running, write
from inboxes import put
from werkzeug.security import generate_password_hash
from werkzeug.test import Client, TestResponse

from declweb.app import App
from declweb.compiler import json_rows
from declweb.compiler.json_rows import Answers, Rows
from declweb.http.prepared import Prepared

SITE = """
[site]
name = "Bakery"
timezone = "Europe/Berlin"

[data.menu]
file = "data/menu.csv"
columns = { name = { type = "text", key = true }, price = "number", sold = "datetime" }

[json.menu]
path = "/api/menu"
data = "menu"
filter = ["price", "sold"]
sort = "price"
"""
MENU = "name,price,sold\nRye,4.20,2026-11-20 18:00\nRoll,0.60,2026-11-21T08:00Z\n"


def site(folder: Path, more: str = "", **files: str) -> App:
    return running(write(folder, {"site.toml": SITE + more, "data/menu.csv": MENU, **files}))


def client_of(app: App) -> Client:
    return Client(app, use_cookies=False)


def names(answer: TestResponse) -> list[str]:
    assert answer.status_code == 200, answer.text
    return [row["name"] for row in answer.get_json()["items"]]


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the queries for which an answer was made."""
    found: list[str] = []
    make = Rows._prepared

    def prepared(self: Rows, asked: Any, context: Any) -> Prepared:
        found.append(context.query)
        return make(self, asked, context)

    monkeypatch.setattr(Rows, "_prepared", prepared)
    return found


def test_each_answer_is_made_once(tmp_path: Path, asked: list[str]) -> None:
    client = client_of(site(tmp_path))
    assert asked == [""], "the first page is made before anybody asks for it"
    for _ in range(2):
        for query in ("", "price__lt=1", "price__lt=1&format=csv"):
            tag = client.get(f"/api/menu?{query}").headers["ETag"]
            assert client.get(f"/api/menu?{query}", headers={"If-None-Match": tag}).status_code == 304
    assert asked == ["", "price__lt=1", "price__lt=1&format=csv"]


def test_what_is_wrong_is_not_kept(tmp_path: Path, asked: list[str]) -> None:
    client = client_of(site(tmp_path))
    for _ in range(2):
        assert client.get("/api/menu?prize=1").status_code == 400
    assert asked == [""]


def test_answers_have_a_budget(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, asked: list[str]) -> None:
    monkeypatch.setattr(json_rows, "BUDGET", 20_000)
    client = client_of(site(tmp_path))
    for number in range(10):
        assert names(client.get(f"/api/menu?price__lt={number}&page_size=1")) in ([], ["Rye"], ["Roll"])
    before = len(asked)
    client.get("/api/menu?price__lt=9&page_size=1")
    assert len(asked) == before
    client.get("/api/menu?price__lt=0&page_size=1")
    assert len(asked) == before + 1


def test_answers_forget_addresses_of_which_nothing_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_rows, "BUDGET", 10_000)
    monkeypatch.setattr(json_rows, "MOST_ADDRESSES", 2)
    answers = Answers()
    for number in range(9):
        answers.keep(f"/api/{number}", "", 1, Prepared(b"x", []))
    assert len(answers._at) <= 3
    assert answers.find("/api/8", "", 1) is not None
    assert answers.find("/api/8", "", 2) is None
    answers.keep("/api/large", "", 1, Prepared(b"x" * (json_rows.LARGEST + 1), []))
    assert answers.find("/api/large", "", 1) is None


def test_moments_are_those_of_the_site(tmp_path: Path) -> None:
    client = client_of(site(tmp_path))
    rows = client.get("/api/menu").get_json()["items"]
    assert [row["sold"] for row in rows] == ["2026-11-20T18:00:00+01:00", "2026-11-21T08:00:00+00:00"]
    assert names(client.get("/api/menu?sold=2026-11-20T18:00")) == ["Rye"]
    assert names(client.get("/api/menu?sold=2026-11-20T17:00Z")) == ["Rye"]
    assert names(client.get("/api/menu?sold__gte=2026-11-21T09:00%2B01:00")) == ["Roll"]


def test_a_changed_file_is_another_site(tmp_path: Path) -> None:
    tag = client_of(site(tmp_path)).get("/api/menu").headers["ETag"]
    (tmp_path / "data/menu.csv").write_text(MENU + "Bun,1.00,\n")
    client = client_of(running(tmp_path))
    answer = client.get("/api/menu", headers={"If-None-Match": tag})
    assert names(answer) == ["Rye", "Roll", "Bun"]
    assert answer.headers["ETag"] != tag


def test_below_a_prefix(tmp_path: Path) -> None:
    more = '[json.below]\npath = "/api/below/<name>"\ndata = "menu"\npage_size = 1\n[server]\nprefix = "/shop"\n'
    client = client_of(site(tmp_path, more))
    for address in ("/shop/api/menu?page_size=1", "/shop/api/below/Br%C3%B6t%20chen"):
        answer = client.get(address)
        assert names(answer) == ["Rye"]
        url = answer.get_json()["next"]["url"]
        assert answer.headers["Link"] == f'<{url}>; rel="next"'
        assert url.startswith(address.partition("?")[0])
        assert names(client.get(url)) == ["Roll"]


def test_only_some_may_see(tmp_path: Path) -> None:
    password = generate_password_hash("secret")
    more = f"""
[users.anna]
password = "{password}"
roles = ["staff"]
[[protect]]
path = "/api/*"
allow = "staff"
by = "basic"
"""
    client = client_of(site(tmp_path, more))
    assert client.get("/api/menu").status_code == 401
    answer = client.get("/api/menu", auth=("anna", "secret"))
    assert names(answer) == ["Rye", "Roll"]
    assert "private" in answer.headers["Cache-Control"] or answer.headers["Cache-Control"] == "no-store"
    assert client.get("/api/menu").status_code == 401


def test_functions_before_a_request_are_asked(tmp_path: Path) -> None:
    more = '[hooks]\nmodule = "hooks"\nbefore_request = "close"\n'
    hooks = "from declweb import request\n\ndef close():\n    return 'closed' if 'closed' in request.args else None\n"
    client = client_of(site(tmp_path, more, **{"hooks.py": hooks}))
    assert names(client.get("/api/menu")) == ["Rye", "Roll"]
    assert client.get("/api/menu?closed=1").text == "closed"


def test_people_get_pages_at_the_same_address(tmp_path: Path) -> None:
    client = client_of(site(tmp_path))
    page = client.get("/api/menu", headers={"Accept": "text/html"})
    for _ in range(2):
        assert page.mimetype == "text/html"
        assert "Accept" in page.headers["Vary"]
        assert names(client.get("/api/menu", headers={"Accept": "application/json"})) == ["Rye", "Roll"]
        assert names(client.get("/api/menu", headers={"Accept": "*/*"})) == ["Rye", "Roll"]
    assert (
        client.get("/api/menu", headers={"Accept": "text/html", "If-None-Match": page.headers["ETag"]}).status_code
        == 304
    )


def test_people_are_told_what_is_asked(tmp_path: Path) -> None:
    more = """
[json.all]
path = "/api/all"
data = "menu"
filter = ["name", "price", "sold"]
sort = ["name", "price"]
fields = ["name", "price", "sold"]
params = { shop = ["north", "south"] }
"""
    client = client_of(site(tmp_path, more))
    query = "name__in=Rye,Roll&price__not=3.50&sold__empty=no&sort=-price&shop=north&page_size=1"
    page = client.get(f"/api/all?{query}", headers={"Accept": "text/html"}).text
    for words in ("name is one of Rye, Roll", "price is not 3.50", "sold is empty: no"):
        assert f"<li>{words} <a " in page
    assert 'aria-sort="descending"' in page
    assert '<input type="hidden" name="name__in" value="Rye,Roll">' in page
    assert '<input type="hidden" name="sort" value="-price">' in page
    assert '<option value="north" selected>north</option>' in page
    assert '<caption id="count">2 rows</caption>' in page
    assert 'rel="next"' in page
    assert "Nov 20, 2026, 6:00:00\N{NARROW NO-BREAK SPACE}PM" in page, "in the time zone of the site"
    page = client.get("/api/all?name=Rye&price=&shop=", headers={"Accept": "text/html"}).text
    assert '<caption id="count">1 row</caption>' in page


def test_a_variable_that_no_cell_can_be_finds_nothing(tmp_path: Path) -> None:
    more = """
[json.price]
path = "/api/price/<price>"
data = "menu"
where = { price = "<price>" }
[json.named]
path = "/api/named/<first>/<last>"
data = "menu"
where = { name = ["<first>", "<last>"] }
[json.joined]
path = "/api/joined/<first>/<last>"
data = "menu"
where = { name = "<first><last>" }
"""
    client = client_of(site(tmp_path, more.replace("<first><last>", "<first>l<last>")))
    assert names(client.get("/api/price/4.2")) == ["Rye"]
    assert names(client.get("/api/price/cheap")) == []
    assert names(client.get("/api/named/Rye/Bun")) == ["Rye"]
    assert names(client.get("/api/joined/Ro/l")) == ["Roll"]


def test_tokens_belong_to_the_address(tmp_path: Path) -> None:
    more = '[json.below]\npath = "/api/below/<name>"\ndata = "menu"\npage_size = 1\n'
    client = client_of(site(tmp_path, more))
    url = client.get("/api/below/a").get_json()["next"]["url"]
    assert names(client.get(url)) == ["Roll"]
    assert client.get(url.replace("/a?", "/b?")).status_code == 400


# --- what changes -----------------------------------------------------------------------------------------------------

GUESTBOOK = """
[data.guestbook]
form = "guestbook"
fields = ["name", "message"]
only = "approved"

[forms.guestbook]
path = "/guestbook"
keep = "forever"
approve = true
success = { message = "Thank you" }

[forms.guestbook.fields]
name = { label = "Name", type = "text" }
message = { label = "Words", type = "text" }

[json.guestbook]
path = "/api/guestbook"
data = "guestbook"
filter = ["name", "created"]
sort = "name"
fields = ["name"]
page_size = 2
"""


@pytest.fixture
def guestbook(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[App, Client]]:
    monkeypatch.setattr("declweb.compiler.data.PATIENCE", 0)
    app = site(tmp_path, GUESTBOOK)
    assert app.store is not None
    app.store.prepare()
    yield app, client_of(app)
    app.store.stop()


def test_entries_appear_once_they_are_approved(guestbook: tuple[App, Client]) -> None:
    app, client = guestbook
    assert app.store is not None
    assert names(client.get("/api/guestbook")) == []
    tag = client.get("/api/guestbook").headers["ETag"]
    for name in ("Ann", "Bo", "Cy"):
        put(app.store, "guestbook", {"name": name, "message": "x"}, status="approved")
    put(app.store, "guestbook", {"name": "Held", "message": "x"}, status="waiting")
    answer = client.get("/api/guestbook", headers={"If-None-Match": tag})
    assert names(answer) == ["Ann", "Bo"]
    put(app.store, "guestbook", {"name": "Di", "message": "x"}, status="approved")
    assert names(client.get(answer.get_json()["next"]["url"])) == ["Cy", "Di"]
    assert names(client.get("/api/guestbook?name=Bo&created__lt=2100-01-01T00:00Z")) == ["Bo"]
    assert client.get("/api/guestbook?message=x").status_code == 400


def test_rows_of_a_database(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    with closing(sqlite3.connect(tmp_path / "data/shop.db")) as database:
        database.execute("create table cakes (name text, price real, kind text)")
        rows = [("Rye", 4.2, "bread"), ("Roll", 0.6, "bread"), ("Sacher", 5, "cake")]
        database.executemany("insert into cakes values (?, ?, ?)", rows)
        database.commit()
    more = """
[data.cakes]
database = "data/shop.db"
sql = "select name, price from cakes where kind = :kind"
params = { kind = "text" }
columns = { name = "text", price = "number" }

[json.cakes]
path = "/api/cakes"
data = "cakes"
params = { kind = ["bread", "cake"] }
where = { kind = "<kind>", name = "<named>" }
filter = "price"
sort = "price"

[json.cakes.params]
kind = ["bread", "cake"]
named = "text"
""".replace('params = { kind = ["bread", "cake"] }\nwhere', "where")
    client = client_of(site(tmp_path, more))
    assert names(client.get("/api/cakes?kind=bread&sort=price")) == ["Roll", "Rye"]
    assert names(client.get("/api/cakes?kind=cake")) == ["Sacher"]
    assert names(client.get("/api/cakes?kind=bread&named=Rye&price__gt=1")) == ["Rye"]
    assert names(client.get("/api/cakes")) == []
    assert client.get("/api/cakes?kind=bred").get_json()["errors"][0]["suggestion"] == "bread"
    with closing(sqlite3.connect(tmp_path / "data/shop.db")) as database:
        database.execute("insert into cakes values ('Bun', 1, 'bread')")
        database.commit()
    assert names(client.get("/api/cakes?kind=bread&sort=price")) == ["Roll", "Bun", "Rye"]
