r"""The mistakes people make when they write TOML, and the words for them.

Owns one table for each sort of place: what a mistake looks like, its code, what is said and what would be right. Must
not know where a text comes from, nor what is done with it afterwards.

Patterns are matched at the start of the place; of several that fit, the first counts. Their group `at` is what gets
marked, the others may be named in the words. Groups `key`, `value`, `name` and `more` also tell whoever reads on what
was probably meant: `more` is a key with its value that stands behind something else. Only the first `WINDOW` characters
are looked at, so that no text takes long.
"""

import re
from collections.abc import Callable, Iterable
from typing import Literal, NamedTuple

from declweb.sitefile import repairs
from declweb.sitefile.lexing import CURLY, KEY, STRING
from declweb.sitefile.repairs import shown

WINDOW = 500

Words = str | Callable[[re.Match[str]], str]
"""Words with the names of groups in braces, or what makes them."""


class Mistake(NamedTuple):
    """What a mistake looks like, and what is said about it."""

    code: str
    pattern: re.Pattern[str]
    message: Words
    help: Words


class Found(NamedTuple):
    """A mistake in a text, in words."""

    code: str
    message: str
    help: str
    start: int
    end: int
    match: re.Match[str]


def find(mistakes: Iterable[Mistake], text: str, start: int, end: int) -> Found | None:
    """Return the first of these mistakes that the text between these offsets shows."""
    for mistake in mistakes:
        if match := mistake.pattern.match(text, start, min(end, start + WINDOW)):
            message, help_ = (_spoken(words, match) for words in (mistake.message, mistake.help))
            return Found(mistake.code, message, help_, *match.span("at"), match)
    return None


def _spoken(words: Words, match: re.Match[str]) -> str:
    if not isinstance(words, str):
        return words(match)
    return words.format_map({name: shown(part or "") for name, part in match.groupdict().items()})


def row(code: str, pattern: str, message: Words, help_: Words) -> Mistake:
    """Return one row of a table."""
    return Mistake(code, re.compile(pattern), message, help_)


ANY_CURLY = f"[{CURLY}`]"


_INVISIBLE = r"[\x7f-\xa0\xad\u1680\u180e\u2000-\u200f\u2028-\u202f\u205f-\u206f\u3000\ufeff]"


EQUALS = r"[ \t]*=(?!=)"


SIGN = r"(?P<sign>//|;|--|/\*|<!--|%)"


_BAD_ESCAPE = r'\\(?![btnfre"\\\s]|x[0-9A-Fa-f]{2}|u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8})[\s\S]'


_COMPLETE = (
    r"(?:true|false|[+-]?\d[\d_]*(?:\.\d+)?)"
    rf"(?:$|[ \t]*(?:[;,\])}}\"'\[{{#]|//)|[ \t]+(?:\d|true\b|false\b|{KEY}{EQUALS}))"
)
"""A value without quotes, and what `BEHIND` knows better."""

CURLY_WORDS = "{at} is not in straight quotes, and only these make a text"


_DATE_WORDS = "`{at}` cannot be read as a date"


REMARK_WORDS = "`{sign}` does not begin a remark"


REMARK_HELP = "remarks begin with `#`"


TWO_WORDS = "`{more}` stands behind something else in one line"

ODD_CHARACTER = row(
    "odd-character",
    rf"(?:{STRING}|[^\"'\n#])*?(?P<at>{_INVISIBLE})",
    repairs.odd_character,
    "delete it; where a space is wanted, type it anew",
)

ESCAPES = (
    row(
        "single-backslash",
        rf'(?:"{{3}}(?:[^\\]|\\[\s\S])*?|"(?:[^"\\\n]|\\[^\n])*?)(?P<at>{_BAD_ESCAPE})',
        'a backslash has a meaning of its own between "…", and `{at}` has none',
        "write two backslashes, or use '…' around the text",
    ),
)

