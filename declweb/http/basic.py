"""HTTP basic authentication: name and password in a header field (RFC 7617).

Owns how the field is read. Knows no user.
"""

from base64 import b64decode
from binascii import Error

LONGEST = 4000
"""Characters of the field."""


def credentials(authorization: str | None) -> tuple[str, str] | None:
    """Return name and password; None where the field has none, or cannot be read (RFC 7617, section 2)."""
    if authorization is None or len(authorization) > LONGEST:
        return None
    scheme, _, token = authorization.strip().partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        written = b64decode(token.strip(), validate=True).decode()
    except (Error, ValueError):
        return None
    name, colon, password = written.partition(":")
    is_clean = not any(ord(letter) < 32 or letter == "\x7f" for letter in written)
    return (name, password) if colon and is_clean else None
