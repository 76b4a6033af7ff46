"""Files with many redirects: spreadsheets saved as CSV, and Netlify's `_redirects`.

Owns both notations and their translation into that of the site file. Must not know what answers an address: whether a
redirect leads anywhere, or is hidden by a page, is looked at elsewhere.

CSV (`.csv`, `.tsv`): a row is an old address, a target and perhaps a status. The first row may name the columns, in any
order: `from` (or `old`, `source`, `von`), `to` (or `new`, `target`, `nach`) and `status` (or `code`). Cells are parted
by commas, semicolons or tabs. An old address is written as in the site file, or as a browser shows it: escaped, with a
query, which becomes a condition, and with the old site in front, which is dropped.

Netlify (`_redirects…`, `.txt`, or no ending): `from [parameters] to [status[!]] [conditions]`, see
https://docs.netlify.com/manage/routing/redirects/overview/. A domain in front of `from` is a condition, 200 a rewrite.

Both are read line by line, in UTF-8, in UTF-16 with its mark, or in Windows-1252. What comes behind a line that has
settled an address never happens. A plain line, of which there may be 100,000, becomes two strings and nothing else.
"""

import re
from abc import ABC, abstractmethod
from array import array
from bisect import bisect
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from itertools import chain
from pathlib import PurePosixPath
from typing import Any, NamedTuple
from urllib.parse import unquote

from pydantic import TypeAdapter, ValidationError

from declweb.files import Folder
from declweb.model.redirects import CONDITIONS, PERMANENT, Redirect, each
from declweb.model.urls import PLAIN, UrlPath, is_external, variables
from declweb.problems import CODES, Also, Place, Problem, Severity, did_you_mean, suggestion

Value = str | Redirect | list[str | Redirect]
"""What an old address leads to: a target, a redirect, or several that are tried in order."""

MOST = 200
"""Errors, and warnings, that are reported of one file."""
LONGEST = 16_000
"""Characters of the longest line that is looked at: two addresses of the longest kind that a browser sends."""

_REWRITE = 200
_REDIRECTS: tuple[int, ...] = (301, 302, 303, 307, 308)
_SOURCE: TypeAdapter[str] = TypeAdapter(UrlPath)


@dataclass(frozen=True)
class RedirectFiles:
    """All redirects and rewrites of some files; addresses are written as in the site file."""

    redirects: dict[str, Value] = field(default_factory=dict)
    """By old address; what is moved for good without any condition is the bare target."""
    rewrites: dict[str, list[Redirect]] = field(default_factory=dict)
    """By address: the pages of this site that may be shown there, tried in order; their `status` is None."""
    problems: tuple[Problem, ...] = ()
    files: tuple["_File", ...] = field(default=(), repr=False)
    rows: Sequence[int] = field(default=(), repr=False)
    """Where each address of `redirects`, then of `rewrites`, is first written: lines, counted through all files."""

    def place(self, source: str) -> Place | None:
        """Return where an old address is first written."""
        row = self._row_of.get(source)
        return None if row is None else _place(self.files, row)

    @cached_property
    def _row_of(self) -> Mapping[str, int]:
        return dict(zip(chain(self.redirects, self.rewrites), self.rows, strict=True))


def read_redirects(
    folder: Folder, names: Sequence[str], shown: Callable[[str], str], place: Callable[[int], Place]
) -> RedirectFiles:
    """Read the files with these names, in order.

    `shown` says how problems name a file; `place` gives the place of a name in the list, by its index.
    """
    rules = _Rules()
    problems: list[Problem] = []
    for index, name in enumerate(names):
        try:
            if name in names[:index]:
                raise _Wrong("hidden-address", f"`{name}` is named twice, and read once", "delete one of them")  # noqa: TRY301
            notation, data = _notation(name), _content(folder, name)
        except _Wrong as wrong:
            problems.append(Problem(wrong.code, wrong.message, place(index), help=wrong.help))
        else:
            file = rules.start_file(shown(name))
            _read(file, data, notation, rules)
            problems += file.problems
    rows = array("Q", map(rules.rows.__getitem__, chain(rules.redirects, rules.rewrites)))
    return RedirectFiles(rules.redirects, rules.rewrites, tuple(problems), tuple(rules.files), rows)


