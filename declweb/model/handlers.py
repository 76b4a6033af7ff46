"""How the site file names a piece of Python: `"hooks:login"`, or `"login"` where there is only one module.

Owns the spelling of modules, handlers and the names they are given. Imports nothing.
"""

import re
from collections.abc import Iterable
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, WithJsonSchema

from declweb.model.base import Choice, Spelling, quoted, wrong

_DOTTED = r"[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)*"
HANDLER = rf"(?:{_DOTTED}:)?{_DOTTED}"


def _handler(value: str) -> str:
    if re.fullmatch(HANDLER, value) and ".py:" not in value:
        return value
    called, file = value.removesuffix("()"), value.replace(".py:", ":").replace("/", ".")
    near = next((other for other in (called, file) if other != value and re.fullmatch(HANDLER, other)), None)
    raise wrong(
        "bad-name",
        f"{quoted(value)} does not name a function",
        help=f'write "{near}"' if near else 'such as "hooks:login", or "login" where [hooks] names one module',
    )


Handler = Annotated[
    str, AfterValidator(_handler), WithJsonSchema({"type": "string", "pattern": f"^{HANDLER}$".replace("?:", "")})
]
"""A function or class of a module that `[hooks]` names: `"hooks:login"`, or `"login"` where there is only one."""


def _module(value: str) -> str:
    if re.fullmatch(_DOTTED, value) and not value.endswith(".py"):
        return value
    near = value.removesuffix(".py").strip("/").replace("/", ".")
    raise wrong(
        "bad-name",
        f"{quoted(value)} is no name of a module",
        help=f'write "{near}"' if re.fullmatch(_DOTTED, near) else 'such as "hooks" for hooks.py beside the site file',
    )


Module = Annotated[
    str, AfterValidator(_module), WithJsonSchema({"type": "string", "pattern": f"^{_DOTTED}$".replace("?:", "")})
]
"""A module as Python imports it: `hooks` for hooks.py beside the site file, `shop.views` for shop/views.py."""

FunctionName = Annotated[
    str, Spelling("[A-Za-z_][A-Za-z0-9_]*", "a name in templates is letters from a to z, digits and `_`")
]
"""What templates call a filter, a test or a global."""
CommandName = Annotated[
    str, Spelling("[a-z][a-z0-9_-]*", "a command's name is small letters from a to z, digits, `-` and `_`")
]
"""What is typed to run a command."""


def _by_their_names(value: Any) -> Any:
    """Return a list of handlers as a table in which each has its own name."""
    if isinstance(value, str):
        value = [value]
    if not isinstance(value, list):
        return value
    if all(isinstance(each, str) for each in value):
        return {each.rpartition(":")[2].rpartition(".")[2]: each for each in value}
    raise wrong(
        "wrong-kind",
        "this must be a table of names and functions, or a list of functions",
        help='such as { money = "as_money" } or ["as_money"]',
    )


def names_by_themselves(schema: dict[str, Any]) -> WithJsonSchema:
    """Return the schema of a table of handlers, or of a list of them."""
    handler = {"type": "string"}
    several = {"type": "array", "items": handler}
    return WithJsonSchema({"anyOf": [{**schema, "additionalProperties": handler}, several, handler]})


BY_THEIR_NAMES = BeforeValidator(_by_their_names)
Functions = Annotated[dict[FunctionName, Handler], BY_THEIR_NAMES, names_by_themselves({"type": "object"})]
"""Name = function; or a list of functions, each under its own name."""
Commands = Annotated[dict[CommandName, Handler], BY_THEIR_NAMES, names_by_themselves({"type": "object"})]
"""The same for commands."""

# --- which method is answered by what -----------------------------------------------------------------------------

Method = Annotated[str, Choice("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")]
"""A request method."""
BY_METHOD = {"GET": "get", "POST": "post", "PUT": "put", "PATCH": "patch", "DELETE": "delete"}
"""The keys that name a handler for one method alone."""


def with_methods(data: Any) -> Any:
    """Return a table with the methods that it names handlers for; they and `methods` cannot both be written."""
    written = [method for method, key in BY_METHOD.items() if key in data] if isinstance(data, dict) else []
    if not written:
        return data
    if "methods" in data:
        raise wrong(
            "two-answers",
            f"`methods` and `{BY_METHOD[written[0]]}` both say which methods are answered",
            help="take `methods` out",
            key="methods",
        )
    return {**data, "methods": written}


def check_handlers(table: BaseModel, answers: Iterable[str]) -> bool:
    """Tell whether a table has handlers for single methods; raises where it answers with something else as well."""
    written = [key for key in BY_METHOD.values() if getattr(table, key) is not None]
    other = next((key for key in answers if getattr(table, key) is not None), None)
    if written and other:
        raise wrong(
            "two-answers",
            f"`{other}` and `{written[0]}` are both given, but one address has one answer",
            help="keep one of them",
            key=written[0],
        )
    return bool(written)


def handlers_of(table: Any) -> dict[str, str]:
    """Return the handlers of a table by method; HEAD comes with GET."""
    if table.handler is not None:
        return dict.fromkeys(table.methods, table.handler)
    named = ((method, getattr(table, key)) for method, key in BY_METHOD.items())
    return {method: handler for method, handler in named if handler is not None}
