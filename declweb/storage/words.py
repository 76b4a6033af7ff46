"""What of an entry can be searched for: every answer, the choices as they are shown, names of files, the receipt.

Owns the text that is kept for it, and what of that text a word wants. Knows no database.

How choices are called may change after an entry came, and so is not kept with its text: in place of each chosen value
stands a sign, and whoever looks for a word looks for the signs of all choices that are called so, too.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from declweb.model.fields import CHOOSING
from declweb.storage.entry import Entry, Json
from declweb.storage.search import Labels, Search, folded

_PRIVATE = 0xF0000
"""Where characters begin that mean nothing to anybody (Unicode, plane 15)."""
_SIGN = 3
"""Characters of a sign; so many are what an index of three characters knows at once."""


def text_of(entry: Entry) -> str:
    """Return what is searched for an entry: each answer on lines of its own, as they are compared."""
    choosing = {field.name for field in entry.fields if field.type in CHOOSING}
    parts = [entry.receipt, *(upload.name for upload in entry.uploads)]
    for value in entry.told.values():
        parts += _texts(value)
    signs = [sign(entry.form, name, each) for name in choosing for each in _texts(entry.values.get(name))]
    return "\n".join([folded("\n".join(parts)), *sorted(signs)])


def _texts(value: Json) -> Iterator[str]:
    """Yield what stands in an answer; whether something was ticked is no text."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for each in value.values():
            yield from _texts(each)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from _texts(each)
    elif value is not None and not isinstance(value, bool):
        yield str(value)


def sign(form: str, field: str, value: str) -> str:
    """Return what stands for a choice in a text that is searched."""
    told = hashlib.sha256(f"{form}\n{field}\n{value}".encode(errors="replace")).digest()
    return "".join(chr(_PRIVATE + int.from_bytes(told[at : at + 2], "big") % 0xFFFE) for at in range(0, 2 * _SIGN, 2))


@dataclass(frozen=True, slots=True)
class Word:
    """A word that is looked for: it stands in the text, or one of the signs does."""

    text: str
    signs: tuple[str, ...] = ()

    @property
    def any_of(self) -> tuple[str, ...]:
        """What must be found, one of it."""
        return (self.text, *self.signs)

    def is_in(self, text: str) -> bool:
        """Tell whether a text of `text_of` has it."""
        return any(each in text for each in self.any_of)


def words_of(search: Search, labels: Labels) -> tuple[Word, ...]:
    """Return the words of a search, each with the signs of the choices that are called so."""
    if not search.text.strip():
        return ()
    named = list(_named(search.form, labels))
    return tuple(Word(word, tuple(sorted({sign for label, sign in named if word in label}))) for word in search.words)


def _named(form: str | None, labels: Labels) -> Iterable[tuple[str, str]]:
    for name, fields in labels.items():
        if form in {None, name}:
            for field, choices in fields.items():
                for value, label in choices.items():
                    yield folded(label), sign(name, field, value)