def _notation(name: str) -> "_Start":
    path = PurePosixPath(name)
    ending = path.suffix.lower()
    if ending in {".csv", ".tsv"}:
        return _Csv
    if ending in {"", ".txt"} or path.name.startswith("_redirects"):
        return lambda *_: _Netlify()
    hint = "name it in `include` instead" if ending == ".toml" else "save it as CSV, with the ending .csv"
    raise _Wrong("unknown-format", f"`{name}` is neither a CSV file nor a `_redirects` file", hint)


def _content(folder: Folder, name: str) -> bytes:
    try:
        return folder.read_bytes(name)
    except FileNotFoundError:
        near = suggestion(name, (one for one in folder.names() if one.endswith((".csv", ".tsv", "_redirects"))))
        default = "files are named from the site folder, with `/` between"
        raise _Wrong("missing-file", f"there is no file `{name}` in the site folder", near or default) from None
    except OSError as error:
        raise _Wrong("unreadable-file", f"`{name}` cannot be read: {error.strerror}", "let everyone read it") from None


def _read(file: "_File", data: bytes, notation: "_Start", rules: "_Rules") -> None:
    try:
        file.text, unread = _decoded(data)
    except _Wrong as wrong:
        file.complain(None, wrong)
        return
    lines = file.text.split("\n")
    for number in unread:
        lines[number - 1] = ""
        hint = "save the file in UTF-8"
        file.complain(number, _Wrong("bad-encoding", "this line is neither in UTF-8 nor in Windows-1252", hint))
    file.notation = notation(lines, file.complain)
    _Reader(file, file.notation, rules).read(lines)


