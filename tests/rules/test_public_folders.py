"""What `check` tells of folders that hold more secrets than it tells of."""

from pathlib import Path

from cases import write

from declweb.loading import check_site

SITE = '[site]\nname = "Secrets"\n'


def test_what_anybody_can_read_is_told_before_what_nobody_is_sent(tmp_path: Path) -> None:
    hidden = {f"static/.env.{number}": "A=b" for number in range(30)}
    write(tmp_path, {"site.toml": SITE, **hidden, "static/dump.sql": "x", "static/z/id_rsa": "x"})
    told = [problem.message for problem in check_site(tmp_path / "site.toml", {})]
    assert len(told) == 26
    assert sum("can be read by anybody, at" in message for message in told) == 2
    assert told[0] == "7 more files here look as if nobody should read them, and none of them can be read by anybody"


def test_all_that_anybody_can_read_is_counted(tmp_path: Path) -> None:
    write(tmp_path, {"site.toml": SITE, **{f"static/{number}.sql": "x" for number in range(26)}})
    told = check_site(tmp_path / "site.toml", {})
    assert told[0].message == "1 more file here looks as if nobody should read it, and anybody can"
    assert len(told) == 26


def test_what_windows_leaves_behind_is_no_database(tmp_path: Path) -> None:
    write(tmp_path, {"site.toml": SITE, "static/Thumbs.db": "x", "static/thumbs.db.bak": "x", "static/site.db": "x"})
    told = [problem.message for problem in check_site(tmp_path / "site.toml", {})]
    assert [message.partition(",")[0] for message in told] == [
        "`site.db` looks like a database",
        "`thumbs.db.bak` looks like a copy that was left behind",
    ]


def test_what_is_blocked_in_many_pages_of_a_folder_is_counted(tmp_path: Path) -> None:
    pages = {f"static/{number}.html": "<script>go()</script>" * 2 for number in range(20)}
    write(tmp_path, {"site.toml": SITE, **pages})
    told = [p for p in check_site(tmp_path / "site.toml", {}) if p.code == "blocked-by-policy"]
    assert len(told) == 25
    assert told[0].message == "8 more pages here have something that the site's policy blocks"
