"""How Markdown's tokens are drawn as HTML, where the library would draw them otherwise, or more slowly.

Owns the HTML: classes, roles, labels and ids of what is drawn. Must not know how a text is read.
"""

from collections.abc import Callable, MutableMapping, Sequence
from functools import partial
from html import escape
from itertools import islice
from typing import TYPE_CHECKING, Any

from declweb.translations import mark, translated

if TYPE_CHECKING:
    from markdown_it.token import Token

NARROW = 25
"""Letters that fit into a line of any screen."""
GUTTER = 3
"""What the space between two columns is worth, in letters."""
FOCUSABLE = ' tabindex="0"'

BACK = mark("Back to the text")

Environment = MutableMapping[str, Any]


def _draw_paragraph(_: Any, tokens: "Sequence[Token]", index: int, *__: object) -> str:
    if tokens[index].hidden:
        return ""
    return "\n<p>" if index and tokens[index - 1].hidden else "<p>"


def _draw_table(_: Any, tokens: "Sequence[Token]", index: int, *__: object) -> str:
    """Draw the beginning of a table; one that may be wider than a screen must be reached by keyboard, as code."""
    widths: dict[int, int] = {}
    column = 0
    for token in islice(tokens, index, None):
        if token.type == "table_close":
            break
        if token.type == "tr_open":
            column = 0
        elif token.type == "inline":
            longest = max(map(len, token.content.split()), default=0)
            widths[column] = max(widths.get(column, 0), longest + GUTTER)
            column += 1
    return f"<table{FOCUSABLE * (sum(widths.values()) > NARROW)}>\n"


def _draw_header_cell(_: Any, tokens: "Sequence[Token]", index: int, *__: object) -> str:
    """Draw a table's header cell; an empty one is no header, which a screen reader would announce."""
    tag = '<th scope="col"' if _is_filled(tokens, index) else "<td"
    return f"{tag}{_alignment(tokens[index])}>"


def _draw_header_cell_end(_: Any, tokens: "Sequence[Token]", index: int, *__: object) -> str:
    return "</th>\n" if _is_filled(tokens, index - 2) else "</td>\n"


def _draw_cell(_: Any, tokens: "Sequence[Token]", index: int, *__: object) -> str:
    return f"<td{_alignment(tokens[index])}>"


def _is_filled(tokens: "Sequence[Token]", index: int) -> bool:
    return bool(tokens[index + 1].children)


def _alignment(token: "Token") -> str:
    """Return a cell's alignment as a class: a style would need an exception in the Content-Security-Policy."""
    style = token.attrs.get("style")
    return f' class="align-{str(style).removeprefix("text-align:")}"' if style else ""


def _draw_code(_: Any, tokens: "Sequence[Token]", index: int, *__: object) -> str:
    """Draw a block of code; one that may be wider than a screen is scrolled, and so must be reached by keyboard."""
    token = tokens[index]
    is_wide = any(len(line) > NARROW for line in token.content.split("\n"))
    language = token.info.split(maxsplit=1)
    name = f' class="language-{escape(language[0])}"' if language else ""
    return f"<pre{FOCUSABLE * is_wide}><code{name}>{escape(token.content, quote=False)}</code></pre>\n"


def footnote_id(token: "Token") -> str:
    """Return the id of a footnote."""
    return f"footnote-{token.meta['id'] + 1}"


def reference_id(token: "Token") -> str:
    """Return the id of what leads to a footnote."""
    again = token.meta.get("subId", 0)
    return f"{footnote_id(token)}-ref" + (f"-{again + 1}" if again else "")


def _draw_reference(_: Any, tokens: "Sequence[Token]", index: int, *__: object) -> str:
    token = tokens[index]
    number = token.meta["id"] + 1
    return f'<sup><a href="#{footnote_id(token)}" id="{reference_id(token)}" role="doc-noteref">{number}</a></sup>'


def _draw_footnotes(*_: object) -> str:
    return '<section class="footnotes" role="doc-endnotes">\n<ol>\n'


def _draw_footnotes_end(*_: object) -> str:
    return "</ol>\n</section>\n"


def _draw_footnote(_: Any, tokens: "Sequence[Token]", index: int, *__: object) -> str:
    return f'<li id="{footnote_id(tokens[index])}">'


def _draw_back_link(_: Any, tokens: "Sequence[Token]", index: int, __: object, env: Environment) -> str:
    token = tokens[index]
    words = translated(env["language"])(BACK)
    again = token.meta["subId"]
    number = f"{token.meta['id'] + 1}" + (f".{again + 1}" if again else "")
    return f' <a href="#{reference_id(token)}" role="doc-backlink" aria-label="{words}, {number}">↩\ufe0e</a>'


def draw_by_table(renderer: Any) -> None:
    """Let a renderer look up the tokens that are always drawn alike; it asks a function for each of them else."""
    renderer.render = renderer.renderInline = partial(_drawn, renderer)


def _drawn(renderer: Any, tokens: "Sequence[Token]", options: object, env: Environment) -> str:
    by_rule, drawn = renderer.rules, []
    for index, token in enumerate(tokens):
        kind = token.type
        if kind == "inline":
            drawn.append(_drawn(renderer, token.children or (), options, env))
        elif token.hidden:
            continue
        elif kind in _ALIKE:
            drawn.append(_ALIKE[kind])
        elif kind in by_rule:
            drawn.append(by_rule[kind](tokens, index, options, env))
        else:
            drawn.append(renderer.renderToken(tokens, index, options, env))
    return "".join(drawn)


_ALIKE = {
    "blockquote_close": "</blockquote>\n",
    "bullet_list_close": "</ul>\n",
    "em_close": "</em>",
    "em_open": "<em>",
    "hardbreak": "<br>\n",
    "link_close": "</a>",
    "list_item_close": "</li>\n",
    "ordered_list_close": "</ol>\n",
    "paragraph_close": "</p>\n",
    "s_close": "</s>",
    "s_open": "<s>",
    "softbreak": "\n",
    "strong_close": "</strong>",
    "strong_open": "<strong>",
    "table_close": "</table>\n",
    "tbody_close": "</tbody>\n",
    "tbody_open": "<tbody>\n",
    "td_close": "</td>\n",
    "thead_close": "</thead>\n",
    "thead_open": "<thead>\n",
    "tr_close": "</tr>\n",
    "tr_open": "<tr>\n",
}
"""Tokens that are always drawn alike, wherever they stand."""

DRAWN: dict[str, Callable[..., str]] = {
    "paragraph_open": _draw_paragraph,
    "table_open": _draw_table,
    "th_open": _draw_header_cell,
    "th_close": _draw_header_cell_end,
    "td_open": _draw_cell,
    "code_block": _draw_code,
    "fence": _draw_code,
    "footnote_ref": _draw_reference,
    "footnote_block_open": _draw_footnotes,
    "footnote_block_close": _draw_footnotes_end,
    "footnote_open": _draw_footnote,
    "footnote_anchor": _draw_back_link,
}
