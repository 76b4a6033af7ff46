"""`[data.NAME]`: a price list, opening hours, a small database: what templates and endpoints show."""

from typing import Annotated, Any, Self

from pydantic import Field, GetCoreSchemaHandler, GetJsonSchemaHandler, model_validator
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema

from declweb.model.base import Choice, FileName, Name, OneOfMany, OneOrMany, Spelling, Table, Value, wrong
from declweb.model.texts import Language

TYPES = ("text", "number", "integer", "yes/no", "date", "time", "datetime", "url", "email")
"""The types of columns and of parameters."""

MEANT_TYPES = {
    **dict.fromkeys(("string", "str", "textarea", "tel", "slug"), "text"),
    **dict.fromkeys(("float", "decimal", "money", "price", "currency"), "number"),
    **dict.fromkeys(("int", "whole", "count"), "integer"),
    **dict.fromkeys(("bool", "boolean", "yes", "no", "checkbox", "ja/nein"), "yes/no"),
    **dict.fromkeys(("day", "birthday"), "date"),
    **dict.fromkeys(("timestamp", "date-time"), "datetime"),
    **dict.fromkeys(("link", "uri", "website"), "url"),
    **dict.fromkeys(("mail", "e-mail"), "email"),
}
"""What other words for a type mean."""

ENDINGS = (".csv", ".tsv", ".json", ".jsonl", ".ndjson", ".toml")
"""The names of files that can be read end with one of these."""

RESERVED = frozenset({"id", "receipt", "created", "errors", "sort", "fields", "format", "next", "page_size"})
"""Names that declweb gives a meaning to; no column has one of them."""

SOURCES = {
    "file": "a CSV, JSON, JSON lines or TOML file",
    "database": "an SQLite file, or the address of a PostgreSQL database",
    "form": "what visitors sent with a form",
}
"""Where rows come from."""

KEYS = {
    "file": ("columns", "rows", "encoding", "separator", "language"),
    "database": ("sql", "columns", "params", "max_rows", "time_limit"),
    "form": ("fields", "only"),
}
"""The keys that say more of each source."""


class Column(Table):
    """A column: the type of its cells, and what else must hold of them."""

    type: Annotated[str, Choice(*TYPES, meant=MEANT_TYPES)] = "text"
    """The type of the cells; a number is an exact decimal, as prices are."""
    heading: Annotated[str | None, Field(min_length=1, examples=["Preis (€)"])] = None
    """The heading as it stands in the file, where it is not the name of the column."""
    choices: Annotated[list[str] | None, Field(min_length=1, examples=[["bread", "cake"]])] = None
    """The texts that a cell may be."""
    required: bool = False
    """Whether no cell may be empty."""
    unique: bool = False
    """Whether no two cells may be the same."""
    key: bool = False
    """Whether the cells tell the rows apart: none is empty, no two are the same."""

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.choices is not None and self.type != "text":
            raise wrong("wrong-key-here", "`choices` goes with texts alone", help="take `type` out", key="choices")
        return self


