"""What was sent to a form: urlencoded, multipart or JSON becomes one shape.

Owns the reading of the three formats and their bounds. What the answers mean is not its business. A body is understood
as a whole or not at all: what is cut off, doubled where that is no sense, or in an unknown encoding is refused.
"""

import json
import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import unquote_to_bytes

from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.http import parse_options_header
from werkzeug.sansio.multipart import Data, Epilogue, Event, Field, File, MultipartDecoder, NeedData

from declweb.forms.messages import UNSTORABLE
from declweb.forms.reading import CUT_OFF, Body, Refused, TooLarge, Unreadable, Unsupported, too_large
from declweb.forms.uploads import FileRule, ReceivedFile, Receiver, Refusal, Uploads
from declweb.translations import mark

__all__ = ["FileRule", "Intake", "Received", "ReceivedFile", "Refusal", "Refused", "parse"]

UNKNOWN_FORMAT = mark("What you sent is in a format that this form does not know.")
NO_LENGTH = mark("What you sent does not say how long it is.")
MALFORMED = mark("What you sent cannot be read: it is not formed as forms are.")
NO_UTF8 = mark("What you sent cannot be read: it is not in UTF-8.")
NO_NAME = mark("What you sent cannot be read: a field in it has no name.")
MALFORMED_JSON = mark("What you sent cannot be read: it is not JSON.")
NO_OBJECT = mark("What you sent cannot be read: it is not a JSON object.")
TWICE = mark("What you sent cannot be read: it has a key twice.")
TOO_MANY_FIELDS = mark("What you sent has more fields than any form.")
NO_ANSWER = mark("an answer is a text, a number, true or false, or a list of these")

MOST_FIELDS = 1000
"""Fields and files of one body."""
LONGEST_NAME = 200
"""Characters of the name of a field."""

_MERCY = 4
"""How many times as much as is taken is read, so that who wrote too much, or chose too large a file, loses no word."""
_BLOCK = 65_536
_HEAD = 16_384
"""Bytes before the first part, or of a part's head."""
_LONGEST_BOUNDARY = 200
_MOST_DIGITS = 100
_OPEN_LINE = re.compile(rb"-{0,2}[^\S\n\r]*\r?")
"""What may follow a boundary in its line, up to the line feed."""
_ENCODINGS = frozenset({"ascii", "us-ascii", "utf-8", "iso-8859-1"})
"""Encodings that a part may say it is in."""


@dataclass(frozen=True, slots=True)
class Received:
    """What was sent."""

    values: Mapping[str, Sequence[str]]
    """Of HTML forms, all that came, internal names (`_key`, `_ticket.photo`) as well; of JSON what is internal."""
    files: Mapping[str, Sequence[ReceivedFile]]
    """Of declared file fields."""
    is_json: bool = False
    json: Mapping[str, object] | None = None
    """Texts, numbers, true, false, null, and lists of such; without internal names."""
    refusals: Mapping[str, Refusal] = field(default_factory=dict)
    """By field: NUL, lone surrogates, files of the wrong kind or size. What is refused is not stored; of a text what
    is left of it stands in `values`, to be shown again."""
    failure: Exception | None = None
    """What the disk said when a file could not be stored; there are no files then."""
    again: Mapping[str, Sequence[ReceivedFile]] = field(default_factory=dict)
    """Files that were received before, and come again with their tickets."""
    excess: TooLarge | None = None
    """Why it is not taken though it was read: there are only texts then, to be shown again."""


@dataclass(frozen=True, slots=True)
class Intake:
    """What a form takes: made once for each form."""

    files: Mapping[str, FileRule] = field(default_factory=dict)
    text: int = 256_000
    """Bytes of all that is no file."""
    entry: int = 25_000_000
    """Bytes of all that a form with files is sent."""
    most: int = 3
    """Files of one entry."""

    @property
    def longest(self) -> int:
        """The most bytes of a body."""
        return max(self.text, self.entry) if self.files else self.text

    @property
    def looked_at(self) -> int:
        """Bytes of a body that is too large, and is read nevertheless for the texts in it."""
        return self.longest * _MERCY

    def excess(self, texts: int, body: Body) -> TooLarge | None:
        """Return why a body is too large that has so many bytes of texts; None where it is not."""
        if texts > self.text:
            return too_large(self.text)
        return too_large(self.longest) if max(body.received, body.length or 0) > self.longest else None


