"""Signatures of webhooks, by which another program knows who calls, and that nothing was changed on the way.

Owns what is signed and how it is written (Standard Webhooks, "Signature scheme"). Knows no connection.
"""

import base64
import hashlib
import hmac
from collections.abc import Iterable

from declweb.model.webhooks import webhook_key


def signed(body: bytes, message: str, moment: int, secrets: Iterable[str]) -> dict[str, str]:
    """Return the header fields that go with a body; with several secrets there is a signature of each.

    `message` is the same in every attempt, `moment` is that of the attempt, in seconds since 1970.
    """
    content = f"{message}.{moment}.".encode() + body
    signatures = [f"v1,{_signature(webhook_key(secret), content)}" for secret in secrets]
    headers = {"webhook-id": message, "webhook-timestamp": str(moment)}
    return {**headers, "webhook-signature": " ".join(signatures)} if signatures else headers


def _signature(key: bytes, content: bytes) -> str:
    return base64.b64encode(hmac.digest(key, content, hashlib.sha256)).decode()
