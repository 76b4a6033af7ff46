"""Conditional requests (RFC 9110 §13).

Owns the comparison of what a client has with what there is, and the order in which conditions are looked at. Knows
nothing of what is compared or how it is sent.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from declweb.http.dates import parse_date

_TAG = re.compile(r'[ \t,]*((?:W/)?"[\x21\x23-\x7e\x80-\xff]*")[ \t]*(?=,|\Z)')


class Fields(NamedTuple):
    """The values of those request header fields that choose among the answers to a GET or HEAD; None is absent."""

    accept_encoding: str | None = None
    if_none_match: str | None = None
    if_modified_since: str | None = None
    if_match: str | None = None
    if_unmodified_since: str | None = None
    range: str | None = None
    if_range: str | None = None

    @property
    def are_simple(self) -> bool:
        """Whether nothing but an encoding, and whether the client has it already, is to be looked at."""
        return self.range is None and self.if_match is None and self.if_unmodified_since is None


def verdict(fields: Fields, tag: str, modified: int | None) -> int:
    """Judge the preconditions of a GET or HEAD in the order of RFC 9110 §13.2.2: 200, 304 or 412.

    `tag` is the selected representation's entity tag, a strong one; `modified` its last modification, None when
    unknown.
    """
    if fields.if_match is not None:
        if not _lists(fields.if_match, tag):
            return 412
    elif fields.if_unmodified_since is not None and modified is not None:
        date = parse_date(fields.if_unmodified_since)
        if date is not None and modified > date:
            return 412
    return 304 if is_unchanged(fields.if_none_match, fields.if_modified_since, tag, modified) else 200


def is_unchanged(if_none_match: str | None, if_modified_since: str | None, tag: str, modified: int | None) -> bool:
    """Tell whether the client already has the representation; a date counts only when no tags are given."""
    if if_none_match is not None:
        return if_none_match == tag or _lists(if_none_match, tag, weakly=True)
    if if_modified_since is None or modified is None:
        return False
    date = parse_date(if_modified_since)
    return date is not None and modified <= date


def is_same_for_range(if_range: str | None, tag: str, modified: int | None) -> bool:
    """Tell whether a part of the representation fits to what the client has (RFC 9110 §13.1.5)."""
    if if_range is None:
        return True
    value = if_range.strip(" \t")
    return value == tag if '"' in value else modified is not None and parse_date(value) == modified


def _lists(value: str, tag: str, *, weakly: bool = False) -> bool:
    if value.strip(" \t") == "*":
        return True
    return any((given.removeprefix("W/") if weakly else given) == tag for given in _tags(value))


def _tags(value: str) -> Iterator[str]:
    """Yield the entity tags of a list as far as it is well-formed."""
    position = 0
    while found := _TAG.match(value, position):
        yield found[1]
        position = found.end()
