"""The page that people read: made from the document alone, without any script.

Owns how an operation, a parameter and a schema are drawn. Knows no site: what does not stand in the document is not
on the page.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from hashlib import blake2b
from http import HTTPStatus
from importlib.resources import files
from shlex import quote
from typing import Any
from urllib.parse import urlencode, urljoin

from jinja2 import Environment, PackageLoader, StrictUndefined

from declweb.forms.script import Served
from declweb.http.policy import NONE, SELF, written

Part = Mapping[str, Any]

POLICY = written(
    {
        "default-src": (NONE,),
        "style-src": (SELF,),
        "base-uri": (NONE,),
        "form-action": (NONE,),
        "frame-ancestors": (NONE,),
    }
)
"""What a browser may do with the page: draw it with its own style."""


@dataclass(frozen=True, slots=True)
class Field:
    """A parameter, or what an object holds, as it is told of."""

    name: str
    kind: str
    is_required: bool
    label: str
    told: str
    rules: tuple[tuple[str, str], ...]
    choices: tuple[str, ...] = ()
    where: str = ""


@dataclass(frozen=True, slots=True)
class Example:
    """A value as it is sent."""

    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Answered:
    """One of the answers of an operation."""

    status: str
    told: str
    kinds: tuple[str, ...]
    fields: tuple[Field, ...]
    examples: tuple[Example, ...]
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Operation:
    """What one method does at one address."""

    key: str
    method: str
    path: str
    title: str
    told: str
    parameters: tuple[Field, ...]
    body: tuple[Field, ...]
    dependencies: tuple[str, ...]
    examples: tuple[Example, ...]
    answers: tuple[Answered, ...]
    line: str
    """A line for a shell that tries it."""


@cache
def served() -> tuple[Served, ...]:
    """Return the files that the page asks for."""
    body = (files(__package__) / "served" / "openapi.css").read_bytes()
    address = f"/declweb/openapi-{blake2b(body, digest_size=8).hexdigest()}.css"
    return (Served("declweb.openapi.style", address, "text/css; charset=utf-8", body),)


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("declweb.openapi"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )


def page(document: Part, prefix: str) -> str:
    """Return the page of a document."""
    operations = list(_operations(document))
    groups = [
        (tag["name"], tag["description"], [each for name, each in operations if name == tag["name"]])
        for tag in document["tags"]
    ]
    return (
        _environment()
        .get_template("page.html")
        .render(
            info=document["info"],
            groups=groups,
            server=document["servers"][0]["url"],
            style=f"{prefix}{served()[0].address}",
            home=f"{prefix}/",
            problem=_fields(document["components"]["schemas"]["Problem"], document),
            document_line=f"curl {quote(_absolute(document, '/openapi.json'))}",
        )
    )


def _absolute(document: Part, path: str) -> str:
    url = document["servers"][0]["url"].rstrip("/")
    return f"{url}{path}" if "://" in url else urljoin("http://localhost:8000", f"{url}{path}")


def _operations(document: Part) -> Iterator[tuple[str, Operation]]:
    for path, methods in document["paths"].items():
        for method, each in methods.items():
            yield each["tags"][0], _operation(path, method, each, document)


def _operation(path: str, method: str, each: Part, document: Part) -> Operation:
    sent = each.get("requestBody", {}).get("content", {}).get("application/json", {})
    examples = tuple(_examples(sent))
    parameters = tuple(
        _field(one["name"], one["schema"], document, bool(one.get("required")), one)
        for one in each.get("parameters", ())
    )
    return Operation(
        f"{method}-{path.strip('/').replace('/', '-') or 'home'}",
        method.upper(),
        path,
        each["summary"],
        each.get("description", ""),
        parameters,
        _fields(sent.get("schema", {}), document),
        tuple(_dependencies(sent.get("schema", {}))),
        examples,
        tuple(_answered(status, answer, document) for status, answer in each["responses"].items()),
        _line(path, method, each, document, sent),
    )


def _line(path: str, method: str, each: Part, document: Part, sent: Part) -> str:
    """Return a line for a shell that tries an operation."""
    given = {one["name"]: one["example"] for one in each.get("parameters", ()) if "example" in one}
    shown = dict([*list(given.items())[:1], *((name, given[name]) for name in ("sort",) if name in given)])
    query = {name: value for name, value in shown.items() if not isinstance(value, list)}
    url = _absolute(document, path) + (f"?{urlencode(query)}" if query else "")
    words = ["curl", *([] if method in {"get", "post"} else ["-X", method.upper()])]
    for example in list(sent.get("examples", {}).values())[:1]:
        body = json.dumps(example["value"], ensure_ascii=False)
        words += ["-H", quote("Content-Type: application/json"), "\\\n  --data", quote(body), "\\\n "]
    return " ".join([*words, quote(url)])


def _answered(status: str, answer: Part, document: Part) -> Answered:
    content = answer.get("content", {})
    shown = content.get("application/json", {})
    known = {str(each.value): each.phrase for each in HTTPStatus}
    return Answered(
        f"{status} {known.get(status, '')}".strip(),
        answer["description"],
        tuple(content),
        _fields(shown.get("schema", {}), document),
        tuple(_examples(shown)),
        tuple((name, header.get("description", "")) for name, header in answer.get("headers", {}).items()),
    )


def _examples(content: Part) -> Iterator[Example]:
    if "example" in content:
        yield Example("Example", _written(content["example"]))
    for each in content.get("examples", {}).values():
        yield Example(each.get("summary", "Example").capitalize(), _written(each["value"]))


def _written(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, indent=2)


# --- schemas ----------------------------------------------------------------------------------------------------------


def _resolved(schema: Part, document: Part) -> Part:
    found: Part = schema
    if "$ref" in schema:
        for step in schema["$ref"].removeprefix("#/").split("/"):
            document = document[step]
        found = document
    return found


def _fields(schema: Part, document: Part, before: str = "") -> tuple[Field, ...]:
    """Return what an object holds, and what objects in it hold."""
    schema = _resolved(schema, document)
    required = schema.get("required", ())
    found: list[Field] = []
    for name, each in schema.get("properties", {}).items():
        shown = f"{before}{name}"
        found.append(_field(shown, each, document, name in required))
        inner = _resolved(each, document)
        if inner.get("type") == "array" and isinstance(inner.get("items"), Mapping):
            found += _fields(inner["items"], document, f"{shown}[].")
        elif inner.get("properties"):
            found += _fields(inner, document, f"{shown}.")
    return tuple(found)


def _field(name: str, schema: Part, document: Part, is_required: bool, around: Part | None = None) -> Field:  # noqa: FBT001 # what a schema says
    schema = _resolved(schema, document)
    main = _resolved(next(iter(schema.get("anyOf", [schema]))), document)
    return Field(
        name,
        _kind(main),
        is_required,
        schema.get("title", ""),
        (around or {}).get("description", schema.get("description", main.get("description", ""))),
        tuple(_rules(main)),
        tuple(_choices(main)),
        (around or {}).get("in", ""),
    )


def _kind(schema: Part) -> str:
    """Return what a value is called."""
    if "const" in schema:
        return json.dumps(schema["const"])
    if "enum" in schema:
        return "choice"
    types = schema.get("type", "anything")
    named = [each for each in ([types] if isinstance(types, str) else types) if each != "null"] or ["null"]
    kind = " or ".join(named)
    if kind == "array":
        items = schema.get("items", {})
        return f"list of {_kind(items)}" if items else "list"
    return f"{kind} ({schema['format']})" if "format" in schema else kind


_LONGEST_PATTERN = 60
_IMPLIED = 10**15
"""No author says bounds as large as this: they are what numbers in JSON are."""
_RULES = {
    "minimum": "at least",
    "maximum": "at most",
    "minLength": "shortest",
    "maxLength": "longest",
    "default": "if left out",
}


def _rules(schema: Part) -> Iterator[tuple[str, str]]:
    for key, words in _RULES.items():
        value = schema.get(key)
        if value is not None and not (key in {"minimum", "maximum"} and abs(value) >= _IMPLIED):
            yield words, str(value)
    pattern = schema.get("pattern", "")
    if pattern and len(pattern) <= _LONGEST_PATTERN and "\\u0000" not in pattern:
        yield "pattern", pattern


def _choices(schema: Part) -> Iterator[str]:
    listed: Sequence[object] = schema.get("enum") or (schema.get("items") or {}).get("enum", ())
    yield from (str(each) for each in listed if each not in {"", None})


def _dependencies(schema: Part) -> Iterator[str]:
    for rule in schema.get("allOf", ()):
        asked = ", ".join(f"`{name}`" for name in rule.get("then", {}).get("required", ()))
        if asked:
            yield f"{asked} must be there where {_condition(rule['if'])}"


def _condition(schema: Part) -> str:
    """Return a condition of a schema in words."""
    for key, word in (("allOf", " and "), ("anyOf", " or ")):
        if key in schema:
            return word.join(_condition(each) for each in schema[key])
    if "not" in schema:
        return f"not ({_condition(schema['not'])})"
    return " and ".join(f"`{name}` {_is(each)}" for name, each in schema.get("properties", {}).items())


def _is(schema: Part) -> str:
    if "enum" in schema or "contains" in schema:
        listed = schema.get("enum") or schema["contains"]["enum"]
        return "is " + " or ".join(json.dumps(each, ensure_ascii=False) for each in listed)
    return "is true" if schema.get("const") is True else "is given"
