"""What `check` tells of folders that hold more secrets than it tells of."""

from pathlib import Path

from cases import write

from declweb.loading import check_site

SITE = '[site]\nname = "Secrets"\n'


def test_what_anybody_can_read_is_told_before_what_nobody_is_sent(tmp_path: Path) -> None:
    hidden = {f"static/.env.{number}": "A=b" for number in range(30)}
    write(tmp_path, {"site.toml": SITE, **hidden, "static/dump.sql": "x", "static/z/id_rsa": "x"})
    told = [problem.message for problem in check_site(tmp_path / "site.toml", {})]
    assert len(told) == 25
    assert sum("can be read by anybody" in message for message in told) == 2
