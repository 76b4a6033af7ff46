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
from declweb.sitefile.assembly import New
from declweb.sitefile.lexing import BARE, CURLY, KEY, STRING
from declweb.sitefile.repairs import shown
from declweb.sitefile.spans import Kind

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


def _row(code: str, pattern: str, message: Words, help_: Words) -> Mistake:
    return Mistake(code, re.compile(pattern), message, help_)


_CURLY = f"[{CURLY}`]"
_INVISIBLE = r"[\x7f-\xa0\xad\u1680\u180e\u2000-\u200f\u2028-\u202f\u205f-\u206f\u3000\ufeff]"
_EQUALS = r"[ \t]*=(?!=)"
_SIGN = r"(?P<sign>//|;|--|/\*|<!--|%)"
_BAD_ESCAPE = r'\\(?![btnfre"\\\s]|x[0-9A-Fa-f]{2}|u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8})[\s\S]'
_COMPLETE = (
    r"(?:true|false|[+-]?\d[\d_]*(?:\.\d+)?)"
    rf"(?:$|[ \t]*(?:[;,\])}}\"'\[{{#]|//)|[ \t]+(?:\d|true\b|false\b|{KEY}{_EQUALS}))"
)
"""A value without quotes, and what `BEHIND` knows better."""

_CURLY_WORDS = "{at} is not in straight quotes, and only these make a text"
_DATE_WORDS = "`{at}` cannot be read as a date"
_REMARK_WORDS = "`{sign}` does not begin a remark"
_REMARK_HELP = "remarks begin with `#`"
_TWO_WORDS = "`{more}` stands behind something else in one line"

ODD_CHARACTER = _row(
    "odd-character",
    rf"(?:{STRING}|[^\"'\n#])*?(?P<at>{_INVISIBLE})",
    repairs.odd_character,
    "delete it; where a space is wanted, type it anew",
)

ESCAPES = (
    _row(
        "single-backslash",
        rf'(?:"{{3}}(?:[^\\]|\\[\s\S])*?|"(?:[^"\\\n]|\\[^\n])*?)(?P<at>{_BAD_ESCAPE})',
        'a backslash has a meaning of its own between "…", and `{at}` has none',
        "write two backslashes, or use '…' around the text",
    ),
)

