"""What a client would rather have, of what there is (RFC 9110 §12).

Owns the choice of a media type by Accept and of a language by Accept-Language. Knows nothing of what is chosen.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import TypeVar

from werkzeug.datastructures import LanguageAccept, MIMEAccept
from werkzeug.http import parse_accept_header

_USUAL = 300
"""Characters of a field that is worth remembering: browsers send the same few again and again."""

Offered = TypeVar("Offered")
Choice = TypeVar("Choice")


def best_type(accept: str | None, offered: Sequence[str]) -> str:
    """Return the media type that an Accept field asks for most; the first where it asks for none of them."""
    return _best_type(accept or "", tuple(offered))


def prefers(accept: str | None, media_type: str) -> bool:
    """Tell whether an Accept field names a media type, and asks for nothing more than for it."""
    return _prefers(accept or "", media_type)


def best_language(accept_language: str | None, offered: Iterable[str]) -> str | None:
    """Return the language that an Accept-Language field asks for most; None where it asks for none of them.

    A tag finds what it begins with, as RFC 4647 §3.4 has it: `de-AT` is content with `de`. Where there is none, another
    variety will do: who reads `en` or `en-US` would have `en-GB` before anything in the next language.
    """
    return _best_language(accept_language or "", tuple(offered))


def _remembering(choose: Callable[[str, Offered], Choice]) -> Callable[[str, Offered], Choice]:
    """Return what chooses the same, and remembers what it chose by usual fields."""
    remembered = lru_cache(maxsize=256)(choose)
    return lambda field, offered: (remembered if len(field) <= _USUAL else choose)(field, offered)


@_remembering
def _best_type(accept: str, offered: tuple[str, ...]) -> str:
    return parse_accept_header(accept, MIMEAccept).best_match(offered, default=offered[0])


@_remembering
def _prefers(accept: str, media_type: str) -> bool:
    accepted = parse_accept_header(accept, MIMEAccept)
    named = max((quality for kind, quality in accepted if kind.lower() == media_type), default=0)
    return named > 0 and named >= max(quality for _, quality in accepted)


@_remembering
def _best_language(accept: str, offered: tuple[str, ...]) -> str | None:
    known = {language.lower(): language for language in offered}
    for wanted, quality in parse_accept_header(accept, LanguageAccept):
        tag = wanted.lower() if quality > 0 else ""
        while tag:
            if tag in known:
                return known[tag]
            tag = tag.rpartition("-")[0]
        if quality > 0 and (related := _related(wanted.lower(), known)):
            return related
    return None


def _related(wanted: str, known: Mapping[str, str]) -> str | None:
    """Return another variety of the same language."""
    primary = f"{wanted.partition('-')[0]}-"
    return next((language for tag, language in known.items() if tag.startswith(primary)), None)
