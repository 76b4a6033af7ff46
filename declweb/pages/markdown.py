"""Markdown, turned into HTML that is valid, accessible and harmless.

Owns which Markdown there is: CommonMark, tables, footnotes, task lists, strikethrough, ids of headings. Must not know
where the text comes from, what its links lead to, or the page around it.

Hostile text costs time in proportion to its length: nesting is bounded, and so are brackets, the one character whose
reading is dear.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Protocol
from unicodedata import normalize

from declweb.pages.drawing import DRAWN, Environment, draw_by_table, footnote_id, reference_id
from declweb.templating.markup import ids

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.ruler import Ruler
    from markdown_it.rules_block import StateBlock
    from markdown_it.rules_core import StateCore
    from markdown_it.rules_inline import StateInline
    from markdown_it.token import Token

NESTING = 20
"""Levels of lists, quotations and brackets that are understood; a list has two, itself and its item."""
BRACKETS = 20_000
"""Opening brackets of one text that may begin a link; paragraphs after them are shown as they are written."""

_MARKUP = re.compile(r"[\n&*<\[\\_`~]")
"""What every inline rule needs."""
_FIRST_LETTERS = {
    "blockquote": ">",
    "fence": "`~",
    "footnote_def": "[",
    "heading": "#",
    "hr": "-*_",
    "html_block": "<",
    "list": "-+*0123456789",
    "reference": "[",
}
"""The letters that a block begins with; the rules that are not named here look at more than that."""
_NO_PART_OF_IDS = re.compile(r"[^\w-]+|_+")
_ELEMENTS = """
    a abbr address article aside audio b blockquote br button canvas center cite code dd del details
    dfn dialog div dl dt em embed fieldset figcaption figure font footer form h1 h2 h3 h4 h5 h6
    header hgroup hr i iframe img input ins kbd label legend li link main map mark meta nav object
    ol option p picture pre q ruby s samp script section select small source span strong style sub
    summary sup svg table tbody td textarea tfoot th thead time tr u ul var video wbr
"""
_TAG = re.compile(rf"</?(?:{'|'.join(_ELEMENTS.split())})(?:\s[^<>]*)?/?>|<!--", re.IGNORECASE)
"""What somebody who writes it takes for HTML; `<int>` is none."""
_UNSEEN = re.compile(r"[\xad\u200b-\u200f\u2060\ufeff]")
_DASHES = re.compile(r"-{2,}")
_TASK = re.compile(r"\[([ xX])\][ \t]+(?=\S)")

Rewrite = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading of the text."""

    level: int
    id: str
    text: str


@dataclass(frozen=True, slots=True)
class Link:
    """A link or an image of the text."""

    target: str
    """As it was written, escapes made up for; before it was rewritten."""
    line: int
    """Counts from 1."""
    image: bool = False


@dataclass(frozen=True, slots=True)
class Tag:
    """A tag of raw HTML that is shown as it is written."""

    text: str
    line: int
    """Counts from 1."""


@dataclass(frozen=True, slots=True)
class Converted:
    """What became of a text."""

    html: str
    headings: tuple[Heading, ...]
    links: tuple[Link, ...]
    shown_tags: tuple[Tag, ...] = ()


class _BlockRule(Protocol):
    def __call__(self, state: "StateBlock", line: int, end: int, silent: bool, /) -> bool: ...  # noqa: FBT001 # as the library calls it


_Tokenize = Callable[["StateBlock", int, int], None]


class _InlineRule(Protocol):
    def __call__(self, state: "StateInline", silent: bool, /) -> bool: ...  # noqa: FBT001 # as the library calls it


def convert(text: str, *, html: bool, rewrite: Rewrite | None = None, language: str = "en") -> Converted:
    """Convert Markdown to HTML.

    Raw HTML is shown as text unless `html`. `rewrite` is given the target of every link and image and returns what
    stands in the HTML. `language` is for the words that are not in the text, those read out at footnotes.
    """
    parser = _parser(html)
    environment: Environment = {"language": language}
    tokens = parser.parse(text, environment)
    reader = _Reader(rewrite)
    reader.read(tokens, text)
    drawn = parser.renderer.render(tokens, parser.options, environment)
    return Converted(drawn, tuple(reader.headings), tuple(reader.links), tuple(reader.shown_tags))