VALUE = (
    row("missing-value", r"(?P<at>#\S[^\n]*)", "`{at}` is a remark, so there is no value", repairs.quoted),
    row("missing-value", r"(?P<at>)$", "there is no value behind `=`", "write a value, or delete the line"),
    ODD_CHARACTER,
    row("wrong-equals", r"(?P<at>[=>]+)", "one `=` stands between a key and its value", "delete `{at}`"),
    row("curly-quotes", rf"(?P<at>{ANY_CURLY}[^\n]*?)[;,]?$", CURLY_WORDS, repairs.quoted),
    row(
        "wrong-boolean",
        r"(?P<at>(?i:yes|no|on|off|true|false|ja|nein))[;,]?$",
        "`{at}` is not how yes and no are written",
        repairs.boolean,
    ),
    row(
        "no-such-value",
        r"(?P<at>(?i:none|null|nil|undefined)|~)[;,]?$",
        "there is no `{at}` in a site file",
        "leave the key out",
    ),
    row(
        "wrong-date",
        r"(?P<at>(?P<day>\d{1,2})[./-](?P<month>\d{1,2})[./-](?P<year>\d{4}))[;,]?$",
        _DATE_WORDS,
        repairs.day,
    ),
    row(
        "wrong-date",
        r"(?P<at>(?P<year>\d{4})[./-](?P<month>\d{1,2})[./-](?P<day>\d{1,2}))[;,]?$",
        _DATE_WORDS,
        repairs.day,
    ),
    row(
        "wrong-date",
        r"(?P<at>(?:\d{4}-\d{2}-\d{2}[Tt ])?\d{1,2}:\d{2}(?::\d{2})?(?:[ \t]*(?i:uhr|am|pm|h))?)[;,]?$",
        "`{at}` cannot be read as a time",
        "write hours from 00 to 23 and minutes, such as 08:30",
    ),
    row(
        "wrong-number",
        r"(?P<at>(?P<sign>[+-]?)0+(?P<digits>\d[\d_]*))[;,]?$",
        "a number does not begin with 0",
        repairs.without_zeros,
    ),
    row(
        "wrong-number",
        r"(?P<at>(?P<whole>[+-]?\d+),(?P<part>\d+))$",
        "a number has a dot, not a comma",
        "write {whole}.{part}",
    ),
    row(
        "wrong-number",
        r"(?P<at>\.\d+|\d+\.)[;,]?$",
        "a digit is missing beside the dot",
        repairs.with_both_digits,
    ),
    row(
        "wrong-number",
        r"(?P<at>\d{1,3}(?:[.' ]\d{3})+(?:,\d+)?)$",
        "`{at}` is not how a large number is written",
        repairs.without_groups,
    ),
    row("wrong-number", rf"(?P<at>[+-]?[\d_]{{{WINDOW - 1}}})", "this number is too long", "write it in quotes"),
    *ESCAPES,
    row(
        "missing-quotes",
        r"(?P<at>[rbfuRBFU]{1,2}(?P<rest>[\"'][^\n]*))$",
        "a text begins with its quote, not with a letter before it",
        "write {rest}",
    ),
    row(
        "missing-quotes",
        r"(?P<at>\+?\d[\d()/.-]*(?:[ \t]+[\w(][\w()/.-]*)+)(?:[ \t]+#[^\n]*)?$",
        "the text `{at}` has no quotes around it",
        repairs.quoted,
    ),
    row("wrong-bracket", r"(?P<at>\((?P<items>[^()\n]*)\))$", "round brackets mean nothing here", "write [{items}]"),
    row("missing-quotes", r"(?P<at>\{\{[^\n]*\}\})$", "the text {at} has no quotes around it", repairs.quoted),
    row(
        "missing-quotes",
        rf"(?P<at>(?!{_COMPLETE})[^\s\"'\[\]{{}},;#][^\n]*?)"
        rf"(?:[;,]|[ \t]+#[^\n]*|[ \t]+(?P<more>{KEY}{EQUALS}[^\n]*))?$",
        "the text `{at}` has no quotes around it",
        repairs.quoted,
    ),
)
"""What stands behind `=`, or between the commas of a list."""

_TOO_MUCH = row("stray-text", r"[ \t]*(?P<at>[^\n]+)", "`{at}` is too much here", "delete it, or begin it with `#`")


