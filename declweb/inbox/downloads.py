"""What can be taken along from the inbox: entries as tables and for programs, everything of one address, files.

Owns under which names it is saved, and that a browser saves it and never shows it. Knows no environ.
"""

import re
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import IO, cast
from urllib.parse import quote

from declweb.http.answer import Header
from declweb.http.policy import NONE
from declweb.inbox.asking import Asked
from declweb.inbox.office import Call
from declweb.inbox.pages import entry_of, known_forms, missing
from declweb.storage import AuditAction, Entry, StoreDown
from declweb.storage.naming import LONGEST, bare_name

LARGE = 1_000_000
"""Bytes from which on what is made lies on disk."""

POLICY = f"default-src {NONE}; sandbox"
"""What a browser may do with a file of a visitor's, should it ever show it: nothing."""

MEDIA_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "json": "application/json",
}

TABLES = frozenset({"csv", "xlsx"})
"""Formats that have a line for each entry, and a column for each field."""

_SAFE = re.compile(r"[^A-Za-z0-9 ._()+-]")


@dataclass(frozen=True, slots=True)
class Download:
    """A file that a browser saves."""

    name: str
    media_type: str
    content: IO[bytes]
    size: int

    @property
    def headers(self) -> list[Header]:
        """What the answer says of itself."""
        return [
            ("Content-Type", self.media_type),
            ("Content-Length", str(self.size)),
            ("Content-Disposition", disposition(self.name)),
            ("X-Content-Type-Options", "nosniff"),
            ("Content-Security-Policy", POLICY),
            ("Cross-Origin-Resource-Policy", "same-origin"),
        ]


def disposition(name: str) -> str:
    """Return the field that has a file saved under a name (RFC 6266), in any script (RFC 8187).

    No name is a path, and none has signs that would make it look like another one.
    """
    proper = bare_name(name.replace("\\", "/").rpartition("/")[2], "file")[:LONGEST]
    plain = _SAFE.sub("_", proper)
    told = f'attachment; filename="{plain}"'
    return told if plain == proper else f"{told}; filename*=UTF-8''{quote(proper, safe='')}"


def upload(call: Call) -> Download:
    """Return a file that came with an entry."""
    entry, number = entry_of(call), str(call.variables.get("number", ""))
    place = int(number) - 1 if number.isascii() and number.isdecimal() and len(number) < 6 else -1
    if not 0 <= place < len(entry.uploads):
        raise missing()
    found = entry.uploads[place]
    try:
        content = call.office.store.uploads.path(found.id).open("rb")
    except FileNotFoundError:
        raise missing() from None
    except OSError as error:
        raise StoreDown(f"an upload cannot be read: {error}") from error
    return Download(found.name, "application/octet-stream", content, content.seek(0, 2) - content.seek(0) or found.size)


# --- entries ----------------------------------------------------------------------------------------------------------


def export(kind: str) -> Callable[[Call], Download]:
    """Return what gives all that is asked for, in one of the formats."""

    def taken(call: Call) -> Download:
        from declweb.storage.exports import FORMATS  # noqa: PLC0415 # for these alone

        asked, store = Asked.of({**call.query, "before": ()}), call.office.store
        forms = known_forms(call)
        if asked.form and asked.form not in forms:
            raise missing()
        entries = _Counted(store.found(asked.search(call.office.zone)) if store.exists else ())
        names = _fields(call, [asked.form] if asked.form else forms)
        written: Iterable[Entry] = entries
        if not asked.form and kind in TABLES:
            column = "form" if "form" not in names else "_form"
            written, names = _with_form(entries, column), [column, *names]
        content = cast("IO[bytes]", tempfile.SpooledTemporaryFile(LARGE))  # noqa: SIM115 # whoever sends it closes it
        FORMATS[kind](written, names, call.office.zone, content)
        if store.exists:
            store.audit(call.user, AuditAction.EXPORT, form=asked.form, count=entries.count)
        stem = f"{asked.form or 'entries'}-{call.calendar.today.isoformat()}"
        return _made(f"{stem}.{kind}", MEDIA_TYPES[kind], content)

    return taken


def _with_form(entries: Iterable[Entry], column: str) -> Iterator[Entry]:
    """Yield entries with what their form is called in a column of its own, for a table of several forms."""
    for entry in entries:
        yield replace(entry, values={**entry.values, column: entry.form})


class _Counted:
    """Entries that are counted while they are written."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self._entries = entries
        self.count = 0

    def __iter__(self) -> Iterator[Entry]:
        for entry in self._entries:
            self.count += 1
            yield entry


def _fields(call: Call, forms: Sequence[str]) -> list[str]:
    """Return the fields that forms have or had, those that are declared first."""
    store = call.office.store
    names: dict[str, None] = {}
    for form in forms:
        declared = call.office.forms[form].fields if form in call.office.forms else ()
        names |= dict.fromkeys([*declared, *(store.fields(form) if store.exists else ())])
    return list(names)


def _made(name: str, media_type: str, content: IO[bytes]) -> Download:
    size = content.seek(0, 2)
    content.seek(0)
    return Download(name, media_type, content, size)


# --- one address ------------------------------------------------------------------------------------------------------


def copy(call: Call) -> Download:
    """Return everything of one address: the entries as JSON, and their files."""
    wanted, store = call.first("address").strip()[:320], call.office.store
    if not wanted or not store.exists:
        raise missing()
    content = cast("IO[bytes]", tempfile.SpooledTemporaryFile(LARGE))  # noqa: SIM115 # whoever sends it closes it
    store.copy_address(wanted, call.user, content)
    return _made(f"copy-{call.calendar.today.isoformat()}.zip", "application/zip", content)
