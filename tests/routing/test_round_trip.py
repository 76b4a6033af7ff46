"""Every address, built with values that its converters take, leads back to where it was built."""

import re
from datetime import date
from urllib.parse import unquote, urlsplit

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from declweb.model import Converter
from declweb.model.urls import Variable
from declweb.routing import CannotBuild, Matcher, UnusableConverter, Urls, converter_classes
from declweb.routing.converters import instance, sample, taker

DECLARED = {
    "slug": Converter.model_validate({"pattern": "[a-z0-9]+(-[a-z0-9]+)*", "max_length": 60}),
    "folder": Converter.model_validate({"pattern": "[a-z]+(/[a-z]+)*"}),
    "year": Converter.model_validate({"type": "integer", "min": 1987, "max": 2100, "digits": 4}),
    "small": Converter.model_validate({"type": "integer", "min": -20, "max": 20}),
    "category": Converter.model_validate({"one_of": ["bread", "cake", "süß", "a.b"]}),
    "word": Converter.model_validate({"type": "text", "max_length": 5}),
}
CLASSES = converter_classes(DECLARED)

VALUES: dict[str, st.SearchStrategy[object]] = {
    "text": st.text(st.characters(exclude_characters="/", exclude_categories=["Cs", "Cc"]), min_size=1, max_size=50),
    "string": st.text(st.characters(exclude_characters="/", exclude_categories=["Cs", "Cc"]), min_size=1, max_size=50),
    "integer": st.integers(0, 10**12),
    "int": st.integers(0, 10**12),
    "float": st.floats(0.5, 1e6).map(lambda x: round(x, 3)),
    "number": st.floats(-1e6, 1e6).map(lambda x: round(x, 3)),
    "path": st.from_regex(r"\A[a-zäöü ]+(/[a-zäöü ]+){0,3}\Z"),
    "uuid": st.uuids(),
    "date": st.dates(),
    "slug": st.from_regex(r"\A[a-z0-9]{1,20}(-[a-z0-9]{1,9}){0,3}\Z"),
    "folder": st.from_regex(r"\A[a-z]{1,9}(/[a-z]{1,9}){0,3}\Z"),
    "year": st.integers(1987, 2100),
    "small": st.integers(-20, 20),
    "category": st.sampled_from(["bread", "cake", "süß", "a.b"]),
    "word": st.text("abcxyz", min_size=1, max_size=5),
}


@pytest.mark.parametrize("converter", VALUES)
@given(
    data=st.data(), before=st.sampled_from(["/x/", "/ü-", "/a b/"]), after=st.sampled_from(["", "/", "/end", ".html"])
)
def test_what_is_built_matches_itself(converter: str, data: st.DataObject, before: str, after: str) -> None:
    path = f"{before}<{converter}:value>{after}"
    value = data.draw(VALUES[converter])
    urls: Urls = Urls("https://x.example", CLASSES)
    urls.add("it", path)
    matcher: Matcher[str] = Matcher(CLASSES)
    matcher.add(path, "it")
    try:
        built = urls.build("it", {"value": value}, "")
    except CannotBuild:
        assert converter in {"float", "number"}, value
        return
    asked = unquote(urlsplit(built).path)
    assume(not asked.startswith("//"))
    found = matcher.match(asked, "GET")
    assert found.claimant == "it"
    assert (found.variables or {})["value"] == value


@pytest.mark.parametrize(
    ("converter", "refused"),
    [
        ("slug", ["A", "a--b", "", "a" * 61, "-a", "a/b"]),
        ("year", ["1986", "2101", "02000", "199", "x"]),
        ("small", ["-21", "21", "01", "-0"]),
        ("category", ["tea", "breads", "Bread"]),
        ("date", ["2026-02-31", "2026-2-3", "24.12.2026"]),
        ("number", ["1e5", "1.", ".5", "--1"]),
        ("word", ["abcdef"]),
    ],
)
def test_what_a_converter_does_not_take_is_not_found(converter: str, refused: list[str]) -> None:
    matcher: Matcher[str] = Matcher(CLASSES)
    matcher.add(f"/x/<{converter}:value>", "it")
    for text in refused:
        assert matcher.match(f"/x/{text}", "GET").claimant is None, text


