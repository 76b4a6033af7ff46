"""What a pattern of a site may be made of: its text becomes a tree, or a sentence that says why not.

Owns the constructs that are allowed, the words that refuse the others, and which characters a part of a pattern reads.
Knows nothing of sites, of URLs, or of what happens when a pattern is matched.
"""

import importlib
import re
import string
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

_parser = importlib.import_module("re._parser")
"""Python's own reader of regular expressions; there is no public one."""

LONGEST_NEED = 2000
"""Characters that the shortest text of a pattern may have."""
MOST_COMPARISONS = 200_000
"""Questions whether a set holds a character."""
DEEPEST = 40
"""Groups and repeats within one another."""


@dataclass(frozen=True, slots=True)
class Chars:
    """One character out of a set."""

    ranges: tuple[tuple[int, int], ...] = ()
    categories: tuple[str, ...] = ()
    negated: bool = False
    flags: int = 0

    @property
    def is_literal(self) -> bool:
        """Whether the set is one character, and case matters."""
        is_plain = not (self.negated or self.categories or self.flags & re.IGNORECASE)
        return is_plain and len(self.ranges) == 1 and self.ranges[0][0] == self.ranges[0][1]

    def has(self, char: str) -> bool:
        """Say whether the set holds this character."""
        spellings = {char, char.lower(), char.upper()} if self.flags & re.IGNORECASE else {char}
        codes = [ord(spelling) for spelling in spellings if len(spelling) == 1]
        found = any(low <= code <= high for low, high in self.ranges for code in codes)
        found = found or any(_category(name, self.flags & re.ASCII).match(char) for name in self.categories)
        return found != self.negated


@dataclass(frozen=True, slots=True)
class Sequence:
    """Parts that follow one another; without any, the empty text."""

    parts: tuple["Node", ...] = ()


@dataclass(frozen=True, slots=True)
class Choice:
    """Parts of which one is taken."""

    parts: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Repeat:
    """A part that comes several times; without `high`, as often as it likes."""

    part: "Node"
    low: int
    high: int | None


Node = Chars | Sequence | Choice | Repeat


@dataclass(frozen=True, slots=True)
class Alphabet:
    """The characters that a pattern tells apart, each kind shown by one letter."""

    text: str
    """All of them, the usual ones first."""
    masks: dict[Chars, int]
    """For each set, a bit for each letter that it holds."""

    def pick(self, chars: Chars) -> str | None:
        """Return the most usual letter of a set; None where it is empty."""
        mask = self.masks[chars]
        return self.of(mask) if mask else None

    def of(self, mask: int) -> str:
        """Return the most usual letter of a mask."""
        return self.text[(mask & -mask).bit_length() - 1]


@dataclass(frozen=True, slots=True)
class Syntax:
    """A pattern that was read."""

    tree: Node
    letters: Alphabet
    hedged: bool
    """Whether it has atomic groups or possessive repeats, which the tree shows as ordinary ones."""


_MISTAKES = {
    "missing ), unterminated subpattern": "a `(` is never closed",
    "unbalanced parenthesis": "a `)` closes nothing",
    "unterminated character set": "a `[` is never closed",
    "nothing to repeat": "there is nothing to repeat before this sign",
    "multiple repeat": "two signs of repetition follow one another",
    "bad character range": "a range such as `a-z` runs backwards or is none",
    "min repeat greater than max repeat": "the first number in `{…}` is greater than the second",
    "bad escape": "a backslash stands before a letter that has no meaning after it, or at the end",
}
"""Python's words for a mistake, and ours."""

_ANCHORS_FIRST = ("AT_BEGINNING", "AT_BEGINNING_STRING")
_ANCHORS_LAST = ("AT_END", "AT_END_STRING")
_LOOK_AROUND = "a pattern cannot look around with `(?=…)`, `(?!…)`, `(?<=…)` or `(?<!…)`"
_REFUSED = {
    "ASSERT": _LOOK_AROUND,
    "ASSERT_NOT": _LOOK_AROUND,
    "FAILURE": _LOOK_AROUND,
    "GROUPREF": r"a pattern cannot ask for the same text again with `\1` or `(?P=name)`",
    "GROUPREF_EXISTS": "a pattern cannot ask with `(?(1)…)` whether a group was found",
}
_RANGES = ("LITERAL", "RANGE")
_FLAGS = re.IGNORECASE | re.ASCII | re.DOTALL

