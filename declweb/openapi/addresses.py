"""Addresses with variables, as OpenAPI writes them: `/api/menu/{category}`.

Owns what a variable may be, by its converter. Knows no operation.
"""

from collections.abc import Iterator, Mapping

from declweb.model.converters import Converter
from declweb.model.urls import Variable, parse
from declweb.openapi import patterns
from declweb.openapi.answers import Part


def template(path: str) -> str:
    """Return an address as OpenAPI writes it."""
    return "".join(f"{{{part.name}}}" if isinstance(part, Variable) else part for part in parse(path))


def parameters(path: str, converters: Mapping[str, Converter]) -> Iterator[Part]:
    """Yield the variables of an address."""
    for part in parse(path):
        if isinstance(part, Variable):
            schema = _schema(part, converters.get(part.converter))
            yield {"name": part.name, "in": "path", "required": True, "schema": schema}


def _schema(variable: Variable, converter: Converter | None) -> Part:
    if converter is None:
        kinds = {"int": "integer", "integer": "integer", "float": "number", "number": "number"}
        return (
            {"type": kinds[variable.converter]} if variable.converter in kinds else {"type": "string", "minLength": 1}
        )
    if converter.one_of is not None:
        return {"enum": list(converter.one_of)}
    if converter.type == "integer":
        bounds = {"minimum": converter.min, "maximum": converter.max}
        return {"type": "integer", **{key: value for key, value in bounds.items() if value is not None}}
    pattern = patterns.portable(converter.pattern) if converter.pattern else None
    return {
        "type": "string",
        "minLength": 1,
        **({"pattern": pattern} if pattern else {}),
        "maxLength": converter.max_length,
    }
