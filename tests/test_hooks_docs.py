"""docs/hooks.md: its blocks are one site that loads, and does what the page says."""

import re
from pathlib import Path

import pytest
import tomli
import tomli_w
from cases import Exchange, ask, running, strict_client, write
from click.testing import CliRunner

from declweb.cli import main
from declweb.loading import check_site
from declweb.problems import CODES

TEXT = (Path(__file__).parents[1] / "docs/hooks.md").read_text(encoding="utf-8")


def blocks(kind: str) -> list[str]:
    return re.findall(rf"^```{kind}\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)


def merged(into: dict[str, object], other: dict[str, object]) -> dict[str, object]:
    for key, value in other.items():
        known = into.setdefault(key, value)
        if known is not value:
            assert isinstance(known, dict)
            assert isinstance(value, dict)
            merged(known, value)
    return into


@pytest.fixture
def site(tmp_path: Path) -> Path:
    tables: dict[str, object] = {"site": {"name": "Docs"}}
    for block in blocks("toml"):
        merged(tables, tomli.loads(block))
    return write(tmp_path, {"site.toml": tomli_w.dumps(tables), "hooks.py": "\n\n".join(blocks("python"))})


def test_the_blocks_are_a_site(site: Path) -> None:
    assert check_site(site, {}) == ()


def test_what_the_blocks_declare_is_so(site: Path) -> None:
    text = (site / "site.toml").read_text()
    declared = tomli.loads(text)
    declared = {name: table for name, table in declared.items() if name != "json"}
    declared["routes"] = {name: table for name, table in declared["routes"].items() if "text" in table}
    declared["hooks"] = {name: value for name, value in declared["hooks"].items() if "request" not in name}
    declared["hooks"].pop("errors")
    (site / "site.toml").write_text(tomli_w.dumps(declared))
    client = strict_client(running(site))
    prices = ask(client, Exchange("GET", "/prices"))
    assert prices.get_data(as_text=True) == "Bread, Cake: 3.00 EUR, 3, closed"
    assert prices.headers["X-Served-By"] == "declweb"
    assert ask(client, Exchange("GET", "/books/0000000000042")).data.decode() == "Book 42"
    assert "language=de" in ask(client, Exchange("GET", "/in/de")).headers["Set-Cookie"]
    origin = [("Sec-Fetch-Site", "same-origin")]
    order = Exchange("POST", "/order", origin, fields=[("name", "Ann"), ("pieces", "3")])
    assert ask(client, order).status_code == 303


def test_the_problem_is_drawn_like_that(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (drawn,) = blocks("text")
    monkeypatch.chdir(tmp_path)
    text = '[site]\nname = "Docs"\n\n[hooks]\nmodule = "hooks"\n' + "\n" * 10
    text += '[routes.product]\npath = "/products/<nmae>"\nhandler = "product"\n'
    write(Path(), {"site.toml": text, "hooks.py": "\n" * 12 + "def product(name):\n    return name\n"})
    result = CliRunner().invoke(main, ["check"])
    assert result.output.startswith(drawn)


def test_every_problem_of_the_table_is_one() -> None:
    table = TEXT.partition("| problem |")[2].partition("\n\n")[0]
    told = set(re.findall(r"`([a-z]+-[a-z]+)`", table))
    assert len(told) == 6
    assert told <= set(CODES)
