"""What a cell says: texts of a spreadsheet as values, each by the type of its column.

Owns the notations of every type: those of programs (`4.20`, `2026-12-24`, `yes`) in each language, and those of people
(`4,20`, `24.12.2026`, `ja`) in the language of the file; how a language writes them is Babel's knowledge (Unicode
CLDR), which is loaded when something is written otherwise. Must not know where a cell stands.
"""

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime, time
from decimal import Decimal
from functools import cache
from typing import NamedTuple
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from declweb.data.dataset import Cell
from declweb.model.mailboxes import is_address

LONGEST_NUMBER = 60
"""Digits of the longest number that is read."""

LARGEST_WHOLE = 2**63
"""No whole number is as large as this: neither databases nor other programs could keep it."""

_PLAIN_NUMBER = re.compile(r"[+-]?\d+(?:\.\d+)?", re.ASCII)
_GROUPED = re.compile(r"[+-]?\d{1,3}(?:(?:\.\d{3})+,|(?:,\d{3})+\.)\d+", re.ASCII)
_FAILED = re.compile(r"#[^\W\d_][\w/ ]*[!?]?|Err:\d+")
_WHOLE = re.compile(r"[+-]?\d+", re.ASCII)
_DAY = re.compile(r"(\d{4})-(\d{2})-(\d{2})", re.ASCII)
_OTHER_DAY = re.compile(r"(\d{1,4})([./ -]) ?(\d{1,2})\2 ?(\d{1,4})\.?", re.ASCII)
_CLOCK = re.compile(r"(\d{1,2})[:.](\d{2})(?:[:.](\d{2})(?:\.\d{1,6})?)?(?: ?([aApP])\.?[mM]\.?| (?:Uhr|h))?", re.ASCII)
_MOMENT = re.compile(r"(.*\d\.?)(?:[Tt]|,? +)(\d{1,2}[:.]\d{2}.*?) ?([Zz]|[+-]\d{2}:?\d{2})?")
_CURRENCY = re.compile(r"[€$£¥₣₤₹₺₽]|CHF|EUR|USD|GBP|Fr\.|z[łl]|kr\.?|K[čc]")
_SPACES = "\N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}\N{THIN SPACE} '\N{RIGHT SINGLE QUOTATION MARK}"

YES = "yes true 1 x ✓ ✔ on"
NO = "no false 0 - ✗ ✘ off"
_WORDS: Mapping[str, tuple[str, str]] = {
    "bg": ("да", "не"),
    "cs": ("ano", "ne"),
    "da": ("ja sand", "nej falsk"),
    "de": ("ja wahr", "nein falsch"),
    "el": ("ναι", "όχι"),  # noqa: RUF001 # they are Greek
    "es": ("sí si verdadero", "no falso"),
    "et": ("jah", "ei"),
    "fi": ("kyllä tosi", "ei epätosi"),
    "fr": ("oui vrai", "non faux"),
    "hr": ("da", "ne"),
    "hu": ("igen", "nem"),
    "it": ("sì si vero", "no falso"),
    "nb": ("ja", "nei"),
    "nl": ("ja waar", "nee onwaar"),
    "no": ("ja", "nei"),
    "pl": ("tak prawda", "nie fałsz"),
    "pt": ("sim verdadeiro", "não nao falso"),
    "ro": ("da", "nu"),
    "ru": ("да", "нет"),
    "sk": ("áno", "nie"),
    "sl": ("da", "ne"),
    "sv": ("ja sant", "nej falskt"),
    "tr": ("evet", "hayır"),  # noqa: RUF001 # it is Turkish
    "uk": ("так", "ні"),
}
"""Yes and no, in the languages whose spreadsheets write them so."""


class Notation(NamedTuple):
    """How the people who speak a language write numbers and days."""

    point: str
    """Between whole numbers and the rest."""
    group: str
    """Between thousands."""
    days: str
    """`dmy`, `mdy` or `ymd`; empty where nobody can know, as in English."""
    dash: str
    """Between day, month and year."""


class Reading(NamedTuple):
    """How cells of a file are read."""

    language: str = "en"
    timezone: str = "UTC"
    """Of moments that do not say theirs."""


Read = Callable[[str, Reading], Cell]


def read_cell(text: str, type_: str, reading: Reading) -> Cell:
    """Return what a cell says, None for an empty one; raises ValueError, with what would be right, in words."""
    text = text.strip()
    return _READ[type_](text, reading) if text else None