_CATEGORIES = {
    "CATEGORY_DIGIT": r"\d",
    "CATEGORY_NOT_DIGIT": r"\D",
    "CATEGORY_SPACE": r"\s",
    "CATEGORY_NOT_SPACE": r"\S",
    "CATEGORY_WORD": r"\w",
    "CATEGORY_NOT_WORD": r"\W",
}


@cache
def _category(name: str, flags: int) -> re.Pattern[str]:
    return re.compile(_CATEGORIES[name], flags)


def read(pattern: str) -> Syntax:
    """Return what a pattern is made of; raise ValueError, in words for its author, for what cannot be used."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            parsed = _parser.parse(pattern)
    except re.error as error:
        words = next((ours for theirs, ours in _MISTAKES.items() if error.msg.startswith(theirs)), error.msg)
        raise ValueError(f"{words} (character {(error.pos or 0) + 1})") from None
    except FutureWarning:
        raise ValueError(
            "`[`, `--`, `&&`, `~~` and `||` within `[…]` are reserved; write a backslash before them"
        ) from None
    except OverflowError:
        raise ValueError("a number in `{…}` is too large") from None
    except RecursionError:
        raise _too_deep() from None
    flags = parsed.state.flags & ~re.UNICODE
    reader = _Reader()
    tree = reader.sequence(parsed, _Spot(_allowed(flags)))
    if least(tree) > LONGEST_NEED:
        raise ValueError(f"it asks for texts of more than {LONGEST_NEED:,} characters")
    return Syntax(tree, _alphabet(tree), reader.hedged)


@dataclass(frozen=True, slots=True)
class _Spot:
    """Where in a pattern something stands."""

    flags: int
    first: bool = True
    last: bool = True
    depth: int = 0


class _Reader:
    """Turns Python's tree into ours."""

    def __init__(self) -> None:
        self.hedged = False

    def sequence(self, parsed: Any, spot: _Spot) -> Node:
        if spot.depth > DEEPEST:
            raise _too_deep()
        items, end = list(parsed), len(parsed) - 1
        parts = [
            self._node(op.name, value, replace(spot, first=spot.first and index == 0, last=spot.last and index == end))
            for index, (op, value) in enumerate(items)
        ]
        return parts[0] if len(parts) == 1 else Sequence(tuple(parts))

    def _node(self, op: str, value: Any, spot: _Spot) -> Node:
        below = replace(spot, depth=spot.depth + 1)
        match op:
            case "LITERAL" | "NOT_LITERAL" | "ANY" | "IN":
                return _chars(op, value, spot.flags)
            case "BRANCH":
                return Choice(tuple(self.sequence(branch, below) for branch in value[1]))
            case "SUBPATTERN":
                _, added, removed, body = value
                return self.sequence(body, replace(below, flags=(spot.flags | _allowed(added)) & ~_allowed(removed)))
            case "ATOMIC_GROUP":
                self.hedged = True
                return self.sequence(value, below)
            case "MAX_REPEAT" | "MIN_REPEAT" | "POSSESSIVE_REPEAT":
                self.hedged |= op == "POSSESSIVE_REPEAT"
                low, high, body = value
                part = self.sequence(body, replace(below, first=False, last=False))
                return Repeat(part, low, None if high is _parser.MAXREPEAT else high)
            case "AT":
                return _anchor(value.name, spot)
            case _:
                raise ValueError(_REFUSED.get(op, "it holds something that cannot be checked"))


def _chars(op: str, value: Any, flags: int) -> Chars:
    match op:
        case "ANY":
            return Chars(() if flags & re.DOTALL else ((10, 10),), negated=True)
        case "IN":
            ranges = [(item, item) if kind.name == "LITERAL" else item for kind, item in value if kind.name in _RANGES]
            categories = [item.name for kind, item in value if kind.name == "CATEGORY"]
            return Chars(tuple(ranges), tuple(categories), value[0][0].name == "NEGATE", flags)
        case _:
            has_case = chr(value).lower() != chr(value).upper()
            return Chars(((value, value),), negated=op == "NOT_LITERAL", flags=flags if has_case else 0)


def _anchor(name: str, spot: _Spot) -> Node:
    if (spot.first and name in _ANCHORS_FIRST) or (spot.last and name in _ANCHORS_LAST):
        return Sequence()
    if name in _ANCHORS_FIRST + _ANCHORS_LAST:
        raise ValueError("`^` can only stand at its start and `$` at its end; neither is needed")
    raise ValueError(r"a pattern cannot ask for the edge of a word with `\b` or `\B`")


