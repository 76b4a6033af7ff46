"""Texts that may be written in several languages."""

import pytest

from declweb.model import Site
from declweb.model.texts import Translations, _localized, is_language, localized, read_in, translations

SITE = Site.model_validate(
    {
        "site": {"name": "Bakery", "languages": ["de", "en"], "description": {"de": "Kuchen", "en": "Cakes"}},
        "routes": {
            "a": {"path": "/a", "text": {"de": "Brot"}},
            "b": {"path": "/b", "html": "Plain", "values": {"text": {"de": "x", "en": "y"}}},
        },
        "config": {"word": {"de": "x", "en": "y"}},
    }
)


def test_a_site_in_one_language_has_plain_texts() -> None:
    english = localized(SITE, "en")
    assert english.site.description == "Cakes"
    assert english.routes["a"].text == "Brot"
    assert english.routes["b"] is SITE.routes["b"]
    assert english.config is SITE.config
    assert localized(SITE, "de").site.description == "Kuchen"
    assert SITE.site.description == {"de": "Kuchen", "en": "Cakes"}


def test_what_has_nothing_to_choose_stays_as_it_is() -> None:
    plain = Site.model_validate({"site": {"name": "Bakery", "description": "Cakes"}})
    assert localized(plain, "en") is plain


def test_every_text_is_found_with_its_keys() -> None:
    assert dict(translations(SITE)) == {
        ("site", "description"): {"de": "Kuchen", "en": "Cakes"},
        ("routes", "a", "text"): {"de": "Brot"},
    }
    assert dict(translations([SITE.site])) == {(0, "description"): {"de": "Kuchen", "en": "Cakes"}}


@pytest.mark.parametrize(
    ("language", "default", "expected"), [("en", "de", "Bread"), ("fr", "de", "Brot"), ("fr", "it", "Brot")]
)
def test_the_default_language_stands_in(language: str, default: str, expected: str) -> None:
    text = Translations({"de": "Brot", "en": "Bread"})
    assert read_in(text, language, default) == expected
    assert read_in("Plain", language, default) == "Plain"


@pytest.mark.parametrize("code", ["en", "de-AT", "zh-Hant-TW", "gsw"])
def test_codes_of_languages(code: str) -> None:
    assert is_language(code)


@pytest.mark.parametrize("code", ["", "e", "EN", "german", "de_AT", "de-", "../de"])
def test_what_is_no_code(code: str) -> None:
    assert not is_language(code)


def test_the_first_language_is_the_default() -> None:
    assert (SITE.site.language, SITE.site.all_languages) == ("de", ["de", "en"])
    alone = Site.model_validate({"site": {"name": "Bakery", "language": "fr"}}).site
    assert (alone.language, alone.languages, alone.all_languages) == ("fr", None, ["fr"])


def test_texts_in_lists_are_found() -> None:
    tables = [SITE.routes["a"], SITE.routes["b"]]
    first, second = _localized(tables, "en", "de")
    assert (first.text, second) == ("Brot", tables[1])
    assert _localized(tables[1:], "en", "de") == tables[1:]
