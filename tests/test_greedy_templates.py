"""Templates that try to use the machine up are cut off, at check and at run time, and the next request works."""

import time
from pathlib import Path

import pytest
from cases import running, strict_client, write
from werkzeug.test import Client

from declweb.loading import check_site

SITE = """
[site]
name = "Greedy"
[routes.home]
path = "/"
text = "Hello"
[routes.greedy]
path = "/greedy"
template = "greedy.html"
[errors]
500 = "sorry.html"
"""
SORRY = "<p>We are sorry: {{ error.code }}</p>"
LONGEST = 8.0
"""Seconds of the processor: the budget is 2, for one template; a check renders it for several pages."""

ALWAYS = {
    "nested loops": (2, "\n{% for a in range(99999) %}{% for b in range(99999) %}{{ a }}{% endfor %}{% endfor %}"),
    "a huge power": (1, "{{ 7 ** 9999999 }}"),
    "a tower of powers": (1, "{{ 9 ** (9 ** 9) }}"),
    "a huge text": (1, "{{ 'a' * 400000000 }}"),
    "a huge list": (1, "{{ ([1] * 400000000)|length }}"),
    "padding": (1, "{{ 'a'.rjust(400000000)|length }}"),
    "centring": (1, "{{ 'a'|center(400000000) }}"),
    "a wide format": (1, "{{ '%400000000d'|format(1) }}"),
    "a wide replacement": (1, "{{ '{:400000000}'.format(1) }}"),
    "a macro that calls itself": (1, "{% macro again(n) %}{{ again(n + 1) }}{% endmacro %}{{ again(1) }}"),
    "a macro that doubles": (
        1,
        "{% macro more(n) %}{% if n %}{{ more(n - 1) }}{{ more(n - 1) }}{% endif %}x{% endmacro %}{{ more(60) }}",
    ),
    "a recursive loop": (
        1,
        "{% for a in [[1]] recursive %}{{ loop([a, a]) }}{% endfor %}",
    ),
    "a doubling text": (
        2,
        "{% set ns = namespace(text='ab') %}\n{% for i in range(99) %}{% set ns.text = ns.text * 2 %}{% endfor %}",
    ),
}  # fmt: skip

ASKED = {
    "nested loops": "{% for a in range(n) %}{% for b in range(n) %}{{ a }}{% endfor %}{% endfor %}",
    "a loop without output": "{% for a in range(n) %}{% for b in range(n) %}{% endfor %}{% endfor %}",
    "a huge power": "{{ 7 ** n ** 2 }}",
    "a huge text": "{{ 'a' * (n * n) }}",
    "padding": "{{ 'a'.rjust(n * n)|length }}",
    "a long text": "{% for a in range(n) %}{{ 'x' * n }}{% endfor %}",
    "a macro that calls itself": "{% macro again(i) %}{{ again(i - 1) if i }}{% endmacro %}{{ again(n) }}",
    "an include of itself": "{% set n = n - 1 %}{% if n > 0 %}{% include 'again.html' %}{% endif %}",
    "a doubling text": "{% set ns = namespace(text='ab') %}"
    "{% for i in range(n) %}{% set ns.text = ns.text ~ ns.text %}{% endfor %}{{ ns.text|length }}",
}
DYNAMIC = "{% set n = request.args.get('n', '1')|int %}"
AGAIN = "{% set n = request.args.get('n', '1')|int %}{% if n > 1 %}{% include 'again.html' %}{% endif %}"


@pytest.mark.parametrize("is_dynamic", [False, True], ids=["prepared", "dynamic"])
@pytest.mark.parametrize("name", ALWAYS)
def test_check_says_where(name: str, is_dynamic: bool, tmp_path: Path) -> None:
    line, text = ALWAYS[name]
    write(tmp_path, {"site.toml": SITE, "templates/greedy.html": (DYNAMIC if is_dynamic else "") + text})
    (tmp_path / "templates" / "sorry.html").write_text(SORRY)
    began = time.process_time()
    found = check_site(tmp_path, {})
    assert time.process_time() - began < LONGEST
    assert [(Path(p.place.file).name, p.place.line, p.code) for p in found] == [
        ("greedy.html", line, "failing-template")
    ]


@pytest.mark.parametrize("name", ASKED)
def test_a_visitor_cannot_use_the_machine_up(name: str, tmp_path: Path) -> None:
    files = {"site.toml": SITE, "templates/greedy.html": DYNAMIC + ASKED[name], "templates/sorry.html": SORRY}
    client = strict_client(running(write(tmp_path, {**files, "templates/again.html": AGAIN})))
    assert _asked(client, "/greedy")[0] == 200
    for number in ("99999", "9" * 12):
        began = time.process_time()
        assert _asked(client, f"/greedy?n={number}") == (500, "<p>We are sorry: 500</p>")
        assert time.process_time() - began < LONGEST
        assert _asked(client, "/greedy")[0] == 200
        assert _asked(client, "/") == (200, "Hello")


def _asked(client: Client, url: str) -> tuple[int, str]:
    with client.get(url) as answer:
        return answer.status_code, answer.get_data(as_text=True)
