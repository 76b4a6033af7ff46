"""From a path with variables to who answers it: Werkzeug's matcher behind one small face."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from werkzeug.exceptions import MethodNotAllowed, NotFound
from werkzeug.routing import BaseConverter, Map, RequestRedirect, Rule

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
        self._map = Map(converters=dict(classes), merge_slashes=False, strict_slashes=True, redirect_defaults=False)
        self._classes = classes
        self._is_empty = True
        self._adapter = self._map.bind("localhost")

    def __bool__(self) -> bool:
        return not self._is_empty

    def add(self, path: str, claimant: Claimant, methods: Iterable[str] | None = None) -> None:
        """Let `claimant` answer a path; None stands for every method."""
        self._is_empty = False
        self._map.add(Rule(_rule(path, self._classes), endpoint=claimant, methods=methods))

    def match(self, path: str, method: str) -> Found[Claimant]:
        """Return what a decoded path leads to; one that begins with two slashes leads nowhere."""
        if path.startswith("//"):
            return Found()
        try:
            claimant, variables = self._adapter.match(path, method)
        except RequestRedirect:
            return Found(spelling=path + "/")
        except MethodNotAllowed as error:
            return Found(allowed=frozenset(error.valid_methods or ()))
        except NotFound:
            return Found(spelling=self.match(path, "GET").spelling) if method == "OPTIONS" else Found()
        return Found(claimant, variables)


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
