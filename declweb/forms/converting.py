"""How one answer becomes a value: the types of fields.

Owns how each type is read, bounded and stored. What is stored is what JSON takes: a number with its decimals as text,
so that it stays exact; days and times as ISO 8601 has them; a moment with its offset from UTC. Knows no whole form, and
of a visitor's language how numbers and days are written in it.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any, NamedTuple
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from declweb.forms import messages
from declweb.forms.questions import Question, as_text
from declweb.model.days import RelativeDay, day_on, relative_day
from declweb.model.fields import CHOOSING, MOMENTS, NUMBERS

MOST_DIGITS = 40
"""Of a number."""
LONGEST_URL = 2000

MOST_AS_JSON = 2**53 - 1
"""The largest number, either way, that every program reads as it was written (RFC 7493, section 2.2)."""

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_TIME = re.compile(r"[0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,6})?)?")
_MOMENT = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})[T ]([0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,6})?)?)\s?(Z|[+-][0-9]{2}:?[0-9]{2})?"
)
_DECIMAL = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)")
_EXACT = re.compile(r"-?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]{1,3})?")
_TEL = re.compile(r"[+(]?[0-9][0-9\s()./\u2010-\u2015-]*(?:\s*(?:ext\.?|x|#)\s*[0-9]{1,6})?", re.IGNORECASE)
_HOST = re.compile(r"(?:[^\W_](?:[\w-]*[^\W_])?\.)*[^\W_](?:[\w-]*[^\W_])?\.?|\[[0-9a-f:.]+\]", re.IGNORECASE)
_BARE = re.compile(r"(?:[^\W_](?:[\w-]*[^\W_])?\.)+[^\W\d_]{2,}(?::\d+)?(?:[/?#].*)?")
_UNSAFE_IN_URL = re.compile(r"[\x00-\x20\x7f\"<>\\^`{|}\u0085\u00a0\u2028\u2029]")

_WITH_COMMAS = frozenset({"en", "ja", "zh", "ko", "he", "th", "hi"})
"""Languages that write 1,000 for a thousand."""
_WITH_BLANKS = frozenset(
    {"fr", "pl", "cs", "sk", "sv", "fi", "nb", "nn", "no", "ru", "uk", "hu", "bg", "et", "lv", "lt"}
)
"""Languages that write 1 000."""


class Wrong(Exception):
    """An answer that cannot be taken."""

    def __init__(self, text: str, **values: object) -> None:
        super().__init__(text)
        self.text = text
        self.values = values


class Now(NamedTuple):
    """When answers are checked, and how they came."""

    moment: datetime
    is_json: bool


Take = Callable[[str, Now], Any]
"""From a text that is not empty to what is stored; raises Wrong."""


def length(text: str) -> int:
    """Return how long a text is as browsers count: in units of UTF-16 (HTML, section 4.10.18.3)."""
    if text.isascii():
        return len(text)
    return len(text) + sum(1 for letter in text if letter > "\uffff")


class Takers:
    """Makes what takes the answers of a field."""

    def __init__(self, zone: ZoneInfo, language: str) -> None:
        self._zone = zone
        self._language = language
        primary = language.partition("-")[0].lower()
        self._group = "," if primary in _WITH_COMMAS else "" if primary in _WITH_BLANKS else "."

    def of(self, question: Question) -> Take:
        """Return what takes the answers of a field."""
        if question.type in NUMBERS:
            return self._number(question)
        if question.type in MOMENTS:
            return self._moment(question)
        if question.type in CHOOSING:
            return _choice(question)
        if question.type in {"checkbox", "file"}:
            return lambda text, _now: text
        return self._measured(question, _CONVERT.get(question.type))

    @staticmethod
    def _measured(question: Question, convert: Callable[[str], str] | None) -> Take:
        """Take texts of a certain length and pattern."""
        least, most = question.min_length or 0, question.max_length
        pattern = re.compile(question.pattern) if question.pattern else None

        def take(text: str, now: Now) -> str:
            if now.is_json:
                pass  # it was measured as it was sent
            elif most is not None and len(text) * 2 > most and (count := length(text)) > most:
                raise Wrong(messages.TOO_LONG, most=most, count=count)
            elif least and (count := length(text)) < least:
                raise Wrong(messages.TOO_SHORT, least=least, count=count)
            if convert is not None:
                text = convert(text)
            if pattern is not None and not pattern.fullmatch(text):
                raise Wrong(messages.OTHER_FORM)
            return text

        return take

    def _number(self, question: Question) -> Take:
        """Take numbers: a text where they may have decimals, so that they stay exact."""
        is_whole = question.type == "integer"
        least = None if question.min is None else Decimal(str(question.min))
        most = None if question.max is None else Decimal(str(question.max))

        def take(text: str, now: Now) -> int | str:
            found = _exact(text, question.type) if now.is_json else self._read_number(text, question.type)
            if now.is_json and abs(found) > MOST_AS_JSON and (least if found < 0 else most) is None:
                raise Wrong(messages.WRONG[question.type])
            if (least is not None and found < least) or (most is not None and found > most):
                raise _outside(question, self._number_in_words, is_number=True)
            return int(found) if is_whole else format(found, "f")

        return take

    def _number_in_words(self, number: Any) -> str:
        text = format(Decimal(str(number)), "f")
        return text if self._group == "," else text.replace(".", ",")

    def _read_number(self, text: str, type_: str) -> Decimal:
        """Return a number as people write it."""
        plain = text
        if not plain.isascii() or " " in plain or "'" in plain:
            plain = unicodedata.normalize("NFKC", plain).replace("\u2212", "-").replace("\u2019", "'")
            plain = re.sub(r"(?<=\d)[ '](?=\d{3}(?:\D|$))", "", plain)
        plain = self._without_groups(plain)
        if len(plain) > MOST_DIGITS or not _DECIMAL.fullmatch(plain):
            raise Wrong(messages.WRONG[type_])
        found = Decimal(plain)
        if type_ == "integer" and found != int(found):
            raise Wrong(messages.WRONG[type_])
        return found

    def _without_groups(self, text: str) -> str:
        """Return a number with a point before its decimals and nothing between thousands."""
        marks = [sign for sign in text if sign in ".,"]
        if not marks:
            return text
        decimal = marks[-1]
        if len(set(marks)) == 2 or len(marks) > 1:
            group = marks[0]
            grouped = rf"[+-]?\d{{1,3}}(?:{re.escape(group)}\d{{3}})+"
            if group == decimal:
                return text.replace(group, "") if re.fullmatch(grouped, text) else text
            whole, _, part = text.rpartition(decimal)
            return f"{whole.replace(group, '')}.{part}" if re.fullmatch(grouped, whole) else text
        if decimal == self._group and re.fullmatch(rf"[+-]?[1-9]\d{{0,2}}{re.escape(decimal)}\d{{3}}", text):
            raise Wrong(messages.NO_SEPARATOR)
        return text.replace(",", ".")

    def _moment(self, question: Question) -> Take:
        """Take days and times."""
        read: Callable[[str], Any] = {"date": _read_day, "time": _read_time}.get(question.type, self._read_moment)
        low, high = question.min, question.max

        def take(text: str, now: Now) -> str:
            found = read(text)
            if low is not None or high is not None:
                least, most = self._bounds(question, now.moment)
                if (least is not None and found < least) or (most is not None and found > most):
                    raise _outside(replace(question, min=least, max=most), self._moment_in_words, is_number=False)
            return _iso(found)

        return take

    def _bounds(self, question: Question, now: datetime) -> tuple[Any, Any]:
        return bounds(question, now.astimezone(self._zone).date(), self._zone)

    def _moment_in_words(self, moment: Any) -> str:
        return in_words(moment, self._language)

    def _read_moment(self, text: str) -> datetime:
        """Return a moment in the site's time zone; one that does not exist there, or comes twice, is refused."""
        found = _MOMENT.fullmatch(text)
        try:
            if not found:
                raise ValueError(text)  # noqa: TRY301 # one way out
            day, clock, offset = found.groups()
            naive = datetime.fromisoformat(f"{day}T{clock}")
            if offset:
                return datetime.fromisoformat(f"{day}T{clock}{offset}").astimezone(self._zone)
            local = naive.replace(tzinfo=self._zone)
            again = local.astimezone(UTC).astimezone(self._zone).replace(tzinfo=None)
        except (ValueError, OverflowError):
            raise Wrong(messages.WRONG["datetime"]) from None
        if again != naive:
            raise Wrong(messages.NO_SUCH_TIME)
        if local.utcoffset() != local.replace(fold=1).utcoffset():
            raise Wrong(messages.TWICE)
        return local


