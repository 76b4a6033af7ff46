"""A real mail server for tests, with all the manners that mail servers have."""

import asyncio
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword
from entering import entering, mail
from servers import free_port

from declweb.delivery.rounds import Round
from declweb.delivery.settings import Settings
from declweb.delivery.telling import tell_owner
from declweb.model import Mail
from declweb.storage import Json, MessageKind, Outgoing, Store

HOST = "127.0.0.1"

CONTACT = """
[forms.contact]
path = "/contact"
keep = "forever"

[forms.contact.fields]
name = { label = "Your name", required = true }

[[forms.contact.send]]
email = "hello@bakery.example"
"""
"""The part of a site file with a form that sends a mail."""


@dataclass
class MailServer:
    """What came to a server, and how it behaves: whoever tests changes that while it runs."""

    port: int
    mails: list[EmailMessage] = field(default_factory=list)
    """What it has taken, in the order in which it came."""
    targets: list[str] = field(default_factory=list)
    origins: list[str] = field(default_factory=list)
    to_recipient: str = "250 OK"
    """What it says to an address."""
    to_sender: str = "250 OK"
    to_mail: str = "250 2.0.0 queued"
    """What it says to a whole mail."""
    largest: int = 10**8
    """Bytes above which it says `to_large` to a whole mail."""
    to_large: str = "552 too large"
    seconds: float = 0.0
    """How long it takes for a mail."""
    drops: int = 0
    """How many connections it breaks off after it has taken the mail and before it says so."""
    connections: int = 0
    is_holding: bool = False
    """Whether it keeps those who send it a mail waiting."""

    async def handle_EHLO(  # noqa: N802 # aiosmtpd's names
        self, server: Any, session: Any, envelope: Any, hostname: str, responses: list[str]
    ) -> list[str]:
        self.connections += 1
        session.host_name = hostname
        return responses

    async def handle_MAIL(  # noqa: N802 # aiosmtpd's own name
        self, server: Any, session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return self.to_sender

    async def handle_RCPT(  # noqa: N802 # aiosmtpd's own name
        self, server: Any, session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        envelope.rcpt_tos.append(address)
        return self.to_recipient

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 # aiosmtpd's own name
        while self.is_holding:  # noqa: ASYNC110 # another thread says so
            await asyncio.sleep(0.01)
        if self.seconds:
            await asyncio.sleep(self.seconds)
        if len(envelope.content) > self.largest:
            return self.to_large
        if self.to_mail.startswith("2"):
            self.mails.append(message_from_bytes(envelope.content, policy=default))
            self.targets.extend(envelope.rcpt_tos)
            self.origins.append(envelope.mail_from)
        if self.drops:
            self.drops -= 1
            server.transport.abort()
        return self.to_mail


@contextmanager
def mail_server(
    port: int = 0,
    *,
    certificate: ssl.SSLContext | None = None,
    is_within_tls: bool = False,
    login: tuple[str, str] | None = None,
    **more: Any,
) -> Iterator[MailServer]:
    """Run a mail server as long as the block lasts."""
    server = MailServer(port or free_port())

    def authenticate(*arguments: Any) -> AuthResult:
        data = arguments[4]
        assert isinstance(data, LoginPassword)
        given = (data.login.decode(), data.password.decode())
        return AuthResult(success=given == login, handled=False)

    options: dict[str, Any] = {"enable_SMTPUTF8": True, **more}
    if login is not None:
        is_upgraded = certificate is not None and not is_within_tls
        options |= {"authenticator": authenticate, "auth_required": is_upgraded, "auth_require_tls": is_upgraded}
    if certificate is not None and not is_within_tls:
        options |= {"tls_context": certificate}
    controller = Controller(
        server, HOST, server.port, ssl_context=certificate if is_within_tls else None, ready_timeout=20, **options
    )
    controller.start()
    try:
        yield server
    finally:
        controller.stop()


BAKERY = "Blackbird Bäckerei <website@blackbird.example>"


class Office:
    """Delivers what is in a store, at the time that a test says it is."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.now = datetime.now(UTC)

    def later(self, **much: float) -> None:
        """Let time pass."""
        self.now += timedelta(**much)

    def post(self, target: str = "owner@blackbird.example", **content: Json) -> str:
        """Store an entry with a mail; return its receipt."""
        message = mail(target, **{"subject": "An entry", "text": "Two loaves, please", **content})
        return self.store.add(entering(created=self.now, messages=[message])).receipt

    def settings(self, server: int | str = "", **more: Json) -> Settings:
        """Return what delivering knows of a site with this mail server, given by its port or its whole address."""
        url = f"smtp://{HOST}:{server}" if isinstance(server, int) else server
        declared = Mail.model_validate({"server": url, "from": BAKERY, **more})
        return Settings("Blackbird Bakery", self.store.uploads, declared, timezone="Europe/Berlin")

    def deliver(self, server: int | str = "", **more: Json) -> int:
        """Deliver all that is due now, and tell the owner what is to be told; return how many attempts were made."""
        settings = self.settings(server, **more)
        made = Round(self.store, settings, MessageKind.EMAIL, clock=lambda: self.now).run()
        if tell_owner(self.store, settings, self.now):
            made += Round(self.store, settings, MessageKind.EMAIL, clock=lambda: self.now).run()
        return made

    @property
    def messages(self) -> list[Outgoing]:
        """All that is in the outbox."""
        return list(self.store.messages())

    @property
    def states(self) -> list[str]:
        """What became of each message."""
        return [message.state for message in self.messages]
