"""Rows of an SQLite file, which is only ever read.

Owns what a query may do there, how much of the machine it may use, and when an answer still holds. Knows no site.
"""

import re
import sqlite3
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, tzinfo
from decimal import Decimal
from functools import cached_property, partial
from urllib.parse import quote

from declweb.data.asking import CLOCK, NOTHING, CannotAsk, Pool
from declweb.data.dataset import ANY, Cell, Column, Dataset
from declweb.data.sql_cells import bound, columns_of, dataset_of, fetched
from declweb.data.sql_text import Text
from declweb.files import Folder
from declweb.forking import GATE
from declweb.model.data import Data
from declweb.problems import suggestion

LIMITS = {
    sqlite3.SQLITE_LIMIT_LENGTH: 250_000,
    sqlite3.SQLITE_LIMIT_SQL_LENGTH: 100_000,
    sqlite3.SQLITE_LIMIT_COLUMN: 200,
    sqlite3.SQLITE_LIMIT_EXPR_DEPTH: 100,
    sqlite3.SQLITE_LIMIT_COMPOUND_SELECT: 50,
    sqlite3.SQLITE_LIMIT_VDBE_OP: 10_000,
    sqlite3.SQLITE_LIMIT_FUNCTION_ARG: 50,
    sqlite3.SQLITE_LIMIT_ATTACHED: 0,
    sqlite3.SQLITE_LIMIT_LIKE_PATTERN_LENGTH: 250,
    sqlite3.SQLITE_LIMIT_TRIGGER_DEPTH: 1,
    sqlite3.SQLITE_LIMIT_WORKER_THREADS: 0,
}
"""What one query may have."""

MEMORY = 256_000_000
"""Bytes that SQLite may have in this process, for all that it does.

Tables that are named in a query and are queries themselves are written out wherever they stand: twenty lines, each of
which asks the one above twice, are a million queries before anything is counted or looked at.
"""

COSTLY = frozenset({"glob", "instr", "json_patch", "like", "replace"})
MOST_COSTLY = 24
"""How often a query may call functions that take time by the product of what they are given.

SQLite looks whether it shall end where its program jumps, never between two functions of one row: with few of them, and
with texts and patterns that are not too long, it comes there soon.
"""

_STEADY = """
abs acos acosh asin asinh atan atan2 atanh avg bm25 ceil ceiling char coalesce concat concat_ws cos cosh count
cume_dist degrees dense_rank exp first_value floor format glob group_concat hex highlight ifnull iif instr json
json_array json_array_length json_each json_error_position json_extract json_group_array json_group_object
json_insert json_object json_patch json_pretty json_quote json_remove json_replace json_set json_tree json_type
json_valid lag last_value lead length like likelihood likely ln log log10 log2 lower ltrim match matchinfo max
median min mod nth_value ntile nullif octet_length offsets percent_rank pi pow power printf quote radians rank
replace round row_number rtrim sign sin sinh snippet sqrt string_agg subtype substr substring sum tan tanh total
trim trunc typeof unicode unlikely upper -> ->>
"""
STEADY = frozenset(_STEADY.split())
"""The functions that may be called, and give the same for the same."""

_CHANGING = """
current_date current_time current_timestamp date datetime julianday random strftime time timediff unixepoch
"""
CHANGING = frozenset(_CHANGING.split())
"""The functions that may be called, and may give something else at another time."""

_ACTIONS = {
    sqlite3.SQLITE_INSERT: "writes into the table `{}`",
    sqlite3.SQLITE_UPDATE: "writes into the table `{}`",
    sqlite3.SQLITE_DELETE: "deletes from the table `{}`",
    sqlite3.SQLITE_ATTACH: "opens another file",
    sqlite3.SQLITE_DETACH: "closes a file",
    sqlite3.SQLITE_PRAGMA: "asks for the setting `{}`",
    sqlite3.SQLITE_READ: "reads `{}`, which is no table of the database",
}
"""What was refused, in words."""

_INNER = re.compile(r"pragma_.*|sqlite_dbpage|dbstat|sqlite_stmt|bytecode|tables_used", re.IGNORECASE)
"""Tables that are made of something else than rows."""

_FOR_INDEXES = frozenset({"data_version", "page_size"})
"""Settings that full-text indexes look at by themselves."""

