r"""Where statements, values and the items of values begin and end in the text of a site file.

Owns TOML's notations as regular expressions, and the guesses about where a bracket or a text without an end was meant
to end. The same cuts serve text that tomli accepted, where they are exact, and text that it refused, where they are
the most likely ones. Must not judge: what is right is tomli's to say, what is wrong is said in `mistakes`.

Lines end with "\n" throughout; whoever reads bytes has seen to that.
"""

import re
from collections.abc import Iterator
from itertools import islice
from typing import Literal, NamedTuple

import tomli

MOST = 100
"""Mistakes of one file that are shown."""

DEEPEST = 400
"""Brackets within brackets that tomli follows."""

MOST_PARTS = 1000
"""Names joined by dots that tomli follows."""

CURLY = "\u00b4\u201c\u201d\u201e\u201f\u2018\u2019\u201a\u201b\xab\xbb\u2039\u203a"
"""Quotes that are not straight."""

BARE = r"[A-Za-z0-9_-]++"
BASIC = r'"[^"\\\n]*+(?:\\[^\n][^"\\\n]*+)*+"'
LITERAL = r"'[^'\n]*+'"
STRING = rf"(?:{BASIC}|{LITERAL})"
PART = rf"(?:{BARE}|{STRING})"
KEY = rf"{PART}(?:[ \t]*+\.[ \t]*+{PART})*+"
PLAIN = re.compile(r'"[^"\\\n]*+"')
"""A text that is what stands between its quotes."""

_LONG_BASIC = r'"""(?:[^"\\]|\\[\s\S]|"{1,2}+(?!"))*+"{3,5}+'
_LONG_LITERAL = r"'''(?:[^']|'{1,2}+(?!'))*+'{3,5}+"
_CURLY = '[\u201c\u201d\u201e\xab][^\u201c\u201d"\xbb\n]*+[\u201c\u201d"\xbb]'
_WORD = "[^ \\t\\n\"'\\[\\]{}#,\u201c\u201d\u201e\xab]++"
_WORDS = rf"{_WORD}(?:[ \t]++{_WORD})*+"
_LINE_END = r"[ \t]*+(?:\#[^\n]*+)?+(?:\n|\Z)"

_SIMPLE = re.compile(
    rf"""[ \t]*+
    (?:(?P<key>{KEY})[ \t]*+=[ \t]*+(?P<value>{BASIC}(?!")|{LITERAL}(?!')|{_WORDS})
     | (?P<header>\[(?P<many>\[)?+[ \t]*+(?P<name>{KEY})[ \t]*+\](?(many)\]))
    )?+{_LINE_END}""",
    re.VERBOSE,
)
_TOKEN = re.compile(
    rf"""
    (?P<words>{_WORDS})
    | (?P<comma>,)
    | (?P<long>{_LONG_BASIC}|{_LONG_LITERAL})
    | (?P<endless>\"\"\"|\'\'\')
    | (?P<string>{STRING}|{_CURLY})
    | (?P<open>[\[{{])
    | (?P<close>[\]}}])
    | (?P<newline>\n)
    | (?P<comment>\#[^\n]*+)
    | (?P<unclosed>["'][^\n]*+)
    | (?P<curly>[\u201c\u201d\u201e\xab])
    """,
    re.VERBOSE,
)
_PAIR_START = re.compile(rf"[ \t]*+(?P<key>{KEY})[ \t]*+=[ \t]*+")
_BROKEN_HEADER = re.compile(rf"[ \t]*+(?P<header>\[(?:{STRING}|[^\n#])*+)")
_PAIR_LIKE = re.compile(rf"[ \t]*+{KEY}[ \t]*+=(?!=)")
_HEADER_LIKE = re.compile(
    rf"[ \t]*+\[{{1,2}}[ \t]*+(?!(?:true|false|inf|nan)\b)[A-Za-z_][A-Za-z0-9_-]*+(?:[ \t]*+\.[ \t]*+{PART})*+"
    r"[ \t]*+(?:\]|\n|\Z)",
)
_BRACKET_FIRST = re.compile(r"[ \t]*+\[")
_GOES_ON = re.compile(r"[^\n]*[,\[{][ \t]*+(?:#[^\n]*+)?(?:\n|\Z)")
_INDENT = re.compile(r"[ \t]*+")
_VALUE = re.compile(
    rf"""{_LONG_BASIC}|{_LONG_LITERAL}|(?!\"{{3}}|'{{3}}){STRING}
    |(?:true|false|[+-]?[0-9][A-Za-z0-9_.:+-]*+)(?=[\s;,/=()\[\]{{}}"']|\Z)""",
    re.VERBOSE,
)
_LOOSE_PART = re.compile(
    rf"""{PART}(?=[ \t]*+(?:\.|\Z))
    | [^\s./"'=\[\]]*+/[^"'=\[\]]*+
    | [^\s."'=\[\]]++(?:[ \t]++[^\s."'=\[\]]++)*+""",
    re.VERBOSE,
)