def parse(body: Body, content_type: str, intake: Intake, uploads: Uploads | None) -> Received:
    """Return what a body says; raise Unreadable, TooLarge or TooSlow, having discarded the files that came."""
    media_type, options = parse_options_header(content_type)
    match media_type.lower():
        case "application/x-www-form-urlencoded":
            return _urlencoded(body, intake)
        case "multipart/form-data":
            return _multipart(body, options.get("boundary", ""), intake, uploads)
        case "application/json":
            return _json(body, intake)
        case "" if not body.read(1):
            return Received({}, {})
    raise Unsupported(UNKNOWN_FORMAT)


def _whole(body: Body, most: int, mercy: int = 1) -> bytes:
    """Return a body that is kept in memory; of one that is too large so many times as much."""
    data = bytearray()
    while block := body.read(_BLOCK):
        data += block
        if len(data) > most * mercy:
            raise too_large(most)
    return bytes(data)


# --- texts ------------------------------------------------------------------------------------------------------------

_STRANGE = re.compile("[\0\ud800-\udfff]")


def _decoded(data: bytes) -> str:
    """Return text in UTF-8; with lone surrogates where they are the only thing wrong with it."""
    try:
        return data.decode()
    except UnicodeDecodeError:
        try:
            return data.decode("utf-8", "surrogatepass")
        except UnicodeDecodeError:
            raise Unreadable(NO_UTF8) from None


def _name(name: str) -> str:
    if _STRANGE.search(name):
        raise Unreadable(MALFORMED)
    if not name:
        raise Unreadable(NO_NAME)
    return name[:LONGEST_NAME]


class _Texts:
    """The texts of a body, by field."""

    def __init__(self) -> None:
        self.values: dict[str, list[str]] = {}
        self.refusals: dict[str, Refusal] = {}

    def add(self, name: str, text: str) -> None:
        """Take a text; refuse its field if nothing could store it."""
        if _STRANGE.search(text):
            text = _STRANGE.sub("", text)
            self.refusals[name] = Refusal(UNSTORABLE)
        self.values.setdefault(name, []).append(text)


# --- urlencoded -------------------------------------------------------------------------------------------------------


def _urlencoded(body: Body, intake: Intake) -> Received:
    data = _whole(body, intake.text, _MERCY)
    if data and body.length is None:
        # Only its length tells whether such a body is whole; Granian does not tell when a client has gone.
        raise Unreadable(NO_LENGTH)
    if data.count(b"&") >= MOST_FIELDS:
        raise TooLarge(TOO_MANY_FIELDS)
    texts = _Texts()
    for pair in data.split(b"&"):
        if pair:
            name, _, value = pair.replace(b"+", b" ").partition(b"=")
            texts.add(_name(_decoded(unquote_to_bytes(name))), _decoded(unquote_to_bytes(value)))
    return Received(texts.values, {}, refusals=texts.refusals, excess=intake.excess(len(data), body))


# --- multipart --------------------------------------------------------------------------------------------------------


def _multipart(body: Body, boundary: str, intake: Intake, uploads: Uploads | None) -> Received:
    if not boundary or not boundary.isascii() or len(boundary) > _LONGEST_BOUNDARY:
        raise Unreadable(MALFORMED)
    blocks = _Blocks(body, boundary.encode())
    decoder = MultipartDecoder(boundary.encode(), max_parts=MOST_FIELDS)
    is_too_large = body.length is not None and body.length > intake.longest
    with Receiver({} if is_too_large else intake.files, uploads, intake.most) as receiver:
        parts = _Parts(receiver, intake.text)
        is_whole = False
        while not is_whole:
            block = blocks.read()
            is_whole = not block
            for event in _events(decoder, block or None):
                parts.take(event)
        if not parts.has_ended:
            raise Unreadable(CUT_OFF if parts.count else MALFORMED)
        excess = intake.excess(parts.size, body)
        if excess is not None:
            receiver.discard()
        refusals = {**receiver.refusals, **parts.texts.refusals}
        return Received(parts.texts.values, receiver.files, refusals=refusals, failure=receiver.failure, excess=excess)


class _Blocks:
    """Blocks of a multipart body, none of which ends behind a boundary and before the end of its line.

    For Werkzeug's decoder would take the carriage return before such a boundary for the last byte of a file.
    """

    def __init__(self, body: Body, boundary: bytes) -> None:
        self._body = body
        self._boundary = b"--" + boundary
        self._rest = b""

    def read(self) -> bytes:
        """Return the next block; nothing at the end."""
        while block := self._body.read(_BLOCK):
            data = self._rest + block
            end = self._end(data)
            if len(data) - end > _HEAD:
                raise Unreadable(MALFORMED)
            block, self._rest = data[:end], data[end:]
            if block:
                return block
        block, self._rest = self._rest, b""
        return block

    def _end(self, data: bytes) -> int:
        """Return how much of the data does not belong to a boundary that is still coming."""
        feed = data.rfind(b"\n")
        line = data[feed + 1 :]
        is_open = (
            _OPEN_LINE.fullmatch(line, len(self._boundary)) is not None
            if line.startswith(self._boundary)
            else self._boundary.startswith(line)
        )
        return max(0, feed - 1) if is_open else len(data)