VALUE = (
    _row("missing-value", r"(?P<at>#\S[^\n]*)", "`{at}` is a remark, so there is no value", repairs.quoted),
    _row("missing-value", r"(?P<at>)$", "there is no value behind `=`", "write a value, or delete the line"),
    ODD_CHARACTER,
    _row("wrong-equals", r"(?P<at>[=>]+)", "one `=` stands between a key and its value", "delete `{at}`"),
    _row("curly-quotes", rf"(?P<at>{_CURLY}[^\n]*?)[;,]?$", _CURLY_WORDS, repairs.quoted),
    _row(
        "wrong-boolean",
        r"(?P<at>(?i:yes|no|on|off|true|false|ja|nein))[;,]?$",
        "`{at}` is not how yes and no are written",
        repairs.boolean,
    ),
    _row(
        "no-such-value",
        r"(?P<at>(?i:none|null|nil|undefined)|~)[;,]?$",
        "there is no `{at}` in a site file",
        "leave the key out",
    ),
    _row(
        "wrong-date",
        r"(?P<at>(?P<day>\d{1,2})[./-](?P<month>\d{1,2})[./-](?P<year>\d{4}))[;,]?$",
        _DATE_WORDS,
        repairs.day,
    ),
    _row(
        "wrong-date",
        r"(?P<at>(?P<year>\d{4})[./-](?P<month>\d{1,2})[./-](?P<day>\d{1,2}))[;,]?$",
        _DATE_WORDS,
        repairs.day,
    ),
    _row(
        "wrong-date",
        r"(?P<at>(?:\d{4}-\d{2}-\d{2}[Tt ])?\d{1,2}:\d{2}(?::\d{2})?(?:[ \t]*(?i:uhr|am|pm|h))?)[;,]?$",
        "`{at}` cannot be read as a time",
        "write hours from 00 to 23 and minutes, such as 08:30",
    ),
    _row(
        "wrong-number",
        r"(?P<at>(?P<sign>[+-]?)0+(?P<digits>\d[\d_]*))[;,]?$",
        "a number does not begin with 0",
        repairs.without_zeros,
    ),
    _row(
        "wrong-number",
        r"(?P<at>(?P<whole>[+-]?\d+),(?P<part>\d+))$",
        "a number has a dot, not a comma",
        "write {whole}.{part}",
    ),
    _row(
        "wrong-number",
        r"(?P<at>\.\d+|\d+\.)[;,]?$",
        "a digit is missing beside the dot",
        repairs.with_both_digits,
    ),
    _row(
        "wrong-number",
        r"(?P<at>\d{1,3}(?:[.' ]\d{3})+(?:,\d+)?)$",
        "`{at}` is not how a large number is written",
        repairs.without_groups,
    ),
    _row("wrong-number", rf"(?P<at>[+-]?[\d_]{{{WINDOW - 1}}})", "this number is too long", "write it in quotes"),
    *ESCAPES,
    _row(
        "missing-quotes",
        r"(?P<at>[rbfuRBFU]{1,2}(?P<rest>[\"'][^\n]*))$",
        "a text begins with its quote, not with a letter before it",
        "write {rest}",
    ),
    _row(
        "missing-quotes",
        r"(?P<at>\+?\d[\d()/.-]*(?:[ \t]+[\w(][\w()/.-]*)+)(?:[ \t]+#[^\n]*)?$",
        "the text `{at}` has no quotes around it",
        repairs.quoted,
    ),
    _row("wrong-bracket", r"(?P<at>\((?P<items>[^()\n]*)\))$", "round brackets mean nothing here", "write [{items}]"),
    _row("missing-quotes", r"(?P<at>\{\{[^\n]*\}\})$", "the text {at} has no quotes around it", repairs.quoted),
    _row(
        "missing-quotes",
        rf"(?P<at>(?!{_COMPLETE})[^\s\"'\[\]{{}},;#][^\n]*?)"
        rf"(?:[;,]|[ \t]+#[^\n]*|[ \t]+(?P<more>{KEY}{_EQUALS}[^\n]*))?$",
        "the text `{at}` has no quotes around it",
        repairs.quoted,
    ),
)
"""What stands behind `=`, or between the commas of a list."""

