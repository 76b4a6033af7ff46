"""`[converters.NAME]`: what a variable in an address may look like."""

from typing import Annotated, Self

from pydantic import AfterValidator, Field, model_validator

from declweb.model.base import Choice, Table, wrong
from declweb.model.patterns import checked, explosive

LONGEST = 200
"""Characters in a URL variable where its converter does not say more."""


def _pattern(value: str) -> str:
    try:
        checked(value)
    except ValueError as error:
        raise wrong("bad-pattern", f"the pattern `{value}` cannot be used: {error}") from None
    return value


class Converter(Table):
    """What a variable in an address may look like: a pattern, a list of words, or whole numbers."""

    pattern: Annotated[str | None, AfterValidator(_pattern), Field(examples=["[a-z0-9]+(-[a-z0-9]+)*"])] = None
    """A regular expression (Python's) that the whole variable must match."""
    one_of: Annotated[list[str] | None, Field(min_length=1, examples=[["bread", "cake"]])] = None
    """The words the variable may be."""
    type: Annotated[Annotated[str, Choice("text", "integer")] | None, Field(examples=["integer"])] = None
    """The kind of value: `integer` gives templates a whole number."""
    min: int | None = None
    """The smallest whole number."""
    max: int | None = None
    """The largest whole number."""
    digits: Annotated[int | None, Field(ge=1, le=18)] = None
    """How many digits a whole number has; shorter ones are written with leading zeros."""
    max_length: Annotated[int, Field(ge=1, le=2000)] = LONGEST
    """The most characters the variable may have."""

    @model_validator(mode="after")
    def _check(self) -> Self:
        kinds = [name for name in ("pattern", "one_of") if getattr(self, name) is not None]
        kinds += ["type"] if self.type == "integer" else []
        if len(kinds) > 1:
            raise wrong(
                "two-answers",
                f"`{kinds[0]}` and `{kinds[1]}` cannot both be given",
                help="keep one of them",
                key=kinds[1],
            )
        if not kinds and self.type is None:
            raise wrong(
                "no-answer",
                "nothing says what the variable may look like",
                help='add `pattern`, `one_of`, or `type = "integer"`',
            )
        self._check_numbers()
        if self.pattern is not None:
            _check_time(self.pattern, self.max_length)
        if self.one_of is not None and any("/" in word or not word for word in self.one_of):
            raise wrong(
                "bad-pattern",
                "a word of `one_of` is empty or has a slash in it",
                help="write words without slashes",
                key="one_of",
            )
        return self

    def _check_numbers(self) -> None:
        numbers = [name for name in ("min", "max", "digits") if getattr(self, name) is not None]
        if self.type != "integer" and numbers:
            raise wrong(
                "wrong-key-here",
                f"`{numbers[0]}` belongs to whole numbers",
                help='add `type = "integer"` or take it out',
                key=numbers[0],
            )
        if self.type != "integer":
            return
        if self.min is not None and self.max is not None and self.min > self.max:
            raise wrong(
                "empty-range", f"no number is at least {self.min} and at most {self.max}", help="swap them", key="max"
            )
        if self.digits is not None and (self.min or 0) >= 10**self.digits:
            raise wrong("empty-range", f"no number from {self.min} on has {self.digits} digits", key="digits")


def _check_time(pattern: str, longest: int) -> None:
    try:
        found = explosive(pattern, longest)
    except ValueError as error:
        raise wrong("bad-pattern", f"the pattern `{pattern}` cannot be used: {error}", key="pattern") from None
    if found is not None:
        raise wrong(
            "explosive-pattern",
            f"the pattern `{pattern}` takes endless time on some texts, for instance {found}",
            help="a repeat within a repeat must be told apart by something between, such as `[a-z]+(-[a-z]+)*`",
            key="pattern",
        )
