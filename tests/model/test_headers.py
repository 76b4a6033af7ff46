from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from declweb.model.headers import RESERVED, HeaderName, HeaderValue


def takes(kind: Any, text: str) -> bool:
    try:
        TypeAdapter(kind).validate_python(text)
    except ValidationError:
        return False
    return True


@pytest.mark.parametrize(
    ("name", "valid"),
    [
        ("X", True),
        ("Content-Type", True),
        ("X_Custom-2", True),
        ("", False),
        ("X Y", False),
        ("X:", False),
        ("X\r\nY", False),
        ("X\n", False),
        ("Grün", False),
        ("X\0", False),
        ("X-", False),
        ("2X", False),
        ("(X)", False),
    ],
)
def test_names(name: str, *, valid: bool) -> None:
    assert takes(HeaderName, name) is valid


@pytest.mark.parametrize(
    ("value", "valid"),
    [
        ("", True),
        ("a", True),
        ('text/html; charset="utf-8"', True),
        (" a", False),
        ("a ", False),
        ("a\tb", False),
        ("a\r\nSet-Cookie: b", False),
        ("a\n", False),
        ("a\0", False),
        ("a\x7f", False),
        ("grün", False),
        ("€", False),
    ],
)
def test_values(value: str, *, valid: bool) -> None:
    assert takes(HeaderValue, value) is valid


@pytest.mark.parametrize("name", sorted(RESERVED))
def test_reserved_names(name: str) -> None:
    assert not takes(HeaderName, name.title())
