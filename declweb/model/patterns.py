"""The regular expressions of a site: whether they can be used, whether they can hurt, and what they match.

Owns what is promised of a `pattern`, and the patterns that declweb writes itself for numbers and lists of words. A
pattern is Python's and always matches a whole text. Knows no table, no URL rule and no form.
"""

import re
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from declweb.model.patterns_automaton import Automaton
from declweb.model.patterns_suspects import Suspects
from declweb.model.patterns_syntax import Chars, Node, Repeat, Syntax, read, shortest

ENOUGH = 10_000_000
"""Attempts that are too many: 10 to 200 ms, depending on the pattern and the machine."""
LONGEST_PATTERN = 1000
"""Characters of a pattern that a site may write; those that declweb writes may be longer."""
_TRIAL = 200_000
"""Attempts of a trial; a few milliseconds."""
_LONGEST_TRIAL = 2_500_000
"""Attempts that are too many for a trial; some 50 ms."""
_FASTEST = 0.2e-9
"""Seconds that every attempt takes; the fastest ones measured take five times as long."""
_TRIES, _MARGIN = 200, 20
"""How many starts of texts are tried as an example of a pattern with atomic groups, and how much longer they get."""
MOST_DIGITS = 4300
"""Digits of a number that `int` reads."""


@dataclass(frozen=True, slots=True)
class Explosion:
    """A text on which a pattern takes too long."""

    text: str

    def __str__(self) -> str:
        """Return the text in words: what comes how often, and what follows."""
        return ", then ".join(
            repr(word) if times == 1 else f"{times} times {word!r}" for word, times in _runs(self.text)
        )


_RUN = re.compile(r"(.{1,40}?)\1{3,}", re.DOTALL)


def _runs(text: str) -> Iterator[tuple[str, int]]:
    end = 0
    for run in _RUN.finditer(text):
        if run.start() > end:
            yield text[end : run.start()], 1
        yield run[1], len(run[0]) // len(run[1])
        end = run.end()
    if end < len(text):
        yield text[end:], 1


def explosive(pattern: str, longest: int = 255) -> Explosion | None:
    """Return a text of at most `longest` characters on which `re.fullmatch` takes too long; None where there is none.

    Raises ValueError, in words for the pattern's author, where the pattern cannot be read or is too complicated.
    """
    syntax = _read(pattern)
    endless = Automaton(syntax, None)
    if endless.deterministic:
        return None
    exact = Automaton(syntax, longest)
    for text in Suspects(endless, exact, longest, ENOUGH).texts():
        found = exact.costly(text, ENOUGH)
        if found and len(found[0]) <= longest and _confirmed(pattern, exact, text):
            return Explosion(found[0])
    return None


def _read(pattern: str) -> Syntax:
    if len(pattern) > LONGEST_PATTERN:
        raise ValueError(f"it has more than {LONGEST_PATTERN:,} characters, too many to check")
    return read(pattern)


def _confirmed(pattern: str, automaton: Automaton, text: str) -> bool:
    """Say whether a shorter text takes as long as it should; it does not where an atomic group forbids going back."""
    found = automaton.costly(text, _TRIAL)
    if found is None or found[1] > _LONGEST_TRIAL:
        return True
    trial, work = found
    compiled = re.compile(pattern)
    return min(_seconds(compiled, trial) for _ in range(3)) >= work * _FASTEST


def _seconds(compiled: re.Pattern[str], text: str) -> float:
    start = time.thread_time()
    compiled.fullmatch(text)
    return time.thread_time() - start


def checked(pattern: str) -> str:
    """Return a pattern as it can be built into a larger one, without anchors and capturing groups.

    Raises ValueError, in words for the pattern's author that follow "cannot be used:", for what is no regular
    expression, cannot be checked, or matches nothing.
    """
    syntax = _read(pattern)
    if shortest(syntax.tree, syntax.letters) is None:
        raise ValueError("no text can match it")
    _example(pattern, syntax)
    return _embedded(pattern)


_TOKEN = re.compile(
    r"""
    (?P<kept> \\[^AZz] | \[\^?\]?(?:\\.|[^\]\\])*\] )
    | (?P<anchor> [\^$] | \\[AZz] )
    | (?P<comment> \(\?\# )
    | (?P<group> \((?: \?P<\w+> | (?!\?) ) )
    """,
    re.VERBOSE | re.DOTALL,
)
_FLAGS = re.compile(r"\(\?(\w+)\)(.*)", re.DOTALL)


def _embedded(pattern: str) -> str:
    bare = _TOKEN.sub(_harmless, pattern)
    flags = _FLAGS.fullmatch(bare)
    return f"(?{flags[1]}:{_embedded(flags[2])})" if flags else bare


def _harmless(token: re.Match[str]) -> str:
    if token["comment"]:
        raise ValueError("a pattern cannot hold a comment `(?#…)`")
    return token["kept"] or ("(?:" if token["group"] else "")