def _events(decoder: MultipartDecoder, data: bytes | None) -> list[Event]:
    """Return what more bytes say; None is the end."""
    events: list[Event] = []
    try:
        decoder.receive_data(data)
        while not isinstance(event := decoder.next_event(), NeedData):
            events.append(event)
            if isinstance(event, Epilogue):
                break
    except RequestEntityTooLarge:
        raise TooLarge(TOO_MANY_FIELDS) from None
    except UnicodeDecodeError:
        raise Unreadable(NO_UTF8) from None
    except ValueError:
        raise Unreadable(CUT_OFF if data is None else MALFORMED) from None
    if len(decoder.buffer) > _HEAD + _BLOCK:
        raise Unreadable(MALFORMED)
    return events


class _Parts:
    """Takes the parts of a multipart body as they come."""

    def __init__(self, receiver: Receiver, most: int) -> None:
        self.texts = _Texts()
        self.count = 0
        self.has_ended = False
        self.size = 0
        """Bytes of texts."""
        self._receiver = receiver
        self._most = most
        self._part: Field | File | None = None
        self._data = bytearray()
        self._write_file: Callable[[bytes], None]

    def take(self, event: Event) -> None:
        """Take what the decoder found."""
        match event:
            case Field():
                self.count += 1
                self._part, self._data = event, bytearray()
                self._checked_name(event.name)
            case File():
                self.count += 1
                self._part = event
                self._write_file = self._receiver.begin(self._checked_name(event.name), event.filename)
            case Data():
                self._take_data(event)
            case Epilogue():
                self.has_ended = True

    def _take_data(self, event: Data) -> None:
        part = self._part
        if isinstance(part, File):
            self._write_file(event.data)
            if not event.more_data:
                self._receiver.finish()
            return
        assert part is not None
        self.size += len(event.data)
        if self.size > self._most * _MERCY:
            raise too_large(self._most)
        self._data += event.data
        if not event.more_data:
            self.texts.add(self._checked_name(part.name), self._text(part))

    def _text(self, part: Field) -> str:
        encoding = parse_options_header(part.headers.get("content-type"))[1].get("charset", "utf-8").lower()
        if encoding not in _ENCODINGS:
            raise Unreadable(NO_UTF8)
        return self._data.decode("latin-1") if encoding == "iso-8859-1" else _decoded(bytes(self._data))

    @staticmethod
    def _checked_name(name: object) -> str:
        if not isinstance(name, str):
            raise Unreadable(NO_NAME)
        return _name(name.replace("%22", '"'))


# --- JSON -------------------------------------------------------------------------------------------------------------


def _json(body: Body, intake: Intake) -> Received:
    try:
        text = _whole(body, intake.text).decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Unreadable(NO_UTF8) from None
    try:
        sent = json.loads(
            text,
            object_pairs_hook=_object,
            parse_constant=_no_number,
            parse_float=_finite,
            parse_int=_integer,
        )
    except (ValueError, RecursionError):
        raise Unreadable(MALFORMED_JSON) from None
    if not isinstance(sent, dict):
        raise Unreadable(NO_OBJECT)
    if len(sent) > MOST_FIELDS:
        raise TooLarge(TOO_MANY_FIELDS)
    texts, answers = _Texts(), {}
    for name, value in sent.items():
        if _name(name).startswith("_"):
            if isinstance(value, str):
                texts.add(name, value)
            continue
        answers[name] = _answer(name, value, texts.refusals)
    return Received(texts.values, {}, is_json=True, json=answers, refusals=texts.refusals)


def _answer(name: str, value: object, refusals: dict[str, Refusal]) -> object:
    """Return an answer as JSON has it, less what cannot be stored; refuse its field for that."""
    if isinstance(value, str):
        if _STRANGE.search(value):
            refusals[name] = Refusal(UNSTORABLE)
            return _STRANGE.sub("", value)
        return value
    if isinstance(value, list) and not any(isinstance(each, list | dict) for each in value):
        return [_answer(name, each, refusals) for each in value]
    if isinstance(value, list | dict):
        refusals[name] = Refusal(NO_ANSWER)
        return None
    return value


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise Unreadable(TWICE)
    return found


def _no_number(word: str) -> object:
    raise ValueError(f"{word} is no JSON")


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError("a number is too large")
    return number


def _integer(text: str) -> int:
    if len(text) > _MOST_DIGITS:
        raise ValueError("a number is too long")
    return int(text)
