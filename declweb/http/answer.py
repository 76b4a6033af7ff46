"""What an answer is made of.

Owns the shapes that every other part speaks of, and the wording of status lines. Knows nothing of how an answer comes
about.
"""

from collections.abc import Callable, Iterable
from http import HTTPStatus

Header = tuple[str, str]
Headers = list[Header]
Answer = tuple[str, Headers, Iterable[bytes]]
"""Status line, header fields, body. The list of fields belongs to whoever receives it: servers change it."""

Finish = Callable[[int, bool, Headers], Headers]
"""The last word on the header fields of an answer with this status, over https or not; may change the given list."""


READING = frozenset({"GET", "HEAD"})
"""The methods that only read: what answers one of them answers the other."""


class Refused(Exception):
    """There is an error to answer with; what it looks like is not for the part to say that noticed it.

    `headers` go onto the answer, whatever its page: Allow, Content-Range, Retry-After. `told` gives a sentence that
    says more than the status does, by what says texts in the visitor's language.
    """

    def __init__(
        self, status: int, headers: Iterable[Header] = (), told: Callable[[Callable[[str], str]], str] | None = None
    ) -> None:
        super().__init__(status)
        self.status = status
        self.headers = tuple(headers)
        self.told = told


_RENAMED = {413: "Content Too Large", 414: "URI Too Long", 416: "Range Not Satisfiable", 422: "Unprocessable Content"}
"""Reason phrases of RFC 9110 §15 that older Pythons spell differently."""

_LINES = {status.value: f"{status.value} {_RENAMED.get(status, status.phrase)}" for status in HTTPStatus}

WITHOUT_CONTENT = frozenset({204, 304})
"""Statuses whose answers have no content and no fields that describe it."""


def status_line(status: int) -> str:
    """Return the status with its reason phrase, as WSGI wants it."""
    return _LINES.get(status) or f"{status} Unknown"


def as_it_is(_status: int, _secure: bool, headers: Headers) -> Headers:  # noqa: FBT001 # the shape of Finish
    """Finish nothing: the header fields stay as they are."""
    return headers
