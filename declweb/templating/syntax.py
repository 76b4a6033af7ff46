"""What is wrong with a template that Jinja cannot read, in plain words and at the line where it began.

Jinja says where it noticed: often the end of the file. This module reads the template once more, roughly and without
ever giving up, and looks for what people do wrong: something opened and never closed, a tag that does not exist, a
sign from another language. Must not know environments.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from jinja2.exceptions import TemplateSyntaxError

from declweb.problems import did_you_mean
from declweb.templating.errors import BrokenTemplate

MIDDLES: Final = {"else": ("if", "for"), "elif": ("if",)}
BLOCKS: Final = ("autoescape", "block", "call", "filter", "for", "if", "macro", "set", "with")
SINGLES: Final = ("extends", "from", "import", "include", "print", "raw")
TAGS: Final = (*BLOCKS, *SINGLES, *MIDDLES, *(f"end{name}" for name in (*BLOCKS, "raw")))
CLOSERS: Final = {"{{": "}}", "{%": "%}", "{#": "#}"}

_OPENER: Final = re.compile(r"\{\{|\{%|\{#")
_INSIDE: Final = re.compile(
    r"""'(?:[^'\\\n]|\\.)*' | "(?:[^"\\\n]|\\.)*" | \{\{ | \{% | \{\# | \}\} | %\} | [{}"']""", re.VERBOSE
)
_TAG: Final = re.compile(r"\{%[-+]?\s*(\w+)")
_END_OF_RAW: Final = re.compile(r"\{%[-+]?\s*endraw\s*[-+]?%\}")
_ASSIGNED: Final = re.compile(r"\{%[-+]?\s*set\s[\w\s.,()]+=(?!=)")
_INDENT: Final = re.compile(r"[^\S\n]*")
_WORDS: Final = {
    "'end of print statement'": "`}}`",
    "'end of statement block'": "`%}`",
    "'end of template'": "the end of the template",
    "'name'": "a name",
    "expected token ": "expected ",
    "Jinja": "templates",
}
_SIGNS: Final = (
    ("&&", "write `and`"),
    ("||", "write `or`"),
    ("?", "write `a if condition else b`"),
    ("“", 'write straight quotes: "'),
    ("”", 'write straight quotes: "'),
    ("„", 'write straight quotes: "'),
    ("\N{LEFT SINGLE QUOTATION MARK}", "write straight quotes: '"),
    ("\N{RIGHT SINGLE QUOTATION MARK}", "write straight quotes: '"),
)
_ALIASES: Final = {"elseif": "elif", "elsif": "elif", "foreach": "for"}


@dataclass(frozen=True, slots=True)
class Part:
    """One `{{ … }}`, `{% … %}` or `{# … #}` of a template."""

    opener: str
    start: int
    end: int | None
    """None where it is never closed."""
    quote: int | None = None
    """Where in it a text starts that is not closed on its line."""


@dataclass(frozen=True, slots=True)
class Tag:
    """A tag that opens a block."""

    name: str
    start: int
    indent: int | None
    """How far it is indented; None where something stands before it."""


def explain(error: TemplateSyntaxError, source: str) -> BrokenTemplate:
    """Return what is wrong, as an error of ours."""
    source = re.sub(r"\r\n?", "\n", source)
    found = _unclosed(source, error) or _misplaced(source, error) or _strange(source, error)
    if found is not None:
        return found
    message = error.message or "is no template"
    for theirs, ours in _WORDS.items():
        message = message.replace(theirs, ours)
    message = re.sub(r"(?<!\w)'([^']*)'(?!\w)", r"`\1`", message)
    return BrokenTemplate(message[:1].lower() + message[1:], error.name, error.lineno)


def too_much(name: str | None, error: Exception) -> BrokenTemplate:
    """Return what is wrong with a template that Jinja reads and Python cannot compile."""
    if isinstance(error, ValueError):
        return BrokenTemplate("holds a number that is too long", name)
    return BrokenTemplate("nests its tags or expressions too deeply", name)


def parts(source: str) -> Iterator[Part]:
    """Return the parts of a template that are not plain text, in order."""
    position = 0
    while opener := _OPENER.search(source, position):
        part = _comment(source, opener) if opener.group() == "{#" else _part(source, opener)
        yield part
        position = opener.end() if part.end is None else part.end
        tag = _TAG.match(source, part.start)
        if tag and tag[1] == "raw" and part.end is not None:
            end = _END_OF_RAW.search(source, part.end)
            if end is None:
                yield Part("{% raw %}", part.start, None)
            position = len(source) if end is None else end.end()


def _comment(source: str, opener: re.Match[str]) -> Part:
    end = source.find("#}", opener.end())
    return Part("{#", opener.start(), end + 2 if end >= 0 else None)


def _part(source: str, opener: re.Match[str]) -> Part:
    closer = CLOSERS[opener.group()]
    position, braces, quote = opener.end(), 0, None
    while inside := _INSIDE.search(source, position):
        text, position = inside.group(), inside.end()
        if text == "}}" and (braces or closer != "}}"):
            text, position = "}", position - 1
        if text == closer:
            return Part(opener.group(), opener.start(), position, quote)
        if text in CLOSERS and not (text == "{{" and closer == "%}"):
            break
        braces = max(braces + (text == "{") - (text == "}"), 0)
        if len(text) == 1 and text in "\"'" and quote is None:
            quote = inside.start()
    return Part(opener.group(), opener.start(), None, quote)


def _line(source: str, position: int) -> int:
    return source.count("\n", 0, position) + 1


def _unclosed(source: str, error: TemplateSyntaxError) -> BrokenTemplate | None:
    """Find what is opened and never closed."""
    for part in parts(source):
        line = _line(source, part.start)
        if line > error.lineno:
            break
        if part.quote is not None and (part.end is not None or _line(source, part.quote) == line):
            line, quote = _line(source, part.quote), source[part.quote]
            return BrokenTemplate(
                f"a text that begins with {quote} is never closed",
                error.name,
                line,
                word=quote,
                help=f"add the second {quote}",
            )
        if part.end is None:
            closer = CLOSERS.get(part.opener, "{% endraw %}")
            return BrokenTemplate(
                f"`{part.opener}` is never closed", error.name, line, word=part.opener, help=f"add `{closer}`"
            )
    return None


def _misplaced(source: str, error: TemplateSyntaxError) -> BrokenTemplate | None:
    """Find a tag that does not exist, closes nothing, or is never closed."""
    opened: list[Tag] = []
    suspect: Tag | None = None
    for part in parts(source):
        match = _TAG.match(source, part.start)
        if match is None:
            continue
        name, start = match[1], part.start
        line = _line(source, start)
        if name == "set" and _ASSIGNED.match(source, start):
            continue
        if name in BLOCKS:
            opened.append(Tag(name, start, _indent(source, start)))
        elif name in SINGLES:
            continue
        elif name not in TAGS:
            meant = _meant(name, opened)
            advice = f"did you mean `{meant}`?" if meant else None
            return BrokenTemplate(f"there is no tag `{name}`", error.name, line, word=name, help=advice)
        else:
            closes = MIDDLES.get(name, (name.removeprefix("end"),))
            if not any(tag.name in closes for tag in opened):
                opener = " or ".join(f"`{{% {tag} %}}`" for tag in closes)
                return BrokenTemplate(f"`{{% {name} %}}` stands without {opener}", error.name, line, word=name)
            if opened[-1].name not in closes:
                return _never_closed(source, error, suspect or opened[-1], line)
            if name not in MIDDLES:
                suspect = suspect or _suspect(opened, _indent(source, start))
                opened.pop()
    return _never_closed(source, error, suspect or opened[-1], None) if opened else None


def _indent(source: str, start: int) -> int | None:
    begin = source.rfind("\n", 0, start) + 1
    return start - begin if _INDENT.fullmatch(source, begin, start) else None


def _suspect(opened: list[Tag], indent: int | None) -> Tag | None:
    """Return the block that a tag closes if its indentation says that another was meant."""
    last = opened[-1]
    if indent is None or last.indent in (None, indent):
        return None
    meant = any(tag.name == last.name and tag.indent == indent for tag in opened[:-1])
    return last if meant else None


def _never_closed(source: str, error: TemplateSyntaxError, tag: Tag, noticed: int | None) -> BrokenTemplate:
    return BrokenTemplate(
        f"`{{% {tag.name} %}}` is never closed",
        error.name,
        _line(source, tag.start),
        word=tag.name,
        help=f"add `{{% end{tag.name} %}}`",
        noticed=noticed,
    )


def _meant(name: str, opened: list[Tag]) -> str | None:
    if name == "end":
        return f"end{opened[-1].name}" if opened else None
    likely = [f"end{tag.name}" for tag in reversed(opened)] if name.startswith("e") else []
    twisted = (tag for tag in (*likely, *TAGS) if sorted(tag) == sorted(name))
    return _ALIASES.get(name) or next(twisted, None) or did_you_mean(name, likely) or did_you_mean(name, TAGS)


def _strange(source: str, error: TemplateSyntaxError) -> BrokenTemplate | None:
    """Find what other languages write and templates do not."""
    for part in parts(source):
        text = source[part.start : part.end]
        first = _line(source, part.start)
        if not first <= error.lineno <= first + text.count("\n"):
            continue
        bare = _INSIDE.sub(
            lambda inside: " " * len(inside.group()) if len(inside.group()) > 2 else inside.group(), text
        )
        for sign, advice in _SIGNS:
            if sign in bare:
                return BrokenTemplate(f"`{sign}` has no meaning here", error.name, error.lineno, word=sign, help=advice)
        if re.match(r"\{%[-+]?\s*else\s+if\b", text):
            return BrokenTemplate(
                "`else` takes no condition", error.name, error.lineno, word="else", help="write `elif`"
            )
        if re.match(r"\{%[-+]?\s*(el)?if\b.*[^=!<>]=[^=]", bare, re.DOTALL):
            return BrokenTemplate("`=` does not compare", error.name, error.lineno, word="=", help="write `==`")
    return None
