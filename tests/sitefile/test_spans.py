from collections.abc import Iterator

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


@settings(max_examples=150, deadline=None)
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
