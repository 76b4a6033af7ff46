"""Parameters of `[json.NAME]`: what may be asked in a query."""

from datetime import date, datetime, time
from typing import Annotated, Any, Self

from pydantic import Field, model_validator

from declweb.model.base import Choice, Table, Value, quoted, wrong
from declweb.model.data import MEANT_TYPES, TYPES

IN_ORDER = ("number", "integer", "date", "time", "datetime")
"""The types whose values can be too small or too large."""

Bound = int | float | datetime | date | time


class Param(Table):
    """A parameter: the type of its value, and what else must hold of it."""

    type: Annotated[str, Choice(*TYPES, meant=MEANT_TYPES)] = "text"
    """The type of the value."""
    required: bool = False
    """Whether it must be given."""
    default: Annotated[Value, Field(examples=["bread", 4])] = None
    """The value where it is not given."""
    choices: Annotated[list[str] | None, Field(min_length=1, examples=[["bread", "cake"]])] = None
    """The texts that it may be."""
    min: Annotated[Bound | None, Field(examples=[1])] = None
    """The smallest or earliest value."""
    max: Annotated[Bound | None, Field(examples=[80])] = None
    """The largest or latest value."""

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.choices is not None and self.type != "text":
            raise wrong("wrong-key-here", "`choices` goes with texts alone", help="take `type` out", key="choices")
        for key in ("min", "max"):
            bound = getattr(self, key)
            if bound is None:
                continue
            if self.type not in IN_ORDER:
                listed = ", ".join(f'"{each}"' for each in IN_ORDER)
                raise wrong("wrong-key-here", f"`{key}` goes with {listed}", help="take it out", key=key)
            if not fits(bound, self.type):
                raise wrong(
                    "wrong-kind", f"{quoted(bound)} is not of the type `{self.type}`", help=_such(self.type), key=key
                )
        if self.default is not None:
            self._check_default()
        return self

    def _check_default(self) -> None:
        if self.required:
            raise wrong("two-answers", "what must be given needs no `default`", help="keep one of them", key="default")
        if not fits(self.default, self.type):
            raise wrong(
                "wrong-kind",
                f"{quoted(self.default)} is not of the type `{self.type}`",
                help=_such(self.type),
                key="default",
            )
        if self.choices is not None and self.default not in self.choices:
            listed = ", ".join(f"`{each}`" for each in self.choices)
            raise wrong("unknown-word", f"{quoted(self.default)} is not one of {listed}", key="default")


def in_long(value: Any) -> Any:
    """Return the table that a short form of a parameter stands for: `"number"`, or `["bread", "cake"]`."""
    if isinstance(value, str):
        return {"type": value}
    return {"choices": value} if isinstance(value, list) else value


def fits(value: object, type_: str) -> bool:
    """Tell whether a value of the site file is one of a type."""
    if type_ == "yes/no":
        return isinstance(value, bool)
    if type_ in {"number", "integer"}:
        return isinstance(value, int if type_ == "integer" else (int, float)) and not isinstance(value, bool)
    if type_ == "datetime":
        return isinstance(value, datetime)
    if type_ == "date":
        return isinstance(value, date) and not isinstance(value, datetime)
    return isinstance(value, time if type_ == "time" else str)


_SUCH = {
    "number": "such as 4.2",
    "integer": "such as 4",
    "yes/no": "write true or false",
    "date": "such as 2026-12-24",
    "time": "such as 07:30:00",
    "datetime": "such as 2026-12-24T18:00:00Z",
}


def _such(type_: str) -> str:
    return _SUCH.get(type_, "write a text in quotes")
