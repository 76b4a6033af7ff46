"""`|date`, `|time`, `|datetime`, `|number` and `|money`: values as the people who speak a language write them.

Owns which values and formats the filters take, and what is said of others; how a language writes them is Babel's
knowledge (Unicode CLDR), which is loaded when it is first needed. Must not know which page is being rendered: whoever
adds the filters tells its language, and which values come from visitors.
"""

import re
from collections.abc import Callable, Mapping
from copy import copy
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from math import isfinite
from typing import TYPE_CHECKING, Any, Final, TypeVar
from zoneinfo import ZoneInfo

from declweb.problems import suggestion
from declweb.templating.undefined import REFUSED, Undefined, is_recording, refused

if TYPE_CHECKING:
    from babel import Locale

STYLES: Final = ("short", "medium", "long", "full")
"""How much of a date or time is written out."""
MOST_DIGITS: Final = 10
"""Behind the point."""
LARGEST: Final = 10**15
"""A number that is larger, or a float of that size, is no longer exact."""

_LONGEST: Final = 80
"""Characters of a pattern, and of a value that is quoted."""
_OF_DATES: Final = "GyMLEcdDQqw"
_OF_TIMES: Final = "ahHkKmsz"
_WORD: Final = re.compile(r"'[^']*'|([^\W\d_])\1*|%")
_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_MOMENT: Final = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?(Z|[+-]\d{2}:\d{2})?", re.ASCII)
_CLOCK: Final = re.compile(r"\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?", re.ASCII)
_NUMBER: Final = re.compile(r"[+-]?\d{1,15}(\.\d{1,40})?", re.ASCII)

_EXAMPLE: Final = datetime(2000, 1, 1)  # noqa: DTZ001 - meant in the site's time zone

Filter = Callable[..., Any]
Read = TypeVar("Read")


@dataclass(frozen=True, slots=True)
class Formats:
    """The filters for one site."""

    language: Callable[[], str]
    """Of the page that is being rendered."""
    timezone: str
    """In which a moment is written."""
    is_visitors: Callable[[object], bool] = lambda _value: False
    """Tells whether a value comes from whoever asks: no mistake of the template then, whatever it is."""

    def filters(self) -> Mapping[str, Filter]:
        """Return the filters by name.

        What they cannot write they give back as it is, and the log says so; while recording it is a mistake.
        """
        return {
            "date": self._filter("date", self._date, "format"),
            "time": self._filter("time", self._time, "format"),
            "datetime": self._filter("datetime", self._datetime, "format"),
            "number": self._filter("number", self._number, "digits", example=1),
            "money": self._filter("money", self._money, "currency", "digits", example=1),
        }

    def _filter(self, name: str, write: Filter, *options: str, example: object = _EXAMPLE) -> Filter:
        """Return a filter; where there is no value an `example` shows, while recording, if its options are right."""

        def run(value: Any, *given: Any, **named: Any) -> Any:
            if len(given) > len(options) or not named.keys() <= set(options[len(given) :]):
                raise ValueError(f"`{name}` takes {' and '.join(f'`{option}`' for option in options)}, nothing else")
            return write(value, **dict(zip(options, given, strict=False)), **named)

        def written(value: Any, *given: Any, **named: Any) -> Any:
            is_there = not (value is None or value == "" or isinstance(value, Undefined))
            text = "" if value is None else value
            try:
                if is_there:
                    text = run(value, *given, **named)
                elif is_recording():
                    run(example, *given, **named)
            except REFUSED as error:
                if not self.is_visitors(value):
                    refused(error, instead="prints the value as it is")
            return text

        return written

    # --- dates and times ---

    def _date(self, value: Any, format: Any = "medium") -> str:  # noqa: A002 - the author's word
        from babel.dates import format_date  # noqa: PLC0415 - not before it is needed

        return format_date(self._day(value), _format(format, _OF_DATES, "a date", "d. MMMM y"), self._locale())

    def _time(self, value: Any, format: Any = "short") -> str:  # noqa: A002 # the author's word
        from babel.dates import format_time  # noqa: PLC0415 # not before it is needed

        clock = self._clock(value)
        return format_time(clock, _format(format, _OF_TIMES, "a time", "HH:mm"), clock.tzinfo, self._locale())

    def _datetime(self, value: Any, format: Any = "medium") -> str:  # noqa: A002 # the author's word
        from babel.dates import format_datetime, get_datetime_format  # noqa: PLC0415 # not before it is needed

        moment, locale = self._moment(value), self._locale()
        form = _format(format, _OF_DATES + _OF_TIMES, "a date with its time", "d. MMMM y, HH:mm")
        if form not in STYLES:
            return format_datetime(moment, form, moment.tzinfo, locale)
        both = str(get_datetime_format(form, locale=locale)).replace("'", "")
        return both.replace("{0}", self._time(moment)).replace("{1}", self._date(moment, form))

    def _day(self, value: Any) -> date:
        if isinstance(value, str) and _DAY.fullmatch(value):
            return _read(date.fromisoformat, value, "no date", "2026-12-24")
        if isinstance(value, date) and not isinstance(value, datetime):
            return value
        try:
            return self._moment(value).date()
        except _NotThat:
            raise _NotThat(value, "no date", "2026-12-24") from None

    def _moment(self, value: Any) -> datetime:
        """Return a moment in the site's time zone; one without an offset is meant in it."""
        what, example = "no date with a time", "2026-12-24T18:30"
        if isinstance(value, str) and _MOMENT.fullmatch(value):
            value = _read(datetime.fromisoformat, value, what, example)
        if not isinstance(value, datetime):
            raise _NotThat(value, what, example)
        zone = ZoneInfo(self.timezone)
        try:
            return value.astimezone(zone) if value.tzinfo else value.replace(tzinfo=zone)
        except OverflowError:
            return value

    def _clock(self, value: Any) -> datetime:
        """Return a moment that has this time of day."""
        if isinstance(value, str) and _CLOCK.fullmatch(value):
            value = _read(time.fromisoformat, value, "no time", "18:30")
        if isinstance(value, time):
            return datetime.combine(date(2000, 1, 1), value.replace(tzinfo=None), ZoneInfo(self.timezone))
        try:
            return self._moment(value)
        except _NotThat:
            raise _NotThat(value, "no time", "18:30") from None

    # --- numbers ---

    def _number(self, value: Any, digits: Any = None) -> str:
        number, locale = _number(value), self._locale()
        pattern = _with_digits(locale.decimal_formats[None], digits)
        return str(pattern.apply(_rounded(number, pattern.frac_prec[1]), locale))

    def _money(self, value: Any, currency: Any = None, digits: Any = None) -> str:
        from babel.numbers import get_currency_precision, is_currency  # noqa: PLC0415 # not before it is needed

        number, locale = _number(value), self._locale()
        if not isinstance(currency, str) or not is_currency(currency):
            wrong = "`money` must be told the currency" if currency is None else f"{_quoted(currency)} is no currency"
            raise ValueError(f'{wrong}: write its three capital letters, such as money("EUR")')
        pattern = _with_digits(locale.currency_formats["standard"], digits)
        number = _rounded(number, get_currency_precision(currency) if digits is None else digits)
        return str(pattern.apply(number, locale, currency=currency, currency_digits=digits is None))

    def _locale(self) -> "Locale":
        return _locale(self.language())


