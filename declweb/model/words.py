"""Sizes, times and rates as people write them: `"5 MB"`, `"180 days"`, `"5 per minute"`.

Owns the spelling of units. Knows no table.
"""

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Literal

from pydantic import BeforeValidator, WithJsonSchema

from declweb.model.base import quoted, wrong
from declweb.problems import suggestion

SIZES = {"byte": 1, "bytes": 1, "B": 1, "KB": 10**3, "MB": 10**6, "GB": 10**9, "KiB": 2**10, "MiB": 2**20, "GiB": 2**30}
"""Bytes in each unit of size; decimal and binary prefixes as in IEC 80000-13."""

TIMES = {
    name: seconds
    for names, seconds in {
        ("second", "seconds"): 1,
        ("minute", "minutes"): 60,
        ("hour", "hours"): 3600,
        ("day", "days"): 86400,
        ("week", "weeks"): 7 * 86400,
        ("month", "months"): 30 * 86400,
        ("year", "years"): 365 * 86400,
    }.items()
    for name in names
}
"""Seconds in each unit of time; a month is 30 days, a year 365."""

LONGEST = 100 * TIMES["year"]
"""Seconds in the longest time that makes sense."""

_AMOUNT = re.compile(r"\s*(\d{1,12}(?:\.\d{1,6})?)\s*([A-Za-z]+)\s*")


def _amount(value: object, units: dict[str, int], kind: str, example: str) -> float:
    if isinstance(value, str) and (found := _AMOUNT.fullmatch(value)):
        number, unit = found.groups()
        if unit in units:
            return float(number) * units[unit]
        folded = {name.casefold(): name for name in units}
        if unit.casefold() in folded:
            return float(number) * units[folded[unit.casefold()]]
        raise wrong(
            "unknown-unit",
            f"`{unit}` is no unit of {kind}",
            help=suggestion(unit, units) or f"units are {', '.join(units)}",
        )
    raise wrong("wrong-amount", f"a {kind} is written as a number and a unit in quotes", help=f'such as "{example}"')


def _size(value: object) -> int:
    return round(_amount(value, SIZES, "size", "5 MB"))


def _duration(value: object) -> timedelta:
    seconds = _amount(value, TIMES, "time", "30 minutes")
    if seconds > LONGEST:
        raise wrong("out-of-range", f"`{value}` is longer than 100 years", help='such as "1 year"')
    return timedelta(seconds=seconds)


def _pattern(units: dict[str, int]) -> str:
    return rf"^\d+(\.\d+)? ?({'|'.join(units)})$"


Size = Annotated[int, BeforeValidator(_size), WithJsonSchema({"type": "string", "pattern": _pattern(SIZES)})]
"""A number of bytes, such as `"5 MB"`."""

Duration = Annotated[
    timedelta, BeforeValidator(_duration), WithJsonSchema({"type": "string", "pattern": _pattern(TIMES)})
]
"""A length of time, such as `"180 days"`."""


def _cache(value: object) -> timedelta:
    if value == "never":
        return timedelta(0)
    if isinstance(value, str) and not _AMOUNT.fullmatch(value):
        raise wrong(
            "wrong-amount", f"`{value}` does not say how long copies may be kept", help='such as "1 hour", or "never"'
        )
    return _duration(value)


CacheTime = Annotated[
    timedelta,
    BeforeValidator(_cache),
    WithJsonSchema({"anyOf": [{"type": "string", "pattern": _pattern(TIMES)}, {"const": "never"}]}),
]
"""How long browsers and caches may keep an answer without asking: `"1 hour"`; `"never"` is a length of zero."""


def _switched(value: object) -> object:
    if value is False:
        return value
    return timedelta(0) if value == "never" else _duration(value)


SwitchedTime = Annotated[
    timedelta | bool,
    BeforeValidator(_switched),
    WithJsonSchema({"anyOf": [{"type": "string", "pattern": _pattern(TIMES)}, {"enum": ["never", False]}]}),
]
"""A length of time, `"never"` for one of zero, or `false`."""


def spoken_size(size: int) -> str:
    """Return a number of bytes as people write it, such as `5 MB`."""
    for unit in ("GB", "MB", "KB"):
        if size >= SIZES[unit] and size * 10 % SIZES[unit] == 0:
            return f"{size / SIZES[unit]:g} {unit}"
    return f"{size} bytes"


def spoken_duration(duration: timedelta) -> str:
    """Return a length of time as people write it, such as `30 minutes`."""
    seconds = duration.total_seconds()
    unit = next(
        (u for u in ("year", "day", "hour", "minute") if seconds >= TIMES[u] and seconds % TIMES[u] == 0), "second"
    )
    number = seconds / TIMES[unit]
    return f"{number:g} {unit}{'' if number == 1 else 's'}"


@dataclass(frozen=True, slots=True)
class Rate:
    """So many in a stretch of time."""

    count: int
    per: timedelta

    def __str__(self) -> str:
        amount = spoken_duration(self.per)
        return f"{self.count} per {amount.removeprefix('1 ')}"


_RATE = re.compile(r"\s*(\d{1,6})\s*(?:per|/|an?)\s*(\d{0,6})\s*([A-Za-z]+)\s*")


def _rate(value: object) -> object:
    if value is None or isinstance(value, Rate):
        return value
    if value == "none":
        return None
    found = _RATE.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        raise wrong(
            "wrong-amount",
            f"how many in which time is written in quotes, not {quoted(value)}",
            help='such as "5 per minute", or "none"',
        )
    count, number, unit = found.groups()
    if int(count) < 1:
        raise wrong("out-of-range", f"`{value}` lets nobody through", help="at least 1; `off = true` closes the form")
    per = _duration(f"{number or 1} {unit}")
    if not timedelta(seconds=1) <= per <= timedelta(days=366):
        raise wrong(
            "out-of-range", f"`{value}` is counted over too long or too short a time", help='such as "5 per minute"'
        )
    return Rate(int(count), per)


RateLimit = Annotated[
    Rate | None,
    BeforeValidator(_rate),
    WithJsonSchema({"anyOf": [{"type": "string", "pattern": r"^\d+ per \d* ?[a-z]+$"}, {"const": "none"}]}),
]
"""How many in which time, such as `"5 per minute"`; `"none"` is no limit, and becomes None."""
FOREVER: Literal["forever"] = "forever"


def _keep(value: object) -> object:
    if value == FOREVER or isinstance(value, timedelta):
        return value
    if isinstance(value, str) and not _AMOUNT.fullmatch(value):
        raise wrong("wrong-amount", f"`{value}` does not say for how long", help='such as "180 days", or "forever"')
    kept = _duration(value)
    if kept < timedelta(hours=1):
        raise wrong("out-of-range", f"`{value}` is too short: nobody could read it", help='such as "180 days"')
    return kept


KeepTime = Annotated[
    timedelta | Literal["forever"],
    BeforeValidator(_keep),
    WithJsonSchema({"anyOf": [{"type": "string", "pattern": _pattern(TIMES)}, {"const": "forever"}]}),
]
"""How long something is kept: `"180 days"`, or `"forever"`."""
