"""The types of field: which key goes with which, what a value of each is in the site file, and what people call them.

Owns the tables. Knows no field.
"""

from collections.abc import Mapping
from datetime import date, datetime, time

from declweb.model.days import RelativeDay

TYPES = (
    "text",
    "textarea",
    "email",
    "tel",
    "url",
    "number",
    "integer",
    "date",
    "time",
    "datetime",
    "select",
    "radio",
    "checkbox",
    "checkboxes",
    "file",
    "hidden",
    "password",
)
"""The types of field."""
CHOOSING = frozenset({"select", "radio", "checkboxes"})
"""Types with choices."""
TEXTS = frozenset({"text", "textarea", "email", "tel", "url", "password", "hidden"})
"""Types whose value is a text that visitors type, or that a hidden field carries."""
NUMBERS = frozenset({"number", "integer"})
"""Types whose values are numbers."""
MOMENTS = frozenset({"date", "time", "datetime"})
"""Types whose values are days, times of day, or both."""
ORDERED = NUMBERS | MOMENTS
"""Types whose values have an order, and so a smallest and a largest."""
KEYS: Mapping[str, frozenset[str]] = {
    "min": ORDERED,
    "max": ORDERED,
    "min_length": TEXTS,
    "max_length": TEXTS,
    "pattern": TEXTS,
    "choices": CHOOSING,
    "choices_from": CHOOSING,
    "accept": frozenset({"file"}),
    "max_size": frozenset({"file"}),
    "multiple": frozenset({"file"}),
    "strip_position": frozenset({"file"}),
    "required": frozenset(TYPES) - {"hidden"},
    "required_when": frozenset(TYPES) - {"hidden"},
    "help": frozenset(TYPES) - {"hidden"},
    "unique": frozenset(TYPES) - {"checkbox", "checkboxes", "file", "password"},
    "default": frozenset(TYPES) - {"file", "password"},
    "prefill": frozenset(TYPES) - {"file", "password"},
}
"""The types with which a key goes; the others go with all."""
FILE_KINDS = ("images", "documents", "audio", "video", "archives", "any")
"""The kinds of file that `accept` names."""
LONGEST_LINE = 1000
"""Characters of a line where its field does not say more."""
LONGEST_EMAIL = 254
"""Characters of an e-mail address (RFC 5321, section 4.5.3.1)."""

MEANT_TYPES: Mapping[str, str] = {
    **dict.fromkeys(("string", "str", "line", "input", "name"), "text"),
    **dict.fromkeys(("multiline", "longtext", "message", "paragraph", "area"), "textarea"),
    **dict.fromkeys(("mail", "e-mail", "e_mail"), "email"),
    **dict.fromkeys(("phone", "telephone", "mobile", "fax"), "tel"),
    **dict.fromkeys(("link", "website", "web", "uri"), "url"),
    **dict.fromkeys(("float", "decimal", "money", "price", "range"), "number"),
    **dict.fromkeys(("int", "whole", "count"), "integer"),
    **dict.fromkeys(("day", "birthday"), "date"),
    **dict.fromkeys(("timestamp", "datetime-local", "date-time"), "datetime"),
    **dict.fromkeys(("dropdown", "choice", "list", "option"), "select"),
    **dict.fromkeys(("radios", "options", "radiobutton", "radiobuttons"), "radio"),
    **dict.fromkeys(("bool", "boolean", "yes/no", "tick", "box"), "checkbox"),
    **dict.fromkeys(("choices", "boxes", "multiselect"), "checkboxes"),
    **dict.fromkeys(("upload", "image", "picture", "photo", "attachment", "document"), "file"),
    **dict.fromkeys(("secret", "pin"), "password"),
}
"""What other words for a type mean."""
MEANT_KINDS: Mapping[str, str] = {
    **dict.fromkeys(
        ("jpg", "jpeg", "png", "gif", "webp", "avif", "image", "picture", "pictures", "photo", "photos"), "images"
    ),
    **dict.fromkeys(
        ("pdf", "doc", "docx", "odt", "ods", "odp", "rtf", "txt", "xls", "xlsx", "ppt", "pptx", "document", "text"),
        "documents",
    ),
    **dict.fromkeys(("mp3", "wav", "flac", "m4a", "sound", "sounds", "music"), "audio"),
    **dict.fromkeys(("mp4", "mov", "webm", "videos", "film", "movie"), "video"),
    **dict.fromkeys(("zip", "gz", "tar", "7z", "archive"), "archives"),
    **dict.fromkeys(("*", "all", "file", "files"), "any"),
}
"""The kinds of file that other words for them, and single formats, belong to."""

KINDS_OF_VALUES: Mapping[str, tuple[tuple[type, ...], str]] = {
    "number": ((int, float), "a number"),
    "integer": ((int,), "a whole number"),
    "date": ((date, RelativeDay), 'a date such as 2026-12-24, or "today + 2 days"'),
    "datetime": ((date, RelativeDay), 'a date with a time such as 2026-12-24T18:00:00, or "today + 2 days"'),
    "time": ((time,), "a time such as 18:30:00"),
    "checkbox": ((bool,), "`true` or `false`"),
}
"""What a value of each type is in the site file, and how it is called there; those of all others are texts."""


def fits(value: object, type_: str) -> bool:
    """Tell whether a value of the site file is one that a field of this type can have."""
    kinds, _ = KINDS_OF_VALUES.get(type_, ((str,), ""))
    if isinstance(value, bool) != (kinds == (bool,)):
        return False
    if type_ == "date" and isinstance(value, datetime):
        return False
    return isinstance(value, kinds)


def spoken_kind(type_: str) -> str:
    """Return what a value of a type is called."""
    return KINDS_OF_VALUES[type_][1] if type_ in KINDS_OF_VALUES else "a text in quotes"
