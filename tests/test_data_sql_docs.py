"""docs/data-sql.md: its site loads, and says what the limits are."""

import re
import sqlite3
from pathlib import Path

from cases import running, strict_client, write

from declweb.data.asking import MOST
from declweb.data.sql_cells import MOST_CHARACTERS
from declweb.data.sqlite import LIMITS, MOST_COSTLY
from declweb.model.data import Data

TEXT = (Path(__file__).parents[1] / "docs" / "data-sql.md").read_text(encoding="utf-8")


def test_the_site_of_the_page_works(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    with sqlite3.connect(tmp_path / "data" / "shop.db") as connection:
        connection.execute("create table cakes (name text, price real, kind text, baked text)")
        connection.execute(
            "insert into cakes values ('Sacher', 4.5, 'cake', '2026-01-02'), ('Linzer', 3, 'tart', null)"
        )
    connection.close()
    (site,) = re.findall(r"```toml\n(.*?)```", TEXT, re.DOTALL)
    client = strict_client(running(write(tmp_path, {"site.toml": site})))
    answer = client.get("/cakes/cake", buffered=True)
    assert "<p>Sacher: 4.5</p>" in answer.text
    assert client.get("/cakes/none", buffered=True).status_code == 404


def test_the_limits_are_those_of_the_page() -> None:
    said = f"{LIMITS[sqlite3.SQLITE_LIMIT_LENGTH]:,} characters each, {MOST_CHARACTERS // 1_000_000} million in all"
    assert said in TEXT
    assert f"`glob` {LIMITS[sqlite3.SQLITE_LIMIT_LIKE_PATTERN_LENGTH]};" in TEXT
    assert f"`json_patch` {MOST_COSTLY} times" in TEXT
    assert f"{MOST} queries of each dataset" in TEXT
    fields = Data.model_fields
    assert f"`time_limit`, {fields['time_limit'].default} seconds" in TEXT
    assert f"`max_rows`, {fields['max_rows'].default:,};" in TEXT