def _decoded(data: bytes) -> tuple[str, list[int]]:
    """Return the text of a file and the numbers of the lines that are none."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        try:
            return _with_newlines(data.decode("utf-16")), []
        except UnicodeDecodeError:
            pass
    if b"\0" in data:
        raise _Wrong("bad-encoding", "this is not a text file", "save it as CSV, in UTF-8")
    try:
        return _with_newlines(data.decode("utf-8-sig")), []
    except UnicodeDecodeError:
        text = data.removeprefix(b"\xef\xbb\xbf").replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        lines = [_decoded_line(line) for line in text.split(b"\n")]
        return "\n".join(line for line, _ in lines), [n for n, (_, is_text) in enumerate(lines, 1) if not is_text]


def _with_newlines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _decoded_line(line: bytes) -> tuple[str, bool]:
    for encoding in ("utf-8", "windows-1252"):
        try:
            return line.decode(encoding), True
        except UnicodeDecodeError:
            continue
    return line.decode("utf-8", "replace"), False


# --- problems and places ----------------------------------------------------------------------------------------------


class _Word(NamedTuple):
    """A piece of a line and where it stands; columns count from 0."""

    text: str
    start: int
    end: int


class _Wrong(Exception):
    """What is wrong with a word; where none is named, with what is being looked at."""

    def __init__(
        self,
        code: str,
        message: str,
        help: str | None = None,  # noqa: A002 - a problem's own word
        word: _Word | None = None,
        *,
        part: str = "",
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.help = help
        self.word = word
        self.part = part
        """The part of the word that is meant, where that is not all of it."""


class _File:
    """A file: its text, where things stand in it, and what is wrong with it."""

    def __init__(self, name: str, above: int) -> None:
        self.name = name
        self.above = above
        """Lines of the files read before."""
        self.text = ""
        self.notation: _Notation | None = None
        self._problems: list[Problem] = []
        self._counts: dict[Severity, int] = {"error": 0, "warning": 0}

    @cached_property
    def starts(self) -> "array[int]":
        """Where each line begins, and where one more would."""
        return array("Q", [0, *(found.end() for found in re.finditer("\n", self.text)), len(self.text) + 1])

    def line(self, number: int) -> str:
        """Return the line with this number."""
        return self.text[self.starts[number - 1] : self.starts[number] - 1]

    def place(self, number: int, word: _Word | None = None, part: str = "") -> Place:
        """Return the place of a word or a part of it, or of all that is written in a line."""
        line = self.line(number)
        start, end = (word.start, word.end) if word else (len(line) - len(line.lstrip()), len(line.rstrip()))
        if part and (found := line.find(part, start, end)) >= 0:
            start, end = found, found + len(part)
        return Place(self.name, number, start + 1, max(start + 1, end) + 1, line if len(line) <= LONGEST else None)

    def source_place(self, number: int) -> Place:
        """Return the place of the old address in a line that has one."""
        row = self.notation.cut(self.line(number)) if self.notation else None
        return self.place(number, row.source if row else None)

    def complain(self, number: int | None, wrong: _Wrong, also: tuple[Also, ...] = ()) -> None:
        """Add a problem with a line, or with the file as a whole."""
        severity = CODES[wrong.code].severity
        self._counts[severity] += 1
        if self._counts[severity] <= MOST:
            place = self.place(number, wrong.word, wrong.part) if number else Place(self.name)
            self._problems.append(Problem(wrong.code, wrong.message, place, also, wrong.help))

    @property
    def errors(self) -> int:
        """How many errors there are."""
        return self._counts["error"]

    @property
    def problems(self) -> list[Problem]:
        """As many problems as anyone will read, and how many more there are."""
        more = [
            Problem(f"more-{severity}s", f"{count - MOST:,} more {severity}s in this file", Place(self.name))
            for severity, count in self._counts.items()
            if count > MOST
        ]
        return self._problems + more


def _place(files: Sequence[_File], row: int) -> Place:
    file = files[bisect(files, row - 1, key=lambda one: one.above) - 1]
    return file.source_place(row - file.above)


# --- what a line says -------------------------------------------------------------------------------------------------


class _Row(NamedTuple):
    """What a line says, before any of it is judged."""

    source: _Word
    target: _Word
    status: _Word | None = None
    parameters: Sequence[_Word] = ()
    conditions: Sequence[_Word] = ()


_Complain = Callable[[int, _Wrong], None]
_Start = Callable[[Sequence[str], _Complain], "_Notation"]
"""Looks at the lines of a file and says how they are written."""


class _Notation(ABC):
    """How the lines of a file are written; addresses as in the site file, unless a notation has its own."""

    top = 0
    """Lines at the top that are no rows."""
    statuses = _REDIRECTS
    keeps_host = False
    """Whether a host in front of an old address is a condition."""

    @abstractmethod
    def plain(self, line: str) -> tuple[str, str] | None:
        """Return source and target of a line that says nothing else, and neither in any special way."""

    @abstractmethod
    def cut(self, line: str) -> _Row | None:
        """Return what a line says, if anything."""

    def source(self, path: str) -> str:
        """Return an old address as the site file writes it."""
        return path

    def parameter(self, value: str) -> str:
        """Return the value of a query parameter as the site file writes it."""
        return value

    def target(self, target: str, known: Collection[str]) -> str:  # noqa: ARG002 - Netlify's needs them
        """Return a target as the site file writes it; `known` are the variables of the old address."""
        return target


def _is_plain(source: str, target: str) -> bool:
    """Tell whether two addresses are right, and mean the same in every notation."""
    if PLAIN.fullmatch(source) is None or PLAIN.fullmatch(target) is None:
        return False
    both = f"{source} {target}"
    return "//" not in both and "/." not in both


def _is_address(text: str) -> bool:
    return text.startswith("/") or text[:8].lower().startswith(("http://", "https://"))


_COLUMNS = {
    **dict.fromkeys(("from", "old", "source", "von"), "from"),
    **dict.fromkeys(("to", "new", "target", "nach"), "to"),
    **dict.fromkeys(("status", "code"), "status"),
}
_UNKNOWN = "?"
_SEPARATORS = {",": "a comma", ";": "a semicolon", "\t": "a tab"}
_EMPTY = re.compile(r'(?:(?i:sep)=.)?+[\s,;"]*')
"""A line that is no header and no row; Excel is told its separator by `sep=;`."""


class _Csv(_Notation):
    """A row on each line, its cells parted by a separator."""

    def __init__(self, lines: Sequence[str], complain: _Complain) -> None:
        written = (number for number, line in enumerate(lines) if not _EMPTY.fullmatch(line))
        self.top = next(written, len(lines))
        first = lines[self.top][:LONGEST] if self.top < len(lines) else ""
        self._separator = max(_SEPARATORS, key=lambda separator: _score(_cells(first, separator)))
        self._blank = f"{self._separator} \t"
        self._columns = ["from", "to", "status"]
        cells = _cells(first, self._separator)
        if first and not any(_is_address(cell.text) for cell in cells):
            self.top += 1
            self._columns = _columns(cells, lambda wrong: complain(self.top, wrong))
        index = {name: number for number, name in enumerate(self._columns)}
        if not {"from", "to"} <= set(index):
            self.top = len(lines)
        self._from, self._to = index.get("from", 0), index.get("to", 0)
        self._status = index.get("status", len(self._columns))
        self._least = max(self._from, self._to)
        self._most = len(self._columns) if index.keys() <= {"from", "to", "status"} else 0

    def plain(self, line: str) -> tuple[str, str] | None:
        cells = line.rstrip(self._blank).split(self._separator)
        if not self._least < len(cells) <= self._most:
            return None
        cells = [cell.strip() for cell in cells] if '"' not in line else [_unquoted(cell.strip()) for cell in cells]
        if len(cells) > self._status and cells[self._status] not in {"", "301"}:
            return None
        source, target = cells[self._from], cells[self._to]
        return (source, target) if _is_plain(source, target) else None

    def cut(self, line: str) -> _Row | None:
        cells = _cells(line, self._separator)
        if not any(cell.text for cell in cells):
            return None
        end = len(line.rstrip())
        cells += [_Word("", end, end)] * (len(self._columns) - len(cells))
        for number, cell in enumerate(cells):
            if cell.text.startswith('"') and cell.text == line[cell.start : cell.end]:
                raise _Wrong(
                    "bad-row", "a quote is opened here and not closed where the cell ends", 'close it with `"`', cell
                )
            if cell.text and (number >= len(self._columns) or not self._columns[number]):
                hint = f"put an address with {_SEPARATORS[self._separator]} in quotes, or take the cell out"
                raise _Wrong("bad-row", f"`{cell.text}` is a cell too many", hint, cell)
        source, target = cells[self._from], cells[self._to]
        if not source.text:
            raise _Wrong("bad-row", "the old address is missing", "write it, or delete the row", source)
        if not target.text:
            raise _Wrong("bad-row", f"`{source.text}` leads nowhere", "write a target, or delete the row", target)
        status = cells[self._status] if self._status < len(cells) else None
        return _Row(source, target, status if status and status.text else None)


def _unquoted(cell: str) -> str:
    """Return what a cell says whose quotes are simple ones; a sign that is no address where they are not."""
    if cell[:1] != '"':
        return cell
    inner = cell[1:-1].strip()
    return inner if len(cell) > 1 and cell[-1] == '"' and '"' not in inner else '"'


def _score(cells: Sequence[_Word]) -> tuple[int, int, int]:
    """Rate a separator by what it makes of the first line."""
    return (
        sum(cell.text.lower() in _COLUMNS for cell in cells),
        sum(_is_address(cell.text) for cell in cells),
        len(cells),
    )


_CELLS = {
    separator: re.compile(
        rf'[^\S{separator}]*+(?:(?P<quoted>"(?:[^"]|"")*+")[^\S{separator}]*+(?={separator}|\Z)|(?P<bare>[^{separator}]*+))'
    )
    for separator in _SEPARATORS
}


def _cells(line: str, separator: str) -> list[_Word]:
    cells: list[_Word] = []
    position = 0
    while position <= len(line):
        found = _CELLS[separator].match(line, position)
        assert found is not None
        quoted, bare = found["quoted"], found["bare"]
        text = quoted[1:-1].replace('""', '"').strip() if bare is None else bare.rstrip()
        start = found.start("quoted" if bare is None else "bare")
        cells.append(_Word(text, start, start + len(text if bare is not None else quoted)))
        position = found.end() + 1
    return cells


def _columns(cells: Sequence[_Word], complain: Callable[[_Wrong], None]) -> list[str]:
    """Return what each column gives; a misspelt one is taken for what was meant."""
    found: list[str] = []
    for cell in cells:
        word = cell.text.lower()
        near = did_you_mean(word, _COLUMNS)
        name = _COLUMNS.get(word) or _COLUMNS.get(near or "", _UNKNOWN if word else "")
        if word and word not in _COLUMNS:
            hint = f"did you mean `{near}`?" if near else "take it out; columns are `from`, `to` and `status`"
            complain(_Wrong("bad-column", f"there is no column `{cell.text}`", hint, cell))
        if name in found and name in _COLUMNS:
            complain(_Wrong("bad-column", f"two columns give `{name}`", "take one of them out", cell))
        found.append(name)
    for name, words in (("from", "the old address"), ("to", "the target")):
        if name not in found:
            complain(_Wrong("bad-column", f"no column gives {words}", f"name it `{name}` in the first row"))
    return found


_CONDITIONS = {"country": "Country", "language": "Language", "cookie": "Cookie"}
"""Netlify's names of conditions, by those of the site file."""
_UNSUPPORTED = {
    "role": (
        "asks who is logged in, and this site has no users",
        "take the line out: everyone may see what a site serves",
    ),
    "sign": ("signs what is passed on to another site, and nothing is passed on here", "take it out"),
    "signed": ("signs what is passed on to another site, and nothing is passed on here", "take it out"),
}
_WORD = re.compile(r"\S+")
_COMMENT = re.compile(r"(?:^|(?<=\s))#.*", re.DOTALL)
_PLACEHOLDER = re.compile(r":([A-Za-z_]\w*)")
_SEGMENT = re.compile(r"(?<=/):([A-Za-z_]\w*)")


