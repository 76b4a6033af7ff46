"""What one rendering may use up, and the meter that counts it.

Owns the limits and the counting. Must not know Jinja: who renders brings the values and says when.

The meter keeps one promise: no value of a rendering is large. What would make something big out of something small
asks first (`allow`), what was made is charged (`settle`), and what is put together out of other values is weighed as
if it were written out in full (`weigh`). So every single step of Python is short, and looking at the clock at each
loop, each call and each heavy step is enough.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from time import monotonic, thread_time
from types import MappingProxyType
from typing import Any, Final, Literal, TypeGuard, TypeVar

from declweb.templating.errors import TemplateError

Tree = TypeVar("Tree", bound=Collection[Any])
Value = TypeVar("Value")
Resource = Literal["time", "steps", "output", "memory", "depth"]

MEMORY: Final = 10
"""A rendering may make so many times its output, every text on the way counted."""
SHORT: Final = 50
"""How many rounds of a loop, or elements of a list, pass between two looks at the clock."""
LONG: Final = 1000
"""From this length on a text is worth a look at the clock."""
NODE: Final = 8
"""What an element of a list weighs, in characters."""
DEEP: Final = 100
"""How deep lists and the like may be within each other: what looks into all of them calls itself for each."""
BITS: Final = 4096
"""The longest integer; anyone can be written out."""
GRACE: Final = 0.1
"""The part of the time that counts as the processor's without asking, because asking costs a microsecond."""
WORD: Final = 1 << 64

ATOMS: Final = frozenset({bool, float, type(None)})
LIGHT: Final = ATOMS | {int}
TREES: Final[tuple[type, ...]] = (
    list,
    tuple,
    dict,
    set,
    frozenset,
    type({}.items()),
    type({}.keys()),
    type({}.values()),
    MappingProxyType,
)
_EXACTLY: Final = frozenset(TREES)
_LEAVES: Final = LIGHT | {str}


def is_tree(value: object) -> TypeGuard[Collection[Any]]:
    """Tell whether a value holds other values and is written out with them."""
    kind = type(value)
    return kind in _EXACTLY or (kind not in _LEAVES and isinstance(value, TREES))


