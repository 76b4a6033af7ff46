"""A chart of entries per day, as a picture that is text: SVG, and the figures for a table beside it.

Owns how bars, rules and days are drawn. Colours are the style's business. Knows no entry and no store.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from markupsafe import Markup, escape

from declweb.inbox.office import Call
from declweb.translations import mark

DAYS = 30
"""How many days are drawn, up to today."""
SERIES = 6
"""How many forms have a colour of their own; the last one stands for all others where there are more."""

OTHERS = mark("Other forms")
TITLE = mark("Entries per day, {first} to {last}")
MOST = mark("{sum} entries in {days} days; the most on one day are {most}, on {day}.")
NONE = mark("No entries in these {days} days.")

_WIDTH, _HEIGHT = 900, 200
_LEFT, _RIGHT, _TOP, _BOTTOM = 34, 8, 10, 24
_GAP = 0.28
"""Part of a day's room that is left free."""
_STEPS = (1, 2, 5)
_LABELS = 6
"""About so many days are written below the bars."""


@dataclass(frozen=True, slots=True)
class Series:
    """What one colour stands for."""

    name: str
    series: int
    sum: int


@dataclass(frozen=True, slots=True)
class Day:
    """A line of the table."""

    words: str
    counts: Sequence[int]
    sum: int


@dataclass(frozen=True, slots=True)
class Chart:
    """A picture, what its colours stand for, and the same as figures."""

    svg: Markup
    legend: Sequence[Series]
    days: Sequence[Day]


def chart(call: Call, days: Sequence[date], counts: Mapping[str, Sequence[int]]) -> Chart:
    """Return the chart of so many entries per day, by form; the days follow each other."""
    legend, columns = _series(call, counts)
    sums = [sum(column[place] for column in columns) for place in range(len(days))]
    lines = [
        Day(call.calendar.day(day), [column[place] for column in columns], sums[place])
        for place, day in reversed(list(enumerate(days)))
    ]
    return Chart(_svg(call, days, columns, sums), legend, lines)


def _series(call: Call, counts: Mapping[str, Sequence[int]]) -> tuple[list[Series], list[Sequence[int]]]:
    """Return what the colours stand for, and the figures of each; who has most comes first."""
    ranked = sorted(counts.items(), key=lambda item: -sum(item[1]))
    named = [(call.office.title(name), figures) for name, figures in ranked]
    if len(named) > SERIES:
        rest = [figures for _, figures in named[SERIES - 1 :]]
        named = [*named[: SERIES - 1], (call.say(OTHERS), [sum(each) for each in zip(*rest, strict=True)])]
    legend = [Series(name, place, sum(figures)) for place, (name, figures) in enumerate(named)]
    return legend, [figures for _, figures in named]


def _step(most: int) -> int:
    """Return the distance of the rules, so that there are at most four."""
    size = 1
    while True:
        for step in _STEPS:
            if step * size * 4 >= most:
                return step * size
        size *= 10


def _svg(call: Call, days: Sequence[date], columns: Sequence[Sequence[int]], sums: Sequence[int]) -> Markup:
    most = max([1, *sums])
    step = _step(most)
    top = -(-most // step) * step
    room, tall = (_WIDTH - _LEFT - _RIGHT) / max(1, len(days)), _HEIGHT - _TOP - _BOTTOM
    parts = [*_rules(call, step, top, tall)]
    for place, day in enumerate(days):
        left, bottom = _LEFT + place * room + room * _GAP / 2, float(_HEIGHT - _BOTTOM)
        bars = []
        for series, column in enumerate(columns):
            if column[place]:
                height = column[place] / top * tall
                bottom -= height
                size = f'x="{left:.1f}" y="{bottom:.1f}" width="{room * (1 - _GAP):.1f}" height="{height:.1f}"'
                bars.append(f'<rect class="s{series}" {size} rx="1.5"/>')
        if bars:
            told = f"{call.calendar.day(day)}: {call.number(sums[place])}"
            parts.append(f"<g><title>{escape(told)}</title>{''.join(bars)}</g>")
    parts += _labels(call, days, room)
    title, told = _told(call, days, sums)
    return Markup(  # noqa: S704 # numbers, and texts that are escaped
        f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-labelledby="chart-title chart-text">'
        f'<title id="chart-title">{escape(title)}</title><desc id="chart-text">{escape(told)}</desc>'
        f"{''.join(parts)}</svg>"
    )


def _rules(call: Call, step: int, top: int, tall: int) -> list[str]:
    found = []
    for value in range(0, top + 1, step):
        y = _HEIGHT - _BOTTOM - value / top * tall
        found.append(f'<line class="rule" x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>')
        words = escape(call.number(value))
        found.append(f'<text class="rule-name" x="{_LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{words}</text>')
    return found


def _labels(call: Call, days: Sequence[date], room: float) -> list[str]:
    """Return some of the days; today is always one of them."""
    every = max(1, round(len(days) / _LABELS))
    last = len(days) - 1
    found = []
    for place in range(last, -1, -every):
        words = escape(call.calendar.short_day(days[place]))
        x = _LEFT + (place + 0.5) * room
        anchor = "middle" if place < last else "end"
        x = x if place < last else float(_WIDTH - _RIGHT)
        found.append(f'<text x="{x:.1f}" y="{_HEIGHT - 6}" text-anchor="{anchor}">{words}</text>')
    return found


def _told(call: Call, days: Sequence[date], sums: Sequence[int]) -> tuple[str, str]:
    """Return what the picture is of, and what it shows."""
    calendar = call.calendar
    title = call.say(TITLE, first=calendar.day(days[0]), last=calendar.day(days[-1]))
    if not sum(sums):
        return title, call.say(NONE, days=len(days))
    most = max(sums)
    day = calendar.day(days[len(sums) - 1 - list(reversed(sums)).index(most)])
    values = {"sum": call.number(sum(sums)), "days": len(days), "most": call.number(most), "day": day}
    return title, call.say(MOST, **values)