_REMARK = row("wrong-remark", rf"[ \t]*(?P<at>{SIGN}[ \t]*[^\n]+)", REMARK_WORDS, REMARK_HELP)


_QUOTE_WORDS = "the text ends before `{at}`, because of a quote inside it"


_QUOTE_HELP = 'write \\" for a quote inside a text, or use the other kind of quotes around it'


_QUOTE_IN_TEXT = row(
    "quote-in-text",
    r"(?:(?=\S)|[ \t]+(?=[^\"'\n]*[\"'][^\"'\n]*$))(?P<at>[^\s\"',;=\[\]{}()+][^\"'=\n]*[\"'][^\n]*)",
    _QUOTE_WORDS,
    _QUOTE_HELP,
)


QUOTE_IN_TEXT = row(
    "quote-in-text",
    rf"(?:[^\"'\n]|{STRING}(?![^\W\d_]))*+{STRING}(?P<at>[^\W\d_][^\n]*)",
    _QUOTE_WORDS,
    _QUOTE_HELP,
)
"""A line in which a quote has no other, because there are three in a row."""

Where = Literal["line", "list", "table"]
"""What a value stands in: a line of its own, a list, or an inline table."""

BEHIND: dict[Where, tuple[Mistake, ...]] = {
    "line": (
        row(
            "two-in-one-line",
            rf"[ \t]*[;,]?[ \t]*(?P<at>(?P<more>{KEY}{EQUALS}[^\n]*))",
            TWO_WORDS,
            "every key has a line of its own",
        ),
        row("stray-text", r"[ \t]*(?P<at>[;,])[ \t]*$", "a line does not end with `{at}`", "delete it"),
        _REMARK,
        row(
            "wrong-bracket",
            r"[ \t]*(?P<at>[\]})]+)[;,]?[ \t]*$",
            "`{at}` closes nothing: a bracket too many",
            "delete it",
        ),
        row(
            "wrong-bracket",
            r"[ \t]*(?P<at>,[^\n]*)",
            "several values need brackets around them",
            "write [ … ] around them",
        ),
        _QUOTE_IN_TEXT,
        row(
            "missing-comma", r"[ \t]*(?P<at>)[\"'\[{]", "two values stand side by side", "write [ … , … ] around a list"
        ),
        _TOO_MUCH,
    ),
    "list": (
        _REMARK,
        row("wrong-equals", r"[ \t]*(?P<at>=)", "a list has no keys", "write {{ }} around keys and their values"),
        _QUOTE_IN_TEXT,
        row("missing-comma", r"(?P<at>)", "a comma is missing here", "write a comma between two values"),
    ),
    "table": (
        row(
            "missing-comma",
            rf"(?P<at>)[; \t]*(?P<more>{KEY}[ \t]*[=:][^\n]*)",
            "a comma is missing here",
            "write a comma before the next key",
        ),
        _REMARK,
        _QUOTE_IN_TEXT,
        _TOO_MUCH,
    ),
}
"""What stands behind a value that is complete in itself."""

NO_COMMA = (row("missing-comma", r"(?P<at>)", "a comma is missing here", "write a comma between two lines"),)


NO_ITEM = (row("stray-text", r"(?P<at>,)", "there is nothing before this comma", "delete one of the commas"),)

_LOOSE = r"[^\s=:\"'\[\]{}#,][^=:\"'\[\]{}#,\n]*?"


_LOOSE_WORD = r"[^\s=:\"'\[\]{}#,]+"