@cache
def _parser(html: bool) -> "MarkdownIt":  # noqa: FBT001 # the key of a cache
    from markdown_it import MarkdownIt  # noqa: PLC0415 # not before a site has pages
    from mdit_py_plugins.footnote import footnote_plugin  # noqa: PLC0415 # as above

    parser = MarkdownIt("commonmark", {"html": html, "xhtmlOut": False, "maxNesting": NESTING})
    parser.enable(["table", "strikethrough"]).use(footnote_plugin)
    parser.core.ruler.at("inline", _read_paragraphs)
    for name in ("link", "image", "autolink"):
        rules = parser.inline.ruler
        rules.at(name, _with_line(next(rule.fn for rule in rules.__rules__ if rule.name == name)))
    if not html:
        parser.inline.ruler.at("html_inline", _note_tag)
    for name, draw in DRAWN.items():
        parser.add_render_rule(name, draw)
    draw_by_table(parser.renderer)
    _choose_by_first_letter(parser.block.ruler)
    parser.block.tokenize = _bounded(parser.block.tokenize)  # type: ignore[assignment, method-assign] # it drops what is deeper
    return parser


def _read_paragraphs(state: "StateCore") -> None:
    """Look for markup in each paragraph, but not where there is none, nor in those that follow too many brackets."""
    brackets = 0
    for token in state.tokens:
        if token.type != "inline":
            continue
        token.children = []
        brackets += token.content.count("[")
        if brackets <= BRACKETS and _MARKUP.search(token.content):
            state.env["paragraph"] = token
            state.md.inline.parse(token.content, state.md, state.env, token.children)
        elif token.content:
            token.children.append(_token("text", token.content))


def _bounded(tokenize: _Tokenize) -> _Tokenize:
    """Return what reads blocks, and takes those that are nested too deeply for one paragraph."""

    def read(state: "StateBlock", start: int, end: int) -> None:
        if state.level < NESTING:
            tokenize(state, start, end)
            return
        line = start
        while line < end and (state.isEmpty(line) or state.sCount[line] >= state.blkIndent):
            line += 1
        state.line = line
        for kind, nesting in (("paragraph_open", 1), ("inline", 0), ("paragraph_close", -1)):
            token = state.push(kind, "p" if nesting else "", nesting)  # type: ignore[arg-type] # the library counts so
            token.map = [start, line]
            token.content = "" if nesting else state.getLines(start, line, state.blkIndent, False).strip()  # noqa: FBT003 # markdown-it's own parameter

    return read


def _choose_by_first_letter(ruler: "Ruler[_BlockRule]") -> None:
    """Let a line be tried by those rules alone that begin with its first letter: it is tried by all of them else."""
    names = {rule.fn: rule.name for rule in ruler.__rules__}
    for chain in {"", *(chain for rule in ruler.__rules__ for chain in rule.alt)}:
        rules = ruler.getRules(chain)
        rules[:] = [_choice([(rule, _FIRST_LETTERS.get(names[rule])) for rule in rules])]


def _choice(rules: "Sequence[tuple[_BlockRule, str | None]]") -> "_BlockRule":
    """Return what tries the rules in their order; each comes with the letters that it begins with, or with any."""
    letters = {letter for _, begins_with in rules for letter in begins_with or ""}
    fitting = {
        letter: [rule for rule, begins_with in rules if begins_with is None or letter in begins_with]
        for letter in letters
    }
    others = [rule for rule, begins_with in rules if begins_with is None]

    def choose(state: "StateBlock", line: int, end: int, silent: bool, /) -> bool:  # noqa: FBT001 # as the library calls it
        start = state.bMarks[line] + state.tShift[line]
        for rule in fitting.get(state.src[start : start + 1], others):  # noqa: SIM110 # any() would make a generator
            if rule(state, line, end, silent):
                return True
        return False

    return choose


def _token(kind: str, content: str) -> "Token":
    from markdown_it.token import Token  # noqa: PLC0415 # not before a site has pages

    return Token(kind, "", 0, content=content)


def _with_line(rule: _InlineRule) -> _InlineRule:
    """Return a rule that tells in which line of its paragraph the link it found begins."""

    def located(state: "StateInline", silent: bool, /) -> bool:  # noqa: FBT001 # as the library calls it
        position, count = state.pos, len(state.tokens)
        if not rule(state, silent):
            return False
        if not silent:
            line = _line(state, position)
            for token in state.tokens[count : count + 2]:
                if token.type in {"link_open", "image"}:
                    token.meta["line"] = line
                    break
        return True

    return located


def _note_tag(state: "StateInline", silent: bool, /) -> bool:  # noqa: FBT001 # as the library calls it
    """Note a tag, and leave it to be shown."""
    found = None if silent or state.src[state.pos] != "<" else _TAG.match(state.src, state.pos)
    if found is not None:
        state.env["paragraph"].meta.setdefault("tags", []).append((found[0], _line(state, state.pos)))
    return False