def _exact(text: str, type_: str) -> Decimal:
    """Return a number as programs write it."""
    if not _EXACT.fullmatch(text):
        raise Wrong(messages.WRONG[type_])
    found = Decimal(text)
    if found.adjusted() > MOST_DIGITS or (type_ == "integer" and found != int(found)):
        raise Wrong(messages.WRONG[type_])
    return found


def _outside(question: Question, words: Callable[[Any], str], *, is_number: bool) -> Wrong:
    """Return what is wrong with an answer that is too small or too large."""
    low, high = question.min, question.max
    if low is not None and high is not None:
        text = messages.TIME_WITHIN if question.type == "time" else messages.WITHIN
        return Wrong(messages.BETWEEN if is_number else text, least=words(low), most=words(high))
    if low is not None:
        return Wrong(messages.AT_LEAST if is_number else messages.NOT_BEFORE, least=words(low))
    return Wrong(messages.AT_MOST if is_number else messages.NOT_AFTER, most=words(high))


def bounds(question: Question, today: date, zone: ZoneInfo) -> tuple[Any, Any]:
    """Return the first and the last day, time or moment that may be chosen, when it is `today`."""
    if question.type != "datetime":
        return tuple(None if each is None else day_on(each, today) for each in (question.min, question.max))  # type: ignore[return-value] # two of them
    return _local(question.min, today, zone, time()), _local(question.max, today, zone, time(23, 59, 59, 999999))


