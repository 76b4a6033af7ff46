"""`[forms.NAME]`: an address where visitors write, and what becomes of what they wrote.

Owns the keys of a form and when it is open. Knows no visitor and no entry.
"""

from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import Annotated, Any, ClassVar, Self

from pydantic import AfterValidator, model_validator
from pydantic import Field as Key
from pydantic_core import PydanticCustomError

from declweb.model.base import FileName, Name, OneOfMany, Table, quoted, raise_all, wrong
from declweb.model.days import ClosedPeriod, end_of
from declweb.model.fields import Field
from declweb.model.handlers import Handler
from declweb.model.moments import moment
from declweb.model.sends import Send
from declweb.model.texts import Text
from declweb.model.urls import FixedPath, UrlTarget, variables
from declweb.model.words import FOREVER, KeepTime, Rate, RateLimit

ATTEMPTS = Rate(30, timedelta(minutes=1))
"""How often a visitor may try a form, whether or not it is accepted."""


RESERVED = {
    "id": "what tells one entry from another",
    "receipt": "what the visitor is given for the entry",
    "created": "when the entry came",
    "errors": "what is wrong with the answers",
    "fields": "all answers, one after the other",
    "sort": "in which order entries are asked for",
    "format": "how entries are exported",
    "next": "the page that comes next",
    "page_size": "how many entries are on a page",
}
"""Names that no field can have, and what each of them is: about an entry, or in an address."""


def _field_name(value: str) -> str:
    if value in RESERVED:
        raise wrong(
            "reserved-name",
            f"`{value}` cannot be the name of a field: it is {RESERVED[value]}",
            help=f"use another name, such as `my_{value}`",
        )
    return value


FieldName = Annotated[Name, AfterValidator(_field_name)]
"""The name of a field."""


class Success(Table):
    """What visitors see once a form is stored."""

    redirect: Annotated[UrlTarget | None, Key(examples=["/thanks"])] = None
    """Where they are sent; back to the form where nothing is said."""
    message: Annotated[Text | None, Key(examples=["Thank you, {{ entry.name }}."])] = None
    """What they read there; `{{ … }}` is filled in."""

    @model_validator(mode="before")
    @classmethod
    def _is_table(cls, data: Any) -> Any:
        if isinstance(data, str):
            key = "redirect" if data.startswith(("/", "http")) else "message"
            help_ = f'write success = {{ {key} = "{data}" }}'
            raise wrong("wrong-kind", f"`success` must be a table, not {quoted(data)}", help=help_)
        return data

    @model_validator(mode="after")
    def _is_address(self) -> Self:
        if self.redirect is not None and variables(self.redirect):
            raise wrong(
                "bad-target",
                "there are no variables here: the address is always the same",
                help="write a fixed address",
                key="redirect",
            )
        return self