def _line(state: "StateInline", position: int) -> int:
    """Count the lines before a position, going on where the last count ended."""
    text, counted, line = state.env.get("line", ("", 0, 0))
    if text is not state.src or counted > position:
        counted = line = 0
    line += state.src.count("\n", counted, position)
    state.env["line"] = (state.src, position, line)
    return int(line)


class _Reader:
    """Reads what a text's tokens say, and makes them say what HTML wants to hear."""

    def __init__(self, rewrite: Rewrite | None) -> None:
        self.headings: list[Heading] = []
        self.links: list[Link] = []
        self.shown_tags: list[Tag] = []
        self._rewrite = rewrite
        self._ids: set[str] = set()
        self._images = 0

    def read(self, tokens: "Sequence[Token]", text: str) -> None:
        if "<" in text or "^" in text:
            self._ids.update(_written_ids(tokens))
        line = 0
        for index, token in enumerate(tokens):
            if token.type == "inline":
                line = token.map[0] + 1 if token.map else line
                self._inline(token, line)
                _mark_task(tokens, index)
            elif token.type == "heading_open":
                self._heading(token, tokens[index + 1], tokens[index + 2])

    def _inline(self, token: "Token", line: int) -> None:
        if token.meta:
            self.shown_tags += (Tag(text, line + below) for text, below in token.meta.get("tags", ()))
        for child in token.children or ():
            if child.type == "link_open":
                self._link(child, "href", line)
            elif child.type == "image":
                self._link(child, "src", line)
                self._images += 1
                if self._images > 1:
                    child.attrs["loading"] = "lazy"

    def _link(self, token: "Token", attribute: str, line: int) -> None:
        target = str(token.attrs[attribute])
        self.links.append(Link(target, line + int(token.meta.get("line", 0)), image=attribute == "src"))
        if self._rewrite is not None:
            token.attrs[attribute] = self._rewrite(target)

    def _heading(self, token: "Token", content: "Token", closing: "Token") -> None:
        text = _words(content.children or ())
        if not content.children:
            token.hidden = closing.hidden = True  # it would be announced, and there is nothing to say
            return
        name = self._unused(_id_of(text))
        token.attrs = {"id": name}
        self.headings.append(Heading(int(token.tag[1]), name, text))

    def _unused(self, name: str) -> str:
        number, candidate = 1, name
        while candidate in self._ids:
            number += 1
            candidate = f"{name}-{number}"
        self._ids.add(candidate)
        return candidate


def _written_ids(tokens: "Sequence[Token]") -> Iterator[str]:
    """Yield the ids that are given without looking at headings: those of footnotes and of raw HTML."""
    for token in tokens:
        if token.type == "footnote_open":
            yield footnote_id(token)
        elif token.type == "footnote_anchor":
            yield reference_id(token)
        elif token.type == "html_block":
            yield from ids(token.content)
        for child in token.children or ():
            if child.type == "html_inline":
                yield from ids(child.content)


def _words(tokens: "Sequence[Token]") -> str:
    """Return what is read in a heading, in one line."""
    words = []
    for token in tokens:
        if token.type in {"text", "code_inline"}:
            words.append(token.content)
        elif token.type == "image":
            words.append(_words(token.children or ()))
        elif token.type in {"softbreak", "hardbreak"}:
            words.append(" ")
    return "".join(words).strip()


def _id_of(text: str) -> str:
    """Return a heading's id: its letters and digits in lower case, whatever their script, joined by dashes.

    One that would be empty or begin with a digit begins with `section`, for a stylesheet could not name it.
    """
    letters = _UNSEEN.sub("", normalize("NFC", text).lower())
    name = _DASHES.sub("-", _NO_PART_OF_IDS.sub("-", letters)).strip("-")
    if not name:
        return "section"
    return name if name[0].isalpha() else f"section-{name}"


def _mark_task(tokens: "Sequence[Token]", index: int) -> None:
    """Make a list item that begins with `[ ]` or `[x]` a task: a tick box whose label is the item's first paragraph."""
    if index < 3 or tokens[index - 2].type != "list_item_open":  # list, item, paragraph
        return
    content = tokens[index]
    first = content.children[0] if content.children else None
    found = _TASK.match(content.content) if first is not None and first.type == "text" else None
    if first is None or found is None or not first.content.startswith(found[0].rstrip()):
        return
    first.content = first.content[len(found[0]) :]
    ticked = "" if found[1] == " " else " checked"
    content.children = [
        _token("html_inline", f'<label><input type="checkbox" disabled{ticked}> '),
        *(content.children or ()),
        _token("html_inline", "</label>"),
    ]
    tokens[index - 2].attrs["class"] = "task"
