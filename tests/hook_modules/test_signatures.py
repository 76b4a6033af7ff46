"""What a function takes, and what is said where that is not what it will be given."""

from collections.abc import Callable, Sequence
from functools import partial, wraps
from typing import Any

import pytest
from jinja2 import pass_context

from declweb.hook_modules.returned import names_returned
from declweb.hook_modules.signatures import Misfit, check_callable, check_first, check_named, check_positional


class Shop:
    def __init__(self, app: object, header: str = "") -> None:
        self.app = app

    def __call__(self, name: str) -> str:
        return name

    def open(self, name: str) -> str:
        return name


def nothing() -> None: ...
def one(name: str) -> None: ...
def with_default(name: str, more: int = 1) -> None: ...
def by_name(*, name: str) -> None: ...
def by_position(name: str, /) -> None: ...
def anything(*args: Any, **kwargs: Any) -> None: ...
def two(name: str, other: str) -> None: ...
def needs_more(name: str, *, other: str) -> None: ...


@wraps(one)
def wrapped(**variables: str) -> None: ...


async def later(name: str) -> None: ...


def said(check: Callable[..., None], *arguments: Any, **options: Any) -> str | None:
    try:
        check("hooks:it", *arguments, **options)
    except Misfit as error:
        return f"{error} | {error.help}"
    return None


@pytest.mark.parametrize(
    ("found", "given", "message"),
    [
        (one, ["name"], None),
        (with_default, ["name"], None),
        (with_default, ["name", "more"], None),
        (by_name, ["name"], None),
        (anything, ["name", "other"], None),
        (wrapped, ["other"], None),
        (partial(two, other="x"), ["name"], None),
        (Shop(None), ["name"], None),
        (Shop(None).open, ["name"], None),
        (nothing, [], None),
        (print, ["name"], "`hooks:it` does not take `name`"),
        (Shop.open, ["name"], "`hooks:it` wants `self`, but its path has `name` | write `def it(name):`"),
        (one, [], "`hooks:it` wants `name`, but its path has nothing of the kind | write `def it():`"),
        (two, ["name"], "`hooks:it` wants `other`, but its path has `name` | write `def it(name):`"),
        (one, ["nmae"], "`hooks:it` wants `name`, but its path has `nmae` | did you mean `name`?"),
        (needs_more, ["name"], "`hooks:it` wants `other`"),
        (by_position, ["name"], "`hooks:it` does not take `name`"),
        (with_default, ["name", "mroe"], "`hooks:it` does not take `mroe` | did you mean `more`?"),
        (nothing, ["a", "b"], "`hooks:it` does not take `a` and `b` | write `def it(a, b):`"),
    ],
)
def test_by_name(found: object, given: Sequence[str], message: str | None) -> None:
    told = said(check_named, found, given, has="its path has")
    assert told is None if message is None else (told or "").startswith(message)


@pytest.mark.parametrize(
    ("found", "given", "message"),
    [
        (nothing, [], None),
        (one, ["the response"], None),
        (anything, ["the response"], None),
        (by_position, ["the entry"], None),
        (with_default, ["the error"], None),
        (Shop(None), ["the entry"], None),
        (nothing, ["the response"], "`hooks:it` is given the response, but takes nothing | write `def it(response):`"),
        (two, ["the entry"], "`hooks:it` also wants `other`, but is given the entry | write `def it(entry):`"),
        (needs_more, ["the entry"], "`hooks:it` also wants `other`, but is given the entry"),
        (one, [], "`hooks:it` also wants `name`, but is given nothing | write `def it():`"),
        (one, ["the converter", "the value"], "`hooks:it` is given the converter and the value, but takes one value"),
    ],
)
def test_by_position(found: object, given: Sequence[str], message: str | None) -> None:
    told = said(check_positional, found, given)
    assert told is None if message is None else (told or "").startswith(message)


def test_the_first_of_several() -> None:
    assert said(check_first, one, "the value") is None
    assert said(check_first, pass_context(two), "the value") is None
    assert said(check_first, str.upper, "the value") is None
    assert said(check_first, by_name, "the value") is not None
    assert said(check_named, Shop, ["header"], first="app", has="`options` has") is None
    assert said(check_named, Shop, ["app"], first="app", has="`options` has") is not None
    assert (said(check_named, nothing, [], first="app", has="`options` has") or "").startswith(
        "`hooks:it` takes nothing"
    )


@pytest.mark.parametrize(
    ("found", "message"),
    [
        (one, None),
        (Shop(None), None),
        (3, "`hooks:it` is no function: it is a number"),
        ("one", "`hooks:it` is no function: it is a text"),
        (None, "`hooks:it` is no function: it is None"),
        (pytest, "`hooks:it` is no function: it is a module"),
        (object(), "`hooks:it` is no function: it is an object of the class object"),
        (Shop, "`hooks:it` is a class, and here a function is called"),
        (later, "`hooks:it` is asynchronous, and would never run here"),
        (partial(later, name="x"), "`hooks:it` is asynchronous"),
    ],
)
def test_what_is_called(found: object, message: str | None) -> None:
    told = said(check_callable, found)
    assert told is None if message is None else (told or "").startswith(message)


def written_out() -> dict[str, int]:
    def inner() -> dict[str, int]:
        return {"not": 1}

    if inner():
        return {"one": 1, "two": 2}
    return dict(three=3)  # noqa: C408 # as people write it


def worked_out() -> dict[str, int]:
    found = {"one": 1}
    return found  # noqa: RET504 # as people write it


def spread() -> dict[str, int]:
    return {"one": 1, **worked_out()}


def named_by_variable() -> dict[str, int]:
    return dict.fromkeys("ab", 1)


@pytest.mark.parametrize(
    ("function", "names"),
    [
        (written_out, {"one", "two", "three"}),
        (nothing, set()),
        (worked_out, None),
        (spread, None),
        (named_by_variable, None),
        (len, None),
        (lambda: {"one": 1}, None),
        (3, None),
    ],
)
def test_names_that_are_returned(function: object, names: set[str] | None) -> None:
    assert names_returned(function) == (None if names is None else frozenset(names))
