"""`${NAME}` in texts: values from the environment.

Owns the notation, what a missing variable means, and the sentinel for what is not there. What comes in is never read
as `${` again. Must not know places: what is said of a text says at which of its variables.
"""

import re
from collections.abc import Mapping
from typing import NamedTuple

from declweb.problems import suggestion
from declweb.sitefile.spans import KeyPath


class FromVariable(str):
    """A text that was exactly one `${NAME}`: it may become whatever type its key takes."""

    __slots__ = ()


ABSENT = FromVariable()
"""Stands for a value that is not there: its variable is missing, or it could not be read."""

VARIABLE = re.compile(r"\$\$\{|\$\{(?P<name>[A-Za-z_][A-Za-z0-9_]*)(?::-(?P<default>[^}]*))?\}|\$\{[^}\s]*\}?")
"""A literal `${`, a variable, or what looks like one."""


class Lack(NamedTuple):
    """A variable that cannot be filled in."""

    path: KeyPath
    """Of the text it stands in."""
    number: int
    """Which of the text's `${` it is, from 0."""
    code: str
    message: str
    help: str
    optional: KeyPath | None
    """The table that may be left out for it."""
    name: str


class Filler:
    """Fills variables into data."""

    def __init__(self, variables: Mapping[str, str]) -> None:
        self.variables = variables
        self.lacks: list[Lack] = []
        self.absent: set[KeyPath] = set()
        self.filled: dict[KeyPath, tuple[str, ...]] = {}
        """What was put into the texts, by their paths."""

    def fill(self, value: object, path: KeyPath = (), optional: KeyPath | None = None) -> object:
        """Return a value with its variables filled in; what has none is the same object.

        `optional` is the table around it that says `optional = true`.
        """
        if isinstance(value, str):
            return self._text(value, path, optional)
        if isinstance(value, dict):
            return self._table(value, path, _optional(value, path, optional))
        if isinstance(value, list):
            filled = [self.fill(item, (*path, number), optional) for number, item in enumerate(value)]
            return filled if any(new is not old for new, old in zip(filled, value, strict=True)) else value
        return value

    def _table(self, table: dict[str, object], path: KeyPath, optional: KeyPath | None) -> dict[str, object]:
        changed = {
            key: filled
            for key, value in table.items()
            if not (type(value) is str and "${" not in value)
            and (filled := self.fill(value, (*path, key), optional)) is not value
        }
        return {**table, **changed} if changed else table

    def _text(self, text: str, path: KeyPath, optional: KeyPath | None) -> str:
        if text is ABSENT:
            self.absent.add(path)
            return ABSENT
        if "${" not in text:
            return text
        parts: list[str] = []
        end = 0
        for number, match in enumerate(VARIABLE.finditer(text)):
            filled = self._filled(match, path, number, optional)
            parts += [text[end : match.start()], filled]
            end = match.end()
            if match.span() == (0, len(text)) and match["name"] and filled is not ABSENT:
                self.filled[path] = (filled,)
                return FromVariable(filled)
        self.filled[path] = tuple(parts[1::2])
        if any(part is ABSENT for part in parts):
            self.absent.add(path)
            return ABSENT
        return "".join(parts) + text[end:]

    def _filled(self, match: re.Match[str], path: KeyPath, number: int, optional: KeyPath | None) -> str:
        if match[0] == "$${":
            return "${"
        name, default = match["name"], match["default"]
        if not name:
            message = f"`{match[0]}` is not a variable: its name is missing or has odd letters"
            self.lacks.append(
                Lack(path, number, "bad-variable", message, "write ${NAME}, or $${ for the signs themselves", None, "")
            )
            return ABSENT
        if default is not None and "${" in default:
            message = f"the default of {name} is another variable, and these are not read within each other"
            self.lacks.append(Lack(path, number, "bad-variable", message, "write the default itself", None, name))
            return ABSENT
        value = self.variables.get(name)
        if default is not None:
            value = value or default
        if value is None:
            self._missing(name, path, number, optional)
            return ABSENT
        if not _is_unicode(value):
            message = f"the variable {name} is not in UTF-8"
            self.lacks.append(Lack(path, number, "bad-variable", message, "set it anew", None, name))
            return ABSENT
        return value

    def _missing(self, name: str, path: KeyPath, number: int, optional: KeyPath | None) -> None:
        message = f"the variable {name} is not set"
        help_ = suggestion(name, self.variables) or f"set it, or say what counts without it: ${{{name}:-…}}"
        self.lacks.append(Lack(path, number, "missing-variable", message, help_, optional, name))


def _optional(table: dict[str, object], path: KeyPath, above: KeyPath | None) -> KeyPath | None:
    """Return the table that may be left out: this one, or one around it that it is only a part of.

    A table of which there can be many, `[x.NAME]` or one of a list, answers for itself.
    """
    if len(path) < _NAMED:
        return None
    if table.get("optional") is True:
        return path
    return None if len(path) == _NAMED or isinstance(path[-1], int) else above


_NAMED = 2


def _is_unicode(text: str) -> bool:
    """Tell whether a variable was text; the environment lets other bytes through as lone surrogates."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