def _length(value: object) -> int:
    if isinstance(value, str | bytes):
        return NODE + len(value)
    return NODE + (value.bit_length() // 3 if isinstance(value, int) else 0)


@dataclass(frozen=True, slots=True)
class Budget:
    """The limits of one rendering; one budget may serve any number of renderings at once."""

    seconds: float = 2.0
    """Processor time of the thread that renders: a page does not fail because the machine is busy."""
    output: int = 10_000_000
    """Characters of the page, and of every single text on the way."""
    steps: int = 1_000_000
    """Rounds of loops, calls of macros and blocks, includes."""


class OverBudget(TemplateError):
    """A rendering that was cut off."""

    def __init__(self, resource: Resource, budget: Budget) -> None:
        super().__init__(_WORDS[resource].format(budget))
        self.resource = resource
        """What ran out."""


_WORDS: Final[dict[Resource, str]] = {
    "time": "takes longer than {0.seconds:g} seconds to render",
    "steps": "goes round its loops and macros more than {0.steps:,} times",
    "output": "makes a text of more than {0.output:,} characters",
    "memory": "makes too many large values",
    "depth": "calls or includes itself without an end",
}


class Meter:
    """What one rendering has used up so far. Belongs to one thread and one rendering."""

    __slots__ = ("_deadline", "_older", "_since", "_weights", "budget", "modules", "room", "steps")

    def __init__(self, budget: Budget) -> None:
        self.budget = budget
        self.steps = budget.steps
        """How many are left."""
        self.room = budget.output * MEMORY
        """How many characters may still be made."""
        self.modules: dict[Any, Any] = {}
        """What this rendering has imported."""
        self._weights: dict[int, tuple[object, tuple[int, int]]] = {}
        self._older: dict[int, tuple[object, tuple[int, int]]] = {}
        self._since: float | None = None
        self._deadline = monotonic() + budget.seconds * GRACE

    def over(self, resource: Resource) -> OverBudget:
        """Return the exception that says what ran out."""
        return OverBudget(resource, self.budget)

    def look(self) -> None:
        """Look at the clock."""
        if monotonic() > self._deadline:
            self._late()

    def _late(self) -> None:
        now = thread_time()
        if self._since is None:
            self._since = now - self.budget.seconds * GRACE
        left = self._since + self.budget.seconds - now
        if left <= 0:
            raise self.over("time")
        self._deadline = monotonic() + left

    def step(self, count: int = 1) -> None:
        """Charge steps and look at the clock."""
        self.steps -= count
        if self.steps < 0:
            raise self.over("steps")
        if monotonic() > self._deadline:
            self._late()

    def allow(self, size: int) -> None:
        """Refuse a value of so many characters; to be asked before it is made."""
        if size > self.budget.output:
            raise self.over("output")

    def afford(self, work: int) -> None:
        """Refuse work that takes so many times as long as copying a character; to be asked before it is begun."""
        if work > self.budget.output:
            raise self.over("time")

    def take(self, size: int) -> None:
        """Charge so many characters that were made."""
        self.room -= size
        if self.room < 0:
            raise self.over("memory")

    def write(self, parts: Sequence[str]) -> str:
        """Join and charge what a template puts out in one go."""
        text = "".join(parts)
        self.room -= len(text)
        if self.room < 0:
            raise self.over("memory")
        return text

    def weigh(self, value: object) -> int:
        """Return how many characters a value has, roughly, when it is written out in full."""
        return self.measure(value)[0]

    def measure(self, value: object) -> tuple[int, int]:
        """Return the weight of a value, and how deep lists and the like are within each other."""
        self.look()
        weight, depth, deepest = 0, 0, 0
        level = [value]
        while level:
            inner: list[object] = []
            for item in level:
                if is_tree(item):
                    more, below = self._opened(item, inner)
                    weight += more
                    deepest = max(deepest, depth + below)
                else:
                    weight += _length(item)
                if weight > self.budget.output:
                    raise self.over("output")
            depth += 1
            level = inner
        deepest = max(deepest, depth)
        if deepest > DEEP:
            raise self.over("depth")
        return weight, deepest

    def _opened(self, tree: Collection[object], inner: list[object]) -> tuple[int, int]:
        known = self._weights.get(id(tree)) or self._older.get(id(tree))
        if known is not None and known[0] is tree:
            return known[1]
        self.allow(NODE * len(tree))
        inner.extend(tree)
        if isinstance(tree, dict | MappingProxyType):
            inner.extend(tree.values())
        return NODE * len(tree), 1

    def made(self, value: Tree, weight: int, depth: int) -> Tree:
        """Charge a list or the like that was put together, remember its measure, and return it."""
        self.allow(weight)
        self.take(NODE * (len(value) + 1))
        if len(self._weights) > SHORT:
            self._weights, self._older = {}, self._weights
        self._weights[id(value)] = value, (weight, depth)
        return value

    def weighed(self, value: Tree) -> Tree:
        """Measure, charge and return a list or the like that was put together."""
        return self.made(value, *self.measure(value))

    def settle(self, value: Any) -> Any:
        """Charge what a call, a filter or an operator gave, whatever it is, and return it.

        What gives its elements one by one is charged while it does.
        """
        kind = type(value)
        if kind is str:
            self.room -= len(value)
            if self.room < 0:
                raise self.over("memory")
            return value if len(value) <= LONG else self.heavy(value)
        if kind in ATOMS:
            return value
        if kind is int:
            if not -WORD < value < WORD and value.bit_length() > BITS:
                raise self.over("memory")
        elif isinstance(value, str):
            self.take(len(value))
            self.heavy(value)
        elif is_tree(value):
            self.take(NODE * len(value))
            self.look()
        elif isinstance(value, Iterator):
            return self._counted(value)
        return value

    def heavy(self, value: Value) -> Value:
        """Look at the clock if work with the value may take long; return the value."""
        kind = type(value)
        if kind in LIGHT:
            return value
        if len(value) > LONG if isinstance(value, str) else is_tree(value):
            self.look()
        return value

    def loop(self, values: Iterable[Any]) -> Iterable[Any]:
        """Charge a loop in one go where its length is known, else round by round; return what to loop over."""
        if is_tree(values) or isinstance(values, str | range):
            count = len(values)
            self.step(count)
            return values if count <= SHORT else Rounds(self, values)
        self.look()
        return self._counted(values)

    def _counted(self, values: Iterable[Any]) -> Iterator[Any]:
        rounds = 0
        for value in values:
            if rounds == SHORT:
                self.step(rounds)
                rounds = 0
            rounds += 1
            yield value
        self.step(rounds)


class Rounds:
    """A long loop that is charged already and looks at the clock on its way."""

    __slots__ = ("_meter", "_values")

    def __init__(self, meter: Meter, values: Any) -> None:
        self._meter = meter
        self._values = values

    def __len__(self) -> int:
        return len(self._values)

    def __iter__(self) -> Iterator[Any]:
        values = iter(self._values)
        while some := list(islice(values, SHORT)):
            self._meter.look()
            yield from some
