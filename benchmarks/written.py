"""2,000 written pages: what loading them costs, and loading them again after one of them has changed.

`python -m benchmarks.written SITE` does it in a fresh process and prints seconds of processor time.
"""

import json
import random
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.report import Claim, Figure, Section
from benchmarks.rounds import Effort, Series, alternate
from benchmarks.servers import loading, memory
from benchmarks.sites import load

MANY = 2000
SIZE = 2000
"""Bytes of Markdown on each page."""
EDITS = 3
TEMPLATES = {"declweb's own template": "", "a template with a base, navigation and lists": 'template = "page.html"\n'}

BASE = """<!doctype html>
<html lang="{{ site.language }}">
<head><meta charset="utf-8"><title>{% block title %}{% endblock %} · {{ site.name }}</title></head>
<body>
<nav><ul>{% for each in navigation %}<li><a href="{{ each.url }}"{% if each.is_open %} aria-current="true"{% endif %}>
{{- each.title }}</a></li>{% endfor %}</ul></nav>
<main>{% block content %}{% endblock %}</main>
<footer>{% include "_footer.html" %}</footer>
</body></html>
"""
PAGE = """{% extends "base.html" %}
{% block title %}{{ page.title }}{% endblock %}
{% block content %}
<h1>{{ page.title }}</h1>{% if page.date %}<time datetime="{{ page.date }}">{{ page.date }}</time>{% endif %}
{{ page.html }}
{% if listing %}<ul>{% for each in listing.pages %}<li><a href="{{ each.url }}">{{ each.title }}</a></li>{% endfor %}
</ul>{% endif %}
{% if page.previous %}<a href="{{ page.previous.url }}">{{ page.previous.title }}</a>{% endif %}
{% if page.next %}<a href="{{ page.next.url }}">{{ page.next.title }}</a>{% endif %}
{% endblock %}
"""
FOOTER = """<p>{{ site.name }}</p>
{% for path in ["about", "prices", "where"] %}<a href="{{ url_for("page", path=path) }}">{{ path }}</a>{% endfor %}
"""
TEXT = """the a sourdough bread oven flour morning crust baker salt starter gently always temperature butter of and with
in by when then slowly quickly warm cold dark light people come and go before anybody else has had their coffee"""
WORDS = TEXT.split()


def written(effort: Effort) -> Section:
    """Load sites with many pages, each in a fresh process, and again after each of a few edits."""
    section = Section(f"{MANY:,} written pages")
    with tempfile.TemporaryDirectory() as folder:
        sites = {
            name: _write(Path(folder, str(number)), template)
            for number, (name, template) in enumerate(TEMPLATES.items())
        }
        told: dict[str, list[dict[str, float]]] = {name: [] for name in sites}
        alternate({name: loading("benchmarks.written", site, told[name]) for name, site in sites.items()}, effort.loads)
    for name, each in told.items():
        spent, again, clock, most = (
            Series(tuple(one[key] for one in each)) for key in ("spent", "again", "clock", "most")
        )
        section.claims.append(Claim(f"{MANY:,} pages of 2 KB with {name}: loaded", spent.median, "s", most=4))
        section.claims.append(
            Claim(f"{MANY:,} pages of 2 KB with {name}: loaded again after one was edited", again.median, "s", most=0.5)
        )
        section.figures.extend(
            [
                Figure(f"{name}: processor time", spent, "s", f"{clock.median:.2f} s on the clock"),
                Figure(f"{name}: processor time after an edit", again, "s"),
                Figure(f"{name}: memory at the most", most, "MB"),
            ]
        )
    return section


def _write(folder: Path, template: str) -> Path:
    """Write a site with so many pages of text as people write it: some emphasis, links, lists, headings and code."""
    news = folder / "pages" / "news"
    news.mkdir(parents=True)
    (folder / "templates").mkdir()
    for name, text in {"base": BASE, "page": PAGE, "_footer": FOOTER}.items():
        (folder / "templates" / f"{name}.html").write_text(text, encoding="utf-8")
    for name in ("about", "prices", "where", "index", "news/index"):
        (folder / "pages" / f"{name}.md").write_text(f"# {name.title()}\n\nA few words.\n", encoding="utf-8")
    chance = random.Random(7)
    for number in range(MANY):
        day = f"{2010 + number % 15}-{number % 12 + 1:02}-{number % 28 + 1:02}"
        text = f'+++\ntitle = "Article {number}"\ndate = {day}\n+++\n' + "".join(_blocks(chance))
        (news / f"article-{number}.md").write_text(text, encoding="utf-8")
    site = folder / "site.toml"
    site.write_text(
        f'[site]\nname = "Written"\nurl = "https://written.example"\n[[pages]]\n{template}', encoding="utf-8"
    )
    return site


def _blocks(chance: random.Random) -> Iterator[str]:
    written = 0
    while written < SIZE:
        block = _block(chance, chance.random())
        written += len(block)
        yield block


def _block(chance: random.Random, kind: float) -> str:
    if kind < 0.12:
        return f"## {_sentence(chance, 3)}\n\n"
    if kind < 0.24:
        return "".join(f"- {_sentence(chance, 7)}\n" for _ in range(4)) + "\n"
    if kind < 0.28:
        return "```\ndeclweb serve\n```\n\n"
    extra = ("", "", "It was *really* good.", "See [the prices](../prices.md) for **more**.", "Bake at `230 °C`.")
    sentences = [_sentence(chance, chance.randint(6, 16)) for _ in range(chance.randint(2, 4))]
    return " ".join([*sentences, chance.choice(extra)]) + "\n\n"


def _sentence(chance: random.Random, words: int) -> str:
    return " ".join(chance.choice(WORDS) for _ in range(words)).capitalize() + "."


def _measure(site: Path) -> dict[str, float]:
    """Load a site in this process, and again after each of a few edits."""
    import declweb.loading  # noqa: F401, PLC0415 - importing it is not loading

    clock, start = time.perf_counter(), time.process_time()
    app = load(site)
    spent, clock = time.process_time() - start, time.perf_counter() - clock
    assert len(app.overview) > MANY
    again = []
    for number in range(EDITS):
        page = site.parent / "pages" / "news" / f"article-{number}.md"
        page.write_text(page.read_text(encoding="utf-8") + "\nOne line more.\n", encoding="utf-8")
        time.sleep(0.2)
        start = time.process_time()
        app = load(site)
        again.append(time.process_time() - start)
    return {"spent": spent, "clock": clock, "again": sorted(again)[EDITS // 2], "most": memory("self", "VmHWM")}


if __name__ == "__main__":
    print(json.dumps(_measure(Path(sys.argv[1]))))
