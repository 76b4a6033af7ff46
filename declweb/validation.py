"""Stage 2: Document -> Site. pydantic's errors become problems with places.

Owns what is done about a broken part: it is left out, so that everything else can still be looked at and all problems
come at once. The words for what is wrong stand in `faults`. Knows the models only by their kinds, and neither disk nor
web.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from typing import TypeVar

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from declweb.faults import Fault, fault_of, in_words, meant_by, missing_key, no_site, problem_of
from declweb.model import Site
from declweb.model.base import SEVERAL, Table
from declweb.model.kinds import keys_of, kind_at
from declweb.problems import Place, Problem, did_you_mean
from declweb.sitefile import ABSENT, Document, FromVariable, KeyPath
from declweb.sitefile.source import Source

PATIENCE = 200
"""Rounds of leaving out and validating again; each round leaves something out."""


@dataclass(frozen=True, slots=True)
class Draft:
    """As much of a site as is right."""

    site: Site
    problems: tuple[Problem, ...]
    broken: frozenset[KeyPath]
    """What was left out, or written with a slip: nothing that refers to one of these is a mistake of its own."""

    @property
    def whole(self) -> Site:
        """The site as it is compiled: without the stand-ins for what was left out of a list."""
        lists = {
            name: [item for index, item in enumerate(getattr(self.site, name)) if (name, index) not in self.broken]
            for name in _HARMLESS.keys() - {"middleware"}  # it is made in its place, or not at all
            if any(path[0] == name for path in self.broken)
        }
        return self.site.model_copy(update=lists) if lists else self.site

    def is_broken(self, *path: str | int) -> bool:
        """Tell whether what stands at this path, a part of it, or all it is a part of, was left out."""
        return any(left[: len(path)] == path[: len(left)] for left in self.broken)

    def is_short_of(self, *tables: str) -> bool:
        """Tell whether one of these tables, or one of those in them, was left out as a whole."""
        return any(path[0] in tables and len(path) <= 2 for path in self.broken)

    def left_out(self, table: str) -> tuple[str, ...]:
        """Return the names of the tables of one kind that were left out."""
        return tuple(str(path[1]) for path in self.broken if path[0] == table and len(path) > 1)


def validate(document: Document) -> Draft:
    """Return the site that a document describes, and every problem in it."""
    work = _Work(document)
    for _ in range(PATIENCE):
        try:
            site = Site.model_validate(work.data)
        except ValidationError as error:
            work.round(singly(error.errors(include_url=False)))
        else:
            if not work.leave_out_absent():
                return Draft(site, tuple(work.problems), frozenset(work.broken | work.meant))
    raise AssertionError("validation goes round in circles")


Alone = TypeVar("Alone", bound=Table)


def validate_alone(model: type[Alone], source: Source, spoken_of: str, else_: str) -> tuple[Alone, tuple[Problem, ...]]:
    """Return the table that a text of its own describes, without what is wrong in it, and every problem in it.

    No key of the table must be needed. `spoken_of` is what the author calls it, `else_` where unknown keys may go.
    """
    data = {key: value for key, value in source.data.items() if value is not ABSENT}
    problems = []
    try:
        return model.model_validate(data), ()
    except ValidationError as error:
        faults = [fault_of(each, data) for each in singly(error.errors(include_url=False))]
    for fault in faults:
        if fault.type == "extra_forbidden":
            problems.append(_unknown_alone(fault, model, source, spoken_of, else_))
        elif fault.value is not ABSENT:
            code, message, help_ = in_words(fault)
            place = (source.key_place if fault.type == "bad-key" else source.place)(fault.path)
            problems.append(Problem(code, message, place or Place(source.file), help=help_))
        data.pop(str(fault.path[0]), None)
    return model.model_validate(data), tuple(problems)


def _unknown_alone(fault: "Fault", model: type[Table], source: Source, spoken_of: str, else_: str) -> Problem:
    near = did_you_mean(fault.key, keys_of(model))
    place = source.key_place(fault.path) or Place(source.file)
    help_ = f"did you mean `{near}`?" if near else f"known here: {', '.join(keys_of(model))}; {else_}"
    return Problem("unknown-key", f"{spoken_of} has no key `{fault.key}`", place, help=help_)


def singly(errors: Iterable[ErrorDetails]) -> list[ErrorDetails]:
    """Return errors of which each is about one thing: a table tells all that is wrong with it in one."""
    found: list[ErrorDetails] = []
    for error in errors:
        several = error.get("ctx", {}).get("errors", ()) if error["type"] == SEVERAL else ()
        found += [{**error, "type": each["type"], "ctx": each} for each in several] or [error]
    return found


class _Work:
    """The data as it is pared down to what is right."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.data = _copied(document.data)
        self.problems: dict[Problem, None] = {}
        self.broken: set[KeyPath] = set()
        self.torn: set[KeyPath] = set()
        """What was left out, and all that it was a part of."""
        self.meant: set[KeyPath] = set()
        """What misspelt and misplaced keys were meant to be."""
        self.absent = {_around(path) for path in document.absent}

    def round(self, errors: list[ErrorDetails]) -> None:
        """Report these errors and leave out what they are about."""
        faults = [fault_of(error, self.data) for error in errors]
        self.meant |= {meant for fault in faults if fault.type == "extra_forbidden" for meant in meant_by(fault)}
        in_turn = sorted(faults, key=lambda fault: fault.type == "missing")
        for path, same in groupby(in_turn, key=lambda fault: fault.path):
            wrong = [fault for fault in same if not self._mended(fault)]
            for fault in wrong:
                self._report(fault)
            if wrong:
                self._leave_out(path)

    def _mended(self, fault: Fault) -> bool:
        """Do about an error what can be done without leaving out what it is about; tell whether that was all."""
        if fault.type == "missing":
            self._missing(fault)
            return True
        converted = _converted(fault)
        if converted:
            _set(self.data, fault.path, converted[0])
        return converted is not None

    def leave_out_absent(self) -> bool:
        """Leave out the tables whose variable is missing though it may be; tell whether there were any."""
        found = bool(self.absent)
        for path in self.absent:
            self._leave_out(path)
        self.absent = set()
        return found

    def _report(self, fault: Fault) -> None:
        if fault.value is not ABSENT and fault.path not in self.torn:
            self.problems[problem_of(fault, self.document)] = None

    def _missing(self, fault: Fault) -> None:
        is_meant = fault.path in self.meant
        if fault.path == ("site",):
            if not is_meant and ("site", "name") not in self.meant:
                self.problems[no_site(self.document)] = None
            self.data["site"] = {"name": "-"}
            return
        if not is_meant and fault.table not in self.torn:
            self.problems[missing_key(fault, self.document)] = None
        if fault.path == ("site", "name"):
            _set(self.data, fault.path, "-")
        else:
            self._leave_out(fault.table)

    def _leave_out(self, path: KeyPath) -> None:
        self.broken.add(path)
        self.torn.update(path[:length] for length in range(len(path) + 1))
        if path == ("site",):
            self.data["site"] = {"name": "-"}
        elif path == ("site", "name"):
            _set(self.data, path, "-")
        else:
            _remove(self.data, path)