class _Netlify(_Notation):
    """Words parted by spaces: `from [parameters] to [status[!]] [conditions]`."""

    statuses = (_REWRITE, *_REDIRECTS)
    keeps_host = True

    def plain(self, line: str) -> tuple[str, str] | None:
        words = line.split()
        if len(words) == 2 or (len(words) == 3 and words[2] == "301"):
            return (words[0], words[1]) if _is_plain(words[0], words[1]) else None
        return None

    def cut(self, line: str) -> _Row | None:
        source, *rest = [_Word(found[0], *found.span()) for found in _WORD.finditer(_COMMENT.sub("", line))] or (None,)
        if source is None:
            return None
        at = _first(rest, _is_address)
        if at is None:
            at = _first(rest, lambda word: "=" not in word and not word[0].isdigit())
        if at is None:
            hint = "write behind it where it leads, such as /new"
            raise _Wrong("bad-row", f"`{source.text}` leads nowhere", hint, source)
        for word in rest[:at]:
            if word.text[0].isdigit() and "=" not in word.text:
                raise _Wrong("bad-row", f"`{word.text}` stands before the target", "write it behind the target", word)
        target, *behind = rest[at:]
        status = _first(behind, lambda word: word[0].isdigit())
        return _Row(source, target, None if status is None else behind.pop(status), rest[:at], behind)

    def source(self, path: str) -> str:
        stem = path.removesuffix("*")
        if "*" in stem:
            hint = "write `:name` for one piece in the middle"
            raise _Wrong("bad-path", f"`*` can only stand at the end of an old address: `{path}`", hint)
        return _SEGMENT.sub(r"<\1>", stem) + ("<path:splat>" if path != stem else "")

    def parameter(self, value: str) -> str:
        found = _PLACEHOLDER.fullmatch(value)
        return f"<{found[1]}>" if found else value

    def target(self, target: str, known: Collection[str]) -> str:
        def variable(found: re.Match[str]) -> str:
            name = found[1]
            if name in known:
                return f"<{name}>"
            near = did_you_mean(name, known)
            if not near and target[: found.start()][-1:] not in {"/", "="}:
                return found[0]
            message = f"nothing in the old address is called `:{name}`"
            raise _Wrong("unknown-variable", message, _known(near, known), part=f":{name}")

        return _PLACEHOLDER.sub(variable, target)


