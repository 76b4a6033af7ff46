"""Accepting what was sent, whether as HTML or as JSON: from the answers to a receipt, or to the reason why not.

Owns the order: attempts are counted, answers checked, signs of machines weighed, messages written, and all of it is
stored at once. Success is only said when the store has said so. Knows no environ, and nothing of how answers are shown.
"""

import json
import logging
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from hashlib import sha256
from typing import Any, Literal, cast

from werkzeug.exceptions import HTTPException

from declweb.forms import guard
from declweb.forms.allowance import ALLOWANCE, MOST_ENTRIES
from declweb.forms.conditions import normal
from declweb.forms.entries import entry_view
from declweb.forms.hooks import Changes, FormHooks, HookFailed
from declweb.forms.messages import FILE_GONE, FILE_LOST, SOLD_OUT, TAKEN, TOO_MANY_FILES, told
from declweb.forms.parse import Received, ReceivedFile, Refusal
from declweb.forms.parts import HONEYPOT, KEY, SECONDS, TICKET, Kept
from declweb.forms.questions import Question
from declweb.forms.reading import TooLarge
from declweb.forms.receipt import new_receipt
from declweb.forms.sending import Letterbox
from declweb.forms.tickets import Tickets
from declweb.forms.values import Checked, Checker
from declweb.model import Form
from declweb.model.fields import NUMBERS, TEXTS
from declweb.storage import (
    ATTEMPTS,
    Entering,
    FormFull,
    Place,
    Rate,
    SoldOut,
    Status,
    Store,
    StoredField,
    StoreDown,
    StoreTooNew,
    Taken,
    TooMany,
    Upload,
)
from declweb.translations import Say

logger = logging.getLogger("declweb.forms")

LONGEST_KEY = 100
"""Characters of a submission key; the script's own has fewer."""

_UNJUDGED = {"hidden", "password", "url"}
"""Types of texts that say nothing of who wrote them."""

Why = Literal["invalid", "taken", "too-large", "too-many", "full", "down", "failed"]


@dataclass(frozen=True, slots=True)
class Sender:
    """Who sent it, and when."""

    language: str
    now: datetime
    address: str | None
    """What the visitor is counted by; None where that is not known, and nobody is counted."""
    user_agent: str = ""


@dataclass(frozen=True, slots=True)
class Accepted:
    """An entry that is on disk."""

    receipt: str
    entry: Mapping[str, Any]
    """As templates see it."""
    is_repeat: bool = False


@dataclass(frozen=True, slots=True)
class NotAccepted:
    """An entry that is not, with all that the visitor wrote."""

    why: Why
    echo: Mapping[str, Sequence[str]]
    errors: Mapping[str, str] = field(default_factory=dict)
    kept: Mapping[str, Sequence[Kept]] = field(default_factory=dict)
    retry_after: int | None = None
    excess: TooLarge | None = None
    """What is said of what was too large."""
    alarm: str | None = None
    """What the site's own Python says of the entry as a whole."""


@dataclass(slots=True)
class _Aside:
    """What the tickets that came along stand for."""

    files: dict[str, list[ReceivedFile]] = field(default_factory=dict)
    refusals: dict[str, Refusal] = field(default_factory=dict)
    """By field: what was to be kept and is gone, or is too much."""
    unread: dict[str, list[Kept]] = field(default_factory=dict)
    """What the disk did not give just now; its tickets are still good."""
    failure: Exception | None = None
    """What the disk said."""


