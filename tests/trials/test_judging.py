"""What an answer is held against, and how a miss is told."""

import json
from typing import Any

import pytest

from declweb.model import Trial
from declweb.trials.judging import Answered, misses

DOCUMENT = {"rows": [{"name": "rye", "price": 4.2}, {"name": "spelt", "price": 4}], "2": "two", "none": None}


def told(expected: dict[str, Any], body: str = "", kind: str = "text/html", status: int = 200, *headers: Any) -> Any:
    """Return what of an answer is told as missed: the key, what was expected and what came."""
    trial = Trial.model_validate({"get": "/", **expected})
    sent = (("Content-Type", kind), *headers)
    found = misses(trial, Answered(status, sent, body.encode(), "http://localhost"))
    return [(".".join(map(str, miss.path)), miss.expected, miss.came) for miss in found]


@pytest.mark.parametrize(
    ("path", "wanted"),
    [
        ("rows.0.name", "rye"),
        ("rows.1.price", 4.0),
        ("rows.0", {"name": "rye", "price": 4.2}),
        ("rows.1.price", 4),
        ("2", "two"),
    ],
)
def test_a_value_is_found_by_its_path(path: str, wanted: object) -> None:
    assert told({"json": {path: wanted}}, json.dumps(DOCUMENT), "application/json") == []


@pytest.mark.parametrize(
    ("path", "wanted", "came"),
    [
        ("rows.2", 1, "nothing there: `rows` has 0 to 1"),
        ("rows.-1.name", "spelt", "nothing there: `rows` has 0 to 1"),
        ("rows.0.price", "4.2", "4.2"),
        ("rows.0.nam", "rye", "nothing there: `rows.0` has name, price"),
        ("rows.0.name.first", "r", 'nothing there: `rows.0.name` is "rye"'),
        ("none.at.all", 1, "nothing there: `none` is null"),
        ("none", False, "null"),
        ("rows.1.price", True, "4"),
        ("rows", [], '[{"name": "rye", "price": 4.2}, {"name": "spelt", "price": 4}]'),
    ],
)
def test_another_value_is_told(path: str, wanted: object, came: str) -> None:
    ((_, _, said),) = told({"json": {path: wanted}}, json.dumps(DOCUMENT), "application/json")
    assert said == came


@pytest.mark.parametrize(("body", "said"), [("[]", "the answer is empty"), ('{"a": {}}', "`a` is empty")])
def test_what_is_empty_is_told(body: str, said: str) -> None:
    ((_, _, came),) = told({"json": {"a.b": 1}}, body, "application/json")
    assert came == f"nothing there: {said}"


def test_what_is_no_json_is_told_with_its_beginning() -> None:
    assert told({"json": {"a": 1}}, "<h1>Oops</h1>") == [("json", "JSON", '200, "Oops": Oops')]


def test_header_fields_are_there_or_not_and_as_often() -> None:
    twice = (("Link", "a"), ("link", "b"))
    assert told({"header": {"LINK": ["a", "b"], "X-No": False}}, "", "text/plain", 200, *twice) == []
    assert told({"header": {"Link": "a"}}, "", "text/plain", 200, *twice) == [("header.Link", "a", "a, b")]
    assert told({"header": {"Link": False, "X-No": "1"}}, "", "text/plain", 200, *twice) == [
        ("header.Link", "no Link", "a, b"),
        ("header.X-No", "1", "no X-No"),
    ]


@pytest.mark.parametrize("location", ["/menu/", "http://localhost/menu/"])
def test_a_location_may_be_whole_or_a_path(location: str) -> None:
    assert told({"location": "/menu/"}, "", "text/html", 301, ("Location", location)) == []
    assert told({"location": "/"}, "", "text/html", 301, ("Location", location)) == [("location", "/", location)]


def test_a_location_that_is_missing_is_told_with_what_came() -> None:
    assert told({"location": "/"}, "<title>Hi</title>") == [("location", "/", 'no Location, but 200, "Hi"')]


def test_a_page_has_what_is_written_and_what_is_read() -> None:
    page = "<script>var hidden = 1</script><p>Anna &amp; <b>Ben</b></p>"
    assert told({"contains": ["Anna & Ben", "Anna &amp; <b>Ben", "var hidden"], "lacks": "Cid"}, page) == []
    assert told({"contains": "Anna & Ben"}, page, "text/plain") != []
    ((key, wanted, came),) = told({"lacks": ["Cid", "Ben"]}, page)
    assert (key, wanted, came) == ("lacks.1", 'not "Ben"', "200: Anna & Ben")


def test_the_nearest_words_are_shown_of_a_long_page() -> None:
    page = f"<h1>Menu</h1><p>{'bread ' * 300}</p><p>Sachertorte 5.20</p><p>{'cake ' * 300}</p>"
    for wanted in ("Sachertorte 6.20", "Sachertorten"):
        ((_, _, came),) = told({"contains": wanted}, page)
        assert came.startswith('200, "Menu": …')
        assert "Sachertorte 5.20" in came


def test_a_status_alone_tells_where_it_leads_or_what_is_wrong() -> None:
    assert told({"status": 200}, "", "text/html", 303, ("Location", "/thanks")) == [
        ("status", "200", "303, to /thanks")
    ]
    problem = json.dumps({"errors": [{"field": "name", "message": "Your name: please fill this in"}]})
    assert told({"status": 200}, problem, "application/problem+json", 422) == [
        ("status", "200", "422, Your name: please fill this in")
    ]
    assert told({"status": 200}, '{"errors": 1}', "application/problem+json", 422) == [("status", "200", "422")]
