from collections.abc import Iterator

import pytest
import tomli
from hypothesis import given, settings
from hypothesis import strategies as st

from declweb.sitefile.lexing import key_parts, statements
from declweb.sitefile.spans import KeyPath, Kind, Spans


def everything(value: object, path: KeyPath = ()) -> Iterator[tuple[KeyPath, object]]:
    if path:
        yield path, value
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, part in inner:
        yield from everything(part, (*path, key))


@settings(max_examples=200)
@given(st.data())
def test_the_text_of_a_span_parses_to_its_value(documents: st.SearchStrategy[str], data: st.DataObject) -> None:
    text = data.draw(documents).replace("\r\n", "\n")
    document = tomli.loads(text)
    spans = Spans(text, statements(text))
    for path, value in everything(document):
        span = spans.find(path)
        assert span is not None, path
        if isinstance(path[-1], str):
            assert key_parts(text, span.key, span.key_end)[0].name == path[-1]
        if span.kind == Kind.VALUE:
            assert repr(tomli.loads(f"x = {text[span.start : span.end]}")["x"]) == repr(value)
        else:
            assert isinstance(value, dict | list)


TEXT = """
top.of.all = 1 # remark
"quoted key" = "x"

[routes.home]
path = '/'
values = {a.b = [1, {c = 2}], a.d = 3,
  "e f" = true }

[forms.contact.fields]
[forms.contact]
[[many]]
x = 1
[many.below]
[[many]]
[[many.inner]]
"""


def spans() -> Spans:
    return Spans(TEXT, statements(TEXT))


@pytest.mark.parametrize(
    ("path", "kind", "key", "value"),
    [
        (("top", "of", "all"), Kind.VALUE, "all", "1"),
        (("top",), Kind.DOTTED, "top", "top"),
        (("quoted key",), Kind.VALUE, '"quoted key"', '"x"'),
        (("routes",), Kind.PART, "routes", "[routes.home]"),
        (("routes", "home"), Kind.TABLE, "home", "[routes.home]"),
        (("routes", "home", "path"), Kind.VALUE, "path", "'/'"),
        (("routes", "home", "values", "a"), Kind.DOTTED, "a", "a"),
        (("routes", "home", "values", "a", "b", 1), Kind.VALUE, "{c = 2}", "{c = 2}"),
        (("routes", "home", "values", "a", "b", 1, "c"), Kind.VALUE, "c", "2"),
        (("routes", "home", "values", "a", "d"), Kind.VALUE, "d", "3"),
        (("routes", "home", "values", "e f"), Kind.VALUE, '"e f"', "true"),
        (("forms", "contact"), Kind.TABLE, "contact", "[forms.contact]"),
        (("many",), Kind.LIST, "many", "[[many]]"),
        (("many", 1), Kind.ITEM, "many", "[[many]]"),
        (("many", 0, "below"), Kind.TABLE, "below", "[many.below]"),
        (("many", 1, "inner", 0), Kind.ITEM, "inner", "[[many.inner]]"),
    ],
)
def test_spans_of_keys_and_values(path: KeyPath, kind: Kind, key: str, value: str) -> None:
    span = spans().find(path)
    assert span is not None
    assert (span.kind, TEXT[span.key : span.key_end], TEXT[span.start : span.end]) == (kind, key, value)


@pytest.mark.parametrize(
    "path",
    [
        (),
        ("nope",),
        ("routes", "nope"),
        ("routes", "home", "path", "x"),
        ("routes", "home", "path", 0),
        ("routes", "home", "values", "a", "b", 2),
        ("routes", "home", "values", "nope"),
        ("routes", 0),
        ("many", 2),
        ("top", "of", "x"),
        ("routes", "home", "values", "a", "x"),
    ],
)
def test_what_is_not_written_has_no_span(path: KeyPath) -> None:
    assert spans().find(path) is None


@pytest.mark.parametrize(
    ("path", "header"),
    [
        (("routes", "home", "path"), "[routes.home]"),
        (("routes", "home", "values", "a"), "[routes.home]"),
        (("routes", "x"), "[routes.home]"),
        (("many", 0, "below", "x"), "[many.below]"),
        (("many", 5), "[[many]]"),
    ],
)
def test_the_header_above(path: KeyPath, header: str) -> None:
    span = spans().header(path)
    assert span is not None
    assert TEXT[span.start : span.end] == header


def test_there_is_no_header_above_the_first() -> None:
    assert spans().header(("top", "of", "all")) is None
    assert spans().header(()) is None


def test_items_that_are_no_pairs_are_passed_over() -> None:
    text = "x = { junk, a = 1 }"
    found = Spans(text, statements(text)).find(("x", "a"))
    assert found is not None
    assert found.start == 16


def test_names_with_the_same_hash_are_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("builtins.hash", lambda _: 7)
    found = [spans().find(("many", 0, "x")), spans().find(("quoted key",)), spans().find(("nope",))]
    assert [TEXT[span.start : span.end] if span else None for span in found] == ["1", '"x"', None]
