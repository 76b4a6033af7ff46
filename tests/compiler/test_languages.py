"""What an answer says of the languages of its page."""

import re
from pathlib import Path

import pytest
from cases import Exchange, ask, running, strict_client, write

from declweb.compiler.languages import Edition, own_name
from declweb.loading import check_site
from declweb.routing import Languages

DOCS = Path(__file__).parents[2] / "docs/languages.md"

SEVERAL = Languages(("en", "de", "fr"))


@pytest.mark.parametrize(
    ("code", "name"),
    [("de", "Deutsch"), ("fr", "Français"), ("pt-BR", "Português (Brasil)"), ("zh-Hant", "中文 (繁體)"), ("zz", "zz"),
     ("tlh", "tlh"), ("de-AT-1996", "Deutsch (Österreich)")],
)  # fmt: skip
def test_languages_are_called_what_their_speakers_call_them(code: str, name: str) -> None:
    assert own_name(code) == name


def links(language: str, written_in: dict[str, str], path: str = "/de/x y") -> dict[str, str]:
    return dict(Edition(SEVERAL, "https://x.example", language, written_in).headers(path, "/p"))


def test_each_version_names_the_others() -> None:
    assert links("de", {"en": "en", "de": "de", "fr": "en"}) == {
        "Content-Language": "de",
        "Link": '<https://x.example/p/x%20y>; rel="alternate"; hreflang="en", '
        '<https://x.example/p/de/x%20y>; rel="alternate"; hreflang="de", '
        '<https://x.example/p/x%20y>; rel="alternate"; hreflang="x-default"',
    }


def test_there_is_no_default_where_the_default_language_has_none() -> None:
    assert "x-default" not in links("de", {"de": "de", "fr": "fr"})["Link"]


@pytest.mark.parametrize(
    ("language", "written_in", "link"),
    [
        ("de", {"de": "de"}, None),
        ("de", {"en": "en", "de": "en"}, '<https://x.example/p/x%20y>; rel="canonical"'),
        ("de", {"en": "it", "de": "it"}, '<https://x.example/p/x%20y>; rel="canonical"'),
        ("de", {"de": "it"}, None),
        ("de", {"de": "fr", "fr": "fr"}, '<https://x.example/p/fr/x%20y>; rel="canonical"'),
    ],
)
def test_what_repeats_another_page_names_it(language: str, written_in: dict[str, str], link: str | None) -> None:
    found = links(language, written_in)
    assert found.get("Link") == link
    assert found["Content-Language"] == written_in[language]


def test_what_the_docs_show_works(tmp_path: Path) -> None:
    blocks = re.findall(r"^```(\w+)\n(.*?)^```$", DOCS.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    tables = "\n".join(text for kind, text in blocks if kind == "toml")
    home = '[routes.home]\npath = "/"\ntemplate = "home.html"\n'
    html = "".join(text for kind, text in blocks if kind == "html")
    write(tmp_path, {"site.toml": tables + home, "templates/home.html": html})
    assert check_site(tmp_path, {}) == ()
    client = strict_client(running(tmp_path))
    german = ask(client, Exchange("GET", "/", [("Accept-Language", "de")]))
    assert (german.status_code, german.headers["Location"]) == (302, "/de/")
    chosen = ask(client, Exchange("GET", "/", [("Accept-Language", "de"), ("Sec-Fetch-Site", "same-origin")]))
    assert chosen.status_code == 200
    assert "<h1>Karte</h1>" in ask(client, Exchange("GET", "/de/")).get_data(as_text=True)
    assert '<a href="/" lang="en" hreflang="en">English</a>' in ask(client, Exchange("GET", "/de/")).get_data(
        as_text=True
    )
