"""What answers at an address, whichever table declares it.

Owns the shape of it, and the one kind that several tables have: bytes that are the same for everyone. Knows no table.
"""

from dataclasses import dataclass
from typing import ClassVar, Protocol

from declweb.context import Context
from declweb.http.answer import Answer, Headers
from declweb.http.prepared import Prepared


class Answering(Protocol):
    """What answers at an address."""

    @property
    def name(self) -> str:
        """The name that url_for knows it by; empty where there is none."""

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why it cannot be made before the first request."""

    @property
    def place(self) -> str:
        """Where it is declared."""

    @property
    def headers(self) -> Headers:
        """What the answer says of itself, as far as it is settled here."""

    @property
    def is_original(self) -> bool:
        """Whether it is a page or a file that stands for itself, and no repetition of another one."""

    def respond(self, context: Context) -> Answer:
        """Answer one request."""

    def prepare(self, path: str, prefix: str) -> Prepared:
        """Return the answer at an exact address, made before the first request."""


@dataclass(frozen=True, slots=True, eq=False)
class Fixed:
    """Bytes that are the same for everyone, such as a JSON value."""

    name: str
    place: str
    prepared: Prepared
    reasons: tuple[str, ...] = ()
    headers: ClassVar[Headers] = []
    """They are `prepared`'s own."""
    is_original: ClassVar[bool] = False
    """It is no page."""

    def respond(self, context: Context) -> Answer:
        """Answer one request."""
        return self.prepared.answer(context.fields, secure=context.is_secure, head=context.method == "HEAD")

    def prepare(self, path: str, prefix: str) -> Prepared:
        """Return the answer at its only address, made before the first request."""
        return self.prepared
