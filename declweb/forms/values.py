"""What visitors answer: whether a form's fields can be taken as they were filled in, and what is stored of them.

Owns a form's answers as a whole: which fields were asked, what is missing, what is wrong with each, and what is drawn
again. How one answer is read is `converting`'s. Knows no HTML, no request and no store.

A password is stored as a salted hash, and never as it was written.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from declweb.forms import messages
from declweb.forms.conditions import WHITE, Conditions
from declweb.forms.converting import Now, Take, Takers, Wrong, restored
from declweb.forms.questions import Question, questions
from declweb.model.fields import TEXTS
from declweb.model.words import spoken_size
from declweb.translations import Say

__all__ = ["Checked", "Checker", "restored"]


BLANKS = " \t\n\f\r\v"
"""What is taken off both ends of an answer."""

_PLAIN_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]{1,40})?")
"""A number as programs write it that keep all of its decimals: in a text."""
_FREE = frozenset({"text", "textarea", "hidden"})
"""Types whose answers may be anything, and so blank as well."""
_INTERNAL = "_"
"""How names begin that are no fields'."""
_MOST_PREFILLED = 2000
"""Characters that an address may bring along for one field."""
_LINES = re.compile(r"[\r\n]+")
_SURROGATE = re.compile("[\ud800-\udfff]")


class File(Protocol):
    """A file that was sent, or kept from before."""

    @property
    def name(self) -> str:
        """What the visitor calls it."""

    @property
    def size(self) -> int:
        """Bytes."""


class Refusal(Protocol):
    """Why what came in one field was not even kept."""

    @property
    def text(self) -> str:
        """What is said of it, to be joined with the label."""

    @property
    def values(self) -> Mapping[str, object]:
        """What fills the holes in it."""


class Received(Protocol):
    """What was sent, read but not judged."""

    @property
    def values(self) -> Mapping[str, Sequence[str]]:
        """Texts by field."""

    @property
    def files(self) -> Mapping[str, Sequence[File]]:
        """Files by field."""

    @property
    def is_json(self) -> bool:
        """Whether it was sent as JSON."""

    @property
    def json(self) -> Mapping[str, object] | None:
        """What was sent as JSON."""

    @property
    def refusals(self) -> Mapping[str, Refusal]:
        """What was not kept, by field."""


@dataclass(frozen=True, slots=True)
class Checked:
    """What became of one visitor's answers."""

    values: Mapping[str, Any]
    """What is stored, by field, as JSON takes it; fields that are not shown are not there. See `restored`."""
    shown: frozenset[str]
    """The fields that the visitor was asked."""
    errors: Mapping[str, str]
    """Field to message, in the order of the fields; empty where all can be taken."""
    echo: Mapping[str, Sequence[str]]
    """What the visitor wrote, to be drawn again; without passwords."""
    files: Mapping[str, Sequence[File]] = field(default_factory=dict)
    """The files of each shown field, those that were kept from before among them."""


@dataclass(frozen=True, slots=True)
class _Asked:
    """A field with what is known of it before the first answer."""

    question: Question
    name: str
    type: str
    take: Take
    is_one_line: bool
    takes_many: bool
    is_kept_secret: bool


@dataclass(frozen=True, slots=True)
class _Read:
    """What was sent, as clean texts."""

    written: dict[str, list[str]]
    """What was answered in each field; nothing where it was left empty."""
    wrong: dict[str, Wrong]
    """What cannot even be looked at."""
    echo: dict[str, Sequence[str]]
    files: dict[str, Sequence[File]]