def _local(bound: Any, today: date, zone: ZoneInfo, clock: time) -> datetime | None:
    if bound is None:
        return None
    found = day_on(bound, today)
    if not isinstance(found, datetime):
        return datetime.combine(found, clock, zone)
    return found.replace(tzinfo=zone)


def in_words(moment: Any, language: str) -> str:
    """Return a day or a time as the people who speak a language write it."""
    from babel import Locale, UnknownLocaleError  # noqa: PLC0415 # only where it is said
    from babel.dates import format_date, format_time  # noqa: PLC0415 # as above

    try:
        locale = Locale.parse(language, sep="-")
    except (ValueError, UnknownLocaleError):
        locale = Locale("en", "GB")
    if locale.language == "en" and locale.territory is None:
        locale = Locale("en", "GB")  # the day before the month, and hours up to 24, are understood everywhere
    if isinstance(moment, datetime):
        return f"{format_date(moment, 'long', locale)}, {format_time(moment.time(), 'short', locale=locale)}"
    if isinstance(moment, time):
        return format_time(moment, "short", locale=locale)
    return format_date(moment, "long", locale)


def _read_day(text: str) -> date:
    try:
        if _DAY.fullmatch(text):
            return date.fromisoformat(text)
    except ValueError:
        pass
    raise Wrong(messages.WRONG["date"])


def _read_time(text: str) -> time:
    try:
        if _TIME.fullmatch(text):
            return time.fromisoformat(text)
    except ValueError:
        pass
    raise Wrong(messages.WRONG["time"])