def test_a_refused_value_leaves_the_next_rule_its_chance() -> None:
    """Werkzeug answers 404 when a converter refuses in to_python; ours refuse in their expression."""
    matcher: Matcher[str] = Matcher(CLASSES)
    matcher.add("/x/<year:value>", "year")
    matcher.add("/x/<text:value>", "text")
    assert matcher.match("/x/2000", "GET").claimant == "year"
    assert matcher.match("/x/1900", "GET").claimant == "text"


@pytest.mark.parametrize("name", CLASSES)
def test_every_converter_has_a_sample_that_it_takes(name: str) -> None:
    arguments = "a, b" if name == "any" else ""
    variable = Variable("value", name, arguments)
    value = sample(variable, CLASSES)
    converter = instance(variable, CLASSES)
    assert taker(converter)(unquote(converter.to_url(value)))


@pytest.mark.parametrize(
    ("name", "values", "message"),
    [
        ("product", {}, 'url_for("product") needs a value for `slug`'),
        ("product", {"slug": "No Slug"}, "its converter does not take it"),
        ("produkt", {}, "did you mean `product`?"),
        ("zzz", {}, "url_for knows no `zzz`"),
        ("numbers", {"n": "x"}, "its converter does not take it"),
    ],
)
def test_what_cannot_be_built_says_why(name: str, values: dict[str, object], message: str) -> None:
    urls = Urls(None, CLASSES)
    urls.add("product", "/products/<slug:slug>")
    urls.add("numbers", "/n/<int:n>")
    with pytest.raises(CannotBuild, match=re.escape(message)):
        urls.build(name, values, "")


def test_options_mean_what_they_mean_in_flask() -> None:
    urls = Urls("https://x.example/shop", CLASSES)
    urls.add("home", "/")
    urls.add("product", "/products/<slug:slug>")
    build = urls.build
    assert build("home", {}, "/shop") == "/shop/"
    assert build("product", {"slug": "rye", "page": 2, "tag": ["a", "b"], "none": None}, "") == (
        "/products/rye?page=2&tag=a&tag=b"
    )
    assert build("home", {"_anchor": "ä b"}, "") == "/#%C3%A4%20b"
    assert build("home", {"_external": True}, "/shop") == "https://x.example/shop/"
    assert build("home", {"_scheme": "http", "_external": True}, "") == "http://x.example/"
    assert build("home", {"_method": "HEAD"}, "") == "/"
    with pytest.raises(CannotBuild, match="it answers no POST"):
        build("home", {"_method": "POST"}, "")
    assert build("home", {"_scheme": ""}, "") == "//x.example/"
    assert build("home", {"_anchor": "a%20b#c"}, "") == "/#a%20b#c"
    with pytest.raises(CannotBuild, match="its converter does not take it"):
        build("product", {"slug": "No Slug"}, "")
    assert build("product", {"slug": "No Slug"}, "", strictly=False) == "/products/No%20Slug"
    urls.add("anything", "/<path:rest>")
    assert build("anything", {"rest": "//y.example"}, "", strictly=False) == "/y.example"
    assert {endpoint.name: endpoint.variables for endpoint in urls} == {
        "home": (),
        "product": ("slug",),
        "anything": ("rest",),
    }
    assert "home" in urls


def test_absolute_addresses_need_to_know_the_host() -> None:
    urls = Urls(None, CLASSES)
    urls.add("home", "/")
    with pytest.raises(CannotBuild, match="needs `url`"):
        urls.build("home", {"_external": True}, "")
    assert urls.build("home", {"_external": True}, "", lambda: "http://localhost") == "http://localhost/"


@pytest.mark.parametrize(
    "variable", [Variable("x", "nope"), Variable("x", "int", "banana=1"), Variable("x", "any", "")]
)
def test_unusable_converters_are_told_apart_from_mistakes_of_ours(variable: Variable) -> None:
    with pytest.raises(UnusableConverter):
        instance(variable, CLASSES)


def test_dates_and_texts_that_are_dates_build_the_same_address() -> None:
    urls = Urls(None, CLASSES)
    urls.add("day", "/d/<date:day>")
    assert urls.build("day", {"day": date(2026, 12, 24)}, "") == urls.build("day", {"day": "2026-12-24"}, "")
