"""Webhooks to test with: a message, the `[[send]]` it comes from, and what becomes of it."""

import base64
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from callee import Callee

from declweb.delivery.calling import Patience
from declweb.delivery.outcome import Outcome
from declweb.delivery.settings import Settings
from declweb.delivery.webhook import call
from declweb.model import Send
from declweb.storage import MessageKind, MessageState, Outgoing
from declweb.storage.uploads import UploadFolder

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"  # that of the examples of Standard Webhooks
OTHER = "whsec_" + base64.b64encode(b"another key of thirty-two bytes.").decode()
SHORT = Patience(connect=0.5, whole=0.5, words=0.2)
"""For those who never answer: it is always used up."""
LONG = Patience(connect=60.0, whole=60.0, words=60.0)
"""For those who answer or go away: it is never used up, however slow the machine is."""
CONTENT: dict[str, Any] = {
    "type": "entry.created",
    "data": {"receipt": "K7QF2-M9XA3", "fields": {"name": {"value": "Zoë 🎂"}}},
}


def message(target: str, **changes: Any) -> Outgoing:
    made = Outgoing(
        number=7, receipt="K7QF2-M9XA3", form="order", kind=MessageKind.WEBHOOK, target=target, content=CONTENT, send=0,
        state=MessageState.WAITING, created=datetime.now(UTC), due=datetime.now(UTC), attempts=0, last_words="",
    )  # fmt: skip
    return replace(made, **changes)


def settings(target: str, **keys: Any) -> Settings:
    return Settings("Bakery", UploadFolder(Path("unused")), sends={"order": (send(target, **keys),)})


def send(target: str, **keys: Any) -> Send:
    return Send.model_validate({"webhook": target, "private": True, **keys})


def told(there: Callee, *, patience: Patience = LONG, **keys: Any) -> Outcome:
    return call(message(there.url), settings(there.url, **keys), patience=patience)