def matches_slash(pattern: str) -> bool:
    """Say whether some text that the pattern matches holds a slash."""
    syntax = read(pattern)
    return any(chars.has("/") for chars in _used(syntax.tree, syntax))


def _used(tree: Node, syntax: Syntax) -> Iterator[Chars]:
    """Yield the sets of characters that some matching text is made of."""
    if shortest(tree, syntax.letters) is None:
        return
    match tree:
        case Chars():
            yield tree
        case Repeat(part, _, high):
            if high != 0:
                yield from _used(part, syntax)
        case _:
            for part in tree.parts:
                yield from _used(part, syntax)


def example(pattern: str) -> str:
    """Return a short text, not empty, that the pattern matches; raise ValueError where none is found."""
    return _example(pattern, read(pattern))


def _example(pattern: str, syntax: Syntax) -> str:
    text = shortest(syntax.tree, syntax.letters, empty=False)
    if text is None:
        raise ValueError("it matches only the empty text")
    if not syntax.hedged:
        return text
    automaton = Automaton(syntax, len(text) + _MARGIN)
    compiled = re.compile(pattern)
    for each in (text, *automaton.texts(_TRIES)):
        if automaton.attempts(each) < _LONGEST_TRIAL and compiled.fullmatch(each):
            return each
    raise ValueError(
        "no text was found that it matches; try it without possessive repeats (`++`) and atomic groups (`(?>`)"
    )


def one_of(values: Iterable[str]) -> str:
    """Return a pattern that matches these texts alone, the longest first."""
    return f"(?:{'|'.join(re.escape(value) for value in sorted(set(values), key=lambda value: (-len(value), value)))})"


def integer_range(low: int | None, high: int | None, digits: int | None = None) -> str:
    """Return a pattern for the spellings of the whole numbers from `low` to `high`, both included.

    A number has no zeros in front, or with `digits` exactly so many digits; 0 has no sign. A bound of None is no bound,
    except that `int` must be able to read the number. Raises ValueError where no number is left.
    """
    most = None if digits is None else 10**digits - 1
    low, high = _nearer(low, None if most is None else -most, max), _nearer(high, most, min)
    parts = []
    if low is None or low < 0:
        parts += [f"-{part}" for part in _naturals(max(1, -(high or 0)), None if low is None else -low, digits)]
    if high is None or high >= 0:
        parts += _naturals(max(0, low or 0), high, digits)
    if not parts:
        raise ValueError("no whole number is in this range")
    return _either(parts)


def _nearer(bound: int | None, other: int | None, pick: Callable[[int, int], int]) -> int | None:
    return other if bound is None else bound if other is None else pick(bound, other)


def _naturals(low: int, high: int | None, digits: int | None) -> list[str]:
    """Return patterns for the numbers from `low` to `high`, neither below zero."""
    if high is not None and low > high:
        return []
    if high is not None and (digits is not None or len(str(low)) == len(str(high))):
        return [_same_width(str(low).zfill(digits or 0), str(high).zfill(digits or 0))]
    if low == 0:
        return ["0", *_naturals(1, high, digits)]
    first, last = str(low), "9" * MOST_DIGITS if high is None else str(high)
    shortest_full = len(first) + (first != f"1{'0' * (len(first) - 1)}")
    longest_full = len(last) - bool(last.strip("9"))
    parts = [] if shortest_full == len(first) else [_same_width(first, "9" * len(first))]
    if shortest_full <= longest_full:
        parts.append(f"[1-9]{_digits(shortest_full - 1, longest_full - 1)}")
    return parts if longest_full == len(last) else [*parts, _same_width(f"1{'0' * (len(last) - 1)}", last)]


def _same_width(low: str, high: str) -> str:
    """Return a pattern for the numbers from `low` to `high`, which have equally many digits."""
    if low == high:
        return low
    if not low.strip("0") and not high.strip("9"):
        return _digits(len(low), len(low))
    rest, zeros, nines = len(low) - 1, "0" * (len(low) - 1), "9" * (len(low) - 1)
    if low[0] == high[0]:
        return low[0] + _same_width(low[1:], high[1:])
    first, last, parts = int(low[0]), int(high[0]), []
    if low[1:] != zeros:
        parts.append(low[0] + _same_width(low[1:], nines))
        first += 1
    if high[1:] != nines:
        parts.append(high[0] + _same_width(zeros, high[1:]))
        last -= 1
    if first <= last:
        parts.append((f"[{first}-{last}]" if first < last else str(first)) + _digits(rest, rest))
    return _either(parts)


def _digits(least: int, most: int) -> str:
    if most == 0:
        return ""
    count = f"{{{least},{most}}}" if least < most else f"{{{most}}}" if most > 1 else ""
    return f"[0-9]{count}"


def _either(parts: list[str]) -> str:
    return parts[0] if len(parts) == 1 else f"(?:{'|'.join(parts)})"
