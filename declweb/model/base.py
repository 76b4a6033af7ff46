"""The base of every table of the site file, and the small types they share.

Owns how strict a table is. Knows no table by name, no disk and no web.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from declweb.problems import suggestion


class Table(BaseModel):
    """A table of the site file: every key known, every value of the right kind, nothing changed afterwards."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, populate_by_name=False, defer_build=True)

    meant: ClassVar[Mapping[str, str]] = {}
    """Keys of this table by other words that authors may write for them."""


LONGEST_MESSAGE = 300
"""Characters of a message; what an author wrote may be quoted in it, and be much longer."""


class OneOfMany(Table):
    """A table of which there can be many, so that one may be left out."""

    optional: bool = False
    """Leaves it out while a `${VARIABLE}` in it is not set, instead of reporting an error."""


def wrong(
    code: str,
    message: str,
    *,
    help: str | None = None,  # noqa: A002 - a problem's own word
    key: str | None = None,
) -> PydanticCustomError:
    """Return the error of a value that a table does not take; `code` is a problem code, the words are for the author.

    `key` is the key of the table that it is about, where it is a table's error.
    """
    message = message if len(message) <= LONGEST_MESSAGE else f"{message[:200]}…{message[-90:]}"
    escaped = message.replace("{", "{{").replace("}", "}}")
    return PydanticCustomError(code, escaped, {"message": message, "help": help, "key": key})


SEVERAL = "several"
"""The type of an error that stands for several of one table."""


def raise_all(found: Iterable[PydanticCustomError]) -> None:
    """Raise the errors of a table, all at once; nothing where there are none."""
    errors = list(found)
    if len(errors) == 1:
        raise errors[0]
    if errors:
        told = [{"type": error.type, **(error.context or {})} for error in errors]
        raise PydanticCustomError(SEVERAL, SEVERAL, {"errors": told})


def caught(check: Callable[[], object]) -> Iterator[PydanticCustomError]:
    """Yield what a check raises, if anything."""
    try:
        check()
    except PydanticCustomError as error:
        yield error


def _as_list(value: object) -> object:
    return value if isinstance(value, list | tuple) else [value]


Item = TypeVar("Item")
OneOrMany = Annotated[list[Item], BeforeValidator(_as_list), Field(min_length=1)]
"""One value or a list of them: `allow = "staff"` or `allow = ["staff", "anna"]`."""


class Choice:
    """One of a few words or numbers."""

    def __init__(self, *words: str | int, meant: Mapping[str, str] | None = None) -> None:
        self.words = words
        self.meant = meant or {}
        """Words by other ones that authors may write for them."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(self._check)

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return {"enum": list(self.words)}

    def _check(self, value: object) -> object:
        for word in self.words:
            if value == word and isinstance(value, type(word)) and isinstance(value, bool) == isinstance(word, bool):
                return word
        listed = ", ".join(f"`{str(word).lower()}`" if isinstance(word, bool) else f"`{word}`" for word in self.words)
        near = (
            self._meant(value) or suggestion(str(value), map(str, self.words)) if isinstance(value, str | int) else None
        )
        raise wrong("unknown-word", f"{quoted(value)} is not one of {listed}", help=near or "write one of these")

    def _meant(self, value: object) -> str | None:
        """Return the help for another word; of `image/*` and `.jpg` the parts that say something count."""
        word = str(value).casefold().strip(". ").removesuffix("/*")
        meant = self.meant.get(word) or self.meant.get(word.rpartition("/")[2])
        return f"did you mean `{meant}`?" if meant else None


@dataclass(frozen=True)
class Spelling:
    """A text that must look a certain way; `words` say how it is written."""

    pattern: str
    words: str

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_after_validator_function(self._check, handler(source))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return {**handler(schema), "pattern": f"^{self.pattern}$"}

    def _check(self, value: str) -> str:
        if not re.fullmatch(self.pattern, value):
            raise wrong("bad-name", f"`{value}` cannot be used here", help=self.words)
        return value


def quoted(value: object) -> str:
    """Return a value as its author wrote it, shortened to fit a sentence."""
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    if isinstance(value, dict):
        return "a table"
    if isinstance(value, list | tuple):
        return "a list"
    text = f'"{value}"' if isinstance(value, str) else str(value)
    return f"`{text}`" if len(text) <= 60 else f"`{text[:57]}…`"


def _file_name(value: str) -> str:
    if any(ord(letter) < 32 or letter == "\x7f" for letter in value):
        raise wrong("bad-name", "no name of a file has control characters in it", help="type it anew")
    if any(len(part.encode()) > 255 for part in value.split("/")) or len(value) > 1000:
        raise wrong("bad-name", "no file has so long a name", help="look for a missing quote")
    return value


FileName = Annotated[str, Field(min_length=1), AfterValidator(_file_name)]
"""The name of a file or folder, seen from the site folder or from the one with templates."""

Name = Annotated[str, Spelling("[a-z][a-z0-9_]*", "a name is small letters from a to z, digits and `_`")]
"""A name that templates use: a small letter, then small letters, digits and underscores."""

Value = Any
"""Any TOML value: text, number, yes/no, date, list or table."""


def one_answer(table: BaseModel, names: Mapping[str, str]) -> None:
    """Raise unless exactly one of these keys is written; `names` gives for each what it answers with."""
    written = [name for name in names if getattr(table, name) is not None]
    if len(written) == 1:
        return
    choices = ", ".join(f"`{name}` ({words})" for name, words in names.items())
    if written:
        listed = " and ".join(f"`{name}`" for name in written)
        raise wrong(
            "two-answers",
            f"{listed} are both given, but one address has one answer",
            help="keep one of them",
            key=written[-1],
        )
    raise wrong("no-answer", "nothing says what this address answers", help=f"add one of {choices}")