class Acceptor:
    """Accepts what is sent to one form; made once, used by any number of threads."""

    def __init__(  # noqa: PLR0913 # all that accepting takes
        self,
        name: str,
        form: Form,
        checkers: Mapping[str, Checker],
        letters: Letterbox,
        store: Callable[[], Store],
        tickets: Callable[[], Tickets],
        translated: Callable[[str], Say],
        most_files: int,
        largest_entry: int,
        hooks: FormHooks | None = None,
    ) -> None:
        self.name = name
        self._form = form
        self._checkers = checkers
        self._letters = letters
        self._store = store
        self._tickets = tickets
        self._translated = translated
        self._hooks = hooks if hooks is not None else FormHooks(name)
        self._types = {field: each.type for field, each in form.fields.items()}
        self._most_files = most_files
        self._most_aside = largest_entry * MOST_ENTRIES
        asked = next(iter(checkers.values())).questions
        self._has_free_text = any(each.type in TEXTS and each.type != "hidden" for each in asked)
        self._judged = tuple((each.name, each.type) for each in asked if each.type in TEXTS - _UNJUDGED)
        self._stored_fields = {
            language: tuple(StoredField(each.name, each.label, each.type) for each in checker.questions)
            for language, checker in checkers.items()
        }
        self._file_fields = tuple(each.name for each in asked if each.type == "file")
        limit = form.limit
        self._rate = None if limit is None else Rate(limit.count, limit.per.total_seconds())

    def accept(self, received: Received, sender: Sender) -> Accepted | NotAccepted:
        """Accept what was sent, or say why not; an error of the store is a reason like others."""
        checker = self._checkers[sender.language]
        if received.excess is not None:
            return NotAccepted("too-large", checker.echo(received), excess=received.excess)
        store = self._store()
        aside = self._aside(received)
        if self._file_fields:
            received = replace(
                received,
                refusals={**aside.refusals, **received.refusals},
                failure=received.failure or aside.failure,
                again=aside.files,
            )
        checked = checker.check(received, sender.now, aside.files)
        try:
            if received.failure is not None:
                raise received.failure
            if checked.errors:
                self._count_attempt(store, sender)
                return self._not_accepted("invalid", checked, received, sender)
            return self._stored(checked, received, sender, store)
        except TooMany as error:
            return self._not_accepted("too-many", checked, received, sender, retry_after=error.retry_after)
        except (StoreDown, StoreTooNew, OSError) as error:
            logger.error("form %s: an entry could not be stored: %s", self.name, error)  # noqa: TRY400 # no bug
            told = self._not_accepted("down", checked, received, sender, errors={})
            unread = {name: [*told.kept.get(name, ()), *files] for name, files in aside.unread.items()}
            return replace(told, kept={**told.kept, **unread})

    def _stored(self, checked: Checked, received: Received, sender: Sender, store: Store) -> Accepted | NotAccepted:
        checker = self._checkers[sender.language]
        receipt = new_receipt()
        try:
            entry = self._view(checker, checked, receipt, sender)
            if objections := self._hooks.objections(entry, self._types):
                self._count_attempt(store, sender)
                told = self._not_accepted("invalid", checked, received, sender, errors=objections.errors)
                return replace(told, alarm=objections.alarm)
            changes = self._hooks.changes(entry, self._types)
            entry = changes.on(entry, self._translated(sender.language))
            entering = self._entering(checked, received, sender, store, entry, changes)
            added = store.add(entering)
        except HookFailed:
            return self._not_accepted("failed", checked, received, sender, errors={})
        except HTTPException:
            _discard(received, store, set())
            raise
        except Taken as error:
            return self._refused(error.field, TAKEN, checked, received, sender)
        except SoldOut as error:
            return self._refused(error.field, SOLD_OUT, checked, received, sender)
        except FormFull:
            return self._not_accepted("full", checked, received, sender)
        used = {each.id for each in entering.uploads}
        _discard(received, store, set() if added.is_repeat else used)
        if added.is_repeat:
            entry = self._view(checker, checked, added.receipt, sender)
        else:
            self._hooks.stored(entry, entering.status)
        return Accepted(added.receipt, entry, added.is_repeat)

    def _entering(  # noqa: PLR0913 # what an entry is made of
        self,
        checked: Checked,
        received: Received,
        sender: Sender,
        store: Store,
        entry: Mapping[str, Any],
        changes: Changes,
    ) -> Entering:
        """Return an entry as the store takes it; what tells it from another one is what the visitor sent."""
        form, checker = self._form, self._checkers[sender.language]
        values = {**checked.values, **changes.values}
        uploads = [_upload(field, file) for field, files in checked.files.items() for file in files]
        verdict = self._verdict(checked, received)
        status: Status = Status.HELD if verdict.holds else Status.TO_APPROVE if form.approve else Status.NEW
        key = next(iter(received.values.get(KEY, ())), "").strip()
        key = key if len(key) <= LONGEST_KEY else ""
        limited = sender.address if self._rate is not None else None
        told_by = sender.address if self._has_free_text and not key else None
        asked = [each for each in checker.questions if each.name in checked.shown]
        return Entering(
            form=self.name,
            receipt=entry["receipt"],
            created=sender.now,
            language=sender.language,
            values=values,
            fields=(*self._stored_fields[sender.language], *changes.fields),
            uploads=uploads,
            messages=self._letters.messages(entry, values, sender.language, uploads),
            status=status,
            points=verdict.points,
            reasons=verdict.reasons,
            keep=form.kept_for,
            visitor=store.visitor(limited) if limited is not None else "",
            repeats_visitor=store.visitor(told_by, sender.user_agent) if told_by is not None else None,
            key=key or None,
            digest=_digest(
                {each.name: checked.values.get(each.name) for each in asked if each.type != "password"}, uploads
            ),
            unique={
                each.name: text
                for each in asked
                if each.unique and (text := _compared(each.type, values.get(each.name)))
            },
            places=list(_places(asked, values)),
            max_entries=form.max_entries,
            rate=self._rate if limited is not None else None,
            attempts=ATTEMPTS if limited is not None else None,
        )

    def _view(self, checker: Checker, checked: Checked, receipt: str, sender: Sender) -> Mapping[str, Any]:
        files = {name: [file.name for file in files] for name, files in checked.files.items()}
        say = self._translated(sender.language)
        asked = checker.questions
        return entry_view(asked, checked.values, receipt=receipt, created=sender.now, files=files, say=say)

    def _verdict(self, checked: Checked, received: Received) -> guard.Verdict:
        if not self._form.guard:
            return guard.NOTHING
        texts = [
            guard.Written(name, type_, str(checked.values[name]))
            for name, type_ in self._judged
            if checked.values.get(name)
        ]
        seconds = guard.fill_time(received.values.get(SECONDS, ()))
        return guard.judge(received.values.get(HONEYPOT, ()), seconds, texts)

    # --- what is not accepted -----------------------------------------------------------------------------------------

    def _count_attempt(self, store: Store, sender: Sender) -> None:
        """Count a post that is not stored; a store that is down counts nobody."""
        if sender.address is not None and self._rate is not None:
            with suppress(StoreDown, StoreTooNew, OSError):
                store.attempt(self.name, store.visitor(sender.address), ATTEMPTS)

    def _refused(self, name: str, text: str, checked: Checked, received: Received, sender: Sender) -> NotAccepted:
        """Return what becomes of an entry that came too late for what it wants."""
        return self._not_accepted("taken", checked, received, sender, errors={name: self._told(name, text, sender)})

    def _told(self, name: str, text: str, sender: Sender) -> str:
        """Return what is said of a field, in the visitor's language."""
        question = next(each for each in self._checkers[sender.language].questions if each.name == name)
        return told(question, text, self._translated(sender.language))

    def _not_accepted(  # noqa: PLR0913 # all of them are what a visitor is shown
        self,
        why: Why,
        checked: Checked,
        received: Received,
        sender: Sender,
        *,
        errors: Mapping[str, str] | None = None,
        retry_after: int | None = None,
    ) -> NotAccepted:
        wrong = checked.errors if errors is None else errors
        kept, lost = self._kept(checked, wrong, received, sender) if why != "full" else ({}, {})
        used = {file.id for name, files in _files(checked).items() if name in kept for file in files}
        _discard(received, self._store(), used)
        return NotAccepted(why, checked.echo, {**wrong, **lost}, kept, retry_after)

    def _kept(
        self, checked: Checked, wrong: Mapping[str, str], received: Received, sender: Sender
    ) -> tuple[dict[str, list[Kept]], dict[str, str]]:
        """Return the files that the visitor need not send again, each with its ticket, and what is said of the others.

        Where one file of a field was refused, the others are as good as they were.
        """
        kept: dict[str, list[Kept]] = {}
        lost: dict[str, str] = {}
        for name, files in _files(checked).items():
            if name in wrong and name not in received.refusals:
                continue
            for file in files:
                ticket = self._laid_aside(name, file, received, sender)
                if ticket is not None:
                    kept.setdefault(name, []).append(Kept(file.name, file.size, ticket))
                elif name not in wrong:
                    lost[name] = self._told(name, FILE_LOST, sender)
        return kept, lost

    def _laid_aside(self, name: str, file: ReceivedFile, received: Received, sender: Sender) -> str | None:
        """Return the ticket of a file that waits from now on; None where it cannot, or too much of its visitor waits.

        What came with a ticket takes no room: it is still the file that it was.
        """
        is_new = all(file.id != other.id for other in received.again.get(name, ()))
        if is_new and not ALLOWANCE.take(sender.address or "", file.size, self._most_aside, sender.now):
            logger.warning("form %s: a visitor has too many files laid aside, so one is not kept", self.name)
            return None
        try:
            aside = replace(file, id=self._store().uploads.hold(file.id))
            return self._tickets().issue(aside, self.name, name)
        except (StoreDown, OSError) as error:
            logger.error("form %s: a file could not be laid aside: %s", self.name, error)  # noqa: TRY400 # no bug
            return None

    def _aside(self, received: Received) -> _Aside:
        """Return the files of tickets that came along; one that is gone must not be missing without a word."""
        found = _Aside()
        count = 0
        for name in self._file_fields:
            for ticket in dict.fromkeys(filter(None, received.values.get(f"{TICKET}{name}", ())[:100])):
                self._take_up(found, name, ticket)
            new, old = len(received.files.get(name, ())), len(found.files.get(name, ()))
            if self._form.fields[name].multiple:
                count += new + old
            else:
                count += 1 if new or old else 0
                if new:
                    found.refusals.pop(name, None)
            if count > self._most_files:
                found.refusals[name] = Refusal(TOO_MANY_FILES, {"most": self._most_files})
        return found

    def _take_up(self, found: _Aside, name: str, ticket: str) -> None:
        file = self._tickets().redeem(ticket, self.name, name)
        try:
            again = self._store().uploads.reuse(file.id) if file is not None else None
        except (StoreDown, OSError) as error:
            found.failure = error
            if file is not None:
                found.unread.setdefault(name, []).append(Kept(file.name, file.size, ticket))
            return
        if file is None or again is None:
            found.refusals[name] = Refusal(FILE_GONE)
        else:
            found.files.setdefault(name, []).append(replace(file, id=again))


