"""Pages made of data: kept until it changes, and what becomes of them on a bad day."""

import sqlite3
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from cases import write
from werkzeug.test import Client

from declweb import load
from declweb.compiler import data as compiled
from declweb.loading import check_site
from declweb.serving.reload import Live
from declweb.storage.entry import Status

SITE = '''
[site]
name = "Bakery"
[data.menu]
file = "data/menu.csv"
columns = { slug = "text", name = "text", price = "number" }
[data.book]
form = "book"
fields = ["name", "message", "people", "when", "news", "kinds"]
only = "approved"
[routes.list]
path = "/list"
html = "{% for row in items %}{{ row.slug }} {% endfor %}{{ items.page }}"
items = { data = "menu", page_size = 1 }
[routes.product]
path = "/products/<slug>"
html = "{{ item.name }} {{ item.price }}"
item = { data = "menu", where = { slug = "<slug>" } }
[routes.book]
path = "/book/"
html = "{% for row in data.book|sort_by('-created') %}{{ row.name }}:{{ row.message }};{% endfor %}"
[routes.name]
path = "/book/<name>"
html = """
{{- items|length }}{% for row in items %} {{ row.people }} {{ row.when }} {{ row.news }} {{ row.kinds }}{% endfor %}"""
items = { data = "book", where = { name = "<name>" } }
[forms.book]
path = "/write"
keep = "forever"
approve = true
success = { message = "Thank you" }
[forms.book.fields]
name = { label = "Name", type = "text", required = true }
message = { label = "Words", type = "textarea", required = true }
people = { label = "People", type = "integer" }
when = { label = "When", type = "date" }
news = { label = "News", type = "checkbox" }
kinds = { label = "Kinds", type = "checkboxes", choices = ["bread", "cake"] }
'''
MENU = "slug,name,price\nrye,Rye loaf,4.20\ntea,Tea,\n"
Make = Callable[..., Live]


@pytest.fixture
def make(tmp_path: Path) -> Make:
    """Return what makes a site in a folder."""

    def made(site: str = SITE, menu: str = MENU, *, reload: bool = False) -> Live:
        (tmp_path / "data").mkdir(exist_ok=True)
        (tmp_path / "data" / "menu.csv").write_text(menu, encoding="utf-8")
        (tmp_path / "site.toml").write_text(site, encoding="utf-8")
        return load(tmp_path, reload=reload)

    return made


