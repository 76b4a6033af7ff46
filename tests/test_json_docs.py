"""docs/json.md: its blocks are one site, and it answers what the page says."""

import re
from pathlib import Path

import pytest
from cases import Exchange, accepted, ask, differences, running, strict_client, write

from declweb.app import App
from declweb.data.selecting import OPERATORS

TEXT = (Path(__file__).parents[1] / "docs/json.md").read_text(encoding="utf-8")
MENU = (
    "slug,name,category,price,vegan\nrye,Rye bread,bread,4.20,yes\nsacher,Sacher,cake,5.00,no\n"
    "cheese,Cheesecake,cake,4.50,no\ntea,Tea,drinks,2.50,yes\nmilk,Milk,drinks,2.50,no\n"
)


def blocks(kind: str) -> list[str]:
    return re.findall(rf"^```{kind}\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)


@pytest.fixture
def app(tmp_path: Path) -> App:
    files = {"site.toml": "\n".join(blocks("toml")), "hooks.py": blocks("python hooks.py")[0], "data/menu.csv": MENU}
    return running(write(tmp_path, files))


def exchanges() -> list[Exchange]:
    requests = "\n".join(blocks("requests"))
    return list(accepted(f'```toml\n[site]\nname = "Docs"\n```\n```requests\n{requests}```\n').exchanges)


@pytest.mark.parametrize("exchange", exchanges(), ids=lambda each: f"{each.method} {each.url}")
def test_it_answers_so(exchange: Exchange, app: App) -> None:
    response = ask(strict_client(app), exchange)
    assert not differences(exchange, response, app), response.get_data(as_text=True)


def test_every_operator_stands_there() -> None:
    for operator in frozenset().union(*OPERATORS.values()) - {"eq"}:
        assert f"__{operator}" in TEXT, operator


def test_pages_go_on_where_the_address_leads(app: App) -> None:
    client = strict_client(app)
    url, names = "/api/menu", []
    while url:
        with client.get(url) as answer:
            told = answer.get_json()
        names += [row["name"] for row in told["items"]]
        url = told["next"] and told["next"]["url"]
    assert names == ["Rye bread", "Sacher", "Cheesecake", "Tea", "Milk"]
