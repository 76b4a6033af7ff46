"""Levels 2, 5 and 7 of matching: routes and endpoints at their addresses, and at other spellings.

Owns how a path is looked up among them, and the redirect to the spelling that is declared. Knows neither the site file
nor what answers are made of: it is given both tables, and outlives the compiler.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from declweb.app import Finisher
from declweb.compiler.answering import Answering
from declweb.compiler.redirects import moved, relocated
from declweb.compiler.static import Mount
from declweb.context import Context
from declweb.http.answer import READING, Answer
from declweb.http.paths import escaped
from declweb.http.prepared import Prepared
from declweb.routing import Matcher
from declweb.routing.escapes import is_misspelt
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
    pages: Collection[str] = ()
    """Those of the exact addresses that are pages: any other spelling of them leads there."""
    mounts: tuple[Mount, ...] = ()

    def exactly(self, context: Context) -> Answer | None:
        """Answer an address without variables."""
        answers = self.exact.get(context.path)
        if answers is None:
            return self._with_slash(context)
        answering = answers.get(context.method)
        if answering is None:
            context.allowed |= answers.keys()
            return None
        if context.is_bare or (
            context.path in self.pages and is_misspelt(context.target, context.prefix, context.path)
        ):
            return self._moved(context, context.path)
        ready = self.prepared.get(context.path, {}).get(context.method)
        if ready is not None and context.prefix == self.prefix and not context.has_cookie(ready.unless):
            return ready.answer(context.fields, secure=context.is_secure, head=context.method == "HEAD")
        return answering.respond(context)

    def foresee(self, context: Context) -> None:
        """Leave in a context who is going to answer, for those who ask before that; nothing where nobody does."""
        answering = self.exact.get(context.path, {}).get(context.method)
        if answering is None and self.patterns:
            found = self.patterns.match(context.path, context.method)
            answering, context.view_args = found.claimant, found.variables or {}
        if answering is not None:
            context.endpoint = answering.name or None
            return
        for mount in self.mounts:
            if (named := mount.named(context.path)) is not None:
                context.endpoint, filename = named
                context.view_args = {"filename": filename}
                return

    def _with_slash(self, context: Context) -> Answer | None:
        """Answer the bare form of a path that ends in a slash, as Flask does."""
        if f"{context.path}/" in self.pages:
            return None
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
        """Send another spelling of an address to the one that is declared, in one step."""
        path = merged(context.path)
        right = self.settled(path)
        if right is None:
            right = self._of_route(path, context.method) if path != context.path else None
        elif context.method not in READING:
            context.allowed |= READING
            return None
        return self._moved(context, right) if right not in {None, context.path} else None

    def settled(self, path: str) -> str | None:
        """Return the one address of the page or file that a path means, in whatever spelling."""
        page = self._of_page(path)
        if page is not None:
            return page
        return next((right for mount in self.mounts if (right := mount.spelling(path)) is not None), None)

    def _of_page(self, path: str) -> str | None:
        """Return the address of a page: /about for /about/, /about.html and /about/index.html, and /news/ for /news."""
        if not self.pages:
            return None
        stem = path.removesuffix("/index.html").removesuffix(".html").removesuffix("/")
        return next((one for one in (stem, f"{stem}/") if one in self.pages), None)

    def _of_route(self, path: str, method: str) -> str | None:
        """Return the address of a route for a path that had doubled slashes, as Flask does."""
        if path in self.exact:
            return path
        if f"{path}/" in self.exact:
            return f"{path}/"
        found = self.patterns.match(path, method)
        return None if found.claimant is None and found.spelling is None else found.spelling or path

    def _moved(self, context: Context, path: str) -> Answer:
        """Send a visitor to the other spelling of an address (RFC 9110, section 15.4.9)."""
        return moved(context, 308, relocated(escaped(path), context), self.finisher)
