"""From a path with variables to who answers it: Werkzeug's matcher behind one small face.

Owns the order of paths that match alike. Knows nothing of who claims a path, nor how an answer is made.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Any, Generic, TypeVar

from werkzeug.routing import BaseConverter, Map, Rule
from werkzeug.routing.exceptions import NoMatch, RequestPath
from werkzeug.routing.matcher import StateMachineMatcher

from declweb.model.converters import LONGEST
from declweb.model.urls import Part, Variable, parse
from declweb.routing.converters import in_rule

Claimant = TypeVar("Claimant")


@dataclass(frozen=True, slots=True)
class Found(Generic[Claimant]):
    """What a path leads to: a claimant with its variables, another spelling, or methods that would be answered."""

    claimant: Claimant | None = None
    variables: Mapping[str, object] | None = None
    spelling: str | None = None
    allowed: frozenset[str] = frozenset()


class Matcher(Generic[Claimant]):
    """Paths with variables and who claims them; the first declared wins where two are equally exact."""

    def __init__(self, classes: Mapping[str, type[BaseConverter]]) -> None:
        self._map = Map(converters=dict(classes))
        self._states = StateMachineMatcher(merge_slashes=False)
        self._classes = classes
        self._is_empty = True
        self._is_sorted = False
        self._sorting = Lock()

    def __bool__(self) -> bool:
        return not self._is_empty

    def add(self, path: str, claimant: Claimant, methods: Iterable[str] | None = None) -> None:
        """Let `claimant` answer a path; None stands for every method."""
        self._is_empty = self._is_sorted = False
        rule = _OneWay(_rule(path, self._classes), endpoint=claimant, methods=methods)
        rule.bind(self._map)
        self._states.add(rule)

    def match(self, path: str, method: str) -> Found[Claimant]:
        """Return what a decoded path leads to; one that begins with two slashes leads nowhere."""
        if path.startswith("//"):
            return Found()
        if not self._is_sorted:
            self._sort()
        try:
            rule, variables = self._states.match("", path, method, websocket=False)
        except RequestPath:
            return Found(spelling=path + "/")
        except NoMatch as error:
            if error.have_match_for or method != "OPTIONS":
                return Found(allowed=frozenset(error.have_match_for))
            return Found(spelling=self.match(path, "GET").spelling)
        return Found(rule.endpoint, variables)

    def _sort(self) -> None:
        with self._sorting:
            if not self._is_sorted:
                self._states.update()
                self._is_sorted = True


class _OneWay(Rule):
    """A rule that is matched only: addresses are built by `building`, and Werkzeug's own builder takes long to make."""

    def _compile_builder(self, append_unknown: bool = True) -> Any:  # noqa: ARG002, FBT001, FBT002 # Werkzeug's signature
        return _never_built


def _never_built(rule: Rule) -> None:
    """Stand where Werkzeug keeps what builds a rule's address."""


def _rule(path: str, classes: Mapping[str, type[BaseConverter]]) -> str:
    """Return a path in Werkzeug's notation."""
    parts = parse(path)
    return "".join(
        in_rule(part, _following(parts[index + 1 :]), classes) if isinstance(part, Variable) else part
        for index, part in enumerate(parts)
    )


def _following(parts: Sequence[Part]) -> int:
    """Return how many characters may stand behind a variable in its segment."""
    rest = "".join("x" * LONGEST if isinstance(part, Variable) else part for part in parts)
    return len(rest.partition("/")[0])


def merged(path: str) -> str:
    """Return a path with runs of slashes made one."""
    return re.sub("/{2,}", "/", path)
