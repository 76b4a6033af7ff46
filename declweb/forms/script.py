"""The one script and the style that forms bring along.

Owns their bytes and their addresses, which have a hash in them, so that browsers may keep them for good.
"""

from dataclasses import dataclass
from functools import cache
from hashlib import blake2b
from pathlib import Path

_HERE = Path(__file__).parent / "served"


@dataclass(frozen=True, slots=True)
class Served:
    """A file that forms bring along."""

    name: str
    """By which url_for knows it."""
    address: str
    media_type: str
    body: bytes


@cache
def script() -> Served:
    """Return the script."""
    return _served("declweb.forms.script", "form.js", "text/javascript; charset=utf-8")


@cache
def style() -> Served:
    """Return the style."""
    return _served("declweb.forms.style", "form.css", "text/css; charset=utf-8")


def _served(name: str, file: str, media_type: str) -> Served:
    body = (_HERE / file).read_bytes()
    stem, _, ending = file.partition(".")
    return Served(name, f"/declweb/{stem}-{blake2b(body, digest_size=8).hexdigest()}.{ending}", media_type, body)