def _first(words: Sequence[_Word], is_meant: Callable[[str], bool]) -> int | None:
    for number, word in enumerate(words):
        if is_meant(word.text):
            return number
    return None


def _known(near: str | None, known: Collection[str]) -> str:
    if near:
        return f"did you mean `:{near}`?"
    listed = ", ".join(f"`:{name}`" for name in sorted(known))
    return f"it has {listed}" if listed else "a piece of it is called `:name`, and `*` at its end is `:splat`"


# --- from rows to redirects -------------------------------------------------------------------------------------------


class _Rule(NamedTuple):
    """A row as the site file would say it."""

    source: str
    value: str | Redirect
    is_rewrite: bool = False


class _Rules:
    """All rules so far, and which of them come first."""

    def __init__(self) -> None:
        self.redirects: dict[str, Value] = {}
        self.rewrites: dict[str, list[Redirect]] = {}
        self.files: list[_File] = []
        self.rows: dict[str, int] = {}
        """Where each address is first written."""
        self._settled: dict[str, int] = {}
        """Where an address is settled, if not where it is first written."""
        self._conditional: dict[str, tuple[int, _Rule]] = {}

    def start_file(self, name: str) -> _File:
        """Return the file that is read next; the one before must have been read."""
        last = self.files[-1] if self.files else None
        self.files.append(_File(name, last.above + len(last.starts) - 1 if last else 0))
        return self.files[-1]

    def add(self, rule: _Rule, file: _File, number: int) -> None:
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

    def _of(self, source: str) -> Iterator[_Rule]:
        for one in each(self.redirects.get(source, [])):
            yield _Rule(source, one)
        for one in self.rewrites.get(source, ()):
            yield _Rule(source, one, is_rewrite=True)

    def _put(self, rule: _Rule) -> None:
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

    def _hidden(self, file: _File, number: int, before: int, message: str) -> None:
        also = (Also(_place(self.files, before), "comes first"),)
        file.complain(number, _Wrong("hidden-address", message, "delete one of the two lines"), also)


