"""How much work a backtracking matcher has with a text that does not match: counted, not measured.

Owns the automaton of a pattern and the counting of attempts. Knows nothing of how patterns are spelled, and looks for
no texts of its own.

The automaton is Glushkov's: one state for each place of a pattern that reads a character, and a step from one state to
another for each way that leads there without reading. Python's `re` tries all these ways one after the other and
forgets that it stood in the same state at the same character before. So the number of ways from the start to the
states, added up over the characters of a text, is the number of its attempts.
"""

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import accumulate

from declweb.model.patterns_syntax import Chars, Choice, Node, Repeat, Sequence, Syntax, least, too_complicated

Ways = dict[int, float]
"""For each state, in how many ways it is reached."""

MANY = 1e100
"""More ways than anyone counts; keeps products finite."""
MOST_STEPS = 20_000
"""Steps of an automaton; a pattern with more of them is too complicated."""
PATIENCE = 2_000_000
"""Steps that are taken through an automaton; a pattern that needs more is too complicated. Half a second."""


@dataclass(slots=True)
class _Fragment:
    """A part of a pattern: the states where it begins and ends, and in how many ways it reads nothing."""

    first: Ways = field(default_factory=dict)
    last: Ways = field(default_factory=dict)
    empty: float = 0


class Automaton:
    """The states of a pattern and the steps between them; state 0 is the start."""

    def __init__(self, syntax: Syntax, longest: int | None) -> None:
        """Build it for texts of at most `longest` characters; with None, every repeat counts as an endless one.

        Raises ValueError for a pattern that is too complicated.
        """
        self.letters = syntax.letters
        self.masks = [0]
        """The letters that each state reads."""
        self.sources: list[Node] = [Sequence()]
        """The part of the tree that each state comes from; several do from a part that is repeated."""
        self.follow: list[Ways] = [{}]
        """The steps from each state."""
        self.patience = PATIENCE
        """Steps that may still be taken."""
        self._least = least(syntax.tree)
        self._longest = longest
        self._steps = 0
        whole = self._fragment(syntax.tree)
        self.follow[0] = whole.first
        self._exits = whole.last | {0: whole.empty}
        self._work = [sum(ways.values()) + self._exits.get(state, 0) for state, ways in enumerate(self.follow)]
        self._bits = {letter: 1 << bit for bit, letter in enumerate(self.letters.text)}

    @property
    def deterministic(self) -> bool:
        """Whether every character leaves at most one way on, so that there is nothing to come back to."""
        return all(ways <= 1 for ways in self._exits.values()) and all(map(self._one_way, self.follow))

    def _one_way(self, steps: Ways) -> bool:
        seen = 0
        for state, ways in steps.items():
            if ways > 1 or seen & self.masks[state]:
                return False
            seen |= self.masks[state]
        return True

    def advance(self, ways: Ways, letter: str) -> Ways:
        """Return in how many ways each state is reached with one more letter."""
        bit = self._bits[letter]
        after: Ways = {}
        for state, count in ways.items():
            self.patience -= len(self.follow[state])
            for target, steps in self.follow[state].items():
                if self.masks[target] & bit:
                    after[target] = min(after.get(target, 0) + count * steps, MANY)
        if self.patience < 0:
            raise too_complicated()
        return after

    def work(self, ways: Ways) -> float:
        """Return how many attempts are made at one character."""
        return sum(count * self._work[state] for state, count in ways.items())

    def accepts(self, states: Iterable[int]) -> bool:
        """Say whether a text that leads to these states matches."""
        return any(self._exits.get(state) for state in states)

    def costly(self, text: str, enough: float) -> tuple[str, float] | None:
        """Return the shortest start of a text that takes `enough` attempts, with an end that makes it fail.

        With the number of attempts. The text is made of letters of the alphabet. None where it takes fewer attempts or
        cannot fail.
        """
        total = 0.0
        for length, ways in enumerate(self._readings(text)):
            total += self.work(ways)
            if total >= enough and (end := self._failing(ways, length)) is not None:
                return text[:length] + end, total
        return None

    def attempts(self, text: str) -> float:
        """Return how many attempts a text takes at most."""
        return sum(map(self.work, self._readings(text)))

    def texts(self, tries: int) -> Iterator[str]:
        """Yield texts that match, shortest first, until so many starts of texts were tried."""
        waiting: deque[tuple[str, Ways]] = deque([("", {0: 1})])
        while waiting and tries:
            tries -= 1
            text, ways = waiting.popleft()
            if self.accepts(ways):
                yield text
            longer = ((text + letter, self.advance(ways, letter)) for letter in self.letters.text)
            waiting.extend((text, after) for text, after in longer if after)

    def read(self, ways: Ways, text: str) -> Ways:
        """Return in how many ways each state is reached after a text."""
        for letter in text:
            ways = self.advance(ways, letter)
        return ways

    def _readings(self, text: str) -> Iterator[Ways]:
        return accumulate(text, self.advance, initial={0: 1.0})

    def _failing(self, ways: Ways, length: int) -> str | None:
        """Return an end that no way survives; a text that is too short does not count, for it is not even tried."""
        start = frozenset(ways)
        seen, waiting = {start}, deque([(start, "")])
        while waiting:
            states, end = waiting.popleft()
            missing = self._least - length - len(end)
            if not states:
                return end + self.letters.text[0] * missing
            if missing <= 0 and not self.accepts(states):
                return end
            for letter in self.letters.text:
                after = frozenset(self.advance(dict.fromkeys(states, 1.0), letter))
                if after not in seen:
                    seen.add(after)
                    waiting.append((after, end + letter))
        return None

    def _fragment(self, tree: Node) -> _Fragment:
        self._count(1)
        match tree:
            case Chars():
                return self._state(tree)
            case Sequence(parts):
                return self._chain(map(self._fragment, parts))
            case Choice(parts):
                return _either(map(self._fragment, parts))
            case _:
                return self._unrolled(tree) if self._longest else self._endless(tree)

    def _count(self, steps: int) -> None:
        self._steps += steps
        if self._steps > MOST_STEPS:
            raise too_complicated()

    def _state(self, chars: Chars) -> _Fragment:
        mask = self.letters.masks[chars]
        if not mask:
            return _Fragment()
        state = len(self.masks)
        self.masks.append(mask)
        self.sources.append(chars)
        self.follow.append({})
        return _Fragment({state: 1}, {state: 1})

    def _connect(self, sources: Ways, targets: Ways) -> None:
        self._count(len(sources) * len(targets))
        for source, ways in sources.items():
            _add(self.follow[source], targets, ways)

    def _chain(self, fragments: Iterable[_Fragment]) -> _Fragment:
        whole = _Fragment(empty=1)
        for fragment in fragments:
            self._connect(whole.last, fragment.first)
            _add(whole.first, fragment.first, whole.empty)
            _add(fragment.last, whole.last, fragment.empty)
            whole.last = fragment.last
            whole.empty = min(whole.empty * fragment.empty, MANY)
        return whole

    def _unrolled(self, repeat: Repeat) -> _Fragment:
        most = (self._longest or 0) + 1
        low, high = min(repeat.low, most), repeat.high
        required = self._chain(self._fragment(repeat.part) for _ in range(low))
        if high is None or high > most:
            return self._chain((required, self._loop(repeat.part, 1)))
        optional = _Fragment(empty=1)
        for _ in range(high - low):
            optional = self._option(self._fragment(repeat.part), optional)
        return self._chain((required, optional))

    def _endless(self, repeat: Repeat) -> _Fragment:
        if repeat.high == 0:
            return _Fragment(empty=1)
        if repeat.high == 1:
            once = self._fragment(repeat.part)
            return once if repeat.low else self._option(once, _Fragment(empty=1))
        return self._loop(repeat.part, 0 if repeat.low else 1)

    def _loop(self, part: Node, none: int) -> _Fragment:
        """Return a part that repeats without end, `none` ways of which are not at all.

        As in `re`, a repetition that read nothing is the last one.
        """
        once = self._fragment(part)
        self._connect(once.last, once.first)
        last: Ways = {}
        _add(last, once.last, 1 + once.empty)
        return _Fragment(once.first, last, none + once.empty)

    def _option(self, once: _Fragment, rest: _Fragment) -> _Fragment:
        """Return a part that may come once, and then the rest."""
        self._connect(once.last, rest.first)
        _add(rest.last, once.last, rest.empty)
        return _Fragment(once.first, rest.last, 1 + once.empty)


def _either(fragments: Iterable[_Fragment]) -> _Fragment:
    whole = _Fragment()
    for fragment in fragments:
        _add(whole.first, fragment.first, 1)
        _add(whole.last, fragment.last, 1)
        whole.empty = min(whole.empty + fragment.empty, MANY)
    return whole


def _add(ways: Ways, more: Ways, times: float) -> None:
    if times:
        for state, count in more.items():
            ways[state] = min(ways.get(state, 0) + count * times, MANY)
