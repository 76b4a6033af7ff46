"""Measuring several contenders in turn, so that a machine that is busy for a while is busy for all of them.

Owns how often and in which order, and what is made of the figures. Knows nothing of what is measured.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from statistics import median
from time import process_time

BATCH = 0.02
"""Seconds that one timing of a short call takes; of processor time, which others on the machine hardly change."""


@dataclass(frozen=True, slots=True)
class Effort:
    """How much time is spent on being sure."""

    rounds: int = 15
    """How often each server has its turn."""
    seconds: float = 3.0
    """How long it is under load then."""
    batches: int = 41
    """How often a short call is timed, each time many of them."""
    starts: int = 15
    """How often each command is started."""
    loads: int = 5
    """How often a large site is loaded."""


THOROUGH = Effort()
QUICK = Effort(rounds=3, seconds=1.0, batches=9, starts=3, loads=1)


@dataclass(frozen=True, slots=True)
class Series:
    """The figures of one contender, one for each round."""

    figures: tuple[float, ...]

    @property
    def median(self) -> float:
        """The figure that half of the others lie below."""
        return median(self.figures)

    @property
    def spread(self) -> tuple[float, float]:
        """The least and the greatest."""
        return min(self.figures), max(self.figures)

    def over(self, other: "Series") -> float:
        """Return how many times another contender's figures these are: the median of each round's own ratio."""
        return median(mine / its for mine, its in zip(self.figures, other.figures, strict=True))

    def above(self, other: "Series") -> float:
        """Return by how much these figures are greater than another contender's, as a median over the rounds."""
        return median(mine - its for mine, its in zip(self.figures, other.figures, strict=True))


def alternate(contenders: Mapping[str, Callable[[], float]], rounds: int) -> dict[str, Series]:
    """Measure each contender once a round; every other round goes through them backwards."""
    figures: dict[str, list[float]] = {name: [] for name in contenders}
    for number in range(rounds):
        names = list(contenders)
        for name in names if number % 2 == 0 else reversed(names):
            figures[name].append(contenders[name]())
    return {name: Series(tuple(found)) for name, found in figures.items()}


def timer(call: Callable[[], object]) -> Callable[[], float]:
    """Return what measures the seconds of processor time that one of many calls takes."""
    count = 1
    while (taken := _seconds(call, count)) < BATCH / 2:
        count = max(count * 2, int(count * BATCH / taken))

    return lambda: _seconds(call, count) / count


def _seconds(call: Callable[[], object], count: int) -> float:
    turns: Iterable[int] = range(count)
    start = process_time()
    for _ in turns:
        call()
    return process_time() - start
