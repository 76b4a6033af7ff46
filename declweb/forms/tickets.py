"""Tickets: proof that a file was uploaded a while ago to this form and field.

Owns how a ticket is signed and for how long it is good. Knows neither forms nor the folder of uploads: a file is laid
aside there before its ticket is issued (`hold`), and taken up again after it is redeemed (`reuse`).
"""

import hashlib
from collections.abc import Sequence
from datetime import timedelta

from itsdangerous import BadData, URLSafeTimedSerializer

from declweb.forms.uploads import ReceivedFile

LIFETIME = timedelta(hours=1)
"""How long a file is kept for a visitor who has to correct something."""

_SALT = "declweb.upload"
_LONGEST = 4000
"""Characters of the longest ticket."""


class Tickets:
    """Signs and reads tickets; the first key signs, all of them are good for reading."""

    def __init__(self, *keys: bytes | str) -> None:
        self._signers = [
            URLSafeTimedSerializer(
                key, _SALT, signer_kwargs={"key_derivation": "hmac", "digest_method": hashlib.sha256}
            )
            for key in keys
        ]

    def issue(self, file: ReceivedFile, form: str, field: str) -> str:
        """Return a ticket for a file; its id is that of what was laid aside."""
        said = [form, field, file.id, file.name, file.size, file.digest, file.media_type]
        return str(self._signers[0].dumps(said))

    def redeem(self, ticket: str, form: str, field: str) -> ReceivedFile | None:
        """Return the file of a ticket; None if it is too old, of another field, or not ours. It may be gone by now."""
        if len(ticket) > _LONGEST:
            return None
        for signer in self._signers:
            try:
                said: Sequence[object] = signer.loads(ticket, max_age=round(LIFETIME.total_seconds()))
            except BadData:
                continue
            return ReceivedFile(*said[2:]) if list(said[:2]) == [form, field] else None  # type: ignore[arg-type] # signed
        return None
