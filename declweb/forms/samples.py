"""Answers to try a form with: right ones, and ones of which each has one thing wrong.

Owns what a right and a wrong answer to each type of field looks like. Knows no store, no request and no visitor; what
becomes of the answers is for whoever sends them.
"""

import io
import itertools
import re
import struct
import wave
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from declweb.forms.conditions import Conditions
from declweb.forms.questions import Condition, Question, as_text
from declweb.model import patterns
from declweb.model.days import RelativeDay, day_on
from declweb.model.fields import CHOOSING

LARGEST = 32_000_000
"""Bytes of a file that is made up; a larger limit is not tried."""
LONGEST = 200_000
"""Characters of a text that is made up."""
MOST_CHOICES = 20
"""Choices of a field that are tried."""
WORDS = "We bake at night and sleep by day, and the bread is warm at seven. "


@dataclass(frozen=True, slots=True)
class SampleFile:
    """A file that is made up."""

    name: str
    media_type: str
    content: bytes

    def __str__(self) -> str:
        return f"{self.name} ({len(self.content):,} bytes)"


Answer = str | SampleFile
Answers = Mapping[str, Sequence[Answer]]
"""What is sent: values by the names of their fields."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One way to fill in a form."""

    title: str
    answers: Answers
    field: str | None = None
    """The field that is wrong; None where all is right."""
    before: Answers | None = None
    """What has to be sent and taken before."""


