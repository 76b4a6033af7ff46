"""`[hooks]`: the Python of a site, and when it is called.

Owns which pieces of Python a site file can name beside those of routes, JSON endpoints and forms. Imports none.
"""

import re
from collections.abc import Mapping
from typing import Annotated, Any, ClassVar

from pydantic import AfterValidator, Field, GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema

from declweb.model.base import Name, OneOrMany, Table, quoted, wrong
from declweb.model.handlers import HANDLER, Commands, Functions, Handler, Module
from declweb.model.urls import PathPattern


class RequestHook(Table):
    """A function that is called for each request, or for some."""

    handler: Annotated[Handler, Field(examples=["check_admin"])]
    """The function."""
    paths: Annotated[OneOrMany[PathPattern], Field(validate_default=False, examples=[["/admin/*"]])] = ["/*"]
    """The addresses it is called for: paths in which `*` stands for anything; all others stay as fast as they are."""


class _OrName:
    """A table with a handler, or the handler alone."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_before_validator_function(self._as_table, handler(source))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return {"anyOf": [{"type": "string"}, handler(schema)]}

    def _as_table(self, value: Any) -> Any:
        if isinstance(value, str):
            return {"handler": value}
        if isinstance(value, dict | RequestHook):
            return value
        raise wrong(
            "wrong-kind",
            f"this must be the name of a function or a table with `handler`, not {quoted(value)}",
            help='such as "load_user" or { handler = "check_admin", paths = ["/admin/*"] }',
        )


OnPaths = Annotated[RequestHook, _OrName()]
"""A function, or a table with a function and paths."""
RequestHooks = OneOrMany[OnPaths]
"""One or many: `"load_user"`, or `{ handler = "check_admin", paths = ["/admin/*"] }`."""


def _what(value: str) -> str:
    if value.isdecimal():
        if 400 <= int(value) <= 599:
            return value
    elif re.fullmatch(r"[45]xx", value) or re.fullmatch(HANDLER, value):
        return value
    raise wrong(
        "bad-status",
        f"`{value}` is neither a status code of an error nor a class of exceptions",
        help="such as 404, 5xx, `KeyError` or `hooks:OutOfStock`",
    )


ErrorHandlers = dict[Annotated[str, AfterValidator(_what)], Handler]
"""Status code, `4xx`, `5xx` or exception class = function."""


class Hooks(Table):
    """The Python of a site: which modules it comes from, and when their functions are called."""

    meant: ClassVar[Mapping[str, str]] = {
        **dict.fromkeys(("modules", "file", "files", "import", "python"), "module"),
        **dict.fromkeys(("before", "before_requests"), "before_request"),
        **dict.fromkeys(("after", "after_requests"), "after_request"),
        **dict.fromkeys(("teardown", "teardown_requests"), "teardown_request"),
        **dict.fromkeys(("error", "errorhandler", "error_handlers", "errorhandlers"), "errors"),
        **dict.fromkeys(("context_processor", "context"), "context_processors"),
        **dict.fromkeys(("template_filter", "filters"), "template_filters"),
        **dict.fromkeys(("template_test", "tests"), "template_tests"),
        **dict.fromkeys(("template_global", "globals"), "template_globals"),
        **dict.fromkeys(("command", "cli"), "commands"),
        "converter": "converters",
    }
    """Its keys by other words, Flask's among them."""
    module: Annotated[
        OneOrMany[Module], Field(validate_default=False, examples=["hooks", ["hooks", "shop.views"]])
    ] = []
    """The modules that functions may come from: Python files beside the site file, without `.py`, or installed ones.
    Without it no Python is loaded."""
    before_request: Annotated[
        RequestHooks,
        Field(validate_default=False, examples=[["load_user", {"handler": "check_admin", "paths": ["/admin/*"]}]]),
    ] = []
    """Called before each request, in this order; the first that returns something answers it."""
    after_request: Annotated[RequestHooks, Field(validate_default=False, examples=["add_header"])] = []
    """Called with each answer, the last one first; they return it, changed or not."""
    teardown_request: Annotated[RequestHooks, Field(validate_default=False, examples=["close_database"])] = []
    """Called once a request is over, the last one first, with what went wrong or with `None`."""
    errors: Annotated[ErrorHandlers, Field(examples=[{"404": "not_found", "hooks:OutOfStock": "sold_out"}])] = {}
    """Called for an error: by status code, `4xx` and `5xx`, or the class of an exception; the nearest one counts."""
    context_processors: Annotated[OneOrMany[Handler], Field(validate_default=False, examples=["with_menu"])] = []
    """Return tables of names that every template is given."""
    template_filters: Annotated[Functions, Field(examples=[{"money": "as_money"}])] = {}
    """Filters for templates, `{{ price|money }}`: name = function, or a list of functions."""
    template_tests: Annotated[Functions, Field(examples=[{"weekend": "is_weekend"}])] = {}
    """Tests for templates, `{% if day is weekend %}`: name = function, or a list of functions."""
    template_globals: Annotated[Functions, Field(examples=[{"stock_of": "stock_of"}])] = {}
    """Functions that templates can call, `{{ stock_of(item) }}`: name = function, or a list of functions."""
    converters: Annotated[dict[Name, Handler], Field(examples=[{"isbn": "IsbnConverter"}])] = {}
    """Converters for URL variables, `<isbn:number>`: name = subclass of Werkzeug's `BaseConverter`."""
    commands: Annotated[Commands, Field(examples=[["init_db"]])] = {}
    """Commands that `declweb run` knows: name = function or Click command, or a list of such."""