@lru_cache
def _locale(language: str) -> "Locale":
    """Return how a language writes; its basic form where the very one is not known, English where none is."""
    from babel import Locale, UnknownLocaleError  # noqa: PLC0415 # not before it is needed

    for code in (language, language.partition("-")[0]):
        try:
            return Locale.parse(code, sep="-")
        except (UnknownLocaleError, ValueError):
            continue
    return Locale("en")


class _NotThat(ValueError):
    """A value of another kind than the filter is for."""

    def __init__(self, value: object, what: str, example: str) -> None:
        super().__init__(f"{_quoted(value)} is {what}; it would be written {example}")


def _read(read: Callable[[str], Read], value: str, what: str, example: str) -> Read:
    """Return what a text says that is written rightly; there is no 30th of February."""
    try:
        return read(value)
    except ValueError:
        raise _NotThat(value, what, example) from None


def _quoted(value: Any) -> str:
    if isinstance(value, int) and abs(value) >= LARGEST:
        return "this number"
    return f"`{str(value)[:_LONGEST]}`" if isinstance(value, str | int | float | date | time) else "this value"


def _format(given: Any, letters: str, what: str, example: str) -> Any:
    """Return a format if it is one: the word for a length, or a pattern of CLDR's letters."""
    if given in STYLES:
        return given
    help_ = f"write {', '.join(STYLES)}, or a pattern such as `{example}`"
    if not isinstance(given, str) or len(given) > _LONGEST:
        raise ValueError(f"{_quoted(given)} is no format of {what}: {help_}")
    found = [str(part[0]) for part in _WORD.finditer(given) if not part[0].startswith("'")]
    if not found or any(part[0] not in letters or len(part) > 5 for part in found):
        near = suggestion(given, STYLES)
        raise ValueError(f"{_quoted(given)} is no format of {what}: {near or help_}")
    return given


def _number(value: Any) -> Decimal:
    if isinstance(value, str) and _NUMBER.fullmatch(value):
        return Decimal(value)
    is_number = isinstance(value, int | float | Decimal) and not isinstance(value, bool)
    if is_number and (isinstance(value, int) or isfinite(value)) and abs(value) < LARGEST:
        return Decimal(str(value))
    raise _NotThat(value, "no number that could be written", "1234.5")


def _rounded(number: Decimal, digits: int) -> Decimal:
    """Return a number with so many digits, rounded as people learn it: a half away from zero; no zero has a sign."""
    return number.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP) + 0


def _with_digits(pattern: Any, digits: Any) -> Any:
    """Return a pattern of Babel's that writes as many digits behind the point; the usual number where None is given."""
    if digits is None:
        return pattern
    if not isinstance(digits, int) or isinstance(digits, bool) or not 0 <= digits <= MOST_DIGITS:
        raise ValueError(f"{_quoted(digits)} is no number of digits: write a whole number up to {MOST_DIGITS}")
    changed = copy(pattern)
    changed.frac_prec = (digits, digits)
    return changed