def _key(source: str, redirect: Redirect) -> str:
    """Return what two rules share that hold in the same circumstances."""
    return repr((source, redirect.model_dump(include=set(CONDITIONS), exclude_none=True)))


def _rank(rule: _Rule) -> int:
    """Return how late a rule is tried, whatever stands before it in the file."""
    if isinstance(rule.value, Redirect) and rule.value.force:
        return 0
    return 2 if rule.is_rewrite else 1


class _Reader:
    """Reads the rows of one file."""

    def __init__(self, file: _File, notation: _Notation, rules: _Rules) -> None:
        self._file = file
        self._notation = notation
        self._rules = rules
        self._number = 0
        self._errors = 0

    def read(self, lines: Sequence[str]) -> None:
        """Add the rules that these lines say, and complain about those that say none."""
        plain, redirects, rows, above = self._notation.plain, self._rules.redirects, self._rules.rows, self._file.above
        top = self._notation.top
        for number, line in enumerate(lines[top:], top + 1):
            found = plain(line) if len(line) <= LONGEST else None
            if found and found[0] not in rows:
                redirects[found[0]] = found[1]
                rows[found[0]] = above + number
            elif found:
                self._rules.add(_Rule(*found), self._file, number)
            elif line:
                self._number = number
                self._read_line(line)

    def _read_line(self, line: str) -> None:
        self._errors = self._file.errors
        try:
            if len(line) > LONGEST:
                raise _Wrong("bad-row", f"the line is longer than {LONGEST:,} characters", "take it out")  # noqa: TRY301
            row = self._notation.cut(line)
        except _Wrong as wrong:
            self.complain(wrong)
        else:
            if row:
                _Line(row, self._notation, self).read()

    def complain(self, wrong: _Wrong) -> None:
        """Add a problem with the line that is being read."""
        self._file.complain(self._number, wrong)

    def add(self, rule: _Rule) -> None:
        """Add what the line says, unless something in it is wrong."""
        if self._errors == self._file.errors:
            self._rules.add(rule, self._file, self._number)