_TOO_MUCH = _row("stray-text", r"[ \t]*(?P<at>[^\n]+)", "`{at}` is too much here", "delete it, or begin it with `#`")
_REMARK = _row("wrong-remark", rf"[ \t]*(?P<at>{_SIGN}[ \t]*[^\n]+)", _REMARK_WORDS, _REMARK_HELP)
_QUOTE_WORDS = "the text ends before `{at}`, because of a quote inside it"
_QUOTE_HELP = 'write \\" for a quote inside a text, or use the other kind of quotes around it'
_QUOTE_IN_TEXT = _row(
    "quote-in-text",
    r"(?:(?=\S)|[ \t]+(?=[^\"'\n]*[\"'][^\"'\n]*$))(?P<at>[^\s\"',;=\[\]{}()+][^\"'=\n]*[\"'][^\n]*)",
    _QUOTE_WORDS,
    _QUOTE_HELP,
)
QUOTE_IN_TEXT = _row(
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
        _row(
            "two-in-one-line",
            rf"[ \t]*[;,]?[ \t]*(?P<at>(?P<more>{KEY}{_EQUALS}[^\n]*))",
            _TWO_WORDS,
            "every key has a line of its own",
        ),
        _row("stray-text", r"[ \t]*(?P<at>[;,])[ \t]*$", "a line does not end with `{at}`", "delete it"),
        _REMARK,
        _row(
            "wrong-bracket",
            r"[ \t]*(?P<at>[\]})]+)[;,]?[ \t]*$",
            "`{at}` closes nothing: a bracket too many",
            "delete it",
        ),
        _row(
            "wrong-bracket",
            r"[ \t]*(?P<at>,[^\n]*)",
            "several values need brackets around them",
            "write [ … ] around them",
        ),
        _QUOTE_IN_TEXT,
        _row(
            "missing-comma", r"[ \t]*(?P<at>)[\"'\[{]", "two values stand side by side", "write [ … , … ] around a list"
        ),
        _TOO_MUCH,
    ),
    "list": (
        _REMARK,
        _row("wrong-equals", r"[ \t]*(?P<at>=)", "a list has no keys", "write {{ }} around keys and their values"),
        _QUOTE_IN_TEXT,
        _row("missing-comma", r"(?P<at>)", "a comma is missing here", "write a comma between two values"),
    ),
    "table": (
        _row(
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

NO_COMMA = (_row("missing-comma", r"(?P<at>)", "a comma is missing here", "write a comma between two lines"),)
NO_ITEM = (_row("stray-text", r"(?P<at>,)", "there is nothing before this comma", "delete one of the commas"),)

_LOOSE = r"[^\s=:\"'\[\]{}#,][^=:\"'\[\]{}#,\n]*?"
_LOOSE_WORD = r"[^\s=:\"'\[\]{}#,]+"

LINE = (
    ODD_CHARACTER,
    _row(
        "merge-conflict",
        r"(?P<at>(?:<{7}|={7}|>{7}|\|{7})[^\n]*)",
        "a version control system has left this line behind",
        "keep what is right of the lines around it, and delete this one",
    ),
    _row("wrong-remark", rf"(?P<at>{_SIGN}[^\n]*)", _REMARK_WORDS, _REMARK_HELP),
    _row("wrong-bracket", r"(?P<at>[\]}),;]+)[ \t]*$", "`{at}` closes nothing that is open here", "delete it"),
    _row(
        "unreadable-line",
        r"(?P<at>-)[ \t]+\S",
        "a list is not written with `-` before its values",
        "write [ … ] around them, and commas between",
    ),
    _row(
        "curly-quotes",
        rf"(?P<at>{_CURLY}(?P<key>[^=:\n]*?){_CURLY}?)[ \t]*[=:][ \t]*(?P<value>[^\n]*)",
        _CURLY_WORDS,
        repairs.pair,
    ),
    _row(
        "wrong-equals",
        rf"(?P<key>{KEY}|{_LOOSE})[ \t]*(?P<at>:=?(?!//)|->|\u2192)[ \t]*(?P<value>\S[^\n]*)",
        "between a key and its value stands `=`, not `{at}`",
        repairs.pair,
    ),
    _row(
        "wrong-equals",
        rf"(?P<at>(?P<name>{KEY}):)[ \t]*$",
        "`{at}` begins nothing in a site file",
        "a table begins with its name in brackets: [{name}]",
    ),
    _row(
        "unquoted-key",
        rf"(?P<at>(?P<key>{_LOOSE}))[ \t]*=[ \t]*(?P<value>[^\n]*)",
        "the key `{at}` needs quotes, as there is more in it than letters, digits, - and _",
        repairs.quoted_key,
    ),
    _row("unreadable-line", r"(?P<at>=)", "there is no key before `=`", "write a key"),
    _row(
        "missing-equals",
        rf"(?P<key>{KEY}|{_LOOSE_WORD})(?:[ \t]+|(?=[\"'\[{{]))(?P<at>[^\s=][^\n]*)",
        "there is no `=` between `{key}` and its value",
        repairs.pair_or_remark,
    ),
    _row(
        "missing-value",
        rf"(?P<at>(?P<key>{KEY}|{_LOOSE_WORD}))[ \t]*$",
        "`{at}` stands alone, without `=` and a value",
        "write {at} = and its value, or begin the line with `#` when it is a remark",
    ),
    _row(
        "unreadable-line",
        r"(?P<at>\S[^\n]*)",
        "this is neither a key with its value nor a [table]",
        "begin the line with `#` when it is a remark",
    ),
)
"""A line, or an item of an inline table, that does not begin with a key and `=`."""

_NAME = r"[ \t]*(?P<name>[^\[\]\n=]*?)[ \t]*"
_GOOD = rf"\[{{1,2}}[ \t]*(?P<name>{KEY})[ \t]*\]{{1,2}}[ \t]*"

HEADER = (
    ODD_CHARACTER,
    _row(
        "curly-quotes",
        rf"(?P<at>\[{{1,2}}(?P<name>[^\[\]\n]*{_CURLY}[^\[\]\n]*)\]{{1,2}})$",
        "{at} has quotes that are not straight",
        repairs.header,
    ),
    _row("missing-name", r"(?P<at>\[{1,2}[ \t]*\]{1,2})", "there is no name between the brackets", "write one"),
    _row(
        "wrong-bracket",
        rf"(?P<at>\[\[{_NAME}\])$",
        "{at} begins with two brackets and ends with one",
        "write [[{name}]], or [{name}] where there is only one",
    ),
    _row(
        "wrong-bracket",
        rf"(?P<at>\[{_NAME}\]\])$",
        "{at} begins with one bracket and ends with two",
        "write [{name}], or [[{name}]] where there can be many",
    ),
    _row(
        "wrong-bracket",
        rf"(?=\[[ \t]+\[|[^\n]*\][ \t]+\])(?P<at>\[[ \t]*\[{_NAME}\][ \t]*\])$",
        "the two brackets of {at} must touch",
        "write [[{name}]]",
    ),
    _row(
        "wrong-bracket",
        r"(?P<at>\[{3,}[^\[\]\n]*\]*|\[+[^\[\]\n]*\]{3,})",
        "{at} has too many brackets",
        "there are two at most",
    ),
    _row(
        "wrong-bracket", rf"(?P<at>\[{{1,2}}{_NAME}[)}}>])$", "{at} ends with another kind of bracket", repairs.header
    ),
    _row("wrong-bracket", rf"(?P<at>\[{{1,2}}{_NAME})$", "{at} is not closed", repairs.header),
    _row(
        "two-in-one-line",
        rf"{_GOOD}[;,:]?[ \t]*(?P<at>(?P<more>{KEY}{_EQUALS}[^\n]*))$",
        _TWO_WORDS,
        "a table's name has a line of its own",
    ),
    _row("wrong-remark", rf"{_GOOD}(?P<at>{_SIGN}[^\n]*)", _REMARK_WORDS, _REMARK_HELP),
    _row("stray-text", rf"{_GOOD}(?P<at>[^\s\]][^\n]*)", "`{at}` is too much here", "delete it, or begin it with `#`"),
    _row(
        "missing-name",
        r"\[{1,2}[ \t]*(?P<at>\.[^\]\n]*|[^\]\n]*\.[ \t]*(?:\.[^\]\n]*)?)\]",
        "a name is missing beside a dot of `{at}`",
        "write the name, or delete the dot",
    ),
    _row(
        "unquoted-key",
        rf"\[{{1,2}}[ \t]*(?P<at>{BARE}(?:[ \t]*[:/>\\ ][ \t]*{BARE})+)[ \t]*\]{{1,2}}$",
        "the parts of a table's name are joined by dots, not as in `{at}`",
        repairs.dotted_header,
    ),
    _row(
        "unquoted-key",
        r"\[{1,2}[ \t]*(?P<at>(?P<name>[^\[\]\n]+?))[ \t]*\]{1,2}$",
        "the name `{at}` needs quotes, as there is more in it than letters, digits, - and _",
        repairs.header,
    ),
    _row("unreadable-line", r"(?P<at>\[[^\n]*)", "this cannot be read as a table's name", "a table begins with [name]"),
)
"""A line that begins with a bracket."""

FAULTS: dict[Literal["string", "bracket", "closer", "depth"], tuple[Mistake, ...]] = {
    "string": (
        _row(
            "curly-quotes",
            rf"(?P<at>[\"'][^\"'\n]*{_CURLY})[ \t]*[,\]}})]*[ \t]*(?:#[^\n]*)?$",
            _CURLY_WORDS,
            repairs.quoted,
        ),
        _row(
            "unclosed-string",
            r"(?P<at>\"{3}|'{3})",
            "the long text that begins here has no {at} at its end",
            "write {at} behind it",
        ),
        _row(
            "single-backslash",
            r'"[^"\n]*(?P<at>\\")[^"\n]*$',
            "the backslash makes the quote behind it a part of the text, so that nothing ends it",
            "write two backslashes, or use '…' around the text",
        ),
        _row(
            "unclosed-string",
            r"(?P<at>(?P<quote>[\"'])[^\n]*)",
            "the text that begins here has no {quote} at its end",
            "write {quote} behind it",
        ),
    ),
    "bracket": (
        _row("unclosed-bracket", r"(?P<at>\[)", "what `[` opens here is never closed", "write ] behind the last value"),
        _row(
            "unclosed-bracket",
            r"(?P<at>\{)",
            "what `{at}` opens here is never closed",
            "write }} behind the last value",
        ),
    ),
    "closer": (
        _row("wrong-bracket", r"(?P<at>\[)", "what `[` opens here is closed by another bracket", "close it with ]"),
        _row("wrong-bracket", r"(?P<at>\{)", "what `{at}` opens here is closed by another bracket", "close it with }}"),
    ),
    "depth": (_row("too-deep", r"(?P<at>[\[{])", "too many brackets stand within each other", "400 are the most"),),
}
"""What keeps a statement from ending, looked at where it was opened."""


class Doubled(NamedTuple):
    """What is said when something cannot stand beside what is there already."""

    code: str
    message: str
    help: str


_HAS_VALUE = Doubled("doubled-key", "`{name}` has a value already", "put the keys into it, or delete it")
_IS_TABLE = Doubled("doubled-key", "`{name}` is a table already", "write its keys there, or give one another name")
_MIXED = Doubled(
    "mixed-brackets",
    "{name} has two brackets here and one elsewhere",
    "write two where there can be many, and one where there is only one",
)

CLASHES: dict[tuple[New, Kind], Doubled] = {
    ("table", Kind.TABLE): Doubled(
        "doubled-table", "[{name}] stands twice", "write its keys below the first, or give this one another name"
    ),
    ("table", Kind.DOTTED): Doubled(
        "doubled-table", "[{name}] has keys already, written as {name}.key", "write these keys the same way"
    ),
    ("table", Kind.LIST): Doubled(
        "mixed-brackets", "[{name}] has one bracket here and two elsewhere", "write [[{name}]] for one more"
    ),
    ("table", Kind.VALUE): _HAS_VALUE,
    ("item", Kind.TABLE): _MIXED,
    ("item", Kind.PART): _MIXED,
    ("item", Kind.DOTTED): _MIXED,
    ("item", Kind.VALUE): _HAS_VALUE,
    ("pair", Kind.VALUE): Doubled("doubled-key", "`{name}` stands twice in one table", "delete one of the two"),
    ("pair", Kind.TABLE): _IS_TABLE,
    ("pair", Kind.PART): _IS_TABLE,
    ("pair", Kind.DOTTED): _IS_TABLE,
    ("pair", Kind.LIST): _IS_TABLE,
}
"""What is new, and what it finds in its place."""
