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


def test_what_the_blocks_declare_is_so(site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    client = strict_client(running(site))

    def asked(exchange: Exchange) -> tuple[int, str]:
        answer = ask(client, exchange)
        assert answer.headers["X-Served-By"] == "declweb"
        assert answer.headers["X-Bakery"] == "open"
        return answer.status_code, answer.get_data(as_text=True)

    assert asked(Exchange("GET", "/prices")) == (200, "Bread, Cake: 3.00 EUR, 3, closed")
    assert asked(Exchange("GET", "/books/0000000000042")) == (200, "Book 42")
    assert (
        asked(Exchange("GET", "/products/cake")) == asked(Exchange("POST", "/products/cake")) == (200, "<h1>cake</h1>")
    )
    assert asked(Exchange("GET", "/basket")) == (200, "<h1>Your basket</h1>")
    assert asked(Exchange("POST", "/basket")) == (201, "Added")
    assert asked(Exchange("PUT", "/basket"))[0] == 405
    assert asked(Exchange("GET", "/api/stock")) == (200, '{"bread":3}\n')
    assert asked(Exchange("GET", "/admin/books")) == (403, "Staff only")
    assert asked(Exchange("GET", "/nothing")) == (404, "Nothing here")
    assert "language=de" in ask(client, Exchange("GET", "/in/de")).headers["Set-Cookie"]
    origin = [("Sec-Fetch-Site", "same-origin")]
    order = Exchange("POST", "/order", origin, fields=[("name", "Ann"), ("pieces", "3")])
    assert asked(order)[0] == 303
    assert capsys.readouterr().out.endswith(" 6\n")
    assert asked(Exchange("POST", "/order", origin, fields=[("name", "Ann"), ("pieces", "300")]))[0] == 422


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
    assert len(told) == 7
    assert told <= set(CODES)
