"""The redirects and rewrites of all files: which come first, and which never happen.

Owns their order. Must not know how they are written.
"""

from collections.abc import Iterator
from typing import NamedTuple

from declweb.model.redirects import CONDITIONS, Redirect, each
from declweb.problems import Also
from declweb.redirect_files.file import File, place_of_row
from declweb.redirect_files.words import Wrong

Value = str | Redirect | list[str | Redirect]
"""What an old address leads to: a target, a redirect, or several that are tried in order."""


class Rule(NamedTuple):
    """A row as the site file would say it."""

    source: str
    value: str | Redirect
    is_rewrite: bool = False


class Rules:
    """All rules so far, and which of them come first."""

    def __init__(self) -> None:
        self.redirects: dict[str, Value] = {}
        self.rewrites: dict[str, list[Redirect]] = {}
        self.files: list[File] = []
        self.rows: dict[str, int] = {}
        """Where each address is first written."""
        self._settled: dict[str, int] = {}
        """Where an address is settled, if not where it is first written."""
        self._conditional: dict[str, tuple[int, Rule]] = {}

    def start_file(self, name: str) -> File:
        """Return the file that is read next; the one before must have been read."""
        last = self.files[-1] if self.files else None
        self.files.append(File(name, last.above + len(last.starts) - 1 if last else 0))
        return self.files[-1]

    def add(self, rule: Rule, file: File, number: int) -> None:
        """Add a rule that is written in this line, unless it would never happen."""
        row, source, value = file.above + number, rule.source, rule.value
        first = self.rows.setdefault(source, row)
        if first != row and self._is_settled(source):
            message = f"this never happens: a line before it sends on all visitors of {source}"
            self._hidden(file, number, self._settled.get(source, first), message)
            return
        if isinstance(value, Redirect) and value.conditions:
            before, same = self._conditional.setdefault(_key(source, value), (row, rule))
            if before != row:
                if same != rule:
                    self._hidden(file, number, before, "this never happens: a line before it has the same conditions")
                return
        elif first != row:
            self._settled[source] = row
            if any(_rank(rule) < _rank(other) for other in self._of(source)):
                what = "what ends in `!` comes" if _rank(rule) == 0 else "redirects come"
                self._hidden(file, number, first, f"{what} first, so another line about {source} never happens")
        self._put(rule)

    def _of(self, source: str) -> Iterator[Rule]:
        for one in each(self.redirects.get(source, [])):
            yield Rule(source, one)
        for one in self.rewrites.get(source, ()):
            yield Rule(source, one, is_rewrite=True)

    def _put(self, rule: Rule) -> None:
        if rule.is_rewrite:
            assert isinstance(rule.value, Redirect)
            self.rewrites.setdefault(rule.source, []).append(rule.value)
            return
        before = self.redirects.setdefault(rule.source, rule.value)
        if isinstance(before, list):
            before.append(rule.value)
        elif before is not rule.value:
            self.redirects[rule.source] = [before, rule.value]

    def _is_settled(self, source: str) -> bool:
        """Tell whether a rule without conditions is there; nothing is added behind one, so it is the last."""
        value = self.redirects.get(source)
        lasts = (value[-1] if isinstance(value, list) else value, *self.rewrites.get(source, ())[-1:])
        return any(isinstance(last, str) or (last is not None and not last.conditions) for last in lasts)

    def _hidden(self, file: File, number: int, before: int, message: str) -> None:
        also = (Also(place_of_row(self.files, before), "comes first"),)
        file.complain(number, Wrong("hidden-address", message, "delete one of the two lines"), also)


def _key(source: str, redirect: Redirect) -> str:
    """Return what two rules share that hold in the same circumstances."""
    return repr((source, redirect.model_dump(include=set(CONDITIONS), exclude_none=True)))


def _rank(rule: Rule) -> int:
    """Return how late a rule is tried, whatever stands before it in the file."""
    if isinstance(rule.value, Redirect) and rule.value.force:
        return 0
    return 2 if rule.is_rewrite else 1