def spoken(type_: str) -> str:
    """Return what a cell of a type is called."""
    return _SPOKEN[type_]


def _text(text: str, _reading: Reading) -> str:
    if "\0" in text:
        raise ValueError("take the control character out")
    return text


def _number(text: str, reading: Reading) -> Decimal:
    if _PLAIN_NUMBER.fullmatch(text) and reading.language == "en":
        return _decimal(text, text)
    plain = _without_units(text)
    notation = _notation(reading.language)
    if notation.group == ".":
        grouped = re.fullmatch(r"[+-]?(?:\d{1,3}(?:\.\d{3})+|\d+)(?:,\d+)?", plain)
    else:
        grouped = re.fullmatch(rf"[+-]?(?:\d{{1,3}}(?:,\d{{3}})+|\d+)(?:{re.escape(notation.point)}\d+)?", plain)
        grouped = None if "," in plain and notation.group != "," and notation.point != "," else grouped
    if grouped is None:
        raise ValueError(_from_spreadsheet(text) or _other_number(plain, notation))
    return _decimal(plain.replace(notation.group, "").replace(notation.point, "."), text)


def _decimal(plain: str, text: str) -> Decimal:
    if len(plain) > LONGEST_NUMBER:
        raise ValueError(f"`{text[:20]}…` has too many digits")
    return Decimal(plain)


def _without_units(text: str) -> str:
    """Return a number without its currency, and without spaces and apostrophes between thousands."""
    bare = _CURRENCY.sub("", text, count=1).strip(_SPACES).replace("\N{MINUS SIGN}", "-")
    return re.sub(rf"(?<=\d)[{_SPACES}](?=\d{{3}}(?!\d))", "", bare)


def _other_number(plain: str, notation: Notation) -> str:
    """Return what would be right in the place of a number that is written in another way."""
    other = plain.translate({ord("."): ",", ord(","): "."})
    is_turned = {notation.point, notation.group} == {".", ","} and _GROUPED.fullmatch(plain) is not None
    if is_turned or re.fullmatch(r"[+-]?\d+[.,]\d+", plain):
        is_comma = notation.point == ","
        language = 'language = "en"' if is_comma else 'language = "de"'
        return f"write {other}, or say {language} in its table if the whole file is written so"
    return f"a number such as {'4,20' if notation.point == ',' else '4.20'}"


def _from_spreadsheet(text: str) -> str | None:
    """Return what to do with something that only a spreadsheet takes for a number."""
    if text.startswith("="):
        return "this is a formula: save the file so that the result stands here"
    if _FAILED.fullmatch(text):
        return "the formula that stood here has failed: mend it in the spreadsheet, or leave the cell empty"
    if text.endswith("%"):
        return 'a number has no percent sign: leave it out, or let the column be of the type "text"'
    return None


def _integer(text: str, reading: Reading) -> int:
    if not any(letter.isdigit() for letter in text):
        raise ValueError(_from_spreadsheet(text) or "a whole number such as 12")
    is_plain = _WHOLE.fullmatch(text) is not None and len(text) <= LONGEST_NUMBER
    number = Decimal(text) if is_plain else _number(text, reading)
    whole = int(number)
    if number != whole:
        raise ValueError("a whole number such as 12")
    if abs(whole) >= LARGEST_WHOLE:
        raise ValueError("it is too large")
    return whole


def _yes_or_no(text: str, reading: Reading) -> bool:
    words = _yes_and_no(reading.language)
    try:
        return words[text.casefold()]
    except KeyError:
        yes, no = list(words)[-2:]
        raise ValueError(f"write {yes} or {no}") from None


@cache
def _yes_and_no(language: str) -> Mapping[str, bool]:
    """Return the words for yes and no; the usual ones of the language stand last."""
    own = _WORDS.get(language.partition("-")[0], ("yes", "no"))
    pairs = ((YES, True), (NO, False), *zip(own, (True, False), strict=True))
    found = {word: is_yes for words, is_yes in pairs for word in words.split()}
    for words, is_yes in zip(own, (True, False), strict=True):
        first = words.split()[0]
        found.pop(first)
        found[first] = is_yes
    return found


