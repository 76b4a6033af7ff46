"""The text of a query: which parameters it names, and where.

Owns what in a query is no code: texts, quoted names, comments. Knows neither databases nor values: what a query may do
is for its database to say, too.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property

from declweb.data.asking import CannotAsk, Kind

_COMMENT = r"--[^\n]*|/\*.*?(?:\*/|\Z)"
_QUOTED = r"'(?:[^']|'')*(?:'|\Z)|\"(?:[^\"]|\"\")*(?:\"|\Z)"
_PARAMETER = r"(?<![:\w]):(?P<name>[A-Za-z_]\w*)"
_OTHER = r"(?P<other>\?\d*|[@#$]\w+|(?<![:\w]):\d+)"

_SQLITE = re.compile(rf"(?P<skipped>{_COMMENT}|{_QUOTED}|`[^`]*`|\[[^\]]*\]|\w+)|{_PARAMETER}|{_OTHER}", re.DOTALL)
_POSTGRESQL = re.compile(
    rf"(?P<skipped>[eE]'(?:[^'\\]|''|\\.)*(?:'|\Z)|{_COMMENT}|{_QUOTED}|(?P<dollar>\$(?:[A-Za-z_]\w*)?\$).*?(?:(?P=dollar)|\Z)"
    rf"|::|\w+(?:\$\w*)*)|{_PARAMETER}|(?P<other>\$\d+)",
    re.DOTALL,
)
_BLANK = re.compile(rf"(?:\s|;|{_COMMENT})*", re.DOTALL)


@dataclass(frozen=True)
class Text:
    """A query as it is written."""

    written: str
    is_postgresql: bool = False

    @cached_property
    def _found(self) -> list[re.Match[str]]:
        pattern = _POSTGRESQL if self.is_postgresql else _SQLITE
        return [found for found in self._walk(pattern) if found["skipped"] is None]

    def _walk(self, pattern: re.Pattern[str]) -> Iterator[re.Match[str]]:
        """Yield all that is more than a sign."""
        position = 0
        while (found := pattern.search(self.written, position)) is not None:
            yield found
            position = max(self._end(found), position + 1)

    def _end(self, found: re.Match[str]) -> int:
        """Return where something ends; PostgreSQL lets comments stand within comments."""
        if not (self.is_postgresql and found[0].startswith("/*")):
            return found.end()
        depth = 0
        for sign in re.compile(r"/\*|\*/").finditer(self.written, found.start()):
            depth += 1 if sign[0] == "/*" else -1
            if depth == 0:
                return sign.end()
        return len(self.written)

    @cached_property
    def parameters(self) -> tuple[str, ...]:
        """The names of the parameters, in order, each once."""
        return tuple(dict.fromkeys(found["name"] for found in self._found if found["name"] is not None))

    @property
    def foreign_parameter(self) -> str | None:
        """A parameter in a spelling that is not ours, such as `?`."""
        return next((found["other"] for found in self._found if found["other"] is not None), None)

    @property
    def first_word(self) -> str:
        """The word with which the query begins."""
        start = _BLANK.match(self.written)
        found = re.compile(r"\(*\s*(\w*)").match(self.written, start.end() if start else 0)
        return found[1] if found else ""

    @property
    def has_several(self) -> bool:
        """Whether there is another query behind the first one."""
        pattern = _POSTGRESQL if self.is_postgresql else _SQLITE
        code, position = "", 0
        for found in self._walk(pattern):
            is_comment = found[0].startswith(("--", "/*"))
            code += self.written[position : found.start()] + ("" if is_comment else "x")
            position = self._end(found)
        return ";" in (code + self.written[position:]).rstrip("; \n\r\t\f")

    def check(self) -> None:
        """Raise CannotAsk where it can be seen without a database that this is no query for reading."""
        if self._mistake is not None:
            raise CannotAsk(*self._mistake)

    @cached_property
    def _mistake(self) -> tuple[Kind, str, str, str] | None:
        if self.first_word.lower() not in {"select", "with", "values"}:
            what = f"a query begins with `select`, not with `{self.first_word}`"
            return "refused", what, "databases are only read", self.first_word
        if self.has_several:
            return "refused", "there are several queries", "only one is asked: leave the first", ";"
        if (other := self.foreign_parameter) is not None:
            what = f"a parameter is written `:name`, not `{other}`"
            return "broken", what, 'say its type too: params = { name = "text" }', other
        return None

    def rewritten(self, parameter: Callable[[str], str], rest: Callable[[str], str] = str) -> str:
        """Return the query with its parameters, and with what stands between them, in another spelling."""
        parts: list[str] = []
        position = 0
        for found in self._found:
            if found["name"] is not None:
                parts += rest(self.written[position : found.start()]), parameter(found["name"])
                position = found.end()
        return "".join((*parts, rest(self.written[position:])))
