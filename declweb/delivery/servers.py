"""The mail server that `[mail] server` names, as an address and the manners in which it is spoken to.

Owns when a connection must be encrypted. Knows no message and no socket.
"""

from dataclasses import dataclass
from ipaddress import ip_address
from typing import Self
from urllib.parse import unquote, urlsplit

from declweb.model.mail import IN_THE_CLEAR

PORTS = {"smtp": 587, "smtps": 465}
"""The usual ports: submission, and submission within TLS (RFC 8314, section 3)."""


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where mail is handed in."""

    host: str
    port: int
    user: str = ""
    password: str = ""
    is_within_tls: bool = False
    """Whether the connection begins with TLS (`smtps://`)."""
    wants_tls: bool = True
    """Whether nothing is said in the clear but the wish to encrypt (STARTTLS, RFC 3207)."""

    @classmethod
    def of(cls, url: str) -> Self:
        """Return the server of a URL that `[mail]` has taken.

        What goes to another machine is encrypted, and the other machine must prove who it is, unless the URL ends with
        `?tls=none`. To this very machine mail may go in the clear where the server offers nothing else.
        """
        parts = urlsplit(url)
        host = parts.hostname or ""
        return cls(
            host,
            parts.port or PORTS[parts.scheme],
            unquote(parts.username or ""),
            unquote(parts.password or ""),
            is_within_tls=parts.scheme == "smtps",
            wants_tls=parts.query != IN_THE_CLEAR,
        )

    @property
    def is_this_machine(self) -> bool:
        """Whether what is sent there does not leave the machine."""
        try:
            return ip_address(self.host).is_loopback
        except ValueError:
            return self.host in {"localhost", "localhost."}

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"
