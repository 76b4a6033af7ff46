"""The address and the secrets of a webhook.

Owns how both are written, and which bytes a secret stands for. Knows no message and no network.
"""

import base64
import binascii
import re
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator

from declweb.model.base import quoted, wrong

PREFIX = "whsec_"
"""What a secret begins with whose rest is base64 (Standard Webhooks, "Signature scheme")."""
SHORTEST = 16
"""Characters of a secret that is the key itself."""
KEY_BYTES = range(24, 65)
"""Bytes of a key in base64 (Standard Webhooks, "Signature scheme": 24 to 64)."""

_STRANGE = re.compile(r"[\s<>\"\\\x00-\x1f\x7f]")


def webhook_key(secret: str) -> bytes:
    """Return the key that a secret stands for; raises ValueError where what follows `whsec_` is no base64."""
    if not secret.startswith(PREFIX):
        return secret.encode()
    written = secret.removeprefix(PREFIX).rstrip("=")
    try:
        return base64.b64decode(written + "=" * (-len(written) % 4), validate=True)
    except binascii.Error as error:
        raise ValueError("no base64") from error


def _secret(secret: str) -> str:
    """Return a secret that can sign; no message ever quotes one."""
    try:
        length = len(webhook_key(secret))
    except ValueError:
        raise wrong(
            "bad-secret",
            f"what follows `{PREFIX}` in this secret is no base64",
            help="copy it again, whole; or take a text of your own that does not begin like that",
        ) from None
    if secret.startswith(PREFIX) and length not in KEY_BYTES:
        raise wrong(
            "bad-secret",
            f"this secret is a key of {length} bytes; there are {KEY_BYTES.start} to {KEY_BYTES.stop - 1} in one",
            help="copy it again, whole; or have a new one made",
        )
    if len(secret) < SHORTEST:
        raise wrong(
            "bad-secret",
            f"a secret has at least {SHORTEST} characters: a shorter one can be guessed",
            help="take a long random one, the same on both sides",
        )
    return secret


Secret = Annotated[str, AfterValidator(_secret)]
"""What calls are signed with."""


def check_webhook(value: str) -> None:
    """Raise unless a text is an address that can be called."""
    if "{{" in value:
        raise wrong(
            "bad-target",
            "the address of a webhook is always the same: `{{ … }}` is not filled in here",
            help="the entry is sent along; write a fixed address",
            key="webhook",
        )
    try:
        parts = urlsplit(value)
        is_address = parts.scheme in {"http", "https"} and bool(parts.hostname) and not _STRANGE.search(value)
        is_address = is_address and (parts.port is None or parts.port > 0)
    except ValueError:
        raise _no_address(value) from None
    if not is_address:
        raise _no_address(value)
    if parts.username is not None or parts.password is not None:
        raise wrong(
            "bad-target",
            "the address of a webhook is kept with every message, so a password in it would be, too",
            help="take out what stands before the @; a `secret` shows the other side who calls",
            key="webhook",
        )
    if not _is_name(parts.hostname or ""):
        raise wrong(
            "bad-target",
            f"{quoted(parts.hostname)} is no name of a machine",
            help="such as `https://till.example/orders`",
            key="webhook",
        )


def _no_address(value: str) -> Exception:
    return wrong(
        "bad-target",
        f"{quoted(masked(value))} is no web address that can be called",
        help="such as `https://till.example/orders`",
        key="webhook",
    )


def _is_name(host: str) -> bool:
    """Tell whether a host can be asked for: its labels fit into a question (RFC 1035 section 2.3.4)."""
    try:
        return len(host.encode("idna")) <= 253
    except UnicodeError:
        return False


def masked(url: str) -> str:
    """Return an address as it may be shown: without what may be secret in it, which is all but scheme and host."""
    found = re.fullmatch(r"([A-Za-z][A-Za-z0-9+.-]*://)?(?:[^/@]*@)?([^/?#@]*)(.*)", url, re.DOTALL)
    assert found is not None, "every text has these parts, empty ones at the least"
    scheme, host, rest = found.groups()
    return f"{scheme or ''}{host}{rest if len(rest) <= 1 else '/…'}"