def _date(text: str, reading: Reading) -> date:
    iso = _DAY.fullmatch(text)
    if iso:
        return _day(*map(int, iso.groups()), text=text)
    other = _OTHER_DAY.fullmatch(text)
    if other is None:
        raise ValueError("a day such as 2026-12-24")
    first, dash, second, third = other.groups()
    order, usual = _notation(reading.language).days, _notation(reading.language).dash
    if len(first) == 4:
        return _day(int(first), int(second), int(third), text=text)
    if not order or (dash == "." and usual != "." and order != "dmy"):
        raise ValueError(_which_day(dash))
    if order == "ymd" or len(third) != 4:
        raise ValueError("write the year with four digits" if len(third) == 2 else "a day such as 2026-12-24")
    day, month = (first, second) if order == "dmy" else (second, first)
    return _day(int(third), int(month), int(day), text=text)


def _which_day(dash: str) -> str:
    choice = '"en-GB" or "en-US"' if dash == "/" else '"de"'
    return f"write 2026-12-24 for Christmas Eve, or say language = {choice} in its table"


def _day(year: int, month: int, day: int, *, text: str) -> date:
    try:
        return date(year, month, day)
    except ValueError:
        raise ValueError(f"there is no day {text}") from None


def _time(text: str, _reading: Reading) -> time:
    found = _CLOCK.fullmatch(text)
    if found is None:
        raise ValueError("a time such as 18:30")
    hour, minute, second, half = found.groups()
    hours = int(hour) % 12 + 12 * (half in {"p", "P"}) if half else int(hour)
    if (half and not 1 <= int(hour) <= 12) or hours > 23 or int(minute) > 59 or int(second or 0) > 59:
        raise ValueError(f"there is no time {text}")
    return time(hours, int(minute), int(second or 0))


def _datetime(text: str, reading: Reading) -> datetime:
    found = _MOMENT.fullmatch(text)
    if found is None:
        raise ValueError("a day with a time such as 2026-12-24 18:30")
    day, clock, offset = found.groups()
    moment = datetime.combine(_date(day.rstrip(","), reading), _time(clock, reading))
    if offset is None:
        return moment.replace(tzinfo=ZoneInfo(reading.timezone))
    zone = "+00:00" if offset in "Zz" else offset
    try:
        return datetime.fromisoformat(f"{moment.isoformat()}{zone}")
    except ValueError:
        raise ValueError(f"there is no time zone {offset}") from None


def _url(text: str, _reading: Reading) -> str:
    try:
        parts = urlsplit(text)
        is_good = parts.scheme in {"http", "https"} and bool(parts.hostname)
    except ValueError:
        is_good = False
    if not is_good or re.search(r"[\s<>\"\x00-\x1f\x7f]", text):
        raise ValueError(
            f"an address such as https://{text}" if re.fullmatch(r"[\w.-]+\.\w+(/\S*)?", text) else _AN_URL
        )
    return text


_AN_URL = "an address that begins with https://"


def _email(text: str, _reading: Reading) -> str:
    if not is_address(text):
        raise ValueError("an e-mail address such as anna@example.org")
    return text


@cache
def _notation(language: str) -> Notation:
    """Return how the people who speak a language write numbers and days."""
    if language == "en":
        return Notation(".", ",", "", "/")
    from babel import Locale, UnknownLocaleError  # noqa: PLC0415 # most files need none of it
    from babel.numbers import get_decimal_symbol, get_group_symbol  # noqa: PLC0415 # as above

    try:
        locale = Locale.parse(language, sep="-")
    except (UnknownLocaleError, ValueError):
        return Notation(".", ",", "", "/")
    pattern = locale.date_formats["short"].pattern
    order = "".join(dict.fromkeys(re.sub(r"[^dmy]", "", pattern.lower())))
    dash = next(iter(re.findall(r"[./ -]", pattern)), "/")
    return Notation(get_decimal_symbol(locale), get_group_symbol(locale), order, dash)


_READ: Mapping[str, Read] = {
    "text": _text,
    "number": _number,
    "integer": _integer,
    "yes/no": _yes_or_no,
    "date": _date,
    "time": _time,
    "datetime": _datetime,
    "url": _url,
    "email": _email,
}

_SPOKEN: Mapping[str, str] = {
    "text": "a text",
    "number": "a number",
    "integer": "a whole number",
    "yes/no": "yes or no",
    "date": "a day",
    "time": "a time",
    "datetime": "a day with a time",
    "url": "an address on the web",
    "email": "an e-mail address",
}
