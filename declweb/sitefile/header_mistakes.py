"""The mistakes people make in the header of a table, and the words for them.

Owns their table, as `mistakes` has those of other places.
"""

from declweb.sitefile import repairs
from declweb.sitefile.lexing import BARE, KEY
from declweb.sitefile.mistakes import ANY_CURLY, EQUALS, ODD_CHARACTER, REMARK_HELP, REMARK_WORDS, SIGN, TWO_WORDS, row

_NAME = r"[ \t]*(?P<name>[^\[\]\n=]*?)[ \t]*"

_GOOD = rf"\[{{1,2}}[ \t]*(?P<name>{KEY})[ \t]*\]{{1,2}}[ \t]*"

HEADER = (
    ODD_CHARACTER,
    row(
        "curly-quotes",
        rf"(?P<at>\[{{1,2}}(?P<name>[^\[\]\n]*{ANY_CURLY}[^\[\]\n]*)\]{{1,2}})$",
        "{at} has quotes that are not straight",
        repairs.header,
    ),
    row("missing-name", r"(?P<at>\[{1,2}[ \t]*\]{1,2})", "there is no name between the brackets", "write one"),
    row(
        "wrong-bracket",
        rf"(?P<at>\[\[{_NAME}\])$",
        "{at} begins with two brackets and ends with one",
        "write [[{name}]], or [{name}] where there is only one",
    ),
    row(
        "wrong-bracket",
        rf"(?P<at>\[{_NAME}\]\])$",
        "{at} begins with one bracket and ends with two",
        "write [{name}], or [[{name}]] where there can be many",
    ),
    row(
        "wrong-bracket",
        rf"(?=\[[ \t]+\[|[^\n]*\][ \t]+\])(?P<at>\[[ \t]*\[{_NAME}\][ \t]*\])$",
        "the two brackets of {at} must touch",
        "write [[{name}]]",
    ),
    row(
        "wrong-bracket",
        r"(?P<at>\[{3,}[^\[\]\n]*\]*|\[+[^\[\]\n]*\]{3,})",
        "{at} has too many brackets",
        "there are two at most",
    ),
    row("wrong-bracket", rf"(?P<at>\[{{1,2}}{_NAME}[)}}>])$", "{at} ends with another kind of bracket", repairs.header),
    row("wrong-bracket", rf"(?P<at>\[{{1,2}}{_NAME})$", "{at} is not closed", repairs.header),
    row(
        "two-in-one-line",
        rf"{_GOOD}[;,:]?[ \t]*(?P<at>(?P<more>{KEY}{EQUALS}[^\n]*))$",
        TWO_WORDS,
        "a table's name has a line of its own",
    ),
    row("wrong-remark", rf"{_GOOD}(?P<at>{SIGN}[^\n]*)", REMARK_WORDS, REMARK_HELP),
    row("stray-text", rf"{_GOOD}(?P<at>[^\s\]][^\n]*)", "`{at}` is too much here", "delete it, or begin it with `#`"),
    row(
        "missing-name",
        r"\[{1,2}[ \t]*(?P<at>\.[^\]\n]*|[^\]\n]*\.[ \t]*(?:\.[^\]\n]*)?)\]",
        "a name is missing beside a dot of `{at}`",
        "write the name, or delete the dot",
    ),
    row(
        "unquoted-key",
        rf"\[{{1,2}}[ \t]*(?P<at>{BARE}(?:[ \t]*[:/>\\ ][ \t]*{BARE})+)[ \t]*\]{{1,2}}$",
        "the parts of a table's name are joined by dots, not as in `{at}`",
        repairs.dotted_header,
    ),
    row(
        "unquoted-key",
        r"\[{1,2}[ \t]*(?P<at>(?P<name>[^\[\]\n]+?))[ \t]*\]{1,2}$",
        "the name `{at}` needs quotes, as there is more in it than letters, digits, - and _",
        repairs.header,
    ),
    row("unreadable-line", r"(?P<at>\[[^\n]*)", "this cannot be read as a table's name", "a table begins with [name]"),
)
"""A line that begins with a bracket."""
