"""What would be right in place of something that is not TOML.

Owns the sentences that quote what was written back to its author in the notation that was probably meant. Each takes
the match of a mistake. Must not decide what is a mistake.
"""

import re
from datetime import date

import tomli

from declweb.sitefile.lexing import BARE, CURLY, key_parts

Match = re.Match[str]

QUOTES = f"\"'`{CURLY}"
"""All that people take for quotes."""

_OUTER_QUOTES = re.compile(f"^[{QUOTES}]|[{QUOTES}]$")
_LONGEST = 60
_YES = {"true", "yes", "on", "ja"}
_ODD = {
    "\xa0": "a non-breaking space",
    "\xad": "a soft hyphen",
    "\u200b": "a zero-width space",
    "\u202f": "a narrow non-breaking space",
    "\ufeff": "a byte-order mark",
}


def shown(written: str) -> str:
    """Return what was written, short enough to be read in a sentence."""
    line = written.strip().split("\n", 1)[0].rstrip()
    return line if len(line) <= _LONGEST else line[: _LONGEST - 1] + "…"


def as_text(written: str) -> str:
    """Return a text in straight quotes, whatever quotes it has now."""
    inner = _OUTER_QUOTES.sub("", shown(written))
    if '"' not in inner and "\\" not in inner:
        return f'"{inner}"'
    return f"'{inner}'" if "'" not in inner else '"' + inner.replace("\\", "\\\\").replace('"', '\\"') + '"'


def as_value(written: str) -> str:
    """Return a value as it should have been written, as far as that can be told."""
    value = shown(written)
    try:
        tomli.loads(f"x = {value}")
    except (ValueError, RecursionError):
        return as_text(value) if value[:1] not in {"", "[", "{"} else "…"
    return value


def as_key(written: str) -> str:
    """Return a dotted key with quotes where they are needed."""
    names = (part.name for part in key_parts(written, 0, len(written)))
    return ".".join(name if re.fullmatch(BARE, name) else as_text(name) for name in names)


def quoted(match: Match) -> str:
    """Say the text in straight quotes."""
    return f"write {as_text(match['at'])}"


def pair(match: Match) -> str:
    """Say the key and the value with `=` between."""
    return f"write {as_key(match['key'])} = {as_value(match['value'])}"


def pair_or_remark(match: Match) -> str:
    """Say the key and what stands behind it with `=` between, and that a remark begins otherwise."""
    return f"write {as_key(match['key'])} = {as_value(match['at'])}, or begin the line with `#` when it is a remark"


def quoted_key(match: Match) -> str:
    """Say the key in quotes."""
    return f"write {as_key(match['key'])} = …"


def boolean(match: Match) -> str:
    """Say yes or no as TOML does."""
    return f"write {'true' if match['at'].casefold() in _YES else 'false'}"


def day(match: Match) -> str:
    """Say a day as TOML does; what cannot be the month is taken for the day."""
    year, month, number = (int(match[name]) for name in ("year", "month", "day"))
    for ordered in ((year, month, number), (year, number, month)):
        try:
            return f"write {date(*ordered).isoformat()}"
        except ValueError:
            continue
    return "write year, month and day, such as 2026-12-24"


def without_zeros(match: Match) -> str:
    """Say the number without its leading zeros, and the code with them."""
    return f'write {match["sign"]}{match["digits"]}; a code, such as a postcode, stands in quotes: "{match["at"]}"'


def without_groups(match: Match) -> str:
    """Say a number without what parts its thousands."""
    return f"write {re.sub('[^0-9,]', '', match['at']).replace(',', '.')}"


def with_both_digits(match: Match) -> str:
    """Say a number with a digit on both sides of its dot."""
    whole, _, part = match["at"].partition(".")
    return f"write {whole or '0'}.{part or '0'}"


def header(match: Match) -> str:
    """Say a table's name with as many brackets around it as it begins with."""
    return _header(match, as_key(match["name"]))


def dotted_header(match: Match) -> str:
    """Say a table's name with dots between its parts."""
    return _header(match, ".".join(re.findall(BARE, match["at"])))


def _header(match: Match, name: str) -> str:
    return f"write [[{name}]]" if match[0].startswith("[[") else f"write [{name}]"


def odd_character(match: Match) -> str:
    """Say which invisible character there is."""
    sign = match["at"]
    return f"an invisible character stands here, {_ODD.get(sign, f'U+{ord(sign):04X}')}"
