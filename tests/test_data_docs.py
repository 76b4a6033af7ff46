"""docs/data.md: what it quotes is what runs, and what it says of limits is so."""

import re
from pathlib import Path

from declweb.compiler.data import LATER
from declweb.compiler.data_rehearsal import MOST_ROWS
from declweb.compiler.kept_pages import MOST_PAGES
from declweb.data.selecting import OPERATORS
from declweb.data.views import PAGES_OF_ITEMS
from declweb.http.library import BUDGET
from declweb.loading import check_site
from declweb.model.data import ENDINGS, TYPES
from declweb.problems import draw_text

ROOT = Path(__file__).parents[1]
TEXT = (ROOT / "docs" / "data.md").read_text(encoding="utf-8")
EXAMPLE = ROOT / "examples" / "price-list"


def test_the_tables_of_the_page_are_those_of_the_example_and_of_the_bakery() -> None:
    written = (EXAMPLE / "site.toml").read_text(encoding="utf-8")
    bakery = re.sub(r" +# .*", "", (ROOT / "sites" / "bakery" / "site.toml").read_text(encoding="utf-8"))
    for block in re.findall(r"```toml\n(.*?)```", TEXT, re.DOTALL):
        assert block.strip() in written or block.strip() in bakery


def test_the_problem_of_the_page_is_what_is_said(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "templates").mkdir()
    for file in ("site.toml", "templates/list.html", "templates/item.html"):
        (tmp_path / file).write_bytes((EXAMPLE / file).read_bytes())
    sheet = (EXAMPLE / "data" / "preise.csv").read_text(encoding="utf-8")
    (tmp_path / "data" / "preise.csv").write_text(sheet.replace("32,00", "32.00"), encoding="utf-8")
    said = draw_text(check_site(tmp_path, {})).replace(f"{tmp_path}/", "")
    (block,) = re.findall(r"```text\n(.*?)```", TEXT, re.DOTALL)
    assert said.strip() == block.strip()


def test_everything_is_named_and_every_limit_is_right() -> None:
    for word in (*ENDINGS, *PAGES_OF_ITEMS, *(each for each in TYPES if each not in {"url", "email"})):
        assert word in TEXT, word
    for each in set().union(*OPERATORS.values()) - {"eq"}:
        assert f"__{each}" in TEXT, each
    assert f"{BUDGET // 2**20} MB in each process" in TEXT
    assert f"of one list {MOST_PAGES} pages" in TEXT
    assert f"up to {MOST_ROWS:,}" in TEXT
    assert f"Retry-After: {LATER}" in TEXT