class _OrShort:
    """A table, or a short form of it: a type, or a list of choices."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_before_validator_function(self._in_long, handler(source))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        choices = {"type": "array", "items": {"type": "string"}, "minItems": 1}
        return {"anyOf": [{"enum": list(TYPES)}, choices, handler(schema)]}

    def _in_long(self, value: Any) -> Any:
        """Return the table that a short form stands for: `"number"`, or `["bread", "cake"]`."""
        if isinstance(value, str):
            return {"type": value}
        return {"choices": value} if isinstance(value, list) else value


ColumnName = Annotated[
    str,
    Spelling(
        "[a-z][a-z0-9_]*", "a column's name is small letters, digits and `_`; the one in the file is its `heading`"
    ),
]


Columns = Annotated[dict[ColumnName, Annotated[Column, _OrShort()]], Field(min_length=1)]

Kind = Annotated[str, Choice(*TYPES, meant=MEANT_TYPES)]


class Data(OneOfMany):
    """Rows, or a document: templates see it as `data.NAME`."""

    file: Annotated[FileName | None, Field(examples=["data/menu.csv"])] = None
    """A CSV, JSON, JSON lines or TOML file, seen from the site folder; it is read anew when it changes."""
    columns: Annotated[Columns | None, Field(examples=[{"name": "text", "price": "number", "vegan": "yes/no"}])] = None
    """The columns that are used, with their types: `"number"`, a list of choices, or a table that says more."""
    rows: Annotated[str | None, Field(min_length=1, examples=["products"])] = None
    """The key below which a JSON or TOML file has its list of rows."""
    encoding: Annotated[str | None, Choice("utf-8", "windows-1252", meant={"latin-1": "windows-1252"})] = None
    """How a CSV file is encoded, where declweb should not find out by itself."""
    separator: Annotated[str | None, Choice(",", ";", "\t", "|")] = None
    """What stands between the cells of a CSV file, where declweb should not find out by itself."""
    language: Annotated[Language | None, Field(examples=["de"])] = None
    """The language of the file: numbers as `4,20`, days as `24.12.2026`, `ja` and `nein` are read by it; the site's
    own where nothing is said."""
    database: Annotated[str | None, Field(min_length=1, examples=["data/shop.db", "${SHOP_DATABASE}"])] = None
    """An SQLite file of the site folder, or the URL of a PostgreSQL database; it is only ever read."""
    sql: Annotated[str | None, Field(min_length=1, examples=["select name, price from cakes where kind = :kind"])] = (
        None
    )
    """The SQL query whose rows these are; `:name` stands for a parameter."""
    params: Annotated[dict[Name, Kind], Field(examples=[{"kind": "text"}])] = {}
    """The parameters of the query with their types; `where` gives them their values."""
    max_rows: Annotated[int, Field(ge=1, le=1_000_000)] = 10_000
    """The most rows that the query may give; with more it is an error."""
    time_limit: Annotated[float | int, Field(gt=0, le=60)] = 2
    """The seconds after which the query is cut off."""
    form: Annotated[Name | None, Field(examples=["guestbook"])] = None
    """The form whose entries these are, the oldest first; each has `created` besides its fields."""
    fields: Annotated[OneOrMany[Name] | None, Field(examples=[["name", "message"]])] = None
    """The fields of the form that are shown; no other leaves the store."""
    only: Annotated[Annotated[str, Choice("approved")] | None, Field(examples=["approved"])] = None
    """Which of the entries are shown: those that the owner has approved."""

    @model_validator(mode="after")
    def _check(self) -> Self:
        source = self._source()
        for other in dict.fromkeys(key for keys in KEYS.values() for key in keys):
            if other in self.model_fields_set and other not in KEYS[source]:
                raise wrong(
                    "wrong-key-here", f"`{other}` means nothing beside `{source}`", help="take it out", key=other
                )
        if self.database is not None and self.sql is None:
            raise wrong("no-answer", "nothing says what is read of the database", help='add `sql = "select …"`')
        if self.form is not None and self.fields is None:
            raise wrong(
                "no-answer",
                "nothing says which fields are shown",
                help="add `fields = [ … ]`: only those leave the store",
            )
        self._check_columns()
        return self

    def _source(self) -> str:
        """Return the key that says where the rows come from."""
        written = [name for name in SOURCES if getattr(self, name) is not None]
        if len(written) == 1:
            return written[0]
        if written:
            what = f"{' and '.join(f'`{name}`' for name in written)} are both given, but data comes from one place"
            raise wrong("two-answers", what, help="keep one of them", key=written[-1])
        choices = ", ".join(f"`{name}` ({words})" for name, words in SOURCES.items())
        raise wrong("no-answer", "nothing says where this data comes from", help=f"add one of {choices}")

    def _check_columns(self) -> None:
        keys = [name for name, column in (self.columns or {}).items() if column.key]
        if len(keys) > 1:
            listed = " and ".join(f"`{name}`" for name in keys)
            raise wrong("two-answers", f"{listed} are both the key of the rows", help="one of them is", key="columns")
        for name in (*(self.columns or {}), *self.params):
            if name in RESERVED:
                raise wrong(
                    "reserved-name",
                    f"`{name}` has a meaning of its own, and is no name of a column",
                    help='call it otherwise, and write its `heading`: total = { heading = "sort" }',
                    key="columns" if name in (self.columns or {}) else "params",
                )


class Items(Table):
    """The rows that a page is about."""

    data: Annotated[Name, Field(examples=["menu"])]
    """The dataset that they come from."""
    where: Annotated[dict[Name, Value], Field(examples=[{"slug": "<slug>"}])] = {}
    """What holds of them: columns with their values; `<name>` stands for a variable of the path."""
    order: Annotated[OneOrMany[str], Field(validate_default=False, examples=["-price", ["category", "name"]])] = []
    """The columns by which they are sorted; `-` before one turns it round. The file's order where nothing is said."""
    page_size: Annotated[int | None, Field(ge=1, le=1000, examples=[20])] = None
    """How many stand on one page, the others on `?page=2` and so on; all of them where nothing is said."""