class Samples:
    """All samples of one form; no two of the right ones have a `unique` value in common."""

    def __init__(self, questions: Sequence[Question], now: datetime) -> None:
        """Make them for a moment in the time zone of the site."""
        self.questions = questions
        self.now = now
        self._conditions = Conditions.of(questions)
        self._counter = itertools.count(1)

    def right(self) -> Iterator[Sample]:
        """Yield answers that must be taken: everything, only what must be, each choice, each condition."""
        yield Sample("everything filled in", self._answers({}))
        if not all(question.required for question in self.questions):
            yield Sample("only what is required", self._answers({}, is_brief=True))
        for question in self.questions:
            if question.type in {"select", "radio"}:
                for option in question.options[1:MOST_CHOICES]:
                    answers = self._answers({question.name: [option.value]})
                    if question.name in answers:
                        yield Sample(f"`{question.name}` is {option.value!r}", answers)

    def wrong(self) -> Iterator[Sample]:
        """Yield answers that must be refused, each for one reason."""
        for question in self.questions:
            if question.type == "hidden":
                continue
            preset = _fulfilling(question.show_when)
            if question.name not in self._answers(preset):
                continue
            for what, wrong in self._mistakes(question):
                answers = {**self._answers(preset), question.name: list(wrong)}
                yield Sample(f"`{question.name}` {what}", answers, question.name)
            if question.required_when:
                answers = {
                    **self._answers(preset | _fulfilling(question.required_when)),
                    question.name: _nothing(question),
                }
                if self._conditions.requires(question.name, _texts(answers)):
                    yield Sample(f"`{question.name}` left empty when it is needed", answers, question.name)
            if question.unique:
                first = self._answers(preset)
                again = {**self._answers(preset), question.name: first[question.name]}
                yield Sample(f"`{question.name}` that somebody else has sent", again, question.name, before=first)

    # --- right ones ---------------------------------------------------------------------------------------------------

    def _answers(self, preset: Mapping[str, Sequence[str]], *, is_brief: bool = False) -> dict[str, Sequence[Answer]]:
        number = next(self._counter)
        answers: dict[str, Sequence[Answer]] = {}
        for question in self.questions:
            if question.name in preset:
                answers[question.name] = preset[question.name]
            elif not is_brief or question.required or question.required_when:
                answers[question.name] = self._right(question, number)
        visible = self._conditions.visible(_texts(answers))
        return {name: given for name, given in answers.items() if self._conditions.shows(name, visible)}

    def _right(self, question: Question, number: int) -> Sequence[Answer]:  # noqa: PLR0911 # one for each type
        match question.type:
            case "checkboxes" | "select" | "radio":
                return [each.value for each in question.options[: 2 if question.type == "checkboxes" else 1]]
            case "checkbox":
                return ["on"]
            case "file":
                return [right_file(question.accept)]
            case "number" | "integer":
                return [str(self._number(question))]
            case "date" | "time" | "datetime":
                return [_sent(self._moment(question))]
            case "hidden":
                return [str(question.default)] if question.default is not None else []
            case _:
                return [_text(question, number)]

    def _number(self, question: Question) -> int | Decimal:
        usual: int | Decimal = 8
        return next((limit for limit in (question.default, question.min, question.max) if limit is not None), usual)

    def _moment(self, question: Question) -> date | time | datetime:
        low, high = self._bounds(question)
        usual: dict[str, date | time | datetime] = {
            "date": self.now.date(),
            "time": time(12, 0),
            "datetime": self.now.replace(second=0, microsecond=0, tzinfo=None),
        }
        return low or high or usual[question.type]

    def _bounds(self, question: Question) -> tuple[date | time | datetime | None, ...]:
        limits: list[date | time | datetime | None] = []
        for limit, at in ((question.min, time(0, 0)), (question.max, time(23, 59))):
            day = day_on(limit, self.now.date()) if isinstance(limit, date | RelativeDay) else limit
            is_whole_day = question.type == "datetime" and day is not None and not isinstance(day, datetime)
            limits.append(datetime.combine(day, at) if is_whole_day else day)
        return tuple(limits)

    # --- wrong ones ---------------------------------------------------------------------------------------------------

    def _mistakes(self, question: Question) -> Iterator[tuple[str, Sequence[Answer]]]:
        if question.required:
            yield ("not ticked" if question.type == "checkbox" else "left empty"), _nothing(question)
        match question.type:
            case "text" | "textarea" | "password" | "email" | "tel" | "url":
                yield from self._wrong_texts(question)
            case "number" | "integer":
                yield from _wrong_numbers(question)
            case "date" | "time" | "datetime":
                yield from self._wrong_moments(question)
            case "file":
                yield from _wrong_files(question)
        if question.type in CHOOSING:
            yield "with a choice that there is not", ["no-such-choice"]

    def _wrong_texts(self, question: Question) -> Iterator[tuple[str, Sequence[Answer]]]:
        right = _text(question, next(self._counter))
        kinds = {"email": "not an address", "url": "not a web address", "tel": "call me"}
        if question.type in kinds:
            yield "of the wrong kind", [kinds[question.type]]
        if question.type == "text":
            yield "with a NUL character", [f"{right[:-1]}\0"]
        if (question.min_length or 0) > 1 and question.type in {"text", "textarea", "password"}:
            yield "too short", [right[: (question.min_length or 2) - 1]]
        if question.max_length and question.max_length < LONGEST and question.type in {"text", "textarea", "password"}:
            yield "too long", [_filled(right + WORDS, question.max_length + 1)]
        if question.pattern:
            others = [right + "?", right[:-1], "?", "0", "x", *(right.swapcase(), right + right)]
            fitting = (each for each in others if each.strip() and _fits(question, each))
            wrong = next((each for each in fitting if not re.fullmatch(question.pattern or "", each)), None)
            if wrong is not None:
                yield "that does not match the pattern", [wrong]

    def _wrong_moments(self, question: Question) -> Iterator[tuple[str, Sequence[Answer]]]:
        impossible = {"date": "2026-02-30", "time": "25:61", "datetime": "2026-02-30T12:00"}
        yield "that there is not", [impossible[question.type]]
        low, high = self._bounds(question)
        yield from [("too early", [_sent(early)])] if (early := _moved(low, -1)) is not None else []
        yield from [("too late", [_sent(late)])] if (late := _moved(high, 1)) is not None else []


def _texts(answers: Answers) -> dict[str, Sequence[str]]:
    """Return answers as conditions read them: of a file they see the name."""
    return {
        name: [each.name if isinstance(each, SampleFile) else each for each in given] for name, given in answers.items()
    }


def _nothing(question: Question) -> Sequence[Answer]:
    """Return what a browser sends of a field that is left empty."""
    return [] if question.type in {"radio", "checkboxes", "checkbox", "file"} else [""]


def _fulfilling(condition: Condition | None) -> dict[str, Sequence[str]]:
    """Return values with which a condition holds, as far as a value can be named; others are filled in anyway."""
    firsts = {
        name: wanted[0] if isinstance(wanted, list | tuple) else wanted for name, wanted in (condition or {}).items()
    }
    return {name: [] if wanted is False else [as_text(wanted)] for name, wanted in firsts.items() if wanted is not True}


def _fits(question: Question, text: str) -> bool:
    return (question.min_length or 0) <= len(text) <= (question.max_length or LONGEST)


