"""The operations of endpoints with rows: what may be asked of them, by the types of their columns, and what they say.

Owns that what a schema calls valid is answered. Knows no request; how a question is read, `data.questions` knows.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain, permutations
from typing import Any

from declweb.data import writing
from declweb.data.dataset import Cell, Column, Dataset, Document
from declweb.data.literals import LARGEST_INTEGER, LONGEST, written
from declweb.data.questions import MOST_ROWS, MOST_VALUES, Parameter
from declweb.data.selecting import OPERATORS
from declweb.model import Json
from declweb.openapi import patterns
from declweb.openapi.answers import Part, problem
from declweb.openapi.endpoints import ETAG, TAG, UNCHANGED, schema_of

_MOST_SORTED = 3
"""Columns of which all orders are written out; of more, at most two are."""
_SHOWN = 2
"""Rows of an example."""
_SAID = {
    "eq": "is this",
    "not": "is not this",
    "lt": "is less than this",
    "lte": "is at most this",
    "gt": "is more than this",
    "gte": "is at least this",
    "in": "is one of these",
    "contains": "has this in it, in capital or small letters alike",
    "starts": "begins with this, in capital or small letters alike",
    "empty": "is empty (`yes`) or is not (`no`)",
}
_YES_OR_NO: Part = {"enum": ["yes", "no", "true", "false", "1", "0"]}
_INK = rf"[^\u0000-\u0020\u007f-\u00a0{patterns.WHITE}]"
_WRITTEN: Mapping[str, Part] = {
    "text": {"type": "string", "pattern": r"^[^\u0000]+$", "maxLength": LONGEST},
    "number": {"type": "number"},
    "integer": {"type": "integer", "format": "int64", "minimum": -LARGEST_INTEGER, "maximum": LARGEST_INTEGER},
    "yes/no": _YES_OR_NO,
    "date": {"type": "string", "format": "date"},
    "time": {"type": "string", "pattern": patterns.times(None, None)},
    "datetime": {"type": "string", "pattern": patterns.any_moment()},
    "url": {"type": "string", "pattern": f"^[A-Za-z][A-Za-z0-9+.-]*:{_INK}+$", "maxLength": LONGEST},
    "email": {"type": "string", "pattern": f"^{_INK}+@{_INK.replace('[^', '[^@')}+$", "maxLength": LONGEST},
}
"""What a value of each type is in a query."""
_SENT: Mapping[str, Part] = {
    "number": {"type": "number"},
    "integer": {"type": "integer"},
    "yes/no": {"type": "boolean"},
    "date": {"type": "string", "format": "date"},
    "time": {"type": "string"},
    "datetime": {"type": "string"},
}
"""What a cell of each type is in JSON; of all others a text."""


def of_rows(
    name: str, endpoint: Json, found: Dataset | Document, asked: Sequence[Parameter], *, changes: bool
) -> dict[str, Part]:
    """Return what an endpoint with data answers, by method; rows that change are no examples."""
    parameters = [parameter(each) for each in asked]
    responses: dict[str, Part]
    if isinstance(found, Document):
        value = json.loads(writing.document(found.value))
        content = {"application/json": {"schema": schema_of(value), **({} if changes else {"example": value})}}
        told = f"Read {name}"
    else:
        content = _content(found, endpoint, has_example=not changes)
        parameters += [*_filters(endpoint, found, has_examples=not changes), *_of_rows(endpoint, found)]
        told = f"Rows of {name}"
    responses = {
        "200": {"description": "What is asked for.", "headers": _headers(found), "content": content},
        "304": UNCHANGED,
        "400": problem("A parameter is unknown, of the wrong type, or too large: `errors` names each of them."),
        "414": {"description": "The address is too long.", "content": {**problem("")["content"], "text/html": {}}},
    }
    if changes:
        responses["503"] = problem("What is asked for cannot be read just now.")
    operation = {"tags": [TAG], "summary": told, "parameters": parameters, "responses": responses}
    if isinstance(found, Dataset):
        operation["description"] = (
            "The answer is a page of rows. `next` has the `url` of the page that follows, and is null on the last one; "
            "the header `Link` says the same."
        )
    return {"get": operation}


def _headers(found: Dataset | Document) -> Part:
    link = {"Link": {"description": 'The next page, with `rel="next"`.', "schema": {"type": "string"}}}
    return ETAG if isinstance(found, Document) else {**ETAG, **link}


# --- what is answered -------------------------------------------------------------------------------------------------


def _content(found: Dataset, endpoint: Json, *, has_example: bool) -> Part:
    names = tuple(endpoint.fields or found.names)
    page: Part = {
        "type": "object",
        "properties": {
            "items": {"type": "array", "items": _row(found, names)},
            "next": {
                "anyOf": [
                    {
                        "type": "object",
                        "properties": {"token": {"type": "string"}, "url": {"type": "string"}},
                        "required": ["token", "url"],
                    },
                    {"type": "null"},
                ],
                "description": "The page that follows, if there is one.",
            },
        },
        "required": ["items", "next"],
    }
    rows = range(min(_SHOWN, len(found)))
    items = json.loads(writing.items(found, rows, names))
    return {
        "application/json": {"schema": page, **({"example": {"items": items, "next": None}} if has_example else {})},
        "text/csv": {
            "schema": {"type": "string"},
            **({"example": writing.as_csv(found, rows, names)} if has_example else {}),
        },
        "text/html": {"schema": {"type": "string"}},
    }


def _row(found: Dataset, names: Sequence[str]) -> Part:
    return {
        "type": "object",
        "properties": {name: _cell(found.column(name)) for name in names},
        "additionalProperties": False,
    }


def _cell(column: Column) -> Part:
    title = {"title": column.spoken} if column.heading else {}
    if column.type == "any":
        return title
    if column.choices:
        return {**title, "enum": [*column.choices, *([] if column.is_required else [None])]}
    schema = _SENT.get(column.type, {"type": "string"})
    return {**title, **schema, **({} if column.is_required else {"type": [schema["type"], "null"]})}


# --- what may be asked ------------------------------------------------------------------------------------------------


def _query(name: str, told: str, schema: Part, **more: Any) -> Part:
    return {"name": name, "in": "query", "description": told, "schema": schema, **more}


def parameter(asked: Parameter) -> Part:
    """Return a parameter that the site file declares."""
    schema = dict(_WRITTEN[asked.type])
    if asked.choices:
        schema = {"enum": list(asked.choices)}
    elif asked.type in {"number", "integer"}:
        schema |= {} if asked.least is None else {"minimum": _number(asked.least)}
        schema |= {} if asked.most is None else {"maximum": _number(asked.most)}
    if asked.default is not None:
        schema["default"] = _given(asked.default)
    return _query(asked.name, "", schema, **({"required": True} if asked.is_required else {}))


def _number(cell: Cell) -> int | float:
    return cell if isinstance(cell, int) else float(str(cell))


def _given(cell: Cell) -> object:
    """Return a value as it stands in a query: a number as one, all else as a text."""
    return written(cell) if isinstance(cell, bool) or not isinstance(cell, int) else cell


def _filters(endpoint: Json, found: Dataset, *, has_examples: bool) -> Iterator[Part]:
    """Yield one parameter for each column and each thing that can be asked of it."""
    for name in endpoint.filter:
        column = found.column(name)
        first = next((cell for cell in found.cells[name] if cell is not None), None) if has_examples else None
        for operator in sorted(OPERATORS[column.type], key=lambda each: list(_SAID).index(each)):
            spelling = name if operator == "eq" else f"{name}__{operator}"
            told = f"Rows whose `{name}` {_SAID[operator]}."
            yield _filter(column, operator, spelling, told, first)


def _filter(column: Column, operator: str, spelling: str, told: str, first: Cell) -> Part:
    if operator == "empty":
        return _query(spelling, told, _YES_OR_NO)
    is_part = operator in {"contains", "starts"}
    one: Part = dict(_WRITTEN["text" if is_part else column.type])
    if column.choices and operator in {"eq", "not", "in"}:
        one = {"enum": list(column.choices)}
    elif operator == "in" and one.get("type") == "string" and "pattern" in one:
        one["pattern"] = r"^[^\u0000\",\r\n]+$" if column.type == "text" else one["pattern"].replace("[^", '[^",')
    example = {} if first is None else {"example": _example(column, first)}
    if operator != "in":
        return _query(spelling, told, one, **example)
    schema = {"type": "array", "items": one, "minItems": 1, "maxItems": MOST_VALUES}
    listed = {"example": [example["example"]]} if example and not set('",\r\n') & set(str(first)) else {}
    return _query(spelling, told, schema, style="form", explode=False, **listed)


def _example(column: Column, first: Cell) -> object:
    if column.type == "number":
        return _number(first)
    text = _given(first)
    return text[:LONGEST] if isinstance(text, str) else text


def _of_rows(endpoint: Json, found: Dataset) -> Iterator[Part]:
    """Yield what can be asked of all rows."""
    names = list(endpoint.fields or found.names)
    if endpoint.sort:
        listed = "`, `".join(endpoint.sort)
        yield _query(
            "sort",
            f"The order of the rows: columns with commas between them, `-` before one turns it round (`{listed}`).",
            {"type": "string", "pattern": _sorting(endpoint.sort)},
            example=f"-{endpoint.sort[0]}",
        )
    yield _query(
        "fields",
        "The columns that are wanted, with commas between them.",
        {"type": "array", "items": {"enum": names}, "uniqueItems": True, "minItems": 1},
        style="form",
        explode=False,
        example=names[:2],
    )
    yield _query("format", "JSON, or all rows as CSV for a spreadsheet.", {"enum": ["json", "csv"]}, example="json")
    size: Part = {"type": "integer", "minimum": 1, "maximum": MOST_ROWS, "default": endpoint.page_size}
    yield _query("page_size", "How many rows are on a page.", size, example=endpoint.page_size)


def _sorting(columns: Sequence[str]) -> str:
    most = len(columns) if len(columns) <= _MOST_SORTED else 2
    orders = chain.from_iterable(permutations(columns, count) for count in range(1, most + 1))
    return f"^(?:{'|'.join(','.join(f'-?{name}' for name in order) for order in orders)})$"