def _discard(received: Received, store: Store, used: set[str]) -> None:
    """Delete the files that came and are not used; a sweep finds those that cannot be deleted now."""
    came = [*received.files.values(), *received.again.values()]
    for file in (file for files in came for file in files):
        if file.id not in used:
            with suppress(StoreDown, OSError):
                store.uploads.discard(file.id)


def _files(checked: Checked) -> Mapping[str, Sequence[ReceivedFile]]:
    """Return the files of an entry: as they were received, which checking need not know."""
    return cast("Mapping[str, Sequence[ReceivedFile]]", checked.files)


def _upload(field: str, file: Any) -> Upload:
    return Upload(
        id=file.id, field=field, name=file.name, media_type=file.media_type, size=file.size, digest=file.digest
    )


def _digest(values: Mapping[str, Any], uploads: Sequence[Upload]) -> str:
    """Return what tells one content from another."""
    files = [(each.field, each.name, each.digest) for each in uploads]
    text = json.dumps([values, files], sort_keys=True, default=str)
    return sha256(text.encode(errors="surrogatepass")).hexdigest()


def _compared(type_: str, value: Any) -> str:
    """Return a value in the form in which two of them are compared.

    Neither case nor blanks make a difference, nor how a letter is put together; `1.0` is 1.
    """
    if value is None:
        return ""
    text = normal(type_, str(value)) if type_ in NUMBERS else unicodedata.normalize("NFKC", str(value)).casefold()
    return " ".join(text.split())


def _places(asked: Iterable[Question], values: Mapping[str, Any]) -> Iterable[Place]:
    for question in asked:
        chosen = values.get(question.name)
        several = {str(each) for each in chosen} if isinstance(chosen, list | tuple) else {str(chosen)}
        for option in question.options:
            if option.places is not None and option.value in several:
                yield Place(question.name, option.value, option.places)
