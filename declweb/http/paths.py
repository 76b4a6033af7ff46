"""Request paths and path patterns.

Owns which paths are fit to be looked up, how a path is escaped, and what `*` means in a pattern. Knows nothing of what
a path leads to.
"""

import re
from functools import lru_cache
from urllib.parse import quote, unquote

SAFE = "!$&'()*+,/:;=@-._~"
"""Characters that stand for themselves in a path (RFC 3986, section 3.3)."""

_SUSPECT = re.compile(r"[\0\\]|/\.\.?(?:/|\Z)")


def judge(path_info: str) -> str | int:
    """Return the decoded path, or the status that refuses it.

    `path_info` holds the path's bytes one to a character, as WSGI's PATH_INFO does; an empty one is the root. 400 for
    what is no path (no leading slash, bad UTF-8, NUL), 404 for what nothing here can be called (a backslash, a segment
    `.` or `..`). Doubled slashes pass.
    """
    if not path_info:
        return "/"
    if path_info[0] != "/":
        return 400
    if not path_info.isascii():
        try:
            path_info = path_info.encode("latin-1").decode()
        except UnicodeError:
            return 400
    if _SUSPECT.search(path_info) is None:
        return path_info
    return 400 if "\0" in path_info else 404


def escaped(path: str) -> str:
    """Return a decoded path as it stands in an address."""
    return quote(path, safe=SAFE)


def as_word(text: str) -> str:
    """Return a text that is sure to be one word of one line, as logs show it."""
    return "".join(
        character if character.isprintable() and character != " " else f"\\x{ord(character):02x}" for character in text
    )


def path_of(address: str) -> str:
    """Return the decoded path of an address, without its query and fragment."""
    return unquote(address.partition("#")[0].partition("?")[0])


def as_path_info(path: str) -> str:
    """Return a decoded path the way WSGI's PATH_INFO holds it."""
    return path if path.isascii() else path.encode().decode("latin-1")


@lru_cache(maxsize=1024)
def pattern(path_pattern: str) -> re.Pattern[str]:
    """Return the expression that fully matches the paths this pattern stands for.

    `*` matches anything, slashes too; `/x/*` also matches `/x`. Matching never goes back over what a `*` took, so the
    time it takes is bounded for any pattern and path.
    """
    stem = path_pattern.removesuffix("/*")
    below = "(?:/.*)?" if stem != path_pattern else ""
    first, *others = (re.escape(part) for part in stem.split("*"))
    steps = "".join(f"(?>.*?{step})" for step in others[:-1])
    last = f".*{others[-1]}" if others else ""
    return re.compile(first + steps + last + below, re.DOTALL)
