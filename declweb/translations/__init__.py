"""What declweb itself says to visitors, in their languages.

Owns the catalogues beside this file, in gettext's form: one per language, English being what stands in the code. A text
to be translated is marked where it stands, as `mark("…")` in a table or as `say("…")` where it is said; a test sees to
it that every catalogue has every such text. Knows nothing of who says what to whom.
"""

from collections.abc import Callable
from functools import lru_cache
from importlib.resources import files

SOURCE = "en"
"""The language of the texts in the code."""

LANGUAGES = (SOURCE, "de", "es", "fr")
"""The languages that there are words in."""

Say = Callable[[str], str]


def mark(text: str) -> str:
    """Return the text as it is; it is translated when it is said."""
    return text


def find_spoken(language: str) -> str | None:
    """Return the language of ours that a BCP 47 tag such as `de-AT` means."""
    primary = language.partition("-")[0].lower()
    return primary if primary in LANGUAGES else None


@lru_cache
def translated(language: str) -> Say:
    """Return what says a text in the language that a BCP 47 tag means; what has no translation stays English."""
    words = _catalogue(find_spoken(language) or SOURCE)
    return lambda text: words.get(text, text)


@lru_cache
def _catalogue(language: str) -> dict[str, str]:
    """Return the translations into one language, read when they are first needed."""
    if language == SOURCE:
        return {}
    from babel.messages.pofile import read_po  # noqa: PLC0415 # not before it is needed

    with (files(__name__) / f"{language}.po").open("rb") as file:
        catalogue = read_po(file, locale=language)
    return {str(message.id): str(message.string) for message in catalogue if message.id and message.string}
