"""Receipts."""

import re

import pytest

from declweb.forms.receipt import ALPHABET, as_receipt, new_receipt


def test_receipts_are_short_and_differ() -> None:
    receipts = {new_receipt() for _ in range(1000)}
    assert len(receipts) == 1000
    assert all(re.fullmatch(rf"[{ALPHABET}]{{5}}-[{ALPHABET}]{{5}}", receipt) for receipt in receipts)


@pytest.mark.parametrize(
    ("text", "receipt"),
    [
        ("K7QF2-M9XA3", "K7QF2-M9XA3"),
        (" k7qf2m9xa3 ", "K7QF2-M9XA3"),
        ("K7QF2 M9XAO", "K7QF2-M9XA0"),
        ("iL7F2-M9XA3", "117F2-M9XA3"),
        ("K7QF2-M9XA", None),
        ("K7QF2-M9XAU", None),
        ("", None),
    ],
)
def test_receipts_are_read_as_people_write_them(text: str, receipt: str | None) -> None:
    assert as_receipt(text) == receipt
