"""Pages of what is in a database at the moment."""

import logging
import sqlite3
from pathlib import Path

import psycopg
import pytest
from cases import running, strict_client, write
from postgresql import fresh_database, postgresql
from werkzeug.test import Client, TestResponse

from declweb.loading import load_site
from declweb.problems import draw_text

SITE = """
[site]
name = "Cakes"

[data.cakes]
database = "data/shop.db"
sql = "select name, price from cakes"

[data.kinds]
database = "data/shop.db"
sql = "select name, price from cakes where kind = :kind and price <= :most"
params = { kind = "text", most = "number" }

[routes.cakes]
path = "/"
template = "cakes.html"

[routes.kind]
path = "/kinds/<kind>/<most>"
template = "kind.html"
items = { data = "kinds", where = { kind = "<kind>", most = "<most>" }, order = "-price" }

[routes.cake]
path = "/cakes/<name>"
text = "{{ item.name }}: {{ item.price }}"
item = { data = "cakes", where = { name = "<name>" } }
"""


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """The folder of a site with a database."""
    (tmp_path / "data").mkdir()
    _write(tmp_path, "create table cakes (name text, price real, kind text)")
    _write(tmp_path, "insert into cakes values ('Sacher', 4.2, 'cake'), ('Mohn', 3.5, 'cake'), ('Linzer', 3, 'tart')")
    return write(
        tmp_path,
        {
            "site.toml": SITE,
            "templates/cakes.html": "{% for cake in data.cakes %}{{ cake.name }} {{ cake.price }};{% endfor %}",
            "templates/kind.html": "{% for cake in items %}{{ cake.name }};{% endfor %}",
        },
    )


def _write(folder: Path, sql: str) -> None:
    connection = sqlite3.connect(folder / "data" / "shop.db")
    connection.execute(sql)
    connection.commit()
    connection.close()


def _get(client: Client, address: str) -> TestResponse:
    return client.get(address, buffered=True)


def test_pages_show_what_is_there_at_the_moment(shop: Path) -> None:
    client = strict_client(running(shop))
    assert _get(client, "/").text == "Sacher 4.2;Mohn 3.5;Linzer 3;"
    assert _get(client, "/").text == "Sacher 4.2;Mohn 3.5;Linzer 3;"
    assert _get(client, "/cakes/Mohn").text == "Mohn: 3.5"
    _write(shop, "update cakes set price = 9 where name = 'Mohn'")
    assert _get(client, "/").text == "Sacher 4.2;Mohn 9;Linzer 3;"
    assert _get(client, "/cakes/Mohn").text == "Mohn: 9"
    assert _get(client, "/cakes/Esterházy").status_code == 404


def test_what_stands_in_an_address_stays_a_value(shop: Path) -> None:
    client = strict_client(running(shop))
    assert _get(client, "/kinds/cake/10").text == "Sacher;Mohn;"
    assert _get(client, "/kinds/cake/4").text == "Mohn;"
    for address in ("/kinds/x'%20or%201=1%20--/10", "/kinds/cake';drop%20table%20cakes--/10", "/kinds/cake/many"):
        assert _get(client, address).status_code == 404
    assert _get(client, "/kinds/tart/3").text == "Linzer;"


def test_a_database_that_is_away_is_an_error_that_passes(shop: Path, caplog: pytest.LogCaptureFixture) -> None:
    client = strict_client(running(shop))
    assert _get(client, "/kinds/tart/3").text == "Linzer;"
    (shop / "data").rename(shop / "elsewhere")
    with caplog.at_level(logging.ERROR, "declweb.data"):
        answer = _get(client, "/")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "30")
    assert "data.cakes cannot be read: there is no file `data/shop.db` in the site folder" in caplog.text
    assert _get(client, "/kinds/tart/3").status_code == 503
    (shop / "elsewhere").rename(shop / "data")
    assert _get(client, "/").text == "Sacher 4.2;Mohn 3.5;Linzer 3;"
    assert _get(client, "/kinds/tart/3").text == "Linzer;"


def test_a_column_that_goes_is_an_error_that_passes(shop: Path) -> None:
    client = strict_client(running(shop))
    _write(shop, "alter table cakes rename column price to cost")
    assert _get(client, "/").status_code == 503
    _write(shop, "alter table cakes rename column cost to price")
    assert _get(client, "/").text == "Sacher 4.2;Mohn 3.5;Linzer 3;"


