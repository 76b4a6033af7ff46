"""The inbox of one site, and one request to it.

Owns what all of its pages are made of, and how they link to each other. Knows no environ, and nothing of how a page is
drawn.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from declweb.forms.questions import questions
from declweb.http.paths import escaped
from declweb.inbox.moments import Calendar
from declweb.model import Form, Site
from declweb.model.inbox import Inbox, InboxAddress
from declweb.model.urls import variables
from declweb.storage import Store
from declweb.storage.search import Labels
from declweb.translations import SOURCE, Say, find_spoken, translated

Query = Mapping[str, Sequence[str]]
"""What an address or a form brings along: texts by name."""


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class Office:
    """The inbox of one site."""

    site: Site
    inbox: Inbox
    store: Store
    addresses: Mapping[str, str] = field(default_factory=dict)
    """Where visitors find each form."""
    logout: str | None = None
    """Where users sign out, if they sign in on a page."""
    clock: Callable[[], datetime] = _now

    @cached_property
    def language(self) -> str:
        """The language of the pages: the site's own, where declweb speaks it."""
        first = self.site.site.all_languages[0]
        return first if find_spoken(first) else SOURCE

    @cached_property
    def say(self) -> Say:
        """What says texts in that language."""
        return translated(self.language)

    @cached_property
    def zone(self) -> ZoneInfo:
        """The site's time zone."""
        return ZoneInfo(self.site.site.timezone)

    @cached_property
    def forms(self) -> Mapping[str, Form]:
        """The forms that are declared; those that are switched off have entries, too."""
        return self.site.forms

    def title(self, form: str) -> str:
        """Return what a form is called."""
        return form.replace("_", " ").capitalize()

    @cached_property
    def choices(self) -> Mapping[str, Mapping[str, Mapping[str, str]]]:
        """How choices are called: by form, field and value."""
        default = self.site.site.all_languages[0]
        return {
            name: {
                question.name: {option.value: option.label for option in question.options}
                for question in questions(form, self.language, default)
                if question.options
            }
            for name, form in self.forms.items()
        }

    @cached_property
    def labels(self) -> Labels:
        """How choices are called in all languages of the site: what a search looks for."""
        codes = self.site.site.all_languages
        return {
            name: {
                asked[0].name: {
                    options[0].value: "\n".join(dict.fromkeys(option.label for option in options))
                    for options in zip(*(question.options for question in asked), strict=True)
                }
                for asked in zip(*(questions(form, code, codes[0]) for code in codes), strict=True)
                if asked[0].options
            }
            for name, form in self.forms.items()
        }

    def kept_for(self, form: str) -> timedelta | None:
        """Return how long a declared form's entries are kept."""
        return self.forms[form].kept_for


@dataclass(frozen=True)
class Call:
    """One request to the inbox, of somebody who may see it."""

    office: Office
    prefix: str
    user: str
    query: Query
    """What stands in the address."""
    variables: Mapping[str, object]
    """What stands in the path."""
    session: Any
    """What is remembered of the visitor until the next page."""
    sent: Query = field(default_factory=dict)
    """What was sent with it."""
    is_read: bool = True
    """Whether somebody looks at the answer: not so where a browser only fetches it beforehand."""

    @cached_property
    def now(self) -> datetime:
        """The moment at which it is answered."""
        return self.office.clock()

    @cached_property
    def calendar(self) -> Calendar:
        """What writes moments."""
        return Calendar(self.office.language, self.office.zone, self.office.say, self.now)

    def say(self, text: str, **values: object) -> str:
        """Return a text in the language of the pages, filled in."""
        said = self.office.say(text)
        return said.format(**values) if values else said

    def number(self, number: int) -> str:
        """Return a number as the language writes it."""
        return self.calendar.number(number)

    def counted(self, number: int, one: str, many: str) -> str:
        """Return a sentence about so many things."""
        return self.say(one) if number == 1 else self.say(many, count=self.number(number))

    def url(self, at: InboxAddress, /, **values: object) -> str:
        """Return an address of the inbox; values stand in the path where it has variables, and else behind it."""
        path = self.office.inbox.path_of(at)
        for variable in variables(at):
            path = path.replace(f"<{variable.name}>", str(values.pop(variable.name)))
        told = urlencode({name: value for name, value in values.items() if value not in {None, ""}})
        return f"{self.prefix}{escaped(path)}{'?' if told else ''}{told}"

    def first(self, name: str) -> str:
        """Return what stands under a name in the address."""
        return next(iter(self.query.get(name, ())), "")

    def first_sent(self, name: str) -> str:
        """Return what was sent under a name."""
        return next(iter(self.sent.get(name, ())), "")