Kind = Literal["table", "item", "pair", "line"]
"""`[x]`, `[[x]]`, `x = …`, and a line that is none of these."""


class Fault(NamedTuple):
    """What keeps a statement from having an end of its own."""

    kind: Literal["string", "bracket", "closer", "depth"]
    start: int
    """The quote or bracket that was opened."""
    other: int
    """The bracket that closes another kind of bracket; else the same as `start`."""


class Statement(NamedTuple):
    """A stretch of text that stands for itself: a table header, or a key with its value."""

    kind: Kind
    start: int
    key: int
    key_end: int
    value: int
    """Where the value starts; of a header and of a line, the same as `start`."""
    end: int
    fault: Fault | None = None


class Item(NamedTuple):
    """What stands between two commas of an array or an inline table."""

    start: int
    end: int
    comma: bool
    """Whether a comma or the closing bracket follows."""


class Part(NamedTuple):
    """One name of a dotted key."""

    start: int
    end: int
    name: str


class _Extent(NamedTuple):
    end: int
    following: int
    fault: Fault | None


def statements(text: str, position: int = 0, *, broken: bool = False) -> Iterator[Statement]:
    """Cut a text into its statements, from a position on; comments and empty lines are none.

    In a `broken` text, a long string that ends with the opening quotes of another one counts as unclosed.
    """
    size = len(text)
    unclosed: set[int] = set()
    while position < size:
        if match := _SIMPLE.match(text, position):
            position = match.end()
            if match.lastgroup == "value":
                value, end = match.span("value")
                key, key_end = match.span("key")
                yield Statement("pair", key, key, key_end, value, end)
            elif match.lastgroup == "header":
                start, end = match.span("header")
                yield Statement("item" if match["many"] else "table", start, *match.span("name"), start, end)
            continue
        if match := _BROKEN_HEADER.match(text, position):
            start = match.start("header")
            end = start + len(match["header"].rstrip())
            yield Statement("line", start, start, start, start, end)
            position = _next_line(text, end)
            continue
        statement, position = _long_statement(text, position, unclosed, broken=broken)
        yield statement


def _long_statement(text: str, position: int, unclosed: set[int], *, broken: bool) -> tuple[Statement, int]:
    head = _PAIR_START.match(text, position)
    start = _indent_end(text, position)
    value = head.end() if head else start
    end, following, fault = _Measure(text, start, unclosed, broken=broken).extent(value)
    if head:
        return Statement("pair", start, *head.span("key"), value, max(end, value), fault), following
    return Statement("line", start, start, start, start, end, fault), following


class _Measure:
    """Finds the end of one statement, and where the next begins."""

    def __init__(self, text: str, start: int, unclosed: set[int], *, broken: bool) -> None:
        self.text = text
        self.start = start
        self.unclosed = unclosed
        """Brackets that an earlier look at the same text has found open; keeps looking for their ends linear."""
        self.broken = broken
        self.open: list[int] = []
        self.fault: Fault | None = None
        self.endless = False
        """Whether a long text was opened that has no end."""

    def extent(self, position: int) -> _Extent:
        """Return where the statement ends whose value, or whose whole, starts here."""
        end = position
        for token in _TOKEN.finditer(self.text, position):
            if token.lastgroup == "newline":
                if not self.open:
                    return _Extent(end, token.end(), self.fault)
                if self._breaks_off(token.end()):
                    break
            elif token.lastgroup != "comment":
                end = token.end()
                if self._is_last(token):
                    break
        if not self.open and not self.endless:
            return _Extent(end, len(self.text), self.fault)
        self.unclosed.update(self.open)
        opened = self.open[-1] if self.open else position
        self.fault = self.fault or Fault("bracket", opened, opened)
        return self._cut(self.fault.start)

    def _is_last(self, token: re.Match[str]) -> bool:
        """Note what a token opens, closes or leaves open; tell whether looking on would not help."""
        kind, start = token.lastgroup, token.start()
        if kind == "open":
            return not self._opens(start)
        if kind == "close":
            self._closes(start)
        self.endless = kind == "endless" or (kind == "long" and self.broken and _swallows(self.text, *token.span()))
        if self.endless or kind == "unclosed":
            self.fault = self.fault or Fault("string", start, start)
        return self.endless

    def _breaks_off(self, line: int) -> bool:
        if self.text[self.open[-1]] == "{":
            return _BRACKET_FIRST.match(self.text, line) is not None
        return _starts_statement(self.text, line)

    def _opens(self, bracket: int) -> bool:
        self.open.append(bracket)
        if len(self.open) > DEEPEST:
            self.fault = self.fault or Fault("depth", self.open[0], bracket)
            return False
        return bracket not in self.unclosed

    def _closes(self, bracket: int) -> None:
        wanted = "[" if self.text[bracket] == "]" else "{"
        if not self.open:
            return
        if self.text[self.open[-1]] != wanted:
            self.fault = self.fault or Fault("closer", self.open[-1], bracket)
            if any(self.text[other] == wanted for other in self.open):
                while self.text[self.open[-1]] != wanted:
                    self.open.pop()
        self.open.pop()

    def _cut(self, opened: int) -> _Extent:
        """End the statement with the line where something was opened, and go on behind all that belongs to it."""
        following = _next_line(self.text, opened)
        end = opened + len(self.text[opened:following].rstrip())
        begin = self.text.rfind("\n", 0, self.start) + 1
        indent = self.start - begin
        previous = self.text.rfind("\n", 0, opened) + 1
        while following < len(self.text) and self._belongs(following, previous, indent):
            previous, following = following, _next_line(self.text, following)
        return _Extent(end, following, self.fault)

    def _belongs(self, line: int, previous: int, indent: int) -> bool:
        if _HEADER_LIKE.match(self.text, line):
            return False
        if not _PAIR_LIKE.match(self.text, line):
            return True
        return _indent_end(self.text, line) - line > indent or _GOES_ON.match(self.text, previous) is not None