class _Line:
    """One row on its way to a rule."""

    def __init__(self, row: _Row, notation: _Notation, reader: _Reader) -> None:
        self._row = row
        self._notation = notation
        self._reader = reader
        self._source = ""
        self._known: set[str] | None = None
        """The variables of the old address; None when it is wrong."""
        self._fields: dict[str, Any] = {}
        self._words = {"to": row.target}
        self._is_rewrite = False

    def read(self) -> None:
        """Add the rule, or complain about every word that is wrong."""
        for word, read in self._steps():
            try:
                read()
            except _Wrong as wrong:
                wrong.word = word
                self._reader.complain(wrong)
            except ValidationError as errors:
                for error in errors.errors(include_url=False):
                    context, field_ = error["ctx"], error["loc"][0] if error["loc"] else ""
                    found = self._words.get(str(field_), word)
                    self._reader.complain(_Wrong(error["type"], context["message"], context["help"], found))

    def _steps(self) -> Iterator[tuple[_Word, Callable[[], None]]]:
        row = self._row
        yield row.source, self._read_source
        for word in row.parameters:
            yield word, partial(self._add_parameters, word.text)
        for word in row.conditions:
            yield word, partial(self._add_condition, word)
        if row.status:
            yield row.status, partial(self._read_status, row.status)
        yield row.target, self._read_target

    def _read_source(self) -> None:
        host, path, query = _parts(self._row.source.text)
        source = _readable(self._notation.source(path))
        _SOURCE.validate_python(source.replace(" ", "-"))  # an address of an old site may have had spaces
        self._source = source
        self._known = {variable.name for variable in variables(source)}
        if host is not None and self._notation.keeps_host:
            self._fields["host"] = [host]
        self._add_parameters(query)

    def _add_parameters(self, text: str) -> None:
        for piece in filter(None, text.split("&")):
            name, equals, written = piece.partition("=")
            if not name:
                raise _Wrong("bad-row", f"`{piece}` names no parameter", "write its name in front")
            value = self._notation.parameter(written)
            captured = _CAPTURE.fullmatch(value)
            if not captured and ("<" in value or ">" in value):
                hint = "write it `<name>`"
                raise _Wrong("bad-path", f"a variable in a query is written `<name>`, not `{value}`", hint)
            name, value = _readable(name), value if captured else _readable(value.replace("+", " "))
            self._fields.setdefault("query", {})[name] = value if equals else True
            if captured and self._known is not None:
                self._known.add(captured[1])

    def _add_condition(self, word: _Word) -> None:
        name, values = _condition(word.text)
        self._fields.setdefault(name, []).extend(values)
        self._words[name] = word

    def _read_status(self, word: _Word) -> None:
        status, is_forced = _status(word.text, self._notation.statuses)
        if is_forced:
            self._fields["force"] = True
        if status == _REWRITE:
            self._is_rewrite = True
        elif status in PERMANENT and not self._fields.keys().isdisjoint(CONDITIONS):
            message = f"a redirect with a condition cannot be permanent: browsers would keep a {status} for everyone"
            self._reader.complain(_Wrong("permanent-condition-302", message, "write 302, which it is here", word))
            self._fields["status"] = 302
        else:
            self._fields["status"] = status

    def _read_target(self) -> None:
        written, known = self._row.target.text, self._known
        to = written if known is None else self._notation.target(written, known)
        if to.startswith("/.netlify/"):
            raise _Wrong("unsupported-rule", f"`{to}` is an address of Netlify's own", "take the line out")
        redirect = Redirect.model_validate({"to": to, **self._fields})
        if known is not None:
            _check_variables(to, known, self._source)
        if self._is_rewrite and is_external(to):
            message = f"this would fetch {to} and show it as a page of this site, and nothing here does that"
            raise _Wrong("unsupported-rule", message, "write 302 instead of 200 to send visitors there")
        if "host" in self._fields and _leads_back(self._source, self._fields["host"], to):
            message = "this changes nothing but http and https, and would lead in a circle"
            raise _Wrong(
                "unsupported-rule", message, "take the line out; what stands before this site does it by itself"
            )
        is_plain = not self._is_rewrite and self._fields in ({}, {"status": 301})
        self._reader.add(_Rule(self._source, to if is_plain else redirect, self._is_rewrite))


