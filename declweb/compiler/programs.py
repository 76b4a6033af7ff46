"""The addresses that programs ask for, not people: what goes wrong there is told in JSON, unless HTML is asked for.

Owns which they are. Knows neither requests nor answers but by what they are asked for: errors come before anything is
matched, too.
"""

import re
from collections.abc import Collection, Mapping

from werkzeug.routing import BaseConverter

from declweb.compiler.answering import Answering
from declweb.context import Context
from declweb.model.urls import Part, Variable, parse
from declweb.routing import Matcher


class _Segment(BaseConverter):
    """Anything between two slashes, of any length."""

    part_isolating = False


class _Rest(BaseConverter):
    """Anything, of any length."""

    regex = "(?s:.)+"
    part_isolating = False
    weight = 200


class Programs:
    """The addresses of endpoints among all others."""

    def __init__(
        self,
        exact: Mapping[str, Mapping[str, Answering]],
        patterns: Matcher[Answering],
        classes: Mapping[str, type[BaseConverter]],
    ) -> None:
        self._exact = exact
        self._patterns = patterns
        self._own: set[str] = set()
        self._own_patterns: Matcher[Answering] = Matcher(classes)
        self._shapes: Matcher[str] = Matcher({"text": _Segment, "path": _Rest})
        """The same, whatever stands in the place of a variable."""
        self._classes = classes

    def add(self, path: str) -> None:
        """Take an address up."""
        self._own.add(path)

    def add_pattern(self, path: str, answering: Answering, methods: Collection[str]) -> None:
        """Take an address with variables up."""
        self._own_patterns.add(path, answering, tuple(methods))
        self._shapes.add("".join(map(self._shape, parse(path))), path)

    def ask(self, context: Context) -> bool:
        """Tell whether it is programs that ask for what a request asks for."""
        path, method = _path(context), context.method
        if path in self._exact or not self._own_patterns:
            return path in self._own
        found, other = self._own_patterns.match(path, method), self._patterns.match(path, method)
        if other.claimant is not None:
            return found.claimant is other.claimant
        return bool(found.allowed) or (not other.allowed and self._shapes.match(path, method).claimant is not None)

    def _shape(self, part: Part) -> str:
        if not isinstance(part, Variable):
            return part
        takes_slashes = re.fullmatch(self._classes[part.converter].regex, "a/b") is not None
        return f"<path:{part.name}>" if takes_slashes else f"<{part.name}>"


def _path(context: Context) -> str:
    """Return the path that is asked for, also where it is none that anything here can have."""
    asked: str = context.environ.get("PATH_INFO", "")
    if context.path != "/" or asked in {"", "/"}:
        return context.path
    return asked.encode("latin-1", "replace").decode("utf-8", "replace")
