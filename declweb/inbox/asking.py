"""What is asked of the list of entries: search, filters and place, as they stand in an address.

Owns how an address is read and written. Whatever somebody writes into one, it is a search.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from declweb.inbox.office import Query
from declweb.storage import Status
from declweb.storage.search import Search
from declweb.translations import mark

TO_APPROVE = "waiting"
"""What the address says where entries wait for approval."""

SHOWS: Mapping[str, tuple[str, Search]] = {
    "": (mark("Everything"), Search()),
    "new": (mark("New ones"), Search(is_seen=False)),
    "seen": (mark("Seen ones"), Search(is_seen=True)),
    TO_APPROVE: (mark("Waiting for approval"), Search(statuses=(Status.TO_APPROVE,))),
    "approved": (mark("Approved ones"), Search(statuses=(Status.APPROVED,))),
    "held": (mark("Held ones"), Search(statuses=(Status.HELD,))),
    "failed": (mark("With a failed delivery"), Search(has_failed=True)),
}
"""What may be shown: by the word in the address, how it is called, and what is searched for."""

LONGEST = 200
"""Characters of what is searched for."""
_LARGEST = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked of the list."""

    form: str = ""
    text: str = ""
    show: str = ""
    since: date | None = None
    until: date | None = None
    before: int | None = None
    wrong: tuple[str, ...] = ()
    """The names in the address under which something stands that is no date."""

    @classmethod
    def of(cls, query: Query) -> "Asked":
        """Return what an address asks for; what makes no sense is not asked for."""

        def first(name: str) -> str:
            return next(iter(query.get(name, ())), "").strip()

        show, before = first("show"), first("before")
        days = {name: _day(first(name)) for name in ("from", "to")}
        is_number = before.isascii() and before.isdecimal() and len(before) < 20 and int(before) <= _LARGEST
        return cls(
            form=first("form"),
            text=" ".join(first("q").split())[:LONGEST],
            show=show if show in SHOWS else "",
            since=days["from"],
            until=days["to"],
            before=int(before) if is_number else None,
            wrong=tuple(name for name, day in days.items() if first(name) and day is None),
        )

    @property
    def since_text(self) -> str:
        """The first day as it stands in its field."""
        return self.since.isoformat() if self.since else ""

    @property
    def until_text(self) -> str:
        """The last day as it stands in its field."""
        return self.until.isoformat() if self.until else ""

    @property
    def is_since_wrong(self) -> bool:
        """Whether the first day is none."""
        return "from" in self.wrong

    @property
    def is_until_wrong(self) -> bool:
        """Whether the last day is none."""
        return "to" in self.wrong

    @property
    def is_narrowed(self) -> bool:
        """Whether not all entries of the form are wanted."""
        return bool(self.text or self.show or self.since or self.until)

    def query(self, *, has_place: bool = True) -> dict[str, object]:
        """Return what stands in the address of it, with its place in the list or from the newest on."""
        found: dict[str, object] = {
            "form": self.form,
            "q": self.text,
            "show": self.show,
            "from": self.since_text,
            "to": self.until_text,
        }
        return {**found, "before": self.before} if has_place else found

    def search(self, zone: ZoneInfo) -> Search:
        """Return what is asked of the store; days are those of the site's time zone, the last one included."""
        return replace(
            SHOWS[self.show][1],
            form=self.form or None,
            text=self.text,
            since=_midnight(self.since, zone) if self.since else None,
            until=_midnight(self.until + timedelta(days=1), zone) if self.until else None,
            before=self.before,
        )


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if 1900 < day.year < 9000 else None


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(tzinfo=zone))
