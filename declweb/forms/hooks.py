"""What the site's own Python has to say of an entry: before it is stored, and once it is.

Owns what such functions are given, what they may return, and what becomes of what they raise. Knows no store.
"""

import logging
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from declweb.forms.entries import Choice, spoken
from declweb.model.forms import RESERVED
from declweb.storage import StoredField
from declweb.translations import Say

logger = logging.getLogger("declweb.forms")

GIVEN = ("receipt", "created", "fields")
"""What an entry has besides its answers; no function changes it."""


class HookFailed(Exception):
    """A function raised, or returned what it must not; what it was is in the log."""


@dataclass(frozen=True, slots=True)
class Hook:
    """One function, and how it is spoken of in the log."""

    function: Callable[..., Any]
    name: str


@dataclass(frozen=True, slots=True)
class Objections:
    """What a function has against an entry."""

    errors: Mapping[str, str] = field(default_factory=dict)
    """By field."""
    alarm: str | None = None
    """Of the entry as a whole."""

    def __bool__(self) -> bool:
        return bool(self.errors) or self.alarm is not None


@dataclass(frozen=True, slots=True)
class Changes:
    """What a function made of an entry."""

    values: Mapping[str, Any] = field(default_factory=dict)
    """As JSON takes them."""
    fields: tuple[StoredField, ...] = ()
    """Those that the form does not ask for."""
    view: Mapping[str, object] = field(default_factory=dict)
    """The same as templates see it."""

    def on(self, entry: Mapping[str, Any], say: Say) -> Mapping[str, Any]:
        """Return an entry with these changes."""
        if not self.view:
            return entry
        told = [
            {**each, "value": spoken(self.view[each["name"]], say)} if each["name"] in self.view else each
            for each in entry["fields"]
        ]
        more = (
            {"name": each.name, "label": each.label, "value": spoken(self.view[each.name], say)} for each in self.fields
        )
        return {**entry, **self.view, "fields": [*told, *more]}


@dataclass(frozen=True, slots=True)
class FormHooks:
    """The functions of one form."""

    form: str
    validate: Hook | None = None
    before_store: Hook | None = None
    after_store: Hook | None = None

    def objections(self, entry: Mapping[str, object], fields: Mapping[str, str]) -> Objections:
        """Return what `validate` has against an entry; `fields` are the form's types by name. Raises HookFailed."""
        if self.validate is None:
            return Objections()
        try:
            said = self.validate.function(_copied(entry))
        except ValueError as error:
            said = str(error) or None
            if said is None:
                raise self._failed(self.validate, error) from error
        except Exception as error:
            if _is_answer(error):
                raise
            raise self._failed(self.validate, error) from error
        return self._objections(said, fields)

    def _objections(self, said: object, fields: Mapping[str, str]) -> Objections:
        assert self.validate is not None
        if not said:
            return Objections()
        if isinstance(said, str):
            return Objections(alarm=said)
        if not isinstance(said, Mapping):
            raise self._refused(self.validate, f"returns {type(said).__name__}, not a message or a table of messages")
        of_fields = {str(name): str(text) for name, text in said.items() if name in fields}
        others = " ".join(str(text) for name, text in said.items() if name not in fields)
        return Objections(of_fields, others or None)

    def changes(self, entry: Mapping[str, object], fields: Mapping[str, str]) -> Changes:
        """Return what `before_store` makes of an entry: what it returns, or what it did to it. Raises HookFailed."""
        if self.before_store is None:
            return Changes()
        given = _copied(entry)
        try:
            returned = self.before_store.function(given)
        except Exception as error:
            if _is_answer(error):
                raise
            raise self._failed(self.before_store, error) from error
        made = given if returned is None else returned
        if not isinstance(made, Mapping):
            raise self._refused(self.before_store, f"returns {type(made).__name__}, not a table of values")
        try:
            return _changes(entry, made, fields)
        except TypeError as error:
            raise self._refused(self.before_store, str(error)) from None

    def stored(self, entry: Mapping[str, object], status: str) -> None:
        """Call `after_store`; whatever it raises, the entry is stored."""
        if self.after_store is not None:
            try:
                self.after_store.function({"status": str(status), **_copied(entry)})
            except Exception:
                logger.exception(
                    "form %s: %s failed; the entry %s is stored", self.form, self.after_store.name, entry["receipt"]
                )

    def _failed(self, hook: Hook, error: Exception) -> HookFailed:
        logger.error("form %s: %s failed; nothing was stored", self.form, hook.name, exc_info=error)
        return HookFailed()

    def _refused(self, hook: Hook, why: str) -> HookFailed:
        logger.error("form %s: %s %s; nothing was stored", self.form, hook.name, why)
        return HookFailed()


def _is_answer(error: Exception) -> bool:
    """Tell whether a function answers the request itself, as with `abort(403)`."""
    from werkzeug.exceptions import HTTPException  # noqa: PLC0415 # for functions that raise alone

    return isinstance(error, HTTPException)


def _copied(entry: Mapping[str, object]) -> dict[str, object]:
    """Return what a function is given: it may do with it what it likes."""
    return {name: value for name, value in entry.items() if name != "fields"}


def _changes(entry: Mapping[str, object], made: Mapping[Any, Any], fields: Mapping[str, str]) -> Changes:
    values: dict[str, Any] = {}
    view: dict[str, object] = {}
    added: list[StoredField] = []
    for name, value in made.items():
        if name in GIVEN or (name in entry and entry[name] is value):
            continue
        if name not in fields:
            added.append(_added(name, value))
        elif fields[name] in {"file", "password"}:
            raise TypeError(f"changes `{name}`, and a {fields[name]} cannot be changed")
        type_ = fields.get(name) or added[-1].type
        values[name] = _stored(name, value, type_)
        view[name] = "" if value is None else value
    return Changes(values, tuple(added), view)


def _added(name: object, value: object) -> StoredField:
    """Return the field that a value is stored as which the form does not ask for."""
    if not isinstance(name, str) or not re.fullmatch("[a-z][a-z0-9_]*", name) or name in RESERVED:
        raise TypeError(f"gives a value to `{name}`, which cannot be the name of a field")
    kinds = {bool: "checkbox", int: "integer", float: "number", Decimal: "number", date: "date", datetime: "datetime"}
    return StoredField(name, name.replace("_", " ").capitalize(), kinds.get(type(value), "text"))


def _stored(name: str, value: object, type_: str) -> object:
    """Return a value as it is stored; raises TypeError for what cannot be."""
    match value:
        case None | bool():
            return value
        case Choice():
            return value.value
        case str():
            return str(value)
        case int() | float() | Decimal():
            return int(value) if type_ == "integer" else str(value)
        case datetime() | date() | time():
            return value.isoformat()
        case list() | tuple() | set() | frozenset():
            return [_stored(name, each, type_) for each in value]
    raise TypeError(f"gives `{name}` a {type(value).__name__}, which cannot be stored")
