"""Texts that may cost a backtracking matcher much: found by looking for ambiguity in a pattern's automaton.

Owns the search. Judges nothing: whoever asks counts what a text really costs.

Two kinds of ambiguity matter for long texts (Weber and Seidl, "On the degree of ambiguity of finite automata", 1991).
A *fork* is a word that leads from a state back to itself in two ways: every repetition doubles the work. A *drift* is
a word that leads from one state to itself, from another to itself, and from the one to the other: every repetition adds
a way, and drifts that follow one another multiply. A pattern without repeats can still be ambiguous often enough, such
as `a?a?a?…aaa`; there a search for the letters that make most ways finds what there is.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice, permutations, product

from declweb.model.patterns_automaton import Automaton, Ways
from declweb.model.patterns_syntax import Node, too_complicated

States = tuple[int, ...]
"""Some states at once, one for each way that a word is read."""
_Found = Callable[[States, States], bool]
"""Whether a move from the first states to the second ones is looked for."""
_Reading = tuple[float, str, Ways]
"""A text, with the attempts at its end and the states that it leads to."""

_FORKS, _ROWS = 3, 3
"""How many words are tried for each circle of states, and how many rows of drifts."""
_BREADTH = 6
"""How many texts the search for most ways follows at once."""
PATIENCE = 400_000
"""Steps of all searches; a pattern that needs more is too complicated."""
_EVERY = -1
"""A set of bits that holds every state."""


@dataclass(frozen=True, slots=True)
class _Drift:
    """A word that leads from `start` to itself and to `end`, and from `end` to itself."""

    start: int
    end: int
    word: str


class Suspects:
    """The search for texts of at most `longest` characters that take at least `enough` attempts.

    `endless` is the automaton of a pattern whose repeats have no bounds; it is small, and what repeats is found in it.
    The texts are made for `exact`, where repeats have their bounds.
    """

    def __init__(self, endless: Automaton, exact: Automaton, longest: int, enough: float) -> None:
        self._endless = endless
        self._exact = exact
        self._longest = longest
        self._enough = enough
        self._steps = [tuple(steps) for steps in endless.follow]
        self._patience = PATIENCE
        self._reach = self._reached()

    def texts(self) -> Iterator[str]:
        """Yield texts that may take `enough` attempts; raise ValueError when the search takes too long."""
        circles = self._circles()
        for circle in circles:
            for fork in islice(self._forks(circle), _FORKS):
                yield from self._pumped((fork,))
        drifts = [drift for pair in permutations(circles, 2) if (drift := self._drift(*pair))]
        for row in sorted(self._rows(drifts), key=len, reverse=True)[:_ROWS]:
            yield from self._pumped(row)
        yield self._greedy()

    def _greedy(self) -> str:
        """Return the text that makes most ways letter by letter; how long it gets depends on the pattern."""
        best: dict[frozenset[int], float] = {}
        front: list[_Reading] = [(0, "", {0: 1})]
        worst, least_patience = front[0], self._exact.patience // 2
        for _ in range(self._longest):
            front = sorted(self._grown(front, best), key=_work, reverse=True)[:_BREADTH]
            worst = max([worst, *front], key=_work)
            if not front or _work(worst) >= self._enough or self._exact.patience < least_patience:
                break
        return worst[1]

    def _grown(self, front: list[_Reading], best: dict[frozenset[int], float]) -> Iterator[_Reading]:
        """Yield the texts with one more letter that lead to new states, or in more ways to the same."""
        for _, text, ways in front:
            for letter in self._exact.letters.text:
                after = self._exact.advance(ways, letter)
                work, states = self._exact.work(after), frozenset(after)
                if work > best.get(states, 0):
                    best[states] = work
                    yield work, text + letter, after

    def _spend(self, steps: int) -> None:
        self._patience -= steps
        if self._patience < 0:
            raise too_complicated()

    def _reached(self) -> list[int]:
        """Return for each state a bit for every state that some text leads to from it."""
        reach = [0] * len(self._steps)
        changed = True
        while changed:
            changed = False
            for state in reversed(range(len(reach))):
                found = 0
                for target in self._steps[state]:
                    found |= reach[target] | 1 << target
                changed |= found != reach[state]
                reach[state] = found
        return reach

    def _circles(self) -> list[States]:
        """Return the sets of states that lead to one another."""
        circles: dict[int, list[int]] = {}
        for state, reach in enumerate(self._reach):
            if reach >> state & 1:
                circles.setdefault(reach, []).append(state)
        return [tuple(circle) for circle in circles.values()]

    def _moves(self, states: States, within: States) -> Iterator[tuple[States, str]]:
        """Yield where one letter takes several states at once, each within its own set of bits."""
        for targets in product(*(self._steps[state] for state in states)):
            self._spend(1)
            common = -1
            for target, allowed in zip(targets, within, strict=True):
                common &= self._endless.masks[target] if allowed >> target & 1 else 0
            if common:
                yield targets, self._endless.letters.of(common)

    def _words(self, starts: Iterable[States], within: States, found: _Found) -> Iterator[tuple[int, int, str]]:
        """Yield words, shortest first, by which a start comes to a move that is looked for.

        With each the first state that it starts from and the first that it ends in.
        """
        ways = {start: (start[0], "") for start in starts}
        waiting = deque(ways)
        while waiting:
            before = waiting.popleft()
            origin, word = ways[before]
            for after, letter in self._moves(before, within):
                if found(before, after):
                    yield origin, after[0], word + letter
                elif after not in ways:
                    ways[after] = origin, word + letter
                    waiting.append(after)

    def _path(self, start: int, end: int) -> str:
        if start == end:
            return ""
        return next(word for _, _, word in self._words([(start,)], (_EVERY,), _at((end,))))

    def _forks(self, circle: States) -> Iterator[_Drift]:
        def meets(before: States, after: States) -> bool:
            one, other = before
            return after[0] == after[1] and (one != other or self._endless.follow[one][after[0]] > 1)

        inside = _bits(circle)
        for start, end, word in self._words([(state, state) for state in circle], (inside, inside), meets):
            yield _Drift(start, start, word + self._path(end, start))

    def _drift(self, first: States, second: States) -> _Drift | None:
        if not self._reach[first[0]] >> second[0] & 1:
            return None
        between = _bits(state for state, reach in enumerate(self._reach) if reach >> second[0] & 1)
        within = (_bits(first), between, _bits(second))
        for start, end in product(first, second):
            for _, _, word in self._words([(start, start, end)], within, _at((start, end, end))):
                return _Drift(start, end, word)
        return None

    def _rows(self, drifts: list[_Drift]) -> list[tuple[_Drift, ...]]:
        """Return for each drift the longest row of drifts that begins with it."""
        rows: dict[_Drift, tuple[_Drift, ...]] = {}
        for drift in sorted(drifts, key=lambda each: self._reach[each.start].bit_count()):
            self._spend(len(rows))
            onward = self._reach[drift.end]
            rest = max((row for other, row in rows.items() if onward >> other.start & 1), key=len, default=())
            rows[drift] = (drift, *rest)
        return list(rows.values())

    def _pumped(self, row: tuple[_Drift, ...]) -> Iterator[str]:
        """Yield the text that repeats the word of each drift equally often, if it takes enough attempts."""
        words = sum(len(drift.word) for drift in row)
        bridges = len(self._repeated(row, 1)[0]) - words
        text, work = self._repeated(row, max(1, (self._longest - bridges) // words))
        if work >= self._enough:
            yield text

    def _repeated(self, row: tuple[_Drift, ...], times: int) -> tuple[str, float]:
        """Return a text, and how many attempts it takes; it ends early when these are enough, or nothing reads it."""
        text, ways, work = "", {0: 1.0}, 0.0
        for drift in row:
            for word in (self._bridge(ways, self._endless.sources[drift.start]), *[drift.word] * times):
                for letter in word:
                    text, ways = text + letter, self._exact.advance(ways, letter)
                    work += self._exact.work(ways)
                if not ways or work >= self._enough:
                    return text, work
        return text, work

    def _bridge(self, ways: Ways, source: Node) -> str:
        """Return a shortest text that leads on to a part of the pattern; an empty one where none does."""
        waiting = deque((state, "") for state in ways)
        seen = set(ways)
        while waiting:
            state, text = waiting.popleft()
            if self._exact.sources[state] is source:
                return text
            for after in self._exact.follow[state]:
                if after not in seen:
                    seen.add(after)
                    mask = self._exact.masks[after]
                    waiting.append((after, text + self._exact.letters.of(mask)))
        return ""


def _at(wanted: States) -> _Found:
    return lambda _, after: after == wanted


def _bits(states: Iterable[int]) -> int:
    return sum(1 << state for state in states)


def _work(text: _Reading) -> float:
    return text[0]
