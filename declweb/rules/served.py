"""What serves an address: the first of all claims that matches it.

Owns the order of matching as the author must know it.
"""

from collections.abc import Mapping

from werkzeug.routing import BaseConverter

from declweb.http.paths import path_of, pattern
from declweb.model.urls import Variable, parse
from declweb.problems import suggestion
from declweb.routing import Matcher
from declweb.routing.converters import without_code
from declweb.rules.addresses import PATIENCE, addresses, is_usable, public_files
from declweb.rules.base import Subject, made_once
from declweb.rules.feeds import generated
from declweb.rules.pages import page_set


class Leading:
    """Addresses that lead to others, with variables or without."""

    def __init__(self, classes: Mapping[str, type[BaseConverter]]) -> None:
        self._exact: set[str] = set()
        self._matcher: Matcher[str] = Matcher(classes)

    def add(self, source: str) -> None:
        """Add an address."""
        if "<" not in source:
            self._exact.add(source)
            return
        self._matcher.add(source, source)
        *before, last = parse(source)
        if isinstance(last, Variable) and last.converter == "path" and all(isinstance(part, str) for part in before):
            self._exact |= {stem := "".join(map(str, before)), stem.rstrip("/") or "/"}

    def __call__(self, path: str) -> bool:
        """Tell whether a path leads to another; one with variables is judged by its beginning."""
        return path in self._exact or _leads(self._matcher, path.replace("<", "").replace(">", ""))


class Served:
    """Answers whether anything serves an address of the site."""

    def __init__(self, subject: Subject) -> None:
        self._subject = subject
        self._found = addresses(subject)
        self._classes = without_code(self._found.classes)
        self._matcher: Matcher[str] = Matcher(self._classes)
        for claim in self._found.patterns:
            self._matcher.add(claim.path, claim.spoken)
        self._redirects: Matcher[str] = Matcher(self._classes)
        for source in subject.redirects:
            if "<" in source and is_usable(source, self._classes):
                self._redirects.add(source, source)
        self._rewritten = {only: self._rewrites(navigation_only=only) for only in (False, True)}
        self._files = public_files(subject)
        self._generated = generated(subject)
        self._beside = frozenset(page_set(subject).beside.values())
        self._known: dict[str, bool] = {}
        self._patience = PATIENCE
        self._is_surrounded = any(not each.off for each in subject.site.middleware)
        narrow = (path for hook in subject.site.hooks.before_request for path in hook.paths if path != "/*")
        self._may_answer = tuple(pattern(path) for path in narrow)

    def _rewrites(self, *, navigation_only: bool) -> Leading:
        """Return the addresses at which another page is shown: to all, or where a browser opens a page."""
        found = Leading(self._classes)
        moved = self._subject.moved.rewrites if self._subject.moved and not navigation_only else {}
        own = [
            each_.from_ for each_ in self._subject.site.rewrites
            if not each_.off and each_.navigation_only == navigation_only
        ]  # fmt: skip
        for source in (*own, *moved):
            if is_usable(source, self._classes):
                found.add(source)
        return found

    def __call__(self, target: str, *, navigates: bool = True) -> bool:
        """Tell whether an address is served, or shows another page; one with variables is judged by an example.

        `navigates` says that a browser opens it as a page. What the site's own Python may answer counts as served.
        """
        path = path_of(target)
        if self._is_surrounded or any(paths.fullmatch(path) for paths in self._may_answer):
            return True
        return self.surely(target, navigates=navigates)

    def surely(self, target: str, *, navigates: bool = True) -> bool:
        """Tell the same, whatever the site's own Python may answer."""
        path = path_of(target)
        return self.itself(target) or self._rewritten[False](path) or (navigates and self._rewritten[True](path))

    def itself(self, target: str) -> bool:
        """Tell whether an address is served without being rewritten."""
        path = path_of(target)
        if path in self._found.exact or path in self._subject.redirects or path in self._generated:
            return True
        if path in self._beside:
            return True
        if path not in self._known:
            self._known[path] = self._serves(path)
        return self._known[path]

    def off(self, target: str) -> bool:
        """Tell whether all that serves an address is switched off."""
        path = path_of(target)
        best = self._matcher.match(path, "GET").claimant
        claims = [*self._found.exact.get(path, ()), *(one for one in self._found.patterns if one.spoken == best)]
        return bool(claims) and all(claim.is_off for claim in claims)

    def near(self, target: str) -> str:
        """Return the help line for an address that nothing serves."""
        self._patience -= len(self._found.exact)
        meant = suggestion(path_of(target), self._found.exact) if self._patience > 0 else None
        return meant or "add a route for it, or write an address that exists"

    def _serves(self, path: str) -> bool:
        if "<" in path:
            return self._serves_like(path)
        if f"{path}/" in self._found.exact or self.is_file(path):
            return True
        return any(_leads(matcher, path) for matcher in (self._matcher, self._redirects))

    def _serves_like(self, path: str) -> bool:
        """Judge a path with variables: any pattern or mount that could take it will do."""
        start = path.partition("<")[0]
        if any(start.startswith(mount.below) for mount, _ in self._found.mounts):
            return True
        claims = [claim.path for claim in self._found.claims()] + [s for s in self._subject.redirects if "<" in s]
        return any(_could_meet(start, claim.partition("<")[0], "<" in claim) for claim in claims)

    def is_file(self, path: str) -> bool:
        """Tell whether a path is a file's or a listing's, in whatever spelling."""
        return self._files.at(path) is not None or self._files.lists(path)


@made_once
def served(subject: Subject) -> Served:
    """Return what answers whether anything serves an address of the site."""
    return Served(subject)


def _leads(matcher: Matcher[str], path: str) -> bool:
    found = matcher.match(path, "GET")
    return bool(found.claimant or found.spelling or found.allowed)


def _could_meet(start: str, literal: str, is_open: bool) -> bool:  # noqa: FBT001 - private, two callers
    return literal.startswith(start) or (is_open and start.startswith(literal))
