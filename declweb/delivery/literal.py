"""Texts of a header field that mean nothing but themselves (RFC 5322, RFC 2047).

Owns what is done with a text that looks like an encoded word, `=?utf-8?q?=0D=0ABcc:_a=40b?=`: the library would decode
it, line breaks and all, and whoever reads the mail would too. Knows no mail.
"""

from email.header import Header
from email.policy import EmailPolicy
from typing import Self

from declweb.model.mailboxes import ENCODED


class Literal(str):
    """The text of a header field, kept from being read as encoded words: it travels as encoded words of its own."""

    __slots__ = ("name",)

    name: str

    def __new__(cls, name: str, text: str) -> Self:
        """Return a text of the field of this name."""
        made = super().__new__(cls, text)
        made.name = name
        return made

    def fold(self, *, policy: EmailPolicy) -> str:
        """Return the field as it is written, as the library asks of its own fields."""
        longest = policy.max_line_length or 78
        words = Header(str(self), "utf-8", longest, self.name).encode(linesep=policy.linesep)
        return f"{self.name}: {words}{policy.linesep}"


def literal(name: str, text: str) -> str:
    """Return a text for the header field of a name."""
    return Literal(name, text) if ENCODED in text else text
