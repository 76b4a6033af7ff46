"""What is secret in a line is not shown, wherever a problem is drawn."""

from pathlib import Path

import pytest
from cases import write

from declweb.discretion import masked, without
from declweb.loading import check_site
from declweb.problems import draw_text
from declweb.problems_html import draw_page


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ('server = "smtp://anna:hunter2@host:587"', 'server = "smtp://anna:•••••••@host:587"'),
        ('server = "smtp://:hunter2@host', 'server = "smtp://:•••••••@host'),
        ('database = "postgresql://a:b/c@h/d"', 'database = "postgresql://a:b/c@h/d"'),
        ('password = "hunter2"  # mine', 'password = "•••••••"  # mine'),
        ("password = hunter2", "password = •••••••"),
        ('password = "hunter2', 'password = "•••••••'),
        ("secret = 'hunter2'", "secret = '•••••••'"),
        ('secret = ["hunter2", "${OTHER}", "abc"]', 'secret = ["•••••••", "${OTHER}", "•••"]'),
        ('send = { webhook = "a", secret = "abc" }', 'send = { webhook = "a", secret = "•••" }'),
        ('"password" = "abc"', '"password" = "•••"'),
        ('secret = "${SESSION_SECRET}"', 'secret = "${SESSION_SECRET}"'),
        ('server = "smtp://a:${PASSWORD}@h"', 'server = "smtp://a:${PASSWORD}@h"'),
        ('password = { type = "password" }', 'password = { type = "password" }'),
        ('type = "password"', 'type = "password"'),
        ('url = "http://example.org:80/@a"', 'url = "http://example.org:80/@a"'),
    ],
)  # fmt: skip
def test_secrets_are_masked(line: str, shown: str) -> None:
    assert masked(line) == shown
    assert len(masked(line)) == len(line)


def test_what_is_said_repeats_no_secret() -> None:
    assert without('write "hunter2"', "password = hunter2") == 'write "…"'


@pytest.mark.parametrize(
    "text",
    [
        '[mail]\nserver = "smpt://user:hunter2@host:587"\nfrom = "a@blackbird.example"\n',
        '[mail]\nserver = "smtp://user:hunter2@host:587\n',
        "[users.anna]\npassword = hunter2\n",
        '[users.anna]\npassword = "hunter2"\n',
        '[session]\nsecret = "hunter2"\n',
        '[session]\nsecret = ["hunter2",\n',
        '[forms.a]\npath = "/a"\nfields.n = {}\nsend = [{ webhook = "https://h.example/x", secret = "hunter2" }]\n',
    ],
)
def test_no_drawing_shows_a_secret(text: str, tmp_path: Path) -> None:
    problems = check_site(write(tmp_path, {"site.toml": f'[site]\nname = "X"\n{text}'}), {})
    assert problems
    drawn = [draw_text(problems), draw_page(problems), *(f"{each.message} {each.help}" for each in problems)]
    assert all("hunter2" not in each for each in drawn)
