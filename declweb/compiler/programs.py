"""The addresses that programs ask for, not people: what goes wrong there is told in JSON, unless HTML is asked for.

Owns which they are. Knows neither requests nor answers but by what they are asked for: errors come before anything is
matched, too.
"""

from collections.abc import Collection, Mapping

from werkzeug.routing import BaseConverter

from declweb.compiler.answering import Answering
from declweb.context import Context
from declweb.routing import Matcher


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

    def add(self, path: str) -> None:
        """Take an address up."""
        self._own.add(path)

    def add_pattern(self, path: str, answering: Answering, methods: Collection[str]) -> None:
        """Take an address with variables up."""
        self._own_patterns.add(path, answering, tuple(methods))

    def ask(self, context: Context) -> bool:
        """Tell whether it is programs that ask for what a request asks for."""
        path, method = context.path, context.method
        if path in self._exact or not self._own_patterns:
            return path in self._own
        found, other = self._own_patterns.match(path, method), self._patterns.match(path, method)
        return bool(found.allowed) if other.claimant is None else found.claimant is other.claimant
