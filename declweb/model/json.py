"""`[json.NAME]`: answers for programs."""

import math
from typing import Annotated, Any, Self

from pydantic import AfterValidator, Field, model_validator

from declweb.model.base import OneOfMany, OneOrMany, Value, one_answer, wrong
from declweb.model.handlers import Handler, Method, check_handlers, handlers_of, with_methods
from declweb.model.urls import FixedPath
from declweb.model.words import CacheTime

ANSWERS = {"value": "any value, table or list", "handler": "a function of the site's own Python"}
"""What an endpoint can answer with, and what each of them is."""


def _finite(value: object) -> object:
    if isinstance(value, float) and not math.isfinite(value):
        raise wrong(
            "not-json",
            f"JSON has no number `{value}` (RFC 8259, section 6)",
            help="write a number, or a text in quotes",
        )
    for part in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        _finite(part)
    return value


class Json(OneOfMany):
    """An address that answers programs in JSON; `url_for("json.NAME")` gives it."""

    path: Annotated[FixedPath, Field(examples=["/api/version"])]
    """The address: a path that begins with a slash."""
    value: Annotated[Value, AfterValidator(_finite), Field(examples=[{"name": "blackbird", "version": 3}])] = None
    """What is answered: any value, table or list; dates are written as RFC 3339 says."""
    handler: Annotated[Handler | None, Field(examples=["hooks:stock"])] = None
    """The function that answers, of a module that `[hooks]` names."""
    methods: OneOrMany[Method] = Field(default=["GET"], validate_default=False, examples=[["GET", "POST"]])
    """The request methods that `handler` answers; HEAD comes with GET, and OPTIONS by itself."""
    get: Handler | None = None
    """The function that answers GET, and HEAD; with `post`, `put`, `patch` and `delete` in the place of `handler`."""
    post: Handler | None = None
    """The function that answers POST."""
    put: Handler | None = None
    """The function that answers PUT."""
    patch: Handler | None = None
    """The function that answers PATCH."""
    delete: Handler | None = None
    """The function that answers DELETE."""
    cache: Annotated[CacheTime | None, Field(examples=["1 hour"])] = None
    """How long browsers and caches may keep the answer without asking; they ask each time where nothing is said."""
    off: bool = False
    """Switches the endpoint off without deleting it: it answers 404."""

    @property
    def handlers(self) -> dict[str, str]:
        """The functions that answer, by method; none where a value does."""
        return handlers_of(self)

    @model_validator(mode="before")
    @classmethod
    def _with_methods(cls, data: Any) -> Any:
        return with_methods(data)

    @model_validator(mode="after")
    def _check(self) -> Self:
        if not check_handlers(self, ANSWERS):
            one_answer(self, ANSWERS)
        if self.value is not None and "methods" in self.model_fields_set:
            raise wrong(
                "wrong-key-here",
                "`methods` means nothing beside `value`: it is read with GET",
                help="take it out",
                key="methods",
            )
        return self