class Form(OneOfMany):
    """An address where visitors write; `url_for("form.NAME")` gives it."""

    meant: ClassVar[Mapping[str, str]] = {
        **dict.fromkeys(("url", "address", "route"), "path"),
        **dict.fromkeys(("retention", "keep_for", "delete_after"), "keep"),
        **dict.fromkeys(("max", "places", "most"), "max_entries"),
        **dict.fromkeys(("open", "from", "opens", "start"), "starts"),
        **dict.fromkeys(("until", "closes", "deadline", "end"), "ends"),
        **dict.fromkeys(("moderate", "moderation", "approval"), "approve"),
        **dict.fromkeys(("spam", "captcha"), "guard"),
        **dict.fromkeys(("field", "inputs", "questions"), "fields"),
        **dict.fromkeys(("thanks", "redirect", "message"), "success"),
    }
    """Its keys by other words that authors write for them."""
    path: Annotated[FixedPath, Key(examples=["/contact"])]
    """The address: a path that begins with a slash."""
    template: Annotated[FileName | None, Key(examples=["contact.html"])] = None
    """The template in which `{{ form }}` stands; declweb has a page of its own where nothing is said."""
    success: Success = Success()
    """What visitors see once it is stored: `redirect` and `message`."""
    keep: Annotated[KeepTime | None, Key(examples=["180 days", "forever"])] = None
    """How long entries are kept."""
    limit: Annotated[RateLimit, Key(examples=["10 per hour"])] = Rate(5, timedelta(minutes=1))
    """How many entries of one visitor are taken in which time; `"none"` is no limit."""
    starts: Annotated[date | datetime | None, Key(examples=[date(2026, 11, 15)])] = None
    """The first day, or the moment, from which it is open."""
    ends: Annotated[date | datetime | None, Key(examples=[date(2026, 12, 24)])] = None
    """The last day, or the moment, until which it is open."""
    closed: Annotated[list[ClosedPeriod], Key(examples=[["2026-12-20 to 2027-01-06"]])] = []
    """Days on which it is closed."""
    closed_text: Annotated[Text | None, Key(examples=["We bake again on 7 January."])] = None
    """What visitors read in the form's place while it is closed; `{{ … }}` is filled in."""
    max_entries: Annotated[int | None, Key(ge=1)] = None
    """How many entries are taken; then the form is closed."""
    approve: bool = False
    """Keeps entries from being shown until the owner has approved them."""
    guard: bool = True
    """Whether what looks like spam is held back for the owner to see."""
    validate_: Annotated[Handler | None, Key(alias="validate", examples=["no_links"])] = None
    """The function that has the last word on what was written: it is given the entry, and returns a message, a table of
    field = message, or nothing; ValueError is a message too."""
    before_store: Annotated[Handler | None, Key(examples=["add_price"])] = None
    """The function that is given each entry before it is stored, and returns a table of what is to be stored."""
    after_store: Annotated[Handler | None, Key(examples=["tell_till"])] = None
    """The function that is given each entry once it is stored; whatever becomes of it, the entry stays."""
    fields: Annotated[dict[FieldName, Field], Key(min_length=1)]
    """What is asked for, in the order in which it stands here."""
    send: list[Send] = []
    """Messages that go out with each entry."""
    off: bool = False
    """Switches the form off without deleting it: it answers 404, stored entries stay."""

    @model_validator(mode="after")
    def _check(self) -> Self:
        raise_all(self._faults())
        return self

    def _faults(self) -> Iterator[PydanticCustomError]:
        starts, ends = self.starts, self.ends
        if starts is not None and ends is not None and moment(starts, "UTC") >= end_of(ends, "UTC"):
            yield wrong(
                "empty-range",
                f"it ends ({self.ends}) before it starts ({self.starts})",
                help="swap the two dates",
                key="ends",
            )
        is_ever_closed = self.starts or self.ends or self.closed or self.max_entries
        if self.closed_text is not None and not is_ever_closed:
            yield wrong(
                "wrong-key-here",
                "`closed_text` is never shown: nothing closes this form",
                help="take it out, or add `starts`, `ends`, `closed` or `max_entries`",
                key="closed_text",
            )

    @property
    def kept_for(self) -> timedelta | None:
        """How long entries are kept; None is forever."""
        return None if self.keep is None or self.keep == FOREVER else self.keep

    def is_open(self, now: datetime, timezone: str) -> bool:
        """Tell whether it takes entries at a moment, as far as days are concerned."""
        if self.starts is not None and now < moment(self.starts, timezone):
            return False
        if self.ends is not None and now >= end_of(self.ends, timezone):
            return False
        return not any(period.starts(timezone) <= now < period.ends(timezone) for period in self.closed)

    def changes(self, timezone: str) -> list[datetime]:
        """Return the moments at which it opens or closes."""
        found = [moment(self.starts, timezone)] if self.starts is not None else []
        found += [end_of(self.ends, timezone)] if self.ends is not None else []
        found += [at for period in self.closed for at in (period.starts(timezone), period.ends(timezone))]
        return sorted(found)

    def opens(self, now: datetime, timezone: str) -> datetime | None:
        """Return when it is open again, seen from a moment at which it is not; None where it never is."""
        return next((at for at in self.changes(timezone) if at > now and self.is_open(at, timezone)), None)