LINE = (
    ODD_CHARACTER,
    row(
        "merge-conflict",
        r"(?P<at>(?:<{7}|={7}|>{7}|\|{7})[^\n]*)",
        "a version control system has left this line behind",
        "keep what is right of the lines around it, and delete this one",
    ),
    row("wrong-remark", rf"(?P<at>{SIGN}[^\n]*)", REMARK_WORDS, REMARK_HELP),
    row("wrong-bracket", r"(?P<at>[\]}),;]+)[ \t]*$", "`{at}` closes nothing that is open here", "delete it"),
    row(
        "unreadable-line",
        r"(?P<at>-)[ \t]+\S",
        "a list is not written with `-` before its values",
        "write [ … ] around them, and commas between",
    ),
    row(
        "curly-quotes",
        rf"(?P<at>{ANY_CURLY}(?P<key>[^=:\n]*?){ANY_CURLY}?)[ \t]*[=:][ \t]*(?P<value>[^\n]*)",
        CURLY_WORDS,
        repairs.pair,
    ),
    row(
        "wrong-equals",
        rf"(?P<key>{KEY}|{_LOOSE})[ \t]*(?P<at>:=?(?!//)|->|\u2192)[ \t]*(?P<value>\S[^\n]*)",
        "between a key and its value stands `=`, not `{at}`",
        repairs.pair,
    ),
    row(
        "wrong-equals",
        rf"(?P<at>(?P<name>{KEY}):)[ \t]*$",
        "`{at}` begins nothing in a site file",
        "a table begins with its name in brackets: [{name}]",
    ),
    row(
        "unquoted-key",
        rf"(?P<at>(?P<key>{_LOOSE}))[ \t]*=[ \t]*(?P<value>[^\n]*)",
        "the key `{at}` needs quotes, as there is more in it than letters, digits, - and _",
        repairs.quoted_key,
    ),
    row("unreadable-line", r"(?P<at>=)", "there is no key before `=`", "write a key"),
    row(
        "missing-equals",
        rf"(?P<key>{KEY}|{_LOOSE_WORD})(?:[ \t]+|(?=[\"'\[{{]))(?P<at>[^\s=][^\n]*)",
        "there is no `=` between `{key}` and its value",
        repairs.pair_or_remark,
    ),
    row(
        "missing-value",
        rf"(?P<at>(?P<key>{KEY}|{_LOOSE_WORD}))[ \t]*$",
        "`{at}` stands alone, without `=` and a value",
        "write {at} = and its value, or begin the line with `#` when it is a remark",
    ),
    row(
        "unreadable-line",
        r"(?P<at>\S[^\n]*)",
        "this is neither a key with its value nor a [table]",
        "begin the line with `#` when it is a remark",
    ),
)
"""A line, or an item of an inline table, that does not begin with a key and `=`."""

FAULTS: dict[Literal["string", "bracket", "closer", "depth"], tuple[Mistake, ...]] = {
    "string": (
        row(
            "curly-quotes",
            rf"(?P<at>[\"'][^\"'\n]*{ANY_CURLY})[ \t]*[,\]}})]*[ \t]*(?:#[^\n]*)?$",
            CURLY_WORDS,
            repairs.quoted,
        ),
        row(
            "unclosed-string",
            r"(?P<at>\"{3}|'{3})",
            "the long text that begins here has no {at} at its end",
            "write {at} behind it",
        ),
        row(
            "single-backslash",
            r'"[^"\n]*(?P<at>\\")[^"\n]*$',
            "the backslash makes the quote behind it a part of the text, so that nothing ends it",
            "write two backslashes, or use '…' around the text",
        ),
        row(
            "unclosed-string",
            r"(?P<at>(?P<quote>[\"'])[^\n]*)",
            "the text that begins here has no {quote} at its end",
            "write {quote} behind it",
        ),
    ),
    "bracket": (
        row("unclosed-bracket", r"(?P<at>\[)", "what `[` opens here is never closed", "write ] behind the last value"),
        row(
            "unclosed-bracket",
            r"(?P<at>\{)",
            "what `{at}` opens here is never closed",
            "write }} behind the last value",
        ),
    ),
    "closer": (
        row("wrong-bracket", r"(?P<at>\[)", "what `[` opens here is closed by another bracket", "close it with ]"),
        row("wrong-bracket", r"(?P<at>\{)", "what `{at}` opens here is closed by another bracket", "close it with }}"),
    ),
    "depth": (row("too-deep", r"(?P<at>[\[{])", "too many brackets stand within each other", "400 are the most"),),
}
"""What keeps a statement from ending, looked at where it was opened."""