def _iso(value: date | time) -> str:
    if isinstance(value, datetime | time):
        return value.isoformat(timespec="auto" if value.second or value.microsecond else "minutes")
    return value.isoformat()


def _choice(question: Question) -> Take:
    """Take one of the choices."""
    values = frozenset(option.value for option in question.options)

    def take(text: str, _now: Now) -> str:
        if text not in values:
            raise Wrong(messages.ONE_OF)
        return text

    return take


_PLAIN_EMAIL = re.compile(
    r"(?=.{6,254}\Z)[a-z0-9]+(?:[._+-][a-z0-9]+)*@"
    r"(?:[a-z0-9]{1,63}(?:-[a-z0-9]+)*\.)+(?!(?:arpa|invalid|local|localhost|onion|test)\Z)[a-z]{2,63}",
    re.IGNORECASE,
)
"""Most e-mail addresses: what this matches, email-validator takes as well, and ten times as slowly."""
_LONG_LABEL = re.compile(r"[^.@]{64}")


def _email(text: str) -> str:
    """Return an e-mail address with its domain in small letters (RFC 5322, RFC 6531); nobody is asked if it exists."""
    if text.isascii() and _PLAIN_EMAIL.fullmatch(text) and not _LONG_LABEL.search(text):
        local, _, domain = text.partition("@")
        return f"{local}@{domain.lower()}"
    from email_validator import EmailNotValidError, validate_email  # noqa: PLC0415 # slow to import

    try:
        return validate_email(text, check_deliverability=False).normalized
    except EmailNotValidError:
        raise Wrong(messages.WRONG["email"]) from None


def _tel(text: str) -> str:
    """Return a telephone number as it was written."""
    if 3 <= sum(sign.isdigit() for sign in text) <= 24 and _TEL.fullmatch(text):
        return text
    raise Wrong(messages.WRONG["tel"])


def _url(text: str) -> str:
    """Return a web address; `www.example.com` is one, and anything but http and https is none."""
    if "://" not in text and _BARE.fullmatch(text):
        text = f"https://{text}"
    try:
        parts = urlsplit(text)
        is_fine = (
            len(text) <= LONGEST_URL
            and not _UNSAFE_IN_URL.search(text)
            and parts.scheme in {"http", "https"}
            and "@" not in parts.netloc
            and parts.hostname is not None
            and _HOST.fullmatch(parts.netloc.removesuffix(f":{parts.port}") if parts.port else parts.netloc) is not None
        )
    except ValueError:
        is_fine = False
    if not is_fine:
        raise Wrong(messages.WRONG["url"])
    return text


_CONVERT: Mapping[str, Callable[[str], str]] = {"email": _email, "tel": _tel, "url": _url}
"""How texts of some types are read."""


# --- what was stored -------------------------------------------------------------------------------------------------


def restored(type_: str, value: Any) -> Any:
    """Return a stored value as Python knows it: Decimal for a number, date, time, aware datetime; None stays None."""
    if not isinstance(value, str) or not value:
        return value
    match type_:
        case "number":
            return Decimal(value)
        case "date":
            return date.fromisoformat(value)
        case "time":
            return time.fromisoformat(value)
        case "datetime":
            return datetime.fromisoformat(value)
        case _:
            return value


def default_texts(question: Question, today: date) -> tuple[str, ...]:
    """Return what stands in a field before anybody has written anything."""
    value = question.default
    if isinstance(value, str) and question.type in {"date", "datetime"} and value.strip().lower().startswith("today"):
        value = relative_day(value)
    if isinstance(value, RelativeDay):
        value = value.on(today)
    if isinstance(value, list):
        return tuple(value)
    if question.type == "datetime" and isinstance(value, date) and not isinstance(value, datetime):
        value = datetime.combine(value, time())
    return () if value is None else (as_text(value),)