_UNREACHABLE = {
    sqlite3.SQLITE_BUSY: "another program has locked it",
    sqlite3.SQLITE_LOCKED: "another program has locked it",
    sqlite3.SQLITE_CANTOPEN: "it cannot be opened",
    sqlite3.SQLITE_CORRUPT: "it is damaged",
    sqlite3.SQLITE_NOTADB: "it is no SQLite file",
    sqlite3.SQLITE_IOERR: "the disk does not give it",
    sqlite3.SQLITE_PERM: "declweb may not read it",
    sqlite3.SQLITE_READONLY: "it was left in the midst of a change, which only a program that may write can take back",
}

_KINDS = (
    (("BOOL",), "yes/no"),
    (("DATE", "TIME"), "text"),
    (("INT",), "integer"),
    (("CHAR", "CLOB", "TEXT"), "text"),
    (("REAL", "FLOA", "DOUB", "DEC", "NUM", "MONEY"), "number"),
)
"""The types of columns by words of those that SQLite keeps; days are texts there, until somebody says otherwise."""

KEPT = 64
"""Answers that a connection remembers."""

KEPT_CELLS = 200_000
"""The cells that these have together."""

LARGEST = 2**63
"""Whole numbers of SQLite are smaller than this."""

Identity = tuple[int, int]


@dataclass(eq=False)
class _Connection:
    """A connection, the file that it opened, and what was answered since that last changed."""

    driver: sqlite3.Connection
    identity: Identity
    refused: list[str] = field(default_factory=list)
    is_steady: bool = True
    costly: int = 0
    """Calls of costly functions in the query that is being looked at."""
    version: int = -1
    answers: OrderedDict[tuple[Cell, ...], Dataset] = field(default_factory=OrderedDict)
    cells: int = 0

    def authorize(self, action: int, first: str | None, second: str | None, *_: object) -> int:
        """Tell SQLite whether a query may do something, and remember what it may not."""
        if action == sqlite3.SQLITE_FUNCTION:
            words = self._call((second or "").lower())
        elif _is_reading(action, first or "", second):
            words = None
        else:
            words = _ACTIONS.get(action, "does something else than reading").format(first)
        if words is None:
            return sqlite3.SQLITE_OK
        self.refused.append(words)
        return sqlite3.SQLITE_DENY

    def _call(self, function: str) -> str | None:
        """Note that a query calls a function; return why it may not, in words."""
        if function not in STEADY and function not in CHANGING:
            return f"calls `{function}`, which is no function for reading"
        self.is_steady = self.is_steady and function in STEADY
        self.costly += function in COSTLY
        if self.costly <= MOST_COSTLY:
            return None
        return f"calls {', '.join(f'`{each}`' for each in sorted(COSTLY))} more than {MOST_COSTLY} times"

    def keep(self, values: tuple[Cell, ...], answer: Dataset) -> None:
        """Remember an answer, and forget the oldest ones where it is too much."""
        size = len(answer) * len(answer.columns)
        if not self.is_steady or size > KEPT_CELLS:
            return
        self.answers[values] = answer
        self.cells += size
        while len(self.answers) > KEPT or self.cells > KEPT_CELLS:
            _, oldest = self.answers.popitem(last=False)
            self.cells -= len(oldest) * len(oldest.columns)


