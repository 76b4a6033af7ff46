"""`[data.NAME]` with `database` and `sql`: what is wrong with a query, before anybody asks it.

Owns how what databases say becomes problems with places. Knows no database.
"""

from collections.abc import Iterator

from declweb.data.asking import CannotAsk, Kind
from declweb.data.dataset import Column
from declweb.data.sql import SqlSource, is_postgresql, source_of
from declweb.data.sql_cells import declared
from declweb.files import real_path
from declweb.model import Data
from declweb.problems import Problem, suggestion
from declweb.rules.base import Subject

MANY = 2_000
"""Files of a site folder that are looked at for one with a similar name."""

_CODES: dict[Kind, str] = {
    "refused": "broken-query",
    "broken": "broken-query",
    "slow": "heavy-query",
    "large": "heavy-query",
    "cell": "wrong-cell",
    "missing": "missing-file",
    "unreachable": "unreachable-database",
}


def columns_of_query(name: str, data: Data, subject: Subject) -> tuple[tuple[Column, ...], list[Problem]]:
    """Return the columns that a query gives, none where they cannot be known, and what is wrong with it."""
    assert data.database is not None
    if (outside := _outside(name, data.database, subject)) is not None:
        return declared(data), [outside]
    source = source_of(name, data, subject.folder, subject.site.site.timezone)
    problems = list(_wrong_parameters(name, data, source, subject))
    columns: tuple[Column, ...] = ()
    try:
        columns = source.find_columns()
        if not source.text.parameters:
            source.now()
    except CannotAsk as error:
        columns = columns or declared(data)
        problems += _told(error, name, columns, subject)
    finally:
        source.close()
    return columns, problems


def _outside(name: str, database: str, subject: Subject) -> Problem | None:
    key = ("data", name, "database")
    if is_postgresql(database):
        return None
    if "://" in database.removeprefix("sqlite:///"):
        kind = database.partition("://")[0]
        what = f"`{kind}` is no kind of database that can be read"
        hint = "a database is an SQLite file of the site folder, or begins with `postgresql://`"
        return subject.problem("unknown-format", what, key, word=kind, help=hint)
    file = database.removeprefix("sqlite:///")
    if not real_path(subject.folder.root / file).is_relative_to(subject.folder.root):
        what = f"`{file}` is not inside the site folder, and nothing outside is ever read"
        return subject.problem("outside-folder", what, key, help="move it into the site folder")
    return None


def _told(error: CannotAsk, name: str, columns: tuple[Column, ...], subject: Subject) -> Iterator[Problem]:
    """Yield what a failure means for the site."""
    key, help_ = ("data", name, "database"), error.help
    if error.kind == "missing":
        file = (subject.site.data[name].database or "").removeprefix("sqlite:///")
        help_ = suggestion(file, subject.folder.names(most=MANY)) or help_
    elif error.kind != "unreachable":
        key = ("data", name, "sql")
    yield Problem(_CODES[error.kind], error.message, subject.document.word_place(key, error.word), help=help_)
    if error.kind == "unreachable" and not columns:
        what = "nobody knows which columns there are while the database cannot be reached"
        hint = 'declare them, so that the site works without it: columns = { name = "text", … }'
        yield subject.problem("bad-column", what, ("data", name, "sql"), help=hint)


def _wrong_parameters(name: str, data: Data, source: SqlSource, subject: Subject) -> Iterator[Problem]:
    """Yield parameters of the query whose type nobody says, and those that it does not have."""
    used = source.text.parameters
    for word in used:
        if word not in data.params:
            hint = suggestion(word, data.params) or f'say of which type it is: params = {{ {word} = "text" }}'
            what = f"`:{word}` is a parameter, but `params` does not have it"
            place = subject.document.word_place(("data", name, "sql"), f":{word}")
            yield Problem("unknown-parameter", what, place, help=hint)
    for word in data.params:
        if word not in used:
            near = suggestion(word, (each for each in used if each not in data.params))
            hint = near or f"write `:{word}` where its value belongs, or take it out"
            what = f"the query has no parameter `:{word}`"
            place = subject.key_place(("data", name, "params", word))
            yield Problem("unused-parameter", what, place, help=hint)
