"""A body that a function reads before the form does."""

from io import BytesIO
from typing import Any

import pytest

from declweb.hooks.kept_body import keep


def environ(data: bytes, **more: Any) -> dict[str, Any]:
    return {"wsgi.input": BytesIO(data), **more}


def test_it_is_read_once_and_given_twice() -> None:
    asked = environ(b"name=Ann&rest", CONTENT_LENGTH="8")
    source = asked["wsgi.input"]
    keep(asked, 100)
    assert asked["wsgi.input"].read(4) == b"name"
    assert source.tell() == 8
    assert asked["wsgi.input"].read() == b"=Ann"
    asked["wsgi.input"].give_back()
    assert asked["wsgi.input"].read() == b"name=Ann"


def test_what_nobody_read_is_left_alone() -> None:
    asked = environ(b"name=Ann", CONTENT_LENGTH="8")
    source = asked["wsgi.input"]
    keep(asked, 100)
    assert source.tell() == 0
    asked["wsgi.input"].give_back()
    assert asked["wsgi.input"] is source


@pytest.mark.parametrize(
    ("more", "most", "read"),
    [
        ({"CONTENT_LENGTH": "8"}, 5, b"name="),
        ({"HTTP_TRANSFER_ENCODING": "chunked"}, 5, b"name="),
        ({"wsgi.input_terminated": True}, 100, b"name=Ann"),
        ({}, 100, b""),
    ],
)
def test_no_more_is_read_than_there_may_be(more: dict[str, Any], most: int, read: bytes) -> None:
    asked = environ(b"name=Ann", **more)
    keep(asked, most)
    assert asked["wsgi.input"].read() == read
