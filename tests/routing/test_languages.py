"""Which language an address belongs to."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from declweb.routing import CannotBuild, Languages, Urls

SEVERAL = Languages(("en", "de", "de-AT"))


@pytest.mark.parametrize(
    ("path", "language", "bare"),
    [
        ("/", "en", "/"),
        ("/menu", "en", "/menu"),
        ("/de", "de", "/"),
        ("/de/", "de", "/"),
        ("/de/menu/", "de", "/menu/"),
        ("/de-AT/x", "de-AT", "/x"),
        ("/de/de/x", "de", "/de/x"),
        ("/den/x", "en", "/den/x"),
        ("/DE/x", "en", "/DE/x"),
        ("/en/x", "en", "/en/x"),
    ],
)
def test_an_address_belongs_to_one_language(path: str, language: str, bare: str) -> None:
    assert SEVERAL.of(path) == language
    assert SEVERAL.bare(path) == bare


@given(st.text("/adex", max_size=8).map(lambda path: f"/{path}"), st.sampled_from(SEVERAL.codes))
def test_every_address_has_one_in_each_language(path: str, language: str) -> None:
    if language != "en" or SEVERAL.of(path) == "en":
        address = SEVERAL.address(path, language)
        assert SEVERAL.of(address) == language
        assert SEVERAL.bare(address) == path


def test_one_language_owns_everything() -> None:
    alone = Languages(("de",))
    assert not alone.are_several
    assert alone.of("/de/x") == "de"
    assert alone.bare("/de/x") == "/de/x"


def test_addresses_are_built_in_the_language_that_is_asked_for() -> None:
    urls = Urls("https://example.org", {}, SEVERAL)
    urls.add("home", "/", versions={"en": "/", "de": "/de/"})
    urls.add("terms", "/terms")
    assert urls.build("home", {}, "") == "/"
    assert urls.build("home", {}, "/x", language="de") == "/x/de/"
    assert urls.build("home", {}, "", language="de-AT") == "/"
    assert urls.build("home", {"_language": "en"}, "", language="de") == "/"
    assert urls.build("home", {"_language": "de", "_external": True}, "") == "https://example.org/de/"
    assert urls.build("home", {"_language": None}, "", language="de") == "/de/"
    assert urls.build("terms", {"_language": "de", "page": 2}, "") == "/terms?page=2"
    with pytest.raises(CannotBuild, match="no language `fr`; it has `en`, `de`, `de-AT`"):
        urls.build("home", {"_language": "fr"}, "")
