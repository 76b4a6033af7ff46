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

from array import array
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain
from pathlib import PurePosixPath

from declweb.files import Folder
from declweb.model.redirects import Redirect
from declweb.problems import Place, Problem, suggestion
from declweb.redirect_files.csv import Csv
from declweb.redirect_files.decoding import decoded
from declweb.redirect_files.file import File, place_of_row
from declweb.redirect_files.netlify import Netlify
from declweb.redirect_files.notation import Start
from declweb.redirect_files.rows import Reader
from declweb.redirect_files.rules import Rules, Value
from declweb.redirect_files.words import LONGEST, MOST, Wrong


@dataclass(frozen=True)
class RedirectFiles:
    """All redirects and rewrites of some files; addresses are written as in the site file."""

    redirects: dict[str, Value] = field(default_factory=dict)
    """By old address; what is moved for good without any condition is the bare target."""
    rewrites: dict[str, list[Redirect]] = field(default_factory=dict)
    """By address: the pages of this site that may be shown there, tried in order; their `status` is None."""
    problems: tuple[Problem, ...] = ()
    files: tuple["File", ...] = field(default=(), repr=False)
    rows: Sequence[int] = field(default=(), repr=False)
    """Where each address of `redirects`, then of `rewrites`, is first written: lines, counted through all files."""

    def place(self, source: str) -> Place | None:
        """Return where an old address is first written."""
        row = self._row_of.get(source)
        return None if row is None else place_of_row(self.files, row)

    @cached_property
    def _row_of(self) -> Mapping[str, int]:
        return dict(zip(chain(self.redirects, self.rewrites), self.rows, strict=True))


def read_redirects(
    folder: Folder, names: Sequence[str], shown: Callable[[str], str], place: Callable[[int], Place]
) -> RedirectFiles:
    """Read the files with these names, in order.

    `shown` says how problems name a file; `place` gives the place of a name in the list, by its index.
    """
    rules = Rules()
    problems: list[Problem] = []
    for index, name in enumerate(names):
        try:
            if name in names[:index]:
                raise Wrong("hidden-address", f"`{name}` is named twice, and read once", "delete one of them")  # noqa: TRY301 # told like what the functions below raise
            notation, data = _notation(name), _content(folder, name)
        except Wrong as wrong:
            problems.append(Problem(wrong.code, wrong.message, place(index), help=wrong.help))
        else:
            file = rules.start_file(shown(name))
            _read(file, data, notation, rules)
            problems += file.problems
    rows = array("Q", map(rules.rows.__getitem__, chain(rules.redirects, rules.rewrites)))
    return RedirectFiles(rules.redirects, rules.rewrites, tuple(problems), tuple(rules.files), rows)


def _notation(name: str) -> "Start":
    path = PurePosixPath(name)
    ending = path.suffix.lower()
    if ending in {".csv", ".tsv"}:
        return Csv
    if ending in {"", ".txt"} or path.name.startswith("_redirects"):
        return lambda *_: Netlify()
    hint = "name it in `include` instead" if ending == ".toml" else "save it as CSV, with the ending .csv"
    raise Wrong("unknown-format", f"`{name}` is neither a CSV file nor a `_redirects` file", hint)


def _content(folder: Folder, name: str) -> bytes:
    try:
        return folder.read_bytes(name)
    except FileNotFoundError:
        near = suggestion(name, (one for one in folder.names() if one.endswith((".csv", ".tsv", "_redirects"))))
        default = "files are named from the site folder, with `/` between"
        raise Wrong("missing-file", f"there is no file `{name}` in the site folder", near or default) from None
    except OSError as error:
        raise Wrong("unreadable-file", f"`{name}` cannot be read: {error.strerror}", "let everyone read it") from None


def _read(file: "File", data: bytes, notation: "Start", rules: "Rules") -> None:
    try:
        file.text, unread = decoded(data)
    except Wrong as wrong:
        file.complain(None, wrong)
        return
    lines = file.text.split("\n")
    for number in unread:
        lines[number - 1] = ""
        hint = "save the file in UTF-8"
        file.complain(number, Wrong("bad-encoding", "this line is neither in UTF-8 nor in Windows-1252", hint))
    file.notation = notation(lines, file.complain)
    Reader(file, file.notation, rules).read(lines)


__all__ = ["LONGEST", "MOST", "RedirectFiles", "read_redirects"]