def _starts_statement(text: str, line: int) -> bool:
    return _HEADER_LIKE.match(text, line) is not None or _PAIR_LIKE.match(text, line) is not None


def _swallows(text: str, start: int, end: int) -> bool:
    """Tell whether a long string has run on to the opening quotes of the next one."""
    line = text.rfind("\n", start, end) + 1
    head = _PAIR_START.match(text, line, end) if line else None
    return head is not None and end - head.end() == len('"""')


def _next_line(text: str, position: int) -> int:
    return text.find("\n", position) + 1 or len(text)


def _indent_end(text: str, line: int) -> int:
    match = _INDENT.match(text, line)
    assert match is not None
    return match.end()


def items(text: str, start: int, end: int) -> Iterator[Item]:
    """Cut an array or inline table, brackets included, into its items.

    What a newline parts where a comma is missing counts as two items. Two commas in a row have an empty item between.
    """
    first = last = -1
    depth = 0
    new_line = False
    for token in _TOKEN.finditer(text, start + 1, end - 1):
        kind = token.lastgroup
        if kind == "newline":
            new_line = True
        if kind in {"newline", "comment"}:
            continue
        if kind == "comma" and not depth:
            yield Item(first, last, comma=True) if first >= 0 else Item(token.start(), token.start(), comma=True)
            first = -1
            continue
        if first >= 0 and new_line and not depth:
            yield Item(first, last, comma=False)
            first = -1
        first, last, new_line = token.start() if first < 0 else first, token.end(), False
        depth += (kind == "open") - (kind == "close")
    if first >= 0:
        yield Item(first, last, comma=True)


def closing(text: str, start: int, end: int) -> int | None:
    """Return where the array or inline table ends that is opened at `start`; None when that is not before `end`."""
    depth = 0
    for token in _TOKEN.finditer(text, start, end):
        depth += (token.lastgroup == "open") - (token.lastgroup == "close")
        if not depth:
            return token.end()
    return None


def complete(text: str, start: int, end: int) -> int | None:
    """Return where the value ends that a text begins with, if it is complete."""
    if token := _VALUE.match(text, start, end):
        return token.end()
    return closing(text, start, end) if text[start] in "[{" else None


def pair(text: str, start: int, end: int) -> tuple[int, int] | None:
    """Return where the key ends and where the value starts, of a text that starts with a key and `=`."""
    head = _PAIR_START.match(text, start, end)
    return (head.end("key"), head.end()) if head else None


def key_parts(text: str, start: int, end: int) -> list[Part]:
    """Cut a dotted key into its names, `MOST_PARTS` at most; what would need quotes counts as if it had them."""
    if PLAIN.fullmatch(text, start, end):
        return [Part(start, end, text[start + 1 : end - 1])]
    parts = islice(_LOOSE_PART.finditer(text, start, end), MOST_PARTS)
    return [Part(*part.span(), _name(part[0])) for part in parts]


def _name(written: str) -> str:
    if written[0] == '"' and "\\" in written:
        try:
            (name,) = tomli.loads(f"{written}=0")
        except tomli.TOMLDecodeError:
            return written[1:-1]
        return str(name)
    return written[1:-1] if written[0] in "\"'" else written.strip(f" \t{CURLY}")