class Checker:
    """Checks the answers to one form in one language; made once, used by any number of threads."""

    def __init__(  # noqa: PLR0913 # what a form is checked by
        self, form: Any, name: str, language: str, timezone: str, say: Say, default_language: str = ""
    ) -> None:
        self.name = name
        self.questions: tuple[Question, ...] = questions(form, language, default_language)
        self._names = frozenset(each.name for each in self.questions)
        self._say = say
        takers = Takers(ZoneInfo(timezone), language)
        self._asked = tuple(
            _Asked(
                each,
                each.name,
                each.type,
                takers.of(each),
                each.type not in {"textarea", "password"},
                each.takes_many,
                each.type == "password",
            )
            for each in self.questions
        )
        self._conditions = Conditions.of(self.questions)

    def check(self, received: Received, now: datetime, kept: Mapping[str, Sequence[File]] | None = None) -> Checked:
        """Return what became of the answers; `now` is aware, `kept` are redeemed uploads by field."""
        read = self._read(received, kept or {})
        visible = self._conditions.visible(read.written)
        errors: dict[str, str] = {}
        stored: dict[str, Any] = {}
        stage = Now(now, received.is_json)
        for each in self._asked:
            name = each.name
            is_shown = name in visible
            if not is_shown:
                read.files.pop(name, None)
                if not received.is_json:
                    continue
            try:
                if name in read.wrong:
                    raise read.wrong[name]
                if not is_shown:
                    self._taken(each, read.written[name], stage)  # programs should know
                    continue
                stored[name] = self._stored(each, visible[name], read.files.get(name, ()), visible, stage)
            except Wrong as wrong:
                errors[name] = messages.told(each.question, wrong.text, self._say, **self._spoken(wrong.values))
        if received.is_json:
            errors |= self._unknown(received.json or {})
        if not errors:
            _hash_passwords(stored, self._asked)
        return Checked(stored, frozenset(visible), errors, read.echo, read.files)

    def echo(self, received: Received) -> Mapping[str, Sequence[str]]:
        """Return what the visitor wrote, to be drawn again, where nobody judges it."""
        return self._read(received, {}).echo

    def _read(self, received: Received, kept: Mapping[str, Sequence[File]]) -> "_Read":
        """Return what was sent for each field as clean texts."""
        read = _Read({}, {}, {}, self._files(received, kept))
        for each in self._asked:
            sent = (received.json or {}).get(each.name) if received.is_json else received.values.get(each.name, ())
            if each.type == "file":
                read.written[each.name] = [file.name for file in read.files.get(each.name, ())]
                if sent is not None and received.is_json:
                    read.wrong[each.name] = Wrong(messages.NOT_AS_JSON)
                continue
            try:
                texts: Sequence[str] = _json_texts(sent, each) if received.is_json else _only_texts(sent)
                read.written[each.name] = [clean for text in texts if (clean := _clean(text, each))]
            except Wrong as wrong:
                read.wrong[each.name] = wrong
                read.written[each.name] = []
                texts = [_mended(text) for text in _only_texts(sent)]
            if texts and not each.is_kept_secret:
                read.echo[each.name] = tuple(texts)
        for name, refusal in received.refusals.items():
            read.wrong.setdefault(name, Wrong(refusal.text, **refusal.values))
        return read

    def _unknown(self, sent: Mapping[str, object]) -> dict[str, str]:
        """Return what is said of names that are no fields: programs should know."""
        say = self._say
        return {
            _mended(name): messages.joined(_mended(name), say(messages.UNKNOWN))
            for name in sent
            if name not in self._names and not name.startswith(_INTERNAL)
        }

    def _stored(
        self, each: _Asked, texts: Sequence[str], files: Sequence[File], visible: Mapping[str, Sequence[str]], now: Now
    ) -> Any:
        """Return what is stored of one field; raises Wrong."""
        question = each.question
        if not texts:
            if question.required or (question.required_when and self._conditions.requires(each.name, visible)):
                raise Wrong(messages.MISSING.get(each.type, messages.FILL_IN))
            return _nothing(each)
        if each.type == "file":
            return _file_names(question, files)
        return self._taken(each, texts, now)

    @staticmethod
    def _taken(each: _Asked, texts: Sequence[str], now: Now) -> Any:
        """Return what is stored of what was answered in one field; raises Wrong."""
        if each.takes_many:
            found = {each.take(text, now) for text in texts}
            return [option.value for option in each.question.options if option.value in found]
        if each.type == "checkbox":
            return bool(texts)
        if len(texts) > 1:
            raise Wrong(messages.ONLY_ONE)
        return each.take(texts[0], now) if texts else None

    def _files(self, received: Received, kept: Mapping[str, Sequence[File]]) -> dict[str, Sequence[File]]:
        """Return the files of each field: a new one replaces the one from before, where there can be one only."""
        found: dict[str, Sequence[File]] = {}
        for each in self._asked:
            if each.type == "file":
                new, old = received.files.get(each.name, ()), kept.get(each.name, ())
                found[each.name] = (*old, *new) if each.takes_many else tuple(new or old)
        return found

    def _spoken(self, values: Mapping[str, object]) -> Mapping[str, object]:
        """Return what goes into a message; what depends on the language is asked for it."""
        return {name: value(self._say) if callable(value) else value for name, value in values.items()}

    def prefilled(self, query: Mapping[str, Sequence[str]]) -> Mapping[str, Sequence[str]]:
        """Return what the fields begin with that take their value from the address; empty for most requests."""
        found: dict[str, Sequence[str]] = {}
        for each in self.questions:
            if each.prefill and (texts := query.get(each.name)):
                values = {option.value for option in each.options}
                clean = [_mended(text)[:_MOST_PREFILLED] for text in texts if not values or text in values]
                if clean:
                    found[each.name] = clean if each.takes_many else clean[:1]
        return found


