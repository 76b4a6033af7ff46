"""What a request is called: the same for all who ask, and what a proxy calls it where that can be believed."""

import re

import pytest

from declweb.http.request_ids import believe_proxy, request_id


def test_a_request_has_one_name() -> None:
    environ: dict[str, object] = {}
    name = request_id(environ)
    assert re.fullmatch(r"[0-9a-f]{16}", name)
    assert request_id(environ) == name
    assert request_id({}) != name


def test_a_sent_name_is_not_believed() -> None:
    assert request_id({"HTTP_X_REQUEST_ID": "of-the-visitor"}) != "of-the-visitor"


@pytest.mark.parametrize("name", ["8c1fb8c4a3e0d512", "f47ac10b-58cc-4372-a567-0e02b2c3d479", "a.b_c-1234", "x" * 64])
def test_that_of_a_proxy_is_taken(name: str) -> None:
    environ: dict[str, object] = {"HTTP_X_REQUEST_ID": name}
    believe_proxy(environ)
    assert request_id(environ) == name


@pytest.mark.parametrize(
    "name", ["", "short", "x" * 65, "with space 1", 'quote"quote1', "<script>alert", "ümlaut-1234", "-dash1234"]
)
def test_that_of_a_proxy_must_be_well_formed(name: str) -> None:
    environ: dict[str, object] = {"HTTP_X_REQUEST_ID": name}
    believe_proxy(environ)
    assert request_id(environ) != name
