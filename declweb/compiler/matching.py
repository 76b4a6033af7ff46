"""Levels 2, 5 and 7 of matching: routes and endpoints at their addresses, and at other spellings.

Owns how a path is looked up among them, and the redirect to the spelling that is declared. Knows neither the site file
nor what answers are made of: it is given both tables, and outlives the compiler.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote

from declweb.app import Finisher
from declweb.compiler.redirects import moved, relocated
from declweb.compiler.routes import Answering
from declweb.context import Context
from declweb.http.answer import Answer
from declweb.http.prepared import Prepared
from declweb.routing import Matcher
from declweb.routing.converters import SAFE
from declweb.routing.matching import merged


@dataclass(frozen=True, slots=True, eq=False)
class Addresses:
    """What answers at the addresses of routes and endpoints."""

    exact: Mapping[str, Mapping[str, Answering]]
    """By path, then by method."""
    patterns: Matcher[Answering]
    prepared: Mapping[str, Mapping[str, Prepared]]
    """By path, then by method; made for `prefix`."""
    prefix: str
    finisher: Finisher

    def exactly(self, context: Context) -> Answer | None:
        """Answer an address without variables."""
        answers = self.exact.get(context.path)
        if answers is None:
            return self._with_slash(context)
        answering = answers.get(context.method)
        if answering is None:
            context.allowed |= answers.keys()
            return None
        ready = self.prepared.get(context.path, {}).get(context.method)
        if ready is not None and context.prefix == self.prefix:
            return ready.answer(context.fields, secure=context.is_secure, head=context.method == "HEAD")
        return answering.respond(context)

    def _with_slash(self, context: Context) -> Answer | None:
        """Answer the bare form of a path that ends in a slash, as Flask does."""
        answers = self.exact.get(f"{context.path}/")
        is_answered = answers is not None and context.method in {*answers, "OPTIONS"}
        return self._moved(context, f"{context.path}/") if is_answered else None

    def by_pattern(self, context: Context) -> Answer | None:
        """Answer an address with variables."""
        if not self.patterns:
            return None
        found = self.patterns.match(context.path, context.method)
        if found.spelling is not None:
            return self._moved(context, found.spelling)
        if found.claimant is None:
            context.allowed |= found.allowed
            return None
        context.view_args = found.variables or {}
        return found.claimant.respond(context)

    def other_spelling(self, context: Context) -> Answer | None:
        """Send a path with doubled slashes to the page that has them once, as Flask does."""
        if "//" not in context.path:
            return None
        path = merged(context.path)
        if path not in self.exact and f"{path}/" in self.exact:
            path += "/"
        if path not in self.exact:
            found = self.patterns.match(path, context.method)
            if found.claimant is None and found.spelling is None:
                return None
            path = found.spelling or path
        return self._moved(context, path)

    def _moved(self, context: Context, path: str) -> Answer:
        """Send a visitor to the other spelling of an address (RFC 9110, section 15.4.9)."""
        return moved(context, 308, relocated(quote(path, safe=SAFE), context), self.finisher)
