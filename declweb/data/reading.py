"""Files of data, read: `[data.NAME] file = …`.

Owns the choice of a notation by the name of a file, and the memory of what was read: a site is made anew with each
change, and a price list of 100,000 lines is not read again when a picture changes.
"""

from collections import OrderedDict
from pathlib import PurePosixPath
from threading import Lock
from typing import NamedTuple

from declweb.data.building import made, version_of
from declweb.data.csv_files import read_csv
from declweb.data.dataset import Dataset, Document
from declweb.data.reports import Broken, Report
from declweb.data.structured_files import READERS, gathered, listed
from declweb.data.values import Reading
from declweb.model import Data
from declweb.problems import Problem

REMEMBERED = 32
"""Files whose rows stay in memory while sites are made anew."""


class Read(NamedTuple):
    """What became of a file."""

    made: Dataset | Document | None
    """What it says as far as it can be read; None where its columns are not known."""
    problems: tuple[Problem, ...] = ()


_remembered: "OrderedDict[tuple[str, str], Read]" = OrderedDict()
_lock = Lock()


def read_data(name: str, data: Data, content: bytes, file: str, reading: Reading) -> Read:
    """Return what a file of data says; `file` is its name in problems."""
    key = f"{name} {file}", version_of(content, data, reading)
    with _lock:
        known = _remembered.get(key)
        if known is not None:
            _remembered.move_to_end(key)
            return known
    report = Report(file)
    found = Read(_read(name, data, content, key[1], reading, report), report.problems)
    with _lock:
        for other in [each for each in _remembered if each[0] == key[0]][:-1]:
            del _remembered[other]
        _remembered[key] = found
        while len(_remembered) > REMEMBERED:
            _remembered.popitem(last=False)
    return found


def _read(  # noqa: PLR0913 # what is read, as what, and where what is wrong with it is told
    name: str, data: Data, content: bytes, version: str, reading: Reading, report: Report
) -> Dataset | Document | None:
    ending = ending_of(data)
    try:
        if ending in READERS:
            said = READERS[ending](content, report)
            rows = listed(said, data, report)
            if rows is None:
                return Document(name, said.value, version)
            columns = gathered(rows, data, reading, report)
        else:
            columns = read_csv(content, data, reading, report)
    except Broken:
        return None
    return made(name, columns, version)


def ending_of(data: Data) -> str:
    """Return the ending of a file's name, small."""
    return PurePosixPath(data.file or "").suffix.lower()
