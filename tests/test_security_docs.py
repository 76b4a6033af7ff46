"""docs/security.md says what is so."""

import re
from pathlib import Path

import pytest
from cases import running, write
from werkzeug.test import Client
from werkzeug.wrappers import Response

TEXT = (Path(__file__).parents[1] / "docs/security.md").read_text(encoding="utf-8")
SITE = '[site]\nname = "Docs"\n[routes.home]\npath = "/"\ntext = "Home"\n'


def _headers(folder: Path, more: str = "") -> dict[str, str]:
    client = Client(running(write(folder, {"site.toml": SITE + more})), Response)
    return dict(client.get("/", base_url="https://blackbird.example").headers)


def test_the_table_of_the_preset_is_the_preset(tmp_path: Path) -> None:
    told = dict(re.findall(r"^\| ([A-Z][\w-]+) \| `([^`]+)`", TEXT, re.MULTILINE))
    sent = _headers(tmp_path)
    assert told
    assert {name: sent.get(name) for name in told} == told
    own = {"Content-Type", "Content-Length", "Cache-Control", "ETag", "Vary"}
    assert sent.keys() - own == told.keys()


@pytest.mark.parametrize("block", re.findall(r"^```toml\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL))
def test_blocks_load_and_do_as_their_comments_say(block: str, tmp_path: Path) -> None:
    policy = _headers(tmp_path, block)["Content-Security-Policy"]
    for directive, sources in re.findall(r"^([\w-]+) = .*# (.+)$", block, re.MULTILINE):
        assert f"{directive} {sources}" in policy.split("; ")
