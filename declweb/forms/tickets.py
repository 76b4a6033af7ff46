"""Tickets: proof that a file was uploaded a while ago to this form and field.

Owns how a ticket is signed and for how long it is good. Knows neither forms nor the folder of uploads.
"""

from datetime import timedelta

from declweb.forms.parse import ReceivedFile

LIFETIME = timedelta(hours=1)
"""How long a file is kept for a visitor who has to correct something."""


class Tickets:
    """Signs and reads tickets; the first key signs, all of them are good for reading."""

    def __init__(self, *keys: bytes) -> None:
        self._keys = keys

    def issue(self, file: ReceivedFile, form: str, field: str) -> str:
        """Return a ticket for a file."""
        raise NotImplementedError

    def redeem(self, ticket: str, form: str, field: str) -> ReceivedFile | None:
        """Return the file of a ticket; None if it is too old, of another field, or not ours. It may be gone by now."""
        raise NotImplementedError
