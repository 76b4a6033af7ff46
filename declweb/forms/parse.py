"""What was sent to a form: urlencoded, multipart or JSON becomes one shape.

Owns the reading of the three formats and their bounds. What the answers mean is not its business.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from declweb.forms.reading import Body
from declweb.translations import Say


@dataclass(frozen=True, slots=True)
class ReceivedFile:
    """A file that came, and was stored for the time being."""

    id: str
    """In the folder of uploads, where it is temporary until it is kept."""
    name: str
    """As the client calls it, in any script, without folders; data, never a path."""
    size: int
    digest: str
    """SHA-256, in hexadecimal."""
    media_type: str
    """What it was found to be, not what the client says."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why what came in one field is not taken; a field error, beside those that checking finds."""

    text: str
    """In the form of declweb.forms.messages: after the field's label, with `{holes}`."""
    values: Mapping[str, object] = field(default_factory=dict)

    def told(self, say: Say) -> str:
        """Return it in the visitor's language."""
        return say(self.text).format(**self.values)


@dataclass(frozen=True, slots=True)
class Received:
    """What was sent."""

    values: Mapping[str, Sequence[str]]
    """Of HTML forms, all that came, internal names (`_key`, `_ticket.photo`) as well; of JSON what is internal."""
    files: Mapping[str, Sequence[ReceivedFile]]
    """Of declared file fields."""
    is_json: bool = False
    json: Mapping[str, object] | None = None
    refusals: Mapping[str, Refusal] = field(default_factory=dict)
    """By field: NUL, lone surrogates, files of the wrong kind or size. Files among them are not stored."""


@dataclass(frozen=True, slots=True)
class FileRule:
    """What one file field takes."""

    accept: tuple[str, ...]
    max_size: int
    most: int = 1
    strip_position: bool = False


@dataclass(frozen=True, slots=True)
class Intake:
    """What a form takes: made once for each form."""

    files: Mapping[str, FileRule]
    text: int = 256_000
    """Bytes of all that is no file."""
    entry: int = 25_000_000
    """Bytes of all files together."""

    @property
    def longest(self) -> int:
        """The most bytes of a body."""
        return self.text + (self.entry + 16_000 if self.files else 0)


class Uploads(Protocol):
    """Where files are stored, as `declweb.storage.UploadFolder`."""


def parse(body: Body, content_type: str, intake: Intake, uploads: Uploads | None) -> Received:
    """Return what a body says; raise Unreadable, TooLarge or TooSlow, having discarded the files that came."""
    raise NotImplementedError
