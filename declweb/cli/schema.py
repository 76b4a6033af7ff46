"""`declweb schema`."""

import json
from typing import Any, get_args

import click
import tomli
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from declweb.cli.manual import keys, sentence_of
from declweb.model import Site
from declweb.model.base import OneOrMany, Table
from declweb.model.kinds import Kind, inner_kinds, kinds

OVERLAY = "InEnvironment"
"""Ends the names of tables as they stand below `[env.NAME]`."""
VARIABLE = {"type": "string", "pattern": r"\$\{[A-Za-z_][A-Za-z0-9_]*(:-[^}]*)?\}"}
"""What may stand for every value: a variable of the environment."""
ENVIRONMENT = "What is different in one environment: the same tables, laid over the file."
PLAIN = {"string", "integer", "number", "boolean"}

Schema = dict[str, Any]


@click.command()
def command() -> None:
    """Print a JSON Schema of site files, for editors.

    Save it, and name it in the first line of a site file: #:schema site.schema.json. Editors that know Taplo (such as
    Even Better TOML) then complete and check what you write.
    """
    click.echo(json.dumps(schema(), indent=2, ensure_ascii=False))


def schema() -> Schema:
    """Return the JSON Schema (draft 2020-12) of site files, of the main one and of those that it includes."""
    whole = Site.model_json_schema(schema_generator=_Generator)
    models = {kind.model.__name__: kind for kind in (*inner_kinds().values(), *kinds().values()) if kind.model}
    tables = {name: _table(part, models[name]) for name, part in whole["$defs"].items()}
    top = _described(whole["properties"], Site)
    for kind in kinds().values():
        top[kind.name]["description"] = _plain(sentence_of(kind))
    overlay = {name: _overlaid(part) for name, part in top.items() if name != "include"}
    environment = {"type": "object", "additionalProperties": False, "properties": overlay}
    return {
        "$schema": GenerateJsonSchema.schema_dialect,
        "title": "Site file",
        "description": "A website in one file; served by `declweb serve`.",
        "type": "object",
        "additionalProperties": False,
        "properties": top
        | {"env": {"description": ENVIRONMENT, "type": "object", "additionalProperties": environment}},
        "$defs": tables | {f"{name}{OVERLAY}": _overlaid(part) for name, part in tables.items()},
    }


class _Generator(GenerateJsonSchema):
    """Schemas of values as TOML has them: no null, one or many; titles and defaults are not for it to say."""

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ARG002 # its signature
        return False

    def nullable_schema(self, schema: core_schema.NullableSchema) -> JsonSchemaValue:
        return self.generate_inner(schema["schema"])

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        return self.generate_inner(schema["schema"])

    def function_before_schema(self, schema: core_schema.BeforeValidatorFunctionSchema) -> JsonSchemaValue:
        many = super().function_before_schema(schema)
        return {"anyOf": [many["items"], many]} if schema["function"]["function"] is _as_list else many


_as_list = get_args(OneOrMany)[1].func


def _table(part: Schema, kind: Kind) -> Schema:
    model = kind.model
    assert model is not None
    properties = _described(part["properties"], model)
    return {**part, "title": kind.header, "description": _plain(part["description"]), "properties": properties}


def _described(properties: Schema, model: type[Table]) -> Schema:
    """Return the schemas of a table's keys, with what the manual says of each."""
    described = {}
    for key in keys(model):
        about: Schema = {"description": _plain(key.sentence)} if key.sentence else {}
        if key.default:
            about["default"] = tomli.loads(f"default = {key.default}")["default"]
        described[key.word] = about | _with_variables(properties[key.word])
    return described


def _with_variables(part: Schema) -> Schema:
    """Return a schema in which every value may come from the environment, and no key is let through unread."""
    found = dict(part)
    for inner in ("items", "additionalProperties"):
        if isinstance(found.get(inner), dict):
            found[inner] = _with_variables(found[inner])
    for choice in found.keys() & {"anyOf", "oneOf"}:
        found[choice] = [_with_variables(one) for one in found[choice]]
    if "patternProperties" in found:
        found["patternProperties"] = {name: _with_variables(one) for name, one in found["patternProperties"].items()}
        found["additionalProperties"] = False
    is_value = found.get("type") in PLAIN or "enum" in found or "const" in found
    is_any_text = found.get("type") == "string" and found.keys() <= {"type", "examples", "minLength"}
    return {"anyOf": [found, VARIABLE]} if is_value and not is_any_text else found


def _overlaid(part: Any) -> Any:
    """Return a schema of what is laid over a table: every key may be left out."""
    if isinstance(part, list):
        return [_overlaid(one) for one in part]
    if not isinstance(part, dict):
        return part
    found = {key: _overlaid(one) for key, one in part.items() if not (key == "required" and isinstance(one, list))}
    if isinstance(found.get("$ref"), str):
        found["$ref"] += OVERLAY
    return found


def _plain(text: str) -> str:
    return text.replace("\n", " ")