def _filled(text: str, length: int) -> str:
    """Return exactly so many characters, none of them a blank at an end."""
    return (text * (length // len(text) + 1))[: length - 1].ljust(length - 1, "n") + "e" if length else ""


def _text(question: Question, number: int) -> str:
    if question.pattern:
        return patterns.example(question.pattern)
    usual = {
        "textarea": f"{WORDS}This is sample {number}.",
        "email": f"anna.{number}@example.com",
        "tel": f"+49 30 12345{number:02}",
        "url": f"https://example.com/{number}",
        "password": f"correct horse battery {number}",
    }
    text = usual.get(question.type, f"Anna Amsel {number}" if question.unique else "Anna Amsel")
    if question.type in usual.keys() - {"textarea", "password"}:
        return text
    low, high = question.min_length or 0, question.max_length or LONGEST
    if len(text) > high:
        return str(number).zfill(high)[-high:] if question.unique else text[: high - 1].strip().ljust(high, "a")
    return text if len(text) >= low else _filled(f"{text} {WORDS}", low)


def _wrong_numbers(question: Question) -> Iterator[tuple[str, Sequence[Answer]]]:
    yield "that is none", ["a lot"]
    if question.type == "integer":
        yield "with a fraction", ["2.5"]
    if question.min is not None:
        yield "too small", [str(question.min - 1)]
    if question.max is not None:
        yield "too large", [str(question.max + 1)]


def _sent(value: date | time | datetime) -> str:
    return (
        value.isoformat("minutes")
        if isinstance(value, time)
        else (value.isoformat("T", "minutes") if isinstance(value, datetime) else value.isoformat())
    )


def _moved(value: date | time | datetime | None, by: int) -> date | time | datetime | None:
    """Return the next value in one direction; None where there is none."""
    if value is None:
        return None
    try:
        if isinstance(value, datetime):
            return value + timedelta(minutes=by)
        if isinstance(value, time):
            moved = datetime.combine(date(2026, 1, 2), value) + timedelta(minutes=by)
            return moved.time() if moved.date() == date(2026, 1, 2) else None
        return value + timedelta(days=by)
    except OverflowError:
        return None


# --- files ------------------------------------------------------------------------------------------------------------


def _wrong_files(question: Question) -> Iterator[tuple[str, Sequence[Answer]]]:
    right = right_file(question.accept)
    if question.accept and "any" not in question.accept:
        yield "with a file of another kind under the right name", [replace(right, content=b"MZ\x90\x00 no such thing")]
    if question.max_size is not None and question.max_size < LARGEST:
        padding = bytes(question.max_size + 1 - len(right.content))
        yield "with a file that is too large", [replace(right, content=right.content + padding)]


def right_file(accept: Iterable[str]) -> SampleFile:
    """Return a small file of the first kind that is accepted."""
    kind = next(iter(accept), "any")
    return _FILES.get(kind, _FILES["any"])


def _png() -> bytes:
    """Return a picture of one pixel."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        body = kind + content
        return struct.pack(">I", len(content)) + body + struct.pack(">I", zlib.crc32(body))

    header = struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0)
    pixels = zlib.compress(b"\0\xa0\x52\x2d")
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


def _pdf() -> bytes:
    """Return a document of one empty page."""
    parts = (
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]>>",
    )
    text, places = b"%PDF-1.4\n", []
    for number, part in enumerate(parts, 1):
        places.append(len(text))
        text += b"%d 0 obj%s endobj\n" % (number, part)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    end = b"xref\n0 4\n0000000000 65535 f \n%strailer<</Size 4/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n"
    return text + end % (table, len(text))


def _wav() -> bytes:
    """Return a short silence."""
    written = io.BytesIO()
    with wave.open(written, "wb") as sound:
        sound.setparams((1, 2, 8000, 0, "NONE", ""))
        sound.writeframes(bytes(160))
    return written.getvalue()


def _mp4() -> bytes:
    """Return a film without a picture."""

    def box(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", 8 + len(content)) + kind + content

    header = struct.pack(">IIIII", 0, 0, 0, 1000, 0) + bytes(80)
    return box(b"ftyp", b"isom\0\0\2\0isomiso2mp41") + box(b"moov", box(b"mvhd", header)) + box(b"mdat", b"")


def _zip() -> bytes:
    """Return an archive with one text in it."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        archive.writestr("read me.txt", WORDS)
    return written.getvalue()


_FILES = {
    "images": SampleFile("a picture ü.png", "image/png", _png()),
    "documents": SampleFile("a document.pdf", "application/pdf", _pdf()),
    "audio": SampleFile("a sound.wav", "audio/wav", _wav()),
    "video": SampleFile("a film.mp4", "video/mp4", _mp4()),
    "archives": SampleFile("an archive.zip", "application/zip", _zip()),
    "any": SampleFile("a text.txt", "text/plain", WORDS.encode()),
}
"""For each kind of files, one."""