def test_pages_of_rows_are_kept_and_then_a_look_up(make: Make) -> None:
    live = make()
    client = live.test_client()
    assert not live.app.files
    first = client.get("/products/rye")
    assert first.text == "Rye loaf 4.20"
    assert set(live.app.files) == {"/products/rye"}
    again = client.get("/products/rye", headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304
    assert client.get("/products/none").status_code == 404
    assert client.get("/products/none%20").status_code == 404
    assert set(live.app.files) == {"/products/rye"}
    assert client.head("/products/rye").headers["Content-Length"] == "13"


def test_every_page_of_a_list_is_kept_by_its_number(make: Make) -> None:
    live = make()
    client = live.test_client()
    for _ in range(2):
        assert client.get("/list?page=2").text == "tea 2"
        assert client.get("/list").text == "rye 1"
        assert client.get("/list?page=1").text == "rye 1"
        assert client.get("/list?page=02").status_code == 404
        assert client.get("/list?page=2&page=1").text == "tea 2"
    kept = live.app.files["/list"]
    assert kept.now("page=2", {}) is not None
    assert kept.now("", {}) is not None
    assert kept.now("page=1&a=b", {}) is None


def test_pages_take_no_more_memory_than_the_library_has(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = "".join(f"item-{number},Item {number},1\n" for number in range(200))
    live = make(menu=f"slug,name,price\n{lines}")
    library = live.app.files
    monkeypatch.setattr(live.app.forget.__self__, "_budget", 400_000)  # type: ignore[attr-defined] # it is the library's
    client = live.test_client()
    for number in range(200):
        assert client.get(f"/products/item-{number}").status_code == 200
    assert 10 < len(library) < 50
    assert "/products/item-199" in library
    assert client.get("/products/item-0").text == "Item 0 1"


def test_a_changed_file_makes_new_pages_and_a_broken_one_leaves_them(
    make: Make, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    live = make(reload=True)
    client = live.test_client()
    assert client.get("/products/rye").text == "Rye loaf 4.20"
    try:
        _replace(tmp_path / "data" / "menu.csv", MENU.replace("4.20", "4.40"))
        _until(lambda: client.get("/products/rye").text == "Rye loaf 4.40")
        _replace(tmp_path / "data" / "menu.csv", MENU.replace("4.20", "4,50 or so"))
        _until(lambda: "this row has 4 cells" in caplog.text)
        assert client.get("/products/rye").text == "Rye loaf 4.40"
    finally:
        live.stop()


def test_the_sitemap_lists_the_page_of_each_row(make: Make, tmp_path: Path) -> None:
    (tmp_path / "pages").mkdir()
    (tmp_path / "pages" / "about.md").write_text("# About us", encoding="utf-8")
    site = SITE.replace('name = "Bakery"', 'name = "Bakery"\nurl = "https://bakery.example"').replace(
        "<slug>", "<slug:slug>"
    )
    site += "[converters]\nslug = { pattern = '[a-z]+' }\n[[protect]]\npath = '/products/gin'\nallow = 'anna'\n"
    site += "[users.anna]\npassword = ''\n"
    site = site.replace('slug = "<slug:slug>"', 'slug = "<slug>"').replace("[data.menu]", "[redirects]\n[data.menu]")
    live = make(site, MENU + "gin,Gin,1\nUpper,Not at this address,1\n")
    found = live.test_client().get("/sitemap.xml").text
    assert [word in found for word in ("/products/rye<", "/products/tea<", "/products/gin<", "Upper")] == [
        True, True, False, False
    ]  # fmt: skip


def _replace(path: Path, text: str) -> None:
    time.sleep(0.02)
    path.write_text(text, encoding="utf-8")


def _until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.05)


ENTRY = {"name": "Ann", "message": "<b>Hello</b>", "people": "3", "when": "2026-12-24", "news": "on", "kinds": "cake"}


def _write(client: Client, **other: str) -> str:
    answer = client.post("/write", data={**ENTRY, **other})
    assert answer.status_code == 303
    return answer.headers["Location"]


def test_what_visitors_wrote_is_shown_once_it_is_approved(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compiled, "PATIENCE", 0.0)
    live = make()
    client, store = live.test_client(), live.app.store
    assert store is not None
    assert client.get("/book/").text == ""
    _write(client)
    assert client.get("/book/").text == ""
    entry = next(store.entries("book"))
    assert entry.status == Status.TO_APPROVE
    store.approve_all([entry.receipt], "anna")
    for _ in range(3):
        assert client.get("/book/").text == "Ann:&lt;b&gt;Hello&lt;/b&gt;;"
        assert client.get("/book/Ann").text == "1 3 2026-12-24 True cake"
    assert "/book/" in live.app.files
    assert client.get("/book/Ben").status_code == 404
    _write(client, name="Ben", message="Hi")
    other = next(entry for entry in store.entries("book") if entry.values["name"] == "Ben")
    store.approve_all([other.receipt], "anna")
    assert client.get("/book/").text == "Ben:Hi;Ann:&lt;b&gt;Hello&lt;/b&gt;;"


def test_a_written_page_and_a_form_that_show_entries_are_kept_until_those_change(
    make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compiled, "PATIENCE", 0.0)
    for folder in ("pages", "templates"):
        (tmp_path / folder).mkdir()
    listed = "{% for row in data.book %}<p>{{ row.name }}</p>{% endfor %}"
    (tmp_path / "pages" / "words.md").write_text("+++\ntemplate = 'words.html'\n+++\n# Words", encoding="utf-8")
    (tmp_path / "templates" / "words.html").write_text(f"{{{{ page.title }}}}{listed}", encoding="utf-8")
    (tmp_path / "templates" / "write.html").write_text(f"{{{{ form }}}}{listed}", encoding="utf-8")
    live = make(SITE.replace('path = "/write"', 'path = "/write"\ntemplate = "write.html"'))
    client, store = live.test_client(), live.app.store
    assert store is not None
    for address in ("/words", "/write"):
        assert "<p>Ann</p>" not in client.get(address).text
        kept = live.app.files[address]
        assert client.get(address).status_code == 200
        assert live.app.files[address] is kept
    _write(client)
    store.approve_all([next(store.entries("book")).receipt], "anna")
    for address in ("/words", "/write"):
        assert "<p>Ann</p>" in live.test_client().get(address).text


def test_a_change_is_seen_within_a_second(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    now = [1000.0]
    monkeypatch.setattr(compiled, "monotonic", lambda: now[0])
    live = make()
    client, store = live.test_client(), live.app.store
    assert store is not None
    _write(client)
    assert client.get("/book/").text == ""
    store.approve_all([next(store.entries("book")).receipt], "anna")
    now[0] += 1
    assert client.get("/book/").text != ""


def test_a_store_that_is_down_keeps_what_was_read_and_else_answers_503(make: Make, tmp_path: Path) -> None:
    live = make()
    client, store = live.test_client(), live.app.store
    assert store is not None
    _write(client)
    store.approve_all([next(store.entries("book")).receipt], "anna")
    assert "Ann" in client.get("/book/").text
    path = tmp_path / "storage" / "site.db"
    with sqlite3.connect(path) as connection:
        connection.execute("ALTER TABLE generations RENAME TO gone")
        connection.execute("ALTER TABLE entries RENAME TO gone_too")
    connection.close()
    assert "Ann" in client.get("/book/").text
    answer = make().test_client().get("/book/")
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "30"


def test_templates_of_entries_are_tried_out_with_entries_and_without(make: Make, tmp_path: Path) -> None:
    make()
    text = (tmp_path / "site.toml").read_text(encoding="utf-8")
    (tmp_path / "site.toml").write_text(
        text.replace("{{ row.name }}:", "{{ row.nmae }}:").replace("{{ items|length }}", "{{ (items|first).name }}"),
        encoding="utf-8",
    )
    said = [(problem.code, problem.message) for problem in check_site(tmp_path, {})]
    assert ("unknown-name", "row has no `nmae`") in said


def test_an_item_is_tried_out_with_each_row_and_with_one_that_has_few_cells(make: Make, tmp_path: Path) -> None:
    make()
    text = (tmp_path / "site.toml").read_text(encoding="utf-8")
    for html, menu in (
        ("{{ 10 / item.price }}", MENU),
        ("{{ 10 / item.price }}", MENU.replace("tea,Tea,\n", "")),
        ("{{ 10 / item.price }}", MENU.replace("4.20", "0").replace("tea,Tea,\n", "")),
    ):
        (tmp_path / "site.toml").write_text(text.replace("{{ item.name }} {{ item.price }}", html), encoding="utf-8")
        (tmp_path / "data" / "menu.csv").write_text(menu, encoding="utf-8")
        assert "failing-template" in {problem.code for problem in check_site(tmp_path, {})}


@pytest.mark.parametrize("where", ["", ', where = { name = "<word>" }'])
def test_a_list_is_tried_out_with_its_later_pages(tmp_path: Path, where: str) -> None:
    (tmp_path / "a.csv").write_text("name,price\na,1\nb,\n", "utf-8")
    path = "/<word>" if where else "/"
    (tmp_path / "site.toml").write_text(
        '[site]\nname = "A"\n[data.a]\nfile = "a.csv"\ncolumns = { name = "text", price = "number" }\n'
        f'[routes.a]\npath = "{path}"\nhtml = "{{{{ items[0].price * 2 }}}}"\n'
        f'items = {{ data = "a", page_size = 1{where} }}\n',
        "utf-8",
    )
    assert [problem.code for problem in check_site(tmp_path, {})] == ["failing-template"]


PRICES = """
[site]
name = "Bakery"
[data.prices]
file = "prices.csv"
columns = { name = "text", price = { heading = "%s", type = "number" } }
[routes.list]
path = "/"
html = "{%% for row in data.prices %%}{{ row.%s }}{%% endfor %%}"
"""


def test_a_heading_that_is_not_there_is_shown_where_it_is_written(tmp_path: Path) -> None:
    files = {"site.toml": PRICES % ("Prise", "price"), "prices.csv": "name,Price\nRye,4.20\n"}
    (problem,) = check_site(write(tmp_path, files), {})
    assert (Path(problem.place.file).name, problem.place.line, problem.help) == (
        "prices.csv",
        1,
        "did you mean `Price`?",
    )
    (also,) = problem.also
    assert also.place.text is not None
    assert also.place.text[(also.place.column or 0) - 1 :].startswith('"Prise"')

    files = {"site.toml": PRICES.replace('heading = "%s", ', "") % "price", "prices.csv": "name,cost\nRye,4.20\n"}
    (problem,) = check_site(write(tmp_path, files), {})
    (also,) = problem.also
    assert also.place.text is not None
    assert also.place.text[(also.place.column or 0) - 1 :].startswith("price")


@pytest.mark.parametrize(("column", "told"), [("prize", "did you mean `price`?"), ("colour", "it has name, price")])
def test_a_column_that_rows_have_not_is_told_with_those_they_have(tmp_path: Path, column: str, told: str) -> None:
    files = {"site.toml": PRICES % ("Price", column), "prices.csv": "name,Price\nRye,4.20\n"}
    (problem,) = check_site(write(tmp_path, files), {})
    assert (problem.message, problem.help) == (f"row has no `{column}`", told)
