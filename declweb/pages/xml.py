"""Small XML documents (XML 1.0), written element by element.

Owns which characters may stand in one, and how a moment is written. Knows no vocabulary.
"""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from html import escape

DECLARATION = '<?xml version="1.0" encoding="utf-8"?>\n'

_NO_CHARACTER = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def written(text: str) -> str:
    """Return a text as it stands in an element or between quotes.

    What is no character of XML (section 2.2) is the replacement character: it cannot be escaped either. A carriage
    return, which a reader would take for a line feed, is escaped.
    """
    return escape(_NO_CHARACTER.sub("\ufffd", text)).replace("\r", "&#13;")


def moment(value: date) -> str:
    """Return a day, or a moment as RFC 3339 has it: with an offset of whole minutes, as offsets once were not."""
    offset = value.utcoffset() if isinstance(value, datetime) else None
    if isinstance(value, datetime) and offset is not None and offset.seconds % 60:
        try:
            value = value.astimezone(UTC)
        except OverflowError:
            value = value.replace(tzinfo=UTC)
    return value.isoformat()


def element(name: str, text: str | None = None, attributes: Mapping[str, str | None] | None = None) -> str:
    """Return an element with this text, an empty one without; an attribute that is None is left out."""
    spoken = "".join(f' {key}="{written(value)}"' for key, value in (attributes or {}).items() if value is not None)
    return f"<{name}{spoken}/>" if text is None else f"<{name}{spoken}>{written(text)}</{name}>"