class SqliteSource:
    """What a query gives of a file of the site folder."""

    changes = True

    def __init__(
        self, name: str, data: Data, folder: Folder, zone: tzinfo = UTC, columns: tuple[Column, ...] | None = None
    ) -> None:
        assert data.database is not None
        assert data.sql is not None
        self.name, self._data, self._folder, self._zone, self._columns = name, data, folder, zone, columns
        self.params: Mapping[str, str] = data.params
        self.file = data.database.removeprefix("sqlite:///")
        self.text = Text(data.sql)
        self._pool: Pool[_Connection] = Pool(self._open, lambda connection: connection.driver.close())
        self._watching: Pool[_Connection] = Pool(self._open, lambda connection: connection.driver.close(), most=1)

    def now(self, values: Mapping[str, object] = NOTHING) -> Dataset:
        """Return the rows as they are now; raises CannotAsk, and ValueError for what a parameter cannot be."""
        if self._columns is None:
            self._columns = self.find_columns()
        params = bound(self._data, self.text.parameters, values, self._zone)
        key = tuple(params.values())
        with self._asking() as connection:
            self._forget_what_changed(connection)
            if key in connection.answers:
                connection.answers.move_to_end(key)
                return connection.answers[key]
            cursor = connection.driver.execute(
                self.text.written, {name: _kept_as(value, self._zone) for name, value in params.items()}
            )
            rows = fetched(self._data, cursor)
            given = [column[0] for column in cursor.description]
            cursor.close()
            answer = dataset_of(self.name, self._columns, given, rows, self._zone)
            connection.keep(key, answer)
        return answer

    def find_columns(self) -> tuple[Column, ...]:
        """Return the columns, without asking for rows; raises CannotAsk where the query can never be asked.

        A view of the query, which only this connection sees, tells of which types they are.
        """
        with self._asking() as connection:
            driver = connection.driver
            driver.execute(f"EXPLAIN {self.text.written}", dict.fromkeys(self.text.parameters)).close()
            driver.set_authorizer(None)
            driver.execute("PRAGMA query_only = 0").close()
            view = self.text.rewritten(lambda _: "NULL")
            driver.execute(f"CREATE TEMP VIEW declweb AS {view}").close()
            found = driver.execute("PRAGMA temp.table_info(declweb)").fetchall()
            driver.execute("DROP VIEW temp.declweb").close()
            driver.execute("PRAGMA query_only = 1").close()
            driver.set_authorizer(connection.authorize)
        kinds = [(re.sub(r":\d+\Z", "", name), _kind(said)) for _, name, said, *_ in found]
        return columns_of(self._data, kinds)

    def stamp(self) -> object:
        """Return what is another one when somebody has written, or the answer may change by itself."""
        if self._is_changing:
            return object()
        try:
            with self._asking(self._watching) as connection:
                self._forget_what_changed(connection)
                return connection.identity, id(connection), connection.version
        except CannotAsk:
            return object()

    def close(self) -> None:
        """Close the connections that nobody uses."""
        with GATE:
            self._pool.close()
            self._watching.close()

    @cached_property
    def _is_changing(self) -> bool:
        """Whether the answer may be another one though nobody has written."""
        with suppress(CannotAsk), self._asking() as connection:
            connection.driver.execute(f"EXPLAIN {self.text.written}", dict.fromkeys(self.text.parameters)).close()
            return not connection.is_steady
        return True

    @contextmanager
    def _asking(self, pool: "Pool[_Connection] | None" = None) -> Iterator[_Connection]:
        """Lend a connection, let all that goes wrong come out as CannotAsk, and cut off what takes too long."""
        self.text.check()
        identity, limit = self._found()[1], self._data.time_limit
        refused: list[str] = []
        with GATE:
            try:
                with (pool or self._pool).lend(limit, lambda connection: connection.identity == identity) as connection:
                    refused, connection.costly = connection.refused, 0
                    with CLOCK.limit(limit, connection.driver.interrupt):
                        yield connection
            except (sqlite3.Error, sqlite3.Warning, ValueError, MemoryError) as error:
                raise self._told(error, refused) from error

    def _found(self) -> tuple[str, Identity]:
        found = self._folder.look_up(self.file)
        if found is None:
            raise CannotAsk(
                "missing",
                f"there is no file `{self.file}` in the site folder",
                "a database is an SQLite file of the site folder, or begins with `postgresql://`",
            )
        return found[0], (found[1].st_dev, found[1].st_ino)

    def _open(self) -> _Connection:
        path, identity = self._found()
        driver = sqlite3.connect(
            f"file:{quote(path)}?mode=ro",
            uri=True,
            timeout=self._data.time_limit,
            isolation_level=None,
            check_same_thread=False,
        )
        connection = _Connection(driver, identity)
        try:
            for limit, value in LIMITS.items():
                driver.setlimit(limit, value)
            for setting in ("query_only = 1", "trusted_schema = 0", "cell_size_check = 1", "mmap_size = 0"):
                driver.execute(f"PRAGMA {setting}").close()
            driver.execute(f"PRAGMA hard_heap_limit = {MEMORY}").close()
            for name, stripped in _TRIMMED.items():
                driver.create_function(name, 2, stripped, deterministic=True)
            driver.set_authorizer(connection.authorize)
        except BaseException:
            driver.close()
            raise
        return connection

    @staticmethod
    def _forget_what_changed(connection: _Connection) -> None:
        """Forget answers where somebody has written since; what is written from now on is noticed the next time."""
        (version,) = connection.driver.execute("PRAGMA data_version").fetchone()
        if version != connection.version:
            connection.answers.clear()
            connection.cells, connection.version = 0, version

    def _told(self, error: Exception, refused: list[str]) -> CannotAsk:
        """Return what a failure means, in words for those who run the site."""
        if refused:
            return CannotAsk("refused", f"the query {refused[0]}", "databases are only read")
        said = str(error).splitlines()[0] if str(error) else type(error).__name__
        if "pattern too complex" in said and self.text.parameters:
            raise ValueError("a pattern is too long") from error
        if isinstance(error, MemoryError):
            return CannotAsk("large", "the query is too long, or needs too much memory", "ask for it in a simpler way")
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        if code == sqlite3.SQLITE_TOOBIG:
            most = LIMITS[sqlite3.SQLITE_LIMIT_LENGTH]
            return CannotAsk("large", f"a text of the query has more than {most:,} characters", "ask for less of it")
        if code in _UNREACHABLE:
            return CannotAsk("unreachable", f"`{self.file}` cannot be read: {_UNREACHABLE[code]}")
        word = _word(said)
        return CannotAsk("broken", f"SQLite cannot read the query: {said}", self._suggested(said, word), word=word)

    def _suggested(self, said: str, word: str) -> str | None:
        """Return which table or column was meant, perhaps."""
        asked = {
            "no such table": "SELECT name FROM sqlite_master WHERE type IN ('table', 'view')",
            "no such column": "SELECT info.name FROM sqlite_master AS master, pragma_table_info(master.name) AS info",
        }
        asked_for = next((sql for start, sql in asked.items() if said.startswith(start)), None)
        with suppress(sqlite3.Error, CannotAsk):
            if asked_for is not None:
                driver = self._open().driver
                driver.set_authorizer(None)
                with CLOCK.limit(self._data.time_limit, driver.interrupt):
                    names = [str(name) for (name,) in driver.execute(asked_for).fetchmany(1000)]
                driver.close()
                return suggestion(word.rpartition(".")[2], names)
        return None


