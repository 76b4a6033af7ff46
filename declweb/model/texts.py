"""Languages, and text that may be written in several of them: `{ en = "Bread", de = "Brot" }`.

Owns what a language code looks like, and which of a text's versions is read in a language. Knows no table by name, and
not which languages a site has: that the versions fit them is a rule's business.
"""

import re
from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, TypeVar, get_args

from pydantic import AfterValidator, Discriminator, Field, Tag

from declweb.model.base import Spelling, Table
from declweb.sitefile import KeyPath

if TYPE_CHECKING:
    from declweb.model import Site

_CODE = "[a-z]{2,3}(-[A-Za-z0-9]{2,8})*"

Language = Annotated[str, Spelling(_CODE, "write a language code, such as `en` or `de-AT`")]
"""A language as a BCP 47 tag."""


def is_language(code: str) -> bool:
    """Tell whether a word has the form of a language code."""
    return re.fullmatch(_CODE, code) is not None


def understood(language: str) -> Iterator[str]:
    """Yield a language and those that it is a variety of, the nearest first: `de-AT`, `de` (RFC 4647, section 3.4)."""
    while language:
        yield language
        language = language.rpartition("-")[0]


def fallbacks(language: str, default: str) -> tuple[str, ...]:
    """Return the languages in which something is looked for: a language, what it is a variety of, the default one."""
    return tuple(dict.fromkeys((*understood(language), default)))


class Translations(dict[str, str]):
    """One text in several languages, by their codes."""

    is_in_site_file: ClassVar[bool] = True
    """Whether an author wrote it there, and can be told what it lacks."""

    def read_in(self, language: str, default: str) -> str:
        """Return the version in a language, or in one it is a variety of; else the default language's."""
        return next((self[code] for code in fallbacks(language, default) if self.get(code)), next(iter(self.values())))


class CellTranslations(Translations):
    """A text whose versions stand in the cells of a row."""

    is_in_site_file = False


def _kind(value: Any) -> str:
    return "by language" if isinstance(value, dict) else "plain"


Text = Annotated[
    Annotated[str, Tag("plain")]
    | Annotated[
        dict[Language, str],
        Field(min_length=1),
        AfterValidator(Translations),
        Tag("by language"),
    ],
    Discriminator(_kind),
]
"""A text, or one for each language."""

AnyTable = TypeVar("AnyTable", bound=Table)


def read_in(text: str | dict[str, str], language: str, default: str) -> str:
    """Return a text as it is read in a language; the default language's version where there is no other."""
    return text.read_in(language, default) if isinstance(text, Translations) else str(text)


def localized(site: "Site", language: str) -> "Site":
    """Return a site in one language: every text is the version that is read there."""
    found: Site = _localized(site, language, site.site.all_languages[0])
    return found


def _localized(value: Any, language: str, default: str) -> Any:
    if isinstance(value, Translations):
        return value.read_in(language, default)
    if isinstance(value, Table):
        changed = {
            name: new
            for name in _with_texts(type(value))
            if (new := _localized(old := getattr(value, name), language, default)) is not old
        }
        return value.model_copy(update=changed) if changed else value
    if isinstance(value, dict):
        parts = {key: _localized(part, language, default) for key, part in value.items()}
        return parts if any(parts[key] is not part for key, part in value.items()) else value
    if isinstance(value, list):
        items = [_localized(part, language, default) for part in value]
        return items if any(new is not old for new, old in zip(items, value, strict=True)) else value
    return value


def translations(value: object, path: KeyPath = ()) -> Iterator[tuple[KeyPath, Translations]]:
    """Yield each text of a site that is written in several languages, with the keys that lead to it."""
    if isinstance(value, Translations):
        if value.is_in_site_file:
            yield path, value
    elif isinstance(value, Table):
        for name in _with_texts(type(value)):
            key = type(value).model_fields[name].alias or name
            yield from translations(getattr(value, name), (*path, key))
    elif isinstance(value, dict):
        for key, part in value.items():
            yield from translations(part, (*path, key))
    elif isinstance(value, list):
        for index, part in enumerate(value):
            yield from translations(part, (*path, index))


@cache
def _with_texts(table: type[Table]) -> tuple[str, ...]:
    """Return the fields of a table in which a text can stand: there may be a hundred thousand redirects beside them."""
    return tuple(name for name, field in table.model_fields.items() if _holds_text(field.annotation))


def _holds_text(annotation: Any) -> bool:
    if isinstance(annotation, type) and issubclass(annotation, Table):
        return bool(_with_texts(annotation))
    return any(_is_text(part) or _holds_text(part) for part in get_args(annotation))


def _is_text(annotation: Any) -> bool:
    return isinstance(annotation, AfterValidator) and annotation.func is Translations
