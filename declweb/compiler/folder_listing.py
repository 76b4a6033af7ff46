"""`listing` of `[[static]]`: what lies in a folder, for people and for programs.

Owns the look and the order of a listing. Knows no disk and no request: it is given what there is to list.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from html import escape
from zoneinfo import ZoneInfo

from declweb.http.policy import drawn_with
from declweb.translations import SOURCE, find_spoken, mark, translated

MOST = 5000
"""Files and folders that one listing shows."""

WORDS = {
    "title": mark("Files in"),
    "above": mark("To the folder above"),
    "name": mark("Name"),
    "size": mark("Size"),
    "changed": mark("Changed"),
    "more": mark("There are more, which are not shown."),
    "empty": mark("This folder is empty."),
}
"""What a listing says."""

_STEP = 1000
_UNITS = ("kilobyte", "megabyte", "gigabyte", "terabyte")

_STYLE = """
:root{color-scheme:light dark;--page:#faf8f5;--ink:#26221f;--soft:#5f5850;--line:#ddd5cb;--mark:#a8431f}
@media (prefers-color-scheme:dark){:root{--page:#191716;--ink:#f2ede7;--soft:#b9b0a6;--line:#3b3633;--mark:#f3a37a}}
body{margin:0 auto;max-width:60rem;padding:2rem clamp(1rem,5vw,3rem);background:var(--page);color:var(--ink);
font:1rem/1.5 system-ui,-apple-system,"Segoe UI",Roboto,Ubuntu,Cantarell,sans-serif}
h1{font-size:1.5rem;line-height:1.25;overflow-wrap:anywhere}
table{width:100%;border-collapse:collapse}
th,td{padding:.4rem .8rem .4rem 0;border-bottom:1px solid var(--line);text-align:start;font-weight:400}
thead th{color:var(--soft)}
tbody th{overflow-wrap:anywhere}
td{white-space:nowrap;color:var(--soft);font-variant-numeric:tabular-nums}
.size{text-align:end}
a{color:var(--mark)}
:focus-visible{outline:3px solid var(--mark);outline-offset:3px}
""".replace("\n", "")

POLICY = drawn_with(_STYLE)
"""What a browser may do with a listing."""


@dataclass(frozen=True, slots=True)
class Item:
    """One file or folder."""

    name: str
    address: str
    """Where it is, escaped."""
    size: int | None
    """In bytes; none of a folder."""
    modified: float
    """In seconds since 1970."""

    @property
    def order(self) -> tuple[bool, str, str]:
        """Folders first, then by name, whatever the case."""
        return self.size is not None, self.name.casefold(), self.name


def for_programs(items: Iterable[Item]) -> bytes:
    """Return a listing as JSON."""
    listed = [
        {
            "name": item.name,
            "type": "folder" if item.size is None else "file",
            "size": item.size,
            "modified": _moment(item).isoformat().replace("+00:00", "Z"),
            "url": item.address,
        }
        for item in items
    ]
    return json.dumps(listed, ensure_ascii=False).encode() + b"\n"


def for_people(path: str, items: Sequence[Item], above: str | None, language: str, timezone: str) -> bytes:
    """Return a listing as a page; `above` is the address of the folder around it, where that is listed too."""
    spoken = find_spoken(language) or SOURCE
    words, zone = _words(spoken), ZoneInfo(timezone)
    title = f"{words['title']} {escape(path)}"
    way = f'<p><a href="{escape(above)}">{words["above"]}</a></p>\n' if above else ""
    rows = "".join(_row(item, spoken, zone) for item in items[:MOST])
    heads = f'<th scope="col">{words["name"]}</th><th scope="col" class="size">{words["size"]}</th>'
    table = f"""<table aria-labelledby="title">
<thead><tr>{heads}<th scope="col">{words["changed"]}</th></tr></thead>
<tbody>
{rows}</tbody>
</table>
"""
    rest = f"<p>{words['more']}</p>\n" if len(items) > MOST else ""
    return f"""<!doctype html>
<html lang="{spoken}">
<head>
<meta charset="utf-8">
<title>{title}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<style>{_STYLE}</style>
</head>
<body>
<main>
<h1 id="title">{title}</h1>
{way}{table if items else f"<p>{words['empty']}</p>"}{rest}</main>
</body>
</html>
""".encode()


def _words(language: str) -> dict[str, str]:
    say = translated(language)
    return {name: escape(say(text)) for name, text in WORDS.items()}


def _row(item: Item, language: str, zone: ZoneInfo) -> str:
    from babel.dates import format_datetime  # noqa: PLC0415 # for listings alone

    moment = _moment(item)
    shown = escape(format_datetime(moment, "medium", zone, language))
    name = escape(item.name + ("/" if item.size is None else ""))
    size = "" if item.size is None else escape(_size(item.size, language))
    return (
        f'<tr><th scope="row"><a href="{escape(item.address)}">{name}</a></th><td class="size">{size}</td>'
        f'<td><time datetime="{moment.isoformat()}">{shown}</time></td></tr>\n'
    )


def _moment(item: Item) -> datetime:
    try:
        return datetime.fromtimestamp(int(item.modified), UTC)
    except (ValueError, OverflowError, OSError):
        return datetime.fromtimestamp(0, UTC)


def _size(size: int, language: str) -> str:
    from babel.units import format_unit  # noqa: PLC0415 # for listings alone

    number, unit = float(size), "byte"
    for larger in _UNITS:
        if number < _STEP:
            break
        number, unit = number / _STEP, larger
    shown = round(number, 0 if unit == "byte" or number >= 10 else 1)
    return format_unit(shown, f"digital-{unit}", "short", locale=language)
