"""Receipts: what a visitor is given for an entry, to be read out on the telephone.

Owns their alphabet and shape. 50 random bits: nobody guesses one, and nobody meets one twice.
"""

import secrets

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's: no I, L, O and U, which look like others or make words."""

LENGTH = 10
_GROUP = 5
_READ_AS = str.maketrans("ILO", "110")
_LETTERS = (ALPHABET * (256 // len(ALPHABET))).encode()
"""The letter of each byte: every one of them stands for as many bytes."""


def new_receipt() -> str:
    """Return a receipt that nobody had before, such as `K7QF2-M9XA3`."""
    letters = secrets.token_bytes(LENGTH).translate(_LETTERS).decode()
    return f"{letters[:_GROUP]}-{letters[_GROUP:]}"


def as_receipt(text: str) -> str | None:
    """Return the receipt that somebody wrote, in whatever case and spacing; None of what can be none."""
    letters = "".join(each for each in text.upper().translate(_READ_AS) if each.isalnum())
    if len(letters) != LENGTH or not set(letters) <= set(ALPHABET):
        return None
    return f"{letters[:_GROUP]}-{letters[_GROUP:]}"
