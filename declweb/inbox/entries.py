"""An entry in full: its answers, its files, what speaks for spam, and what became of its messages.

Owns in which words all of that is told. Knows no store and no page.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from declweb.forms.guard import FASTEST
from declweb.inbox.office import Call
from declweb.inbox.rows import answered
from declweb.storage import Attempt, Entry, MessageKind, MessageState, Outgoing, Status, StoredField
from declweb.storage.entry import SECRET
from declweb.translations import mark

PASSWORD = mark("a password; only a mark of it is kept, which nobody can read")

REASONS = {
    "honeypot": mark("A field that people do not see was filled in."),
    "fast": mark("It was filled in within {0} seconds, quicker than people write."),
    "links": mark("There are {0} links in it."),
    "link-in": mark("There is a link in “{0}”."),
    "same": mark("“{0}” and “{1}” say the same."),
}
"""What speaks for spam, by the word that the guard has for it; with what it is about filled in."""

_ABOUT_FIELDS = frozenset({"link-in", "same"})

HELD = mark("This may be spam, so it is held ({points} points)")
POINTS = mark("A little speaks for spam ({points} points)")
ADVICE = mark("Nothing was sent because of it yet. Release it, and its messages go out.")

KINDS = {MessageKind.EMAIL: mark("Mail to"), MessageKind.WEBHOOK: mark("Call of")}
"""What is sent, before whom it goes to."""

STATES = {
    MessageState.WAITING: ("", mark("Waits")),
    MessageState.HELD: ("held", mark("Held with the entry")),
    MessageState.DELIVERED: ("good", mark("Delivered")),
    MessageState.FAILED: ("bad", mark("Failed")),
}
"""How a message stands: how that looks, and what it is called."""

AGAIN = {
    MessageState.WAITING: mark("Try now"),
    MessageState.FAILED: mark("Send again"),
    MessageState.DELIVERED: mark("Send once more"),
}
"""What a message can be sent again by."""

NEXT = mark("Next try: {when}")
NO_SERVER = mark("Waits until the site file names a mail server.")
GIVEN_UP = mark("It is not tried again by itself.")


@dataclass(frozen=True, slots=True)
class File:
    """A file that came with an entry."""

    number: int
    name: str
    words: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What was answered to a field, as it was called then."""

    label: str
    text: str
    is_long: bool
    files: Sequence[File] = ()


@dataclass(frozen=True, slots=True)
class Spam:
    """What speaks for an entry being spam."""

    title: str
    reasons: Sequence[str]
    advice: str


@dataclass(frozen=True, slots=True)
class Sent:
    """A message, and what became of it."""

    number: int
    kind: str
    target: str
    subject: str
    state: str
    sign: str
    next: str
    words: str
    attempts: Sequence[Attempt]
    resend: str
    state_name: str
    entry: str = ""
    form: str = ""

    @property
    def can_resend(self) -> bool:
        """Whether it may be sent again."""
        return bool(self.resend)


def answers(call: Call, entry: Entry) -> Iterator[Answer]:
    """Yield what was answered to every field that was asked then, and what else is stored."""
    files = dict(_files(call, entry))
    asked = {field.name for field in entry.fields}
    others = [StoredField(name, name, "text") for name in (*entry.values, *files) if name not in asked]
    for field in (*entry.fields, *dict.fromkeys(others)):
        text = call.say(PASSWORD) if field.type == SECRET else answered(call, entry, field)
        yield Answer(field.label or field.name, text.strip(), field.type == "textarea", files.get(field.name, ()))


def _files(call: Call, entry: Entry) -> Iterator[tuple[str, list[File]]]:
    found: dict[str, list[File]] = {}
    for number, upload in enumerate(entry.uploads, 1):
        words = f"{upload.media_type}, {call.calendar.size(upload.size)}"
        found.setdefault(upload.field, []).append(File(number, upload.name, words))
    yield from found.items()


def spam(call: Call, entry: Entry) -> Spam | None:
    """Return what speaks for spam; None where nothing does."""
    if entry.status != Status.HELD and not entry.points:
        return None
    title = HELD if entry.status == Status.HELD else POINTS
    labels = {field.name: field.label for field in entry.fields}
    reasons = [_reason(call, reason, labels) for reason in entry.reasons]
    return Spam(
        call.say(title, points=call.number(entry.points)),
        reasons,
        call.say(ADVICE) if entry.status == Status.HELD else "",
    )


def _reason(call: Call, reason: str, labels: Mapping[str, str]) -> str:
    """Return a reason in words; one of another version of the program as it stands."""
    word, *about = reason.split()
    if word in _ABOUT_FIELDS:
        about = [labels.get(name, name) for name in about]
    elif word == "fast":
        about = [call.number(int(FASTEST))]
    try:
        return call.office.say(REASONS[word]).format(*about)
    except (KeyError, IndexError):
        return reason


def sent(call: Call, messages: Iterable[Outgoing], attempts: Iterable[Attempt], *, is_alone: bool) -> list[Sent]:
    """Return messages with what became of them; `is_alone` says that the entry does not stand beside them."""
    tries: dict[int, list[Attempt]] = {}
    for attempt in attempts:
        tries.setdefault(attempt.message, []).append(attempt)
    return [_sent(call, each, tries.get(each.number, []), is_alone=is_alone) for each in messages]


def _sent(call: Call, message: Outgoing, attempts: Sequence[Attempt], *, is_alone: bool) -> Sent:
    sign, state = STATES[message.state]
    again = AGAIN.get(message.state, "")
    if message.state == MessageState.WAITING and not message.attempts:
        again = ""
    subject = message.content.get("subject", "")
    return Sent(
        number=message.number,
        kind=call.say(KINDS[message.kind]),
        target=message.target,
        subject=subject if isinstance(subject, str) else "",
        state=call.say(state),
        sign=sign or "quiet",
        next=_next(call, message),
        words=message.last_words,
        attempts=sorted(attempts, key=lambda attempt: attempt.moment, reverse=True),
        resend=call.say(again) if again else "",
        state_name=message.state,
        entry=message.receipt if is_alone else "",
        form=call.office.title(message.form) if is_alone and message.form else "",
    )


def _next(call: Call, message: Outgoing) -> str:
    """Return what happens next with a message."""
    if message.state == MessageState.FAILED:
        return call.say(GIVEN_UP)
    if message.state != MessageState.WAITING:
        return ""
    if message.kind == MessageKind.EMAIL and not call.office.site.mail.server:
        return call.say(NO_SERVER)
    return call.say(NEXT, when=call.calendar.due(message.due))