# --- what was sent, as texts ------------------------------------------------------------------------------------------


def _clean(text: str, asked: _Asked) -> str:
    """Return a text as it is looked at; empty where nothing but blanks was written."""
    if "\0" in text or (not text.isascii() and _SURROGATE.search(text)):
        raise Wrong(messages.UNSTORABLE)
    if asked.is_kept_secret:
        return text
    if "\r" in text or "\n" in text:
        text = _LINES.sub(" ", text) if asked.is_one_line else text.replace("\r\n", "\n").replace("\r", "\n")
    text = text.strip(BLANKS)
    return text if text and text.strip(WHITE) else ""


def _mended(text: str) -> str:
    """Return a text as it can be drawn."""
    return _SURROGATE.sub("\ufffd", text.replace("\0", "\ufffd"))


def _only_texts(value: object) -> Sequence[str]:
    if isinstance(value, str):
        return [value]
    return [text for text in value if isinstance(text, str)] if isinstance(value, list | tuple) else []


def _json_texts(value: object, asked: _Asked) -> list[str]:
    """Return a value of a JSON post as texts: it must be of the kind that the field's schema says."""
    match asked.type, value:
        case _, None:
            return []
        case "checkbox", bool():
            return ["on"] if value else []
        case "number" | "integer", int() | float() | Decimal() if not isinstance(value, bool):
            return [str(value)]
        case ("number", str()) if _PLAIN_NUMBER.fullmatch(value):
            return [value]
        case "checkboxes", list() if all(isinstance(each, str) and each.strip(WHITE) for each in value):
            return value
        case "checkbox" | "number" | "integer" | "checkboxes", _:
            pass
        case _, str():
            if value in ("", *_only_right(value, asked)):
                return [value]
    raise Wrong(messages.WRONG.get(asked.type, messages.OTHER_FORM))


def _only_right(text: str, asked: _Asked) -> Sequence[str]:
    """Return a text where it is as long as it may be, and none that is blank where something must be read from it.

    It is measured as JSON Schema does: in characters, as it was sent.
    """
    bare = text if asked.is_kept_secret else text.strip(WHITE)
    least, most = asked.question.min_length or 0, asked.question.max_length
    if most is not None and len(text) > most:
        raise Wrong(messages.TOO_LONG, most=most, count=len(text))
    if not bare:
        return [text] if asked.type in _FREE else []
    if len(bare) < least:
        raise Wrong(messages.TOO_SHORT, least=least, count=len(bare))
    return [text]


def _nothing(asked: _Asked) -> Any:
    """Return what is stored of a field that was shown and left empty."""
    if asked.takes_many:
        return []
    if asked.type == "checkbox":
        return False
    return "" if asked.type in TEXTS or asked.type in {"select", "radio"} else None


def _hash_passwords(stored: dict[str, Any], asked: Sequence[_Asked]) -> None:
    for each in asked:
        if each.is_kept_secret and stored.get(each.name):
            stored[each.name] = _hashed(stored[each.name])


def _hashed(password: str) -> str:
    from werkzeug.security import generate_password_hash  # noqa: PLC0415 # few forms ask for one

    return generate_password_hash(password)


def _file_names(question: Question, files: Sequence[File]) -> Any:
    """Return the names of files, once they can be taken."""
    if len(files) > 1 and not question.multiple:
        raise Wrong(messages.ONE_FILE)
    if question.max_size is not None and any(file.size > question.max_size for file in files):
        raise Wrong(messages.TOO_LARGE, most=spoken_size(question.max_size))
    names = [file.name for file in files]
    return names if question.multiple else names[0]