_CAPTURE = re.compile(r"<([A-Za-z_]\w*)>")
_URL = re.compile(r"(?i:https?://([^/?]*))?+([^?]*)(?:\?(.*))?", re.DOTALL)


def _parts(source: str) -> tuple[str | None, str, str]:
    """Return host, path and query of an old address."""
    if "#" in source:
        raise _Wrong("bad-path", f"a `#` never reaches a server: `{source}`", "take it out")
    found = _URL.fullmatch(source)
    assert found is not None
    host, path, query = found.groups()
    if host is not None and not re.fullmatch(r"[^\s@:*<>]+(?::\d+)?", host):
        raise _Wrong("bad-url", f"`{source}` is no web address", "such as https://www.example.org/old")
    return host and host.lower(), path if host is None else path or "/", query or ""


def _readable(text: str) -> str:
    """Return what stands in an address as people read it."""
    if "%" not in text:
        return text
    if re.search("%3[ce]", text, re.IGNORECASE):
        raise _Wrong("bad-path", f"an address with `<` or `>` in it cannot be written: `{text}`", "delete the row")
    try:
        return unquote(text, errors="strict")
    except UnicodeDecodeError:
        message = f"`{text}` is not escaped as UTF-8, and browsers ask in no other way"
        raise _Wrong("bad-path", message, "write the letters themselves") from None


def _condition(text: str) -> tuple[str, list[str]]:
    name, equals, value = text.partition("=")
    word = name.lower()
    if word in _UNSUPPORTED:
        raise _Wrong("unsupported-rule", f"`{name}` {_UNSUPPORTED[word][0]}", _UNSUPPORTED[word][1])
    if not equals or word not in _CONDITIONS:
        hint = suggestion(name, _CONDITIONS.values()) or "conditions are `Country=…`, `Language=…` and `Cookie=…`"
        raise _Wrong("unknown-word", f"there is no condition `{name}`", hint, part=name)
    values = [one.strip() for one in value.split(",") if one.strip()]
    if not values:
        raise _Wrong("empty-value", f"`{text}` asks for nothing", "write something behind it, or take it out")
    return word, [one.upper() for one in values] if word == "country" else values


def _status(text: str, statuses: Collection[int]) -> tuple[int, bool]:
    """Return a status, and whether it holds even where there is a page."""
    found = re.fullmatch(r"([1-5]\d\d)(!?)", text, re.ASCII)
    status = int(found[1]) if found else 0
    if found and status in statuses:
        return status, bool(found[2])
    hint = "write one of " + ", ".join(map(str, statuses))
    if status >= 400:
        hint = f'take the line out; the page for it is set below [errors], such as {status} = "errors/{status}.html"'
    raise _Wrong("bad-status", f"`{text}` is no status of a redirect", hint)


def _check_variables(to: str, known: Collection[str], source: str) -> None:
    for variable in variables(to):
        if variable.name not in known:
            listed = f"it has {', '.join(sorted(known))}" if known else "the old address has no variables"
            message = f"`<{variable.name}>` is no variable of {source}"
            raise _Wrong(
                "unknown-variable", message, suggestion(variable.name, known) or listed, part=f"<{variable.name}>"
            )


def _leads_back(source: str, hosts: Collection[str], to: str) -> bool:
    found = _URL.fullmatch(to)
    bare = re.sub(r"<path:(\w+)>", r"<\1>", source)
    return found is not None and (found[1] or "").lower() in hosts and (found[2] or "/") == bare