JSON = """
[json.kinds]
path = "/api/kinds/<kind>"
data = "kinds"
where = { kind = "<kind>", most = "<most>" }
params = { most = { type = "number", default = 100 } }
sort = ["price"]
page_size = 1
"""


def test_programs_are_given_rows_page_by_page(shop: Path) -> None:
    write(shop, {"site.toml": SITE + JSON})
    client = strict_client(running(shop))
    first = _get(client, "/api/kinds/cake?sort=price").json
    assert first is not None
    assert first["items"] == [{"name": "Mohn", "price": 3.5}]
    second = _get(client, first["next"]["url"]).json
    assert second == {"items": [{"name": "Sacher", "price": 4.2}], "next": None}
    _write(shop, "insert into cakes values ('Punsch', 3.7, 'cake')")
    found = _get(client, first["next"]["url"]).json
    assert found is not None
    assert found["items"] == [{"name": "Punsch", "price": 3.7}]
    assert _get(client, "/api/kinds/x'%20or%201=1%20--").json == {"items": [], "next": None}


def test_programs_are_told_of_wrong_parameters(shop: Path) -> None:
    write(shop, {"site.toml": SITE + JSON})
    client = strict_client(running(shop))
    assert _get(client, "/api/kinds/cake?most=many").status_code == 400
    assert _get(client, "/api/kinds/cake?most=4").status_code == 200
    assert _get(client, "/api/kinds/cake?kind=tart").status_code == 400


def test_a_value_that_no_query_can_have_is_named(shop: Path) -> None:
    search = """
[data.search]
database = "data/shop.db"
sql = "select name from cakes where name like '%' || :word || '%'"
params = { word = "text" }
[json.search]
path = "/api/search"
data = "search"
where = { word = "<word>" }
params = { word = "text" }
[json.found]
path = "/api/found/<word>"
data = "search"
where = { word = "<word>" }
[routes.search]
path = "/search/<word>"
text = "{% for row in items %}{{ row.name }}{% endfor %}"
items = { data = "search", where = { word = "<word>" } }
"""
    write(shop, {"site.toml": SITE + search})
    client = strict_client(running(shop))
    assert _get(client, "/api/search?word=ach").json == {"items": [{"name": "Sacher"}], "next": None}
    answer = _get(client, f"/api/search?word={'a' * 300}")
    assert (answer.status_code, answer.mimetype) == (400, "application/problem+json")
    assert f"`{'a' * 60}` is none of the values of `word`" in answer.text
    assert _get(client, f"/api/found/{'a' * 300}").status_code == 404
    assert _get(client, f"/search/{'a' * 300}").status_code == 404
    assert _get(client, "/search/Lin").text == "Linzer"


def test_a_server_is_asked_and_may_be_away(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    text = """
[site]
name = "Cakes"
[data.cakes]
database = "${SHOP}"
sql = "select name, price from cakes where kind = :kind"
params = { kind = "text" }
columns = { name = "text", price = "number" }
[routes.kind]
path = "/<kind>"
text = "{% for cake in items %}{{ cake.name }} {{ cake.price }};{% endfor %}"
items = { data = "cakes", where = { kind = "<kind>" } }
"""
    write(tmp_path, {"site.toml": text})
    with postgresql() as server:
        url = fresh_database(server, "shop").replace("postgres@", "postgres:hidden@")
        with psycopg.connect(url) as connection:
            connection.execute("create table cakes (name text, price numeric(8, 2), kind text)")
            connection.execute("insert into cakes values ('Sacher', 4.20, 'cake'), ('Linzer', 3, 'tart')")
        client = strict_client(running(tmp_path, SHOP=url))
        assert _get(client, "/cake").text == "Sacher 4.20;"
        assert _get(client, "/x'%20or%201=1%20--").status_code == 404
        assert _get(client, "/tart").text == "Linzer 3.00;"
    with caplog.at_level(logging.ERROR, "declweb.data"):
        assert _get(client, "/cake").status_code == 503
    loaded = load_site(tmp_path, None, {"SHOP": url})
    assert [problem.code for problem in loaded.problems] == ["unreachable-database"]
    assert "hidden" not in caplog.text + "".join(map(draw_text, [loaded.problems]))
