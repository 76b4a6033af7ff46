"""The operations of JSON endpoints: what they answer, with a schema made of the value itself.

Owns their words and schemas. Knows no form.
"""

import json
from collections.abc import Mapping, Sequence

from declweb.model import Json
from declweb.openapi.answers import Part

TAG = "Data"
ETAG: Part = {"ETag": {"description": "What tells this content from another.", "schema": {"type": "string"}}}
UNCHANGED: Part = {"description": "It has not changed since `If-None-Match`, or since `If-Modified-Since`."}


def of_value(name: str, written: bytes) -> dict[str, Part]:
    """Return what an endpoint with a value answers, by method; `written` is the value as it is sent."""
    value = json.loads(written)
    content = {"application/json": {"schema": schema_of(value), "example": value}}
    return {
        "get": {
            "tags": [TAG],
            "summary": f"Read {name}",
            "responses": {
                "200": {"description": "The value.", "headers": ETAG, "content": content},
                "304": UNCHANGED,
            },
        }
    }


def of_handlers(name: str, endpoint: Json, parameters: Sequence[Part]) -> dict[str, Part]:
    """Return what an endpoint of the site's own Python answers, by method; `parameters` are what it is asked with."""
    responses = {"default": {"description": "What the site's own Python answers."}}
    operation = {"tags": [TAG], **({"parameters": list(parameters)} if parameters else {}), "responses": responses}
    return {method.lower(): {"summary": f"{method} {name}", **operation} for method in endpoint.handlers}


def schema_of(value: object) -> Part:  # noqa: PLR0911 # one for each kind
    """Return what values like this one are."""
    match value:
        case None:
            return {"type": "null"}
        case bool():
            return {"type": "boolean"}
        case int():
            return {"type": "integer"}
        case float():
            return {"type": "number"}
        case str():
            return {"type": "string"}
        case Mapping():
            properties = {key: schema_of(each) for key, each in value.items()}
            return {"type": "object", "properties": properties, **({"required": list(value)} if value else {})}
        case _:
            assert isinstance(value, Sequence)
            return {"type": "array", **_items(value)}


def _items(values: Sequence[object]) -> Part:
    found: list[Part] = []
    for each in values:
        schema = schema_of(each)
        if schema not in found:
            found.append(schema)
    return {} if not found else {"items": found[0] if len(found) == 1 else {"anyOf": found}}
