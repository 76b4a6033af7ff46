"""Days and times as the owner reads them: in the site's time zone and language.

Owns how long ago, how soon and how long something is kept are said. Knows no entry.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_skeleton, format_time
from babel.numbers import format_decimal

from declweb.translations import SOURCE, Say, find_spoken, mark

TODAY = mark("today, {time}")
YESTERDAY = mark("yesterday, {time}")
TOMORROW = mark("tomorrow, {time}")
SOON = mark("in a moment")
KEPT = mark("kept until you delete it")
DELETED_TODAY = mark("deleted today")
DELETED = mark("deleted on {day}")

_SIZES = ((10**9, "GB"), (10**6, "MB"), (10**3, "KB"))


@dataclass(frozen=True, slots=True)
class Calendar:
    """Writes moments for one site, seen from one moment."""

    language: str
    zone: ZoneInfo
    say: Say
    now: datetime

    @property
    def locale(self) -> Locale:
        """What Babel knows of the language that the pages are in."""
        spoken = find_spoken(self.language)
        try:
            return Locale.parse(self.language, sep="-") if spoken else Locale.parse(SOURCE)
        except (ValueError, UnknownLocaleError):
            return Locale.parse(spoken or SOURCE)

    @property
    def today(self) -> date:
        """The day that it is on the site."""
        return self.local(self.now).date()

    def local(self, moment: datetime) -> datetime:
        """Return a moment in the site's time zone."""
        return moment.astimezone(self.zone)

    def exact(self, moment: datetime) -> str:
        """Return a moment for programs."""
        return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")

    def day(self, day: date) -> str:
        """Return a day, with its year where that is another one: `3 May`."""
        if day.year == self.today.year:
            return format_skeleton("MMMMd", day, locale=self.locale)
        return format_date(day, "long", locale=self.locale)

    def short_day(self, day: date) -> str:
        """Return a day as it stands below a chart."""
        return format_skeleton("MMMd", day, locale=self.locale)

    def brief(self, day: date) -> str:
        """Return a day as it stands in a list, with its year where that is another one."""
        return self.short_day(day) if day.year == self.today.year else format_date(day, "medium", locale=self.locale)

    def time(self, moment: datetime) -> str:
        """Return the time of a moment."""
        return format_time(self.local(moment), "short", locale=self.locale, tzinfo=self.zone)

    def full(self, moment: datetime) -> str:
        """Return a moment with all that there is to know."""
        day = format_date(self.local(moment).date(), "full", locale=self.locale)
        return f"{day}, {self.time(moment)}"

    def near(self, moment: datetime) -> str:
        """Return a moment as people speak of it: today, yesterday, a day."""
        day, time = self.local(moment).date(), self.time(moment)
        words = {0: TODAY, -1: YESTERDAY, 1: TOMORROW}.get((day - self.today).days)
        return self.say(words).format(time=time) if words else f"{self.brief(day)}, {time}"

    def due(self, moment: datetime) -> str:
        """Return when something is going to happen."""
        return self.say(SOON) if moment <= self.now + timedelta(seconds=60) else self.near(moment)

    def kept(self, until: datetime | None) -> str:
        """Return how long something is kept."""
        if until is None:
            return self.say(KEPT)
        day = self.local(until).date()
        return self.say(DELETED_TODAY) if day <= self.today else self.say(DELETED).format(day=self.day(day))

    def answer(self, kind: str, value: object) -> str:
        """Return an answer to a field of some kinds as the language writes it; nothing of others."""
        try:
            match kind, value:
                case "date", str():
                    return format_date(date.fromisoformat(value), "full", locale=self.locale)
                case "datetime", str():
                    return self.full(datetime.fromisoformat(value))
                case "time", str():
                    return format_time(time.fromisoformat(value), "short", locale=self.locale)
                case "integer" | "number", int() | str() if not isinstance(value, bool):
                    return str(format_decimal(Decimal(value), "#,##0.##########", locale=self.locale))
        except (ValueError, ArithmeticError):
            return ""
        return ""

    def language_name(self, code: str) -> str:
        """Return what a language is called."""
        try:
            return Locale.parse(code, sep="-").get_display_name(self.locale) or code
        except (ValueError, UnknownLocaleError):
            return code

    def number(self, number: int) -> str:
        """Return a number as the language writes it."""
        return str(format_decimal(number, locale=self.locale))

    def size(self, size: int) -> str:
        """Return the size of a file."""
        for unit, name in _SIZES:
            if size >= unit:
                digits = "0.#" if size < 10 * unit else "0"
                return f"{format_decimal(size / unit, format=digits, locale=self.locale)} {name}"
        return f"{size} B"
