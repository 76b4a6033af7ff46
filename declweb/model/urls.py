"""Addresses as the site file writes them: `/products/<slug:slug>`.

Owns the notation of URL variables in paths, redirect sources and redirect targets. Knows no converter but by name: what
a name may look like is settled where the converters are known.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator

from declweb.model.base import wrong

PLAIN = re.compile(r"/[^<>?#\\\x00-\x20\x7f%:*]*")
"""A path without variables and without anything that needs a second look."""

_PART = re.compile(r"<(?:(?P<converter>[a-zA-Z_]\w*)(?:\((?P<arguments>[^()<>]*)\))?:)?(?P<name>[a-zA-Z_]\w*)>")


@dataclass(frozen=True, slots=True)
class Variable:
    """A URL variable: `<name>`, `<converter:name>` or `<converter(arguments):name>`."""

    name: str
    converter: str = "text"
    arguments: str = ""


class BadVariable(ValueError):
    """A variable that is not written as one, in words for the author."""

    def __init__(self, message: str, help_: str) -> None:
        super().__init__(message)
        self.help = help_


Part = str | Variable


@lru_cache(maxsize=4096)
def parse(pattern: str) -> tuple[Part, ...]:
    """Return the literal parts and variables of a pattern, in order.

    Raises BadVariable when a variable is not written as one.
    """
    parts = tuple(_parts(pattern))
    names = [part.name for part in parts if isinstance(part, Variable)]
    for name in names:
        if names.count(name) > 1:
            raise BadVariable(f"the variable `{name}` stands twice in `{pattern}`", "give one of them another name")
    for before, after in pairwise(parts):
        if isinstance(before, Variable) and isinstance(after, Variable):
            raise BadVariable(
                f"`<{before.name}>` and `<{after.name}>` touch each other", "write `/` or `-` between them"
            )
    return parts


def _parts(pattern: str) -> Iterator[Part]:
    end = 0
    for found in _PART.finditer(pattern):
        if found.start() > end:
            yield _literal(pattern[end : found.start()], pattern)
        yield Variable(found["name"], found["converter"] or "text", found["arguments"] or "")
        end = found.end()
    if end < len(pattern):
        yield _literal(pattern[end:], pattern)


def _literal(text: str, pattern: str) -> str:
    if "<" in text or ">" in text:
        raise BadVariable(
            f"`{pattern}` has a `<` or `>` that is no part of a variable", "write `<name>` or `<converter:name>`"
        )
    return text


def variables(pattern: str) -> tuple[Variable, ...]:
    """Return the variables of a pattern, in order."""
    if "<" not in pattern:
        return ()
    return tuple(part for part in parse(pattern) if isinstance(part, Variable))


def is_external(target: str) -> bool:
    """Tell whether a redirect target leaves the site."""
    return not target.startswith("/")


_WHOLE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://[^<]")
"""The beginning of an address with its host."""


def _not_whole(value: str) -> None:
    if _WHOLE.match(value):
        path = re.split("[?#]", "/" + value.partition("://")[2].partition("/")[2])[0]
        message = f"`{value}` is a web address, and here its path alone is meant"
        raise wrong("bad-path", message, help=f'write "{path}"')


def _path(value: str) -> str:
    if PLAIN.fullmatch(value) and "//" not in value and "/." not in value:
        return value
    _not_whole(value)
    for text, words, help_ in (
        ("\\", "a backslash never stands in an address", "write `/`"),
        ("?", "a query cannot stand in a path", "take it out"),
        ("#", "a `#` never reaches a server", "take it out"),
        ("*", "`*` is not used here", "a variable is written `<name>`, the rest of a path `<path:rest>`"),
        ("//", "two slashes in a row make no address", "write one"),
    ):
        if text in value:
            raise wrong("bad-path", f"{words}: `{value}`", help=help_)
    if not value.startswith("/"):
        raise wrong("bad-path", f"a path begins with a slash: `{value}`", help=f'write "/{value}"')
    if re.search(r"/\.\.?(/|$)", value):
        raise wrong(
            "bad-path", f"`.` and `..` are no names in an address: `{value}`", help="write the path without them"
        )
    if re.search(r"[\x00-\x20\x7f]", _PART.sub("", value)):
        raise wrong(
            "bad-path", f"an address has no spaces and no control characters: `{value}`", help="use `-` instead"
        )
    if "%" in value:
        raise wrong(
            "bad-path", f"paths are written as people read them, not escaped: `{value}`", help="write the letter"
        )
    try:
        parts = parse(value)
    except BadVariable as error:
        raise wrong("bad-path", str(error), help=error.help) from None
    if any(isinstance(part, str) and re.search(r"/:[a-z]", part) for part in parts):
        raise wrong("bad-path", f"a variable is written `<name>`, not `:name`: `{value}`", help="write it `<name>`")
    return value


def _plain_path(value: str) -> str:
    if variables(_path(value)):
        raise wrong("bad-path", f"`{value}` cannot have variables here", help="write a fixed path")
    return value


_OPEN_HOST = re.compile(r"[A-Za-z]+://[^/?#]*<")


def _target(value: str) -> str:
    if value.startswith("/") and PLAIN.fullmatch(value) and "//" not in value:
        return value
    if value.startswith(("//", "/\\")):
        raise wrong(
            "bad-target",
            f"`{value}` would leave the site without saying so",
            help="write https:// in front, or one slash",
        )
    if not value:
        raise wrong("empty-value", "this leads nowhere", help="write a path of this site, or a web address")
    if re.search(r"[\x00-\x20\x7f\\]", value):
        raise wrong(
            "bad-target",
            f"an address has no spaces, backslashes or control characters: `{value}`",
            help="write `-`, `/` or %20 instead",
        )
    if not value.startswith("/"):
        scheme = urlsplit(value).scheme.lower() if value.isprintable() and "[" not in value else ""
        if scheme not in {"http", "https", "mailto", "tel"}:
            raise wrong(
                "bad-target",
                f"`{value}` is neither a path of this site nor a web address",
                help="write http:, https:, mailto: or tel:" if scheme else f'write "/{value}" or "https://{value}"',
            )
    if _OPEN_HOST.match(value):
        raise wrong(
            "bad-target",
            f"with a variable in its host, `{value}` would send visitors wherever an address tells them to go",
            help="write the host in full, and a slash behind it",
        )
    try:
        parse(value)
    except BadVariable as error:
        raise wrong("bad-target", str(error), help=error.help) from None
    return value


def _path_pattern(value: str) -> str:
    if not value.startswith("/"):
        raise wrong("bad-path", f"a path pattern begins with a slash: `{value}`", help=f'write "/{value}"')
    if "<" in value:
        raise wrong("bad-path", f"`{value}`: here `*` stands for anything, not `<name>`", help='such as "/static/*"')
    return value


def _site_url(value: str) -> str:
    try:
        parts = urlsplit(value)
        port = parts.port
    except ValueError:
        raise wrong("bad-url", f"`{value}` is no web address", help='such as "https://www.example.org"') from None
    if parts.scheme not in {"http", "https"} or not parts.hostname or port == 0:
        is_host = re.fullmatch(r"[\w.-]+\.\w+(/.*)?", value)
        example = f'write "https://{value}"' if is_host else 'such as "https://www.example.org"'
        raise wrong("bad-url", f"`{value}` is no web address", help=example)
    if parts.query or parts.fragment or parts.username or re.search(r"[\s\\<>\"]", value):
        raise wrong(
            "bad-url", f"`{value}` is more than the address of a site", help='such as "https://www.example.org"'
        )
    return value


UrlPath = Annotated[str, AfterValidator(_path)]
"""A path of this site, with or without variables: `/products/<slug:slug>`."""
FixedPath = Annotated[str, AfterValidator(_plain_path)]
"""A path of this site without variables."""
UrlTarget = Annotated[str, AfterValidator(_target)]
"""Where a redirect leads: a path of this site or a web address; it may use the variables of its source."""
PathPattern = Annotated[str, AfterValidator(_path_pattern)]
"""A path in which `*` stands for anything; `/x/*` covers `/x`, `/x/` and all below."""
SiteUrl = Annotated[str, AfterValidator(_site_url)]
"""The address of a whole site: scheme, host and perhaps a path."""
