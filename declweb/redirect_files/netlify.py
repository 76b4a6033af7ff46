"""Redirects in Netlify's `_redirects`.

Owns words, placeholders and conditions of that file. Must not know what an address means.
"""

import re
from collections.abc import Callable, Collection, Sequence

from declweb.problems import did_you_mean, suggestion
from declweb.redirect_files.notation import REDIRECTS, REWRITE, Notation, is_address, is_plain
from declweb.redirect_files.words import Row, Word, Wrong

_CONDITIONS = {"country": "Country", "language": "Language", "cookie": "Cookie"}
"""Netlify's names of conditions, by those of the site file."""


_UNSUPPORTED = {
    "role": (
        "asks who is logged in, and this site has no users",
        "take the line out: everyone may see what a site serves",
    ),
    "sign": ("signs what is passed on to another site, and nothing is passed on here", "take it out"),
    "signed": ("signs what is passed on to another site, and nothing is passed on here", "take it out"),
}


_WORD = re.compile(r"\S+")


_COMMENT = re.compile(r"(?:^|(?<=\s))#.*", re.DOTALL)


_PLACEHOLDER = re.compile(r":([A-Za-z_]\w*)")


_SEGMENT = re.compile(r"(?<=/):([A-Za-z_]\w*)")


class Netlify(Notation):
    """Words parted by spaces: `from [parameters] to [status[!]] [conditions]`."""

    statuses = (REWRITE, *REDIRECTS)
    keeps_host = True

    def plain(self, line: str) -> tuple[str, str] | None:
        words = line.split()
        if len(words) == 2 or (len(words) == 3 and words[2] == "301"):
            return (words[0], words[1]) if is_plain(words[0], words[1]) else None
        return None

    def cut(self, line: str) -> Row | None:
        source, *rest = [Word(found[0], *found.span()) for found in _WORD.finditer(_COMMENT.sub("", line))] or (None,)
        if source is None:
            return None
        at = _first(rest, is_address)
        if at is None:
            at = _first(rest, lambda word: "=" not in word and not word[0].isdigit())
        if at is None:
            hint = "write behind it where it leads, such as /new"
            raise Wrong("bad-row", f"`{source.text}` leads nowhere", hint, source)
        for word in rest[:at]:
            if word.text[0].isdigit() and "=" not in word.text:
                raise Wrong("bad-row", f"`{word.text}` stands before the target", "write it behind the target", word)
        target, *behind = rest[at:]
        status = _first(behind, lambda word: word[0].isdigit())
        return Row(source, target, None if status is None else behind.pop(status), rest[:at], behind)

    def source(self, path: str) -> str:
        stem = path.removesuffix("*")
        if "*" in stem:
            hint = "write `:name` for one piece in the middle"
            raise Wrong("bad-path", f"`*` can only stand at the end of an old address: `{path}`", hint)
        return _SEGMENT.sub(r"<\1>", stem) + ("<path:splat>" if path != stem else "")

    def parameter(self, value: str) -> str:
        found = _PLACEHOLDER.fullmatch(value)
        return f"<{found[1]}>" if found else value

    def target(self, target: str, known: Collection[str]) -> str:
        def variable(found: re.Match[str]) -> str:
            name = found[1]
            if name in known:
                return f"<{name}>"
            near = did_you_mean(name, known)
            if not near and target[: found.start()][-1:] not in {"/", "="}:
                return found[0]
            message = f"nothing in the old address is called `:{name}`"
            raise Wrong("unknown-variable", message, _known(near, known), part=f":{name}")

        return _PLACEHOLDER.sub(variable, target)


def _first(words: Sequence[Word], is_meant: Callable[[str], bool]) -> int | None:
    for number, word in enumerate(words):
        if is_meant(word.text):
            return number
    return None


def _known(near: str | None, known: Collection[str]) -> str:
    if near:
        return f"did you mean `:{near}`?"
    listed = ", ".join(f"`:{name}`" for name in sorted(known))
    return f"it has {listed}" if listed else "a piece of it is called `:name`, and `*` at its end is `:splat`"


def condition(text: str) -> tuple[str, list[str]]:
    """Return the name that a condition has in the site file, and its values."""
    name, equals, value = text.partition("=")
    word = name.lower()
    if word in _UNSUPPORTED:
        raise Wrong("unsupported-rule", f"`{name}` {_UNSUPPORTED[word][0]}", _UNSUPPORTED[word][1])
    if not equals or word not in _CONDITIONS:
        hint = suggestion(name, _CONDITIONS.values()) or "conditions are `Country=…`, `Language=…` and `Cookie=…`"
        raise Wrong("unknown-word", f"there is no condition `{name}`", hint, part=name)
    values = [one.strip() for one in value.split(",") if one.strip()]
    if not values:
        raise Wrong("empty-value", f"`{text}` asks for nothing", "write something behind it, or take it out")
    return word, [one.upper() for one in values] if word == "country" else values