def _is_reading(action: int, first: str, second: str | None) -> bool:
    """Tell whether nothing is done but reading, as far as what is done is no call."""
    if action == sqlite3.SQLITE_READ:
        return not _INNER.fullmatch(first)
    if action == sqlite3.SQLITE_PRAGMA:
        return first in _FOR_INDEXES and second is None
    if action == sqlite3.SQLITE_UPDATE:  # how full-text indexes and `json_each` become known to a connection
        return first == "sqlite_master"  # SQLite lets no query write there
    return action in {sqlite3.SQLITE_SELECT, sqlite3.SQLITE_RECURSIVE}


def _trimmed(text: object, signs: object, *, is_left: bool = True, is_right: bool = True) -> str | None:
    """Take signs off the ends of a text, as SQLite's own function does, which takes longer the more signs there are."""
    if text is None or signs is None:
        return None
    whole, taken = str(text), frozenset(str(signs))
    start, end = 0, len(whole)
    while is_left and start < end and whole[start] in taken:
        start += 1
    while is_right and start < end and whole[end - 1] in taken:
        end -= 1
    return whole[start:end]


_TRIMMED: Mapping[str, Callable[[object, object], str | None]] = {
    "trim": _trimmed,
    "ltrim": partial(_trimmed, is_right=False),
    "rtrim": partial(_trimmed, is_left=False),
}


def _kept_as(value: Cell, zone: tzinfo) -> object:
    """Return a value as SQLite compares it with what it keeps."""
    if isinstance(value, int):
        return int(value) if abs(value) < LARGEST else float(value)
    if isinstance(value, Decimal):
        return int(value) if abs(value) < LARGEST and value == int(value) else float(value)
    if isinstance(value, datetime):
        return value.astimezone(zone).replace(tzinfo=None).isoformat(" ")
    return value.isoformat() if isinstance(value, date | time) else value


def _kind(said: str) -> str:
    """Return the type of a column by what its table says of it; of what is worked out, nobody knows it."""
    said = said.upper()
    kinds = (kind for words, kind in _KINDS if any(word in said for word in words))
    return next(kinds, ANY)


def _word(said: str) -> str:
    """Return the word of the query that SQLite names: `near "selct": …`, `no such column: pric`."""
    near = re.match(r"near \"(.+?)\":", said)
    return near[1] if near else said.rpartition(": ")[2] if said.startswith("no such") else ""
