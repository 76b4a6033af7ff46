"""What entries are searched by, and how texts are compared in a search.

Owns the shape of a search. Knows neither a database nor a page.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from declweb.storage.entry import Status

MOST_WORDS = 50
"""Words that are looked for at once: a database takes no statement of any length."""

Labels = Mapping[str, Mapping[str, Mapping[str, str]]]
"""How choices are called: form, field and value, and what is shown for it; in several languages one after the other."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """Which entries are wanted; what is left out does not matter."""

    form: str | None = None
    text: str = ""
    """Words, each of which must stand somewhere in an entry, as whatever part of a word and in whatever case."""
    statuses: Sequence[Status] = ()
    """Any of these."""
    is_seen: bool | None = None
    has_failed: bool = False
    """Whether a message of it could not be delivered."""
    since: datetime | None = None
    """The first moment."""
    until: datetime | None = None
    """The moment after the last."""
    before: int | None = None
    """The number of the last entry of the page before: only older ones."""

    @property
    def words(self) -> tuple[str, ...]:
        """What must be found, each once, as it is compared; of very many the first ones."""
        return tuple(islice(dict.fromkeys(folded(self.text).split()), MOST_WORDS))


def folded(text: str) -> str:
    """Return a text as it is compared: without case and without ways of writing the same (Unicode, D146).

    What no entry can hold, half characters and NUL, stands for nothing that could be found.
    """
    text = unicodedata.normalize("NFKC", text).casefold()
    return _IMPOSSIBLE.sub("\N{REPLACEMENT CHARACTER}", unicodedata.normalize("NFKC", text))


_IMPOSSIBLE = re.compile("[\0\ud800-\udfff]")