def _allowed(flags: int) -> int:
    if flags & ~_FLAGS:
        raise ValueError("of the flags in `(?…)` only i, a and s can be used")
    return flags


def too_complicated() -> ValueError:
    """Return the error for a pattern whose check would take too long."""
    return ValueError(
        "it is too complicated to check; use fewer repeats within one another and smaller numbers in `{…}`"
    )


def _too_deep() -> ValueError:
    return ValueError(f"more than {DEEPEST} groups and repeats stand within one another, too many to check")


_USUAL = f"{string.ascii_lowercase}1023456789{string.ascii_uppercase}-_./ !#$%&'()*+,:;<=>?@[]^`{{|}}~\"\\"
"""Characters from the one that an example shows most gladly to the one that it shows least gladly."""
_UNUSUAL = "\n\té\u0101\u0661\u6c34\U0001f600\ue000\uffff\x00\x1c\xa0\u3000\xb2\u0301"
"""One character at least of every kind that categories and their complements tell apart."""
_SAMPLES = "a1A-_./ " + _UNUSUAL


def _alphabet(tree: Node) -> Alphabet:
    """Return the letters of a pattern.

    Sets that overlap do so at an end of a range or in one of the samples, so a letter for each of these is enough.
    Surrogates are no characters of any text that arrives.
    """
    sets = list(dict.fromkeys(leaves(tree)))
    literals = {chars.ranges[0][0]: chars for chars in sets if chars.is_literal}
    others = [chars for chars in sets if not chars.is_literal]
    points = {code for chars in sets for low, high in chars.ranges for code in _ends(low, high)}
    if len(others) * len(points) > MOST_COMPARISONS:
        raise too_complicated()
    kinds: dict[tuple[Chars, ...], str] = {} if any(chars.has("!") for chars in sets) else {(): "!"}
    for char in sorted({*_SAMPLES, *map(chr, points)}, key=_rank):
        literal = literals.get(ord(char))
        kind = (*([literal] if literal else []), *(chars for chars in others if chars.has(char)))
        kinds.setdefault(kind, char)
    masks = dict.fromkeys(sets, 0)
    for bit, kind in enumerate(kinds):
        for chars in kind:
            masks[chars] |= 1 << bit
    return Alphabet("".join(kinds.values()), masks)


def _ends(low: int, high: int) -> Iterator[int]:
    ends = (low,) if low == high else (low - 1, low, high, high + 1)
    return (code for code in ends if 0 <= code <= 0x10FFFF and not 0xD800 <= code <= 0xDFFF)


def _rank(char: str) -> tuple[int, int]:
    found = _USUAL.find(char)
    return (found, 0) if found >= 0 else (len(_USUAL) + (not char.isalpha()) + (not char.isprintable()), ord(char))


def leaves(tree: Node) -> Iterator[Chars]:
    """Yield every set of characters in a tree, in order."""
    match tree:
        case Chars():
            yield tree
        case Repeat(part):
            yield from leaves(part)
        case _:
            for part in tree.parts:
                yield from leaves(part)


def least(tree: Node) -> int:
    """Return how many characters the shortest text has at least."""
    match tree:
        case Chars():
            return 1
        case Repeat(part, low):
            return low * least(part)
        case Sequence(parts):
            return sum(map(least, parts))
        case _:
            return min(map(least, tree.parts))


def shortest(tree: Node, letters: Alphabet, *, empty: bool = True) -> str | None:
    """Return a shortest text of a tree, an empty one only when that is allowed; None where there is none."""
    match tree:
        case Chars():
            return letters.pick(tree)
        case Choice(parts):
            texts = [text for part in parts if (text := shortest(part, letters, empty=empty)) is not None]
            return min(texts, key=len, default=None)
        case Sequence(parts):
            return _joined([(part, 1) for part in parts], letters, empty=empty)
        case _:
            count = tree.low if empty or tree.high == 0 else max(tree.low, 1)
            return _joined([(tree.part, count)] if count else [], letters, empty=empty)


def _joined(parts: list[tuple[Node, int]], letters: Alphabet, *, empty: bool) -> str | None:
    texts = [shortest(part, letters) for part, _ in parts]
    if None in texts:
        return None
    whole = [text * count for text, (_, count) in zip(texts, parts, strict=True) if text is not None]
    if empty or any(whole):
        return "".join(whole)
    filled = [text for part, _ in parts if (text := shortest(part, letters, empty=False)) is not None]
    return min(filled, key=len, default=None)
