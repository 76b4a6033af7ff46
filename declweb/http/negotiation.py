"""What a client would rather have, of what there is (RFC 9110 §12).

Owns the choice of a media type by Accept and of a language by Accept-Language. Knows nothing of what is chosen.
"""

from collections.abc import Iterable, Sequence
from functools import lru_cache

from werkzeug.datastructures import LanguageAccept, MIMEAccept
from werkzeug.http import parse_accept_header

_USUAL = 300
"""Characters of a field that is worth remembering: browsers send the same few again and again."""


def best_type(accept: str | None, offered: Sequence[str]) -> str:
    """Return the media type that an Accept field asks for most; the first where it asks for none of them."""
    accept, known = accept or "", tuple(offered)
    return _best_type(accept, known) if len(accept) <= _USUAL else _best_type.__wrapped__(accept, known)


def best_language(accept_language: str | None, offered: Iterable[str]) -> str | None:
    """Return the language that an Accept-Language field asks for most; None where it asks for none of them.

    A tag finds what it begins with, as RFC 4647 §3.4 has it: `de-AT` is content with `de`.
    """
    accept, known = accept_language or "", tuple(offered)
    return _best_language(accept, known) if len(accept) <= _USUAL else _best_language.__wrapped__(accept, known)


@lru_cache(maxsize=256)
def _best_type(accept: str, offered: tuple[str, ...]) -> str:
    return parse_accept_header(accept, MIMEAccept).best_match(offered, default=offered[0])


@lru_cache(maxsize=256)
def _best_language(accept: str, offered: tuple[str, ...]) -> str | None:
    known = {language.lower(): language for language in offered}
    for wanted, quality in parse_accept_header(accept, LanguageAccept):
        tag = wanted.lower() if quality > 0 else ""
        while tag:
            if tag in known:
                return known[tag]
            tag = tag.rpartition("-")[0]
    return None
