"""What of a line must not be shown, wherever a problem is drawn: passwords and secrets.

Owns which texts of a line are secret by what stands before them. Knows neither tables nor what is wrong with a line.
"""

import re
from collections.abc import Iterator

_OF_URL = re.compile(r"://[^\s/@:\"']*:([^\s/@\"']+)@")
"""The password in an address (RFC 3986, section 3.2.1)."""
_OF_KEY = re.compile(r"\b(?:password|secret)[\"']?\s*=\s*(?!\{)(?=\S)")
"""What stands before the value of a key that holds a secret; a field of such a name has a table there."""
_QUOTED = re.compile(r"\"([^\"]*)\"?|'([^']*)'?")
_BARE = re.compile(r"[^\s,#}\]]+")
_VARIABLE = re.compile(r"(?:\$\{[^}]*\})+")
"""The name of a variable is no secret."""


def secrets(line: str) -> list[tuple[int, int]]:
    """Return the stretches of a line that are secret, as offsets."""
    found = {*_secrets_of_urls(line), *_secrets_of_keys(line)}
    return sorted((start, end) for start, end in found if end > start and not _VARIABLE.fullmatch(line, start, end))


def masked(line: str) -> str:
    """Return a line of the same length that shows none of its secrets."""
    for start, end in secrets(line):
        line = f"{line[:start]}{'•' * (end - start)}{line[end:]}"
    return line


def without(text: str, line: str) -> str:
    """Return a text about a line that repeats none of its secrets."""
    for start, end in secrets(line):
        text = text.replace(line[start:end], "…")
    return text


def _secrets_of_urls(line: str) -> Iterator[tuple[int, int]]:
    for found in _OF_URL.finditer(line):
        yield found.span(1)


def _secrets_of_keys(line: str) -> Iterator[tuple[int, int]]:
    for key in _OF_KEY.finditer(line):
        start = key.end()
        if line[start] == "[":
            yield from (_inside(each) for each in _QUOTED.finditer(line, start))
        elif line[start] in "\"'":
            quoted = _QUOTED.match(line, start)
            if quoted is not None:
                yield _inside(quoted)
        elif (bare := _BARE.match(line, start)) is not None:
            yield bare.span()


def _inside(quoted: re.Match[str]) -> tuple[int, int]:
    return quoted.span(1 if quoted[1] is not None else 2)
