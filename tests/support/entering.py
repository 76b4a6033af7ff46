"""Entries for tests of the store, with as little to say as possible."""

import secrets
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from declweb.storage import Entering, Json, Message, MessageKind, Store, StoredField, Upload

FIELDS = (StoredField("name", "Your name", "text"), StoredField("message", "Your words", "textarea"))


def entering(**more: Any) -> Entering:
    """Return an entry that nothing speaks against, but for what is said otherwise."""
    letters = secrets.token_hex(5).upper()
    usual = Entering(
        form="contact",
        receipt=f"{letters[:5]}-{letters[5:]}",
        created=datetime.now(UTC),
        language="en",
        values={"name": "Ann", "message": "Two loaves, please"},
        fields=FIELDS,
        digest=secrets.token_hex(32),
    )
    return replace(usual, **more)


def mail(target: str = "owner@example.com", **content: Json) -> Message:
    """Return a message to be sent."""
    return Message(MessageKind.EMAIL, target, content or {"subject": "An entry"})


def received(store: Store, data: bytes = b"a picture", name: str = "cake.png") -> Upload:
    """Receive a file."""
    with store.uploads.begin() as file:
        file.write(data)
    return Upload(file.id, "photo", name, "image/png", len(data), sha256(data).hexdigest())