def _around(path: KeyPath) -> KeyPath:
    """Return what can be left out for a missing variable: the thing with a name, or the part of it in a list."""
    is_of_part = path[:1] == ("forms",) and len(path) > 3 and path[2] in {"fields", "send"}
    return path[:4] if is_of_part else path[:2]


def _copied(value: dict[str, object]) -> dict[str, object]:
    """Return the tables that may be pared down; what is in them is shared."""
    return {key: _deep(part) for key, part in value.items()}


def _deep(value: object) -> object:
    if isinstance(value, dict):
        return {key: part if type(part) is str else _deep(part) for key, part in value.items()}
    return [_deep(part) for part in value] if isinstance(value, list) else value


def _remove(data: object, path: KeyPath) -> None:
    """Take out what stands at a path; an item of a list is emptied with its list, so that indexes stay true."""
    *table, key = path
    node = data
    for part in table:
        if isinstance(node, dict) and part not in node:
            return  # it was left out with what it stood in
        node = node[part]  # type: ignore[index] # paths come from this very data
    if isinstance(node, dict):
        node.pop(key, None)
    elif isinstance(node, list) and (stand_in := _stand_in(tuple(table))) is not None:
        node[key] = stand_in  # type: ignore[index] # the path leads to a table or a list
    else:
        _remove(data, tuple(table))


def _stand_in(table: KeyPath) -> object:
    """Return what is written in the place of an item of a list; None where the list goes with it."""
    kind = kind_at(table)
    return _HARMLESS.get(kind.name) if kind and len(table) == kind.name.count(".") + 1 else None


_HARMLESS: dict[str, object] = {
    "headers": {"set": {"X-Left-Out": "1"}, "path": "/left-out"},
    "rewrites": {"from": "/left-out", "to": "/", "off": True},
    "static": {"path": "/left-out", "folder": ".", "off": True},
    "pages": {"folder": ".", "off": True},
    "protect": {"path": "/left-out", "allow": "left-out"},
    "include": "",
    "redirects_from": "",
    "middleware": {"use": "left_out", "off": True},
    "tests": {"get": "/left-out", "status": 404},
    "forms.NAME.send": {"webhook": "https://left-out.invalid/", "off": True},
}
"""What stands in for an item of a list that had to be left out, so that the places of the others stay true."""


def _set(data: object, path: KeyPath, value: object) -> None:
    *table, key = path
    node = data
    for part in table:
        node = node[part]  # type: ignore[index] # paths come from this very data
    node[key] = value  # type: ignore[index] # the path leads to a table or a list


# --- values from the environment --------------------------------------------------------------------------------------

_READERS: dict[str, Callable[[str], object]] = {
    "date": lambda text: datetime.fromisoformat(text) if ":" in text else date.fromisoformat(text),
    "unknown-word": int,
    "int_type": int,
    "float_type": float,
    "bool_type": lambda text: {"true": True, "yes": True, "false": False, "no": False}[text.strip().lower()],
}
"""How the text of a variable becomes what a field takes, by pydantic's error type."""


def _converted(fault: Fault) -> tuple[object] | None:
    read = _READERS.get("date" if fault.type.startswith("date") else fault.type)
    if not isinstance(fault.value, FromVariable) or fault.value is ABSENT or read is None:
        return None
    try:
        return (read(str(fault.value)),)
    except (ValueError, KeyError):
        return None
