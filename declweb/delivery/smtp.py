"""Handing mail in to a server (RFC 5321), over a connection that serves several mails.

Owns the conversation: encryption, login, and what each answer of the server means for a message. Knows neither the
outbox nor what stands in a mail.
"""

import re
import smtplib
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from email.generator import BytesGenerator
from email.message import EmailMessage
from io import BytesIO
from typing import Any, Self

from declweb.delivery.composing import INTERNATIONAL, POLICY, Mailbox
from declweb.delivery.outcome import Delivered, Later, Outcome, Refused
from declweb.delivery.replies import Patient, PatientWithinTls
from declweb.delivery.servers import MailServer
from declweb.model.mail import IN_THE_CLEAR

PATIENCE = 30.0
"""Seconds for a connection, and for each answer but the last."""

LAST_PATIENCE = 600.0
"""Seconds for the answer to a whole mail: who gives up earlier sends it twice (RFC 5321, section 4.5.3.2.6)."""

MOST_MAILS = 100
"""Mails over one connection; many servers close it after as many."""

_ABOUT_US = frozenset({502, 503, 521, 530, 534, 535, 538, 554})
"""Refusals before there is a message: they are about this site's account or connection, which its owner can mend."""
_OURS_TO_MEND = re.compile(r"5\d\d 5\.(7\.(8|9|11|13|14|57|60|139)|4\.5|1\.90|2\.252)\b")
"""Refusals of a mail that are about this site's account all the same, by their enhanced status (RFC 3463, RFC 5248):
login, encryption and rights to send as `from`; at Google and Microsoft how many mails the account may send a day."""


class Unreachable(Exception):
    """There is no connection on which mail could be handed in; says why."""


class Connection:
    """A connection to a mail server, with encryption and login behind it."""

    def __init__(self, server: MailServer, name: str) -> None:
        """Connect and log in; `name` is what this machine calls itself. Raises Unreachable."""
        self.server = server
        self.mails = 0
        self.is_open = True
        with _told(server):
            self._smtp = self._connected(name)
            try:
                self._log_in()
            except BaseException:
                self._smtp.close()
                raise

    def _connected(self, name: str) -> smtplib.SMTP:
        server = self.server
        if server.is_within_tls:
            context = ssl.create_default_context()
            return PatientWithinTls(server.host, server.port, name, timeout=PATIENCE, context=context)
        smtp = Patient(server.host, server.port, name, PATIENCE)
        try:
            self._encrypt(smtp)
        except BaseException:
            smtp.close()
            raise
        return smtp

    def _encrypt(self, smtp: smtplib.SMTP) -> None:
        """Speak TLS from now on; mail to another machine never goes in the clear unless the site says so."""
        server = self.server
        smtp.ehlo_or_helo_if_needed()
        if not server.wants_tls or (server.is_this_machine and not (server.user and smtp.has_extn("starttls"))):
            return
        if not smtp.has_extn("starttls"):
            raise Unreachable(
                f"{server} offers no encryption (STARTTLS), so nothing was sent; where that is meant to be so,"
                f" end [mail] `server` with `?{IN_THE_CLEAR}`"
            )
        smtp.starttls(context=ssl.create_default_context())
        smtp.ehlo()

    def _log_in(self) -> None:
        self._smtp.ehlo_or_helo_if_needed()
        if self.server.user:
            self._smtp.login(self.server.user, self.server.password)

    @property
    def size(self) -> int | None:
        """How many bytes a mail may have, where the server says so (RFC 1870)."""
        said = self._smtp.esmtp_features.get("size", "")
        return int(said) if said.isascii() and said.isdecimal() and int(said) else None

    @property
    def is_international(self) -> bool:
        """Whether the server takes addresses in any script (RFC 6531)."""
        return self._smtp.has_extn("smtputf8")

    def hand_in(self, mail: EmailMessage, origin: Mailbox, target: Mailbox) -> Outcome:
        """Hand a mail in, once."""
        self.mails += 1
        is_plain = origin.ascii is not None and target.ascii is not None
        if not is_plain and not self.is_international:
            return _not_international(origin, target, self.server)
        try:
            return self._talk(mail, origin, target, is_plain=is_plain)
        except (smtplib.SMTPException, OSError) as error:
            self.close()
            return Later(_words(error, self.server))

    def offer(self, origin: Mailbox, target: Mailbox) -> Outcome:
        """Ask whether a mail would be taken, and hand none in."""
        is_plain = origin.ascii is not None and target.ascii is not None
        if not is_plain and not self.is_international:
            return _not_international(origin, target, self.server)
        try:
            refusal = self._address(origin, target, [], is_plain=is_plain)
            self._smtp.rset()
        except (smtplib.SMTPException, OSError) as error:
            self.close()
            return Later(_words(error, self.server))
        return refusal or Delivered("it would be taken")

    def _talk(self, mail: EmailMessage, origin: Mailbox, target: Mailbox, *, is_plain: bool) -> Outcome:
        smtp = self._smtp
        data = _bytes(mail, is_plain=is_plain)
        options = [f"SIZE={len(data)}"] if smtp.has_extn("size") else []
        if refusal := self._address(origin, target, options, is_plain=is_plain):
            return refusal
        try:
            code, said = self._data(data)
        except smtplib.SMTPDataError as error:
            return self._refusal(error.smtp_code, error.smtp_error)
        return Delivered(spoken(code, said)) if 200 <= code < 300 else self._refusal(code, said)

    def _address(self, origin: Mailbox, target: Mailbox, options: list[str], *, is_plain: bool) -> Outcome | None:
        """Say from whom and to whom; return the refusal of either."""
        smtp = self._smtp
        if not is_plain:
            options = [*options, "SMTPUTF8", "BODY=8BITMIME"]
            smtp.command_encoding = "utf-8"
        code, said = smtp.mail(origin.plainest, options)
        if code != 250:
            return self._refusal(code, said, is_about_mail=code in {552, 555})
        code, said = smtp.rcpt(target.plainest)
        if code not in {250, 251}:
            return self._refusal(code, said, is_about_mail=code not in _ABOUT_US - {554})
        return None

    def _data(self, data: bytes) -> tuple[int, bytes]:
        if self._smtp.sock is not None:
            self._smtp.sock.settimeout(LAST_PATIENCE)
        try:
            return self._smtp.data(data)
        finally:
            if self._smtp.sock is not None:
                self._smtp.sock.settimeout(PATIENCE)

    def _refusal(self, code: int, said: bytes | str, *, is_about_mail: bool = True) -> Outcome:
        """Return what a refusal means: 4xx is for now, 5xx for good (RFC 5321, section 4.2.1)."""
        words = spoken(code, said)
        if code == 421:  # and the server closes the connection
            self.close()
        else:
            with suppress(smtplib.SMTPException, OSError):
                self._smtp.rset()
        is_for_good = 500 <= code < 600 and is_about_mail and not _OURS_TO_MEND.match(words)
        return Refused(words) if is_for_good else Later(words)

    @property
    def is_usable(self) -> bool:
        """Whether another mail can be handed in."""
        if not self.is_open or self.mails >= MOST_MAILS or self._smtp.sock is None:
            return False
        try:
            return self._smtp.noop()[0] == 250
        except (smtplib.SMTPException, OSError):
            return False

    def close(self) -> None:
        """Say goodbye."""
        if self.is_open:
            self.is_open = False
            with suppress(smtplib.SMTPException, OSError):
                if self._smtp.sock is not None:
                    self._smtp.sock.settimeout(1.0)
                    self._smtp.quit()
            self._smtp.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _bytes(mail: EmailMessage, *, is_plain: bool) -> bytes:
    file = BytesIO()
    BytesGenerator(file, policy=POLICY if is_plain else INTERNATIONAL).flatten(mail)
    return file.getvalue()


def _not_international(origin: Mailbox, target: Mailbox, server: MailServer) -> Outcome:
    if origin.ascii is None:
        return Later(f"[mail] `from` has letters that {server} takes in no address: it does not offer SMTPUTF8")
    return Refused(f"{server} cannot send to {target.international}: it does not offer SMTPUTF8")


def spoken(code: int, said: bytes | str) -> str:
    """Return a server's answer on one line, in its own words."""
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    return " ".join(f"{code} {text}".split())


@contextmanager
def _told(server: MailServer) -> Iterator[None]:
    """Let everything that can go wrong before there is a mail come out as Unreachable."""
    try:
        yield
    except (smtplib.SMTPException, OSError, UnicodeError) as error:
        raise Unreachable(_words(error, server)) from error


def _words(error: Exception, server: MailServer) -> str:
    """Return in a sentence what went wrong between us and the server."""
    if isinstance(error, smtplib.SMTPServerDisconnected) and isinstance(error.__context__, TimeoutError):
        error = error.__context__  # that is how smtplib calls it
    sentence = next(sentence for kind, sentence in _SENTENCES if isinstance(error, kind))
    said = spoken(getattr(error, "smtp_code", 0), getattr(error, "smtp_error", ""))
    reason = getattr(error, "verify_message", None) or getattr(error, "reason", None) or _text(error)
    system = (getattr(error, "strerror", None) or _text(error)).lower()
    return sentence.format(server=server, said=said, reason=reason, system=system)


_SENTENCES: tuple[tuple[type[Exception], str], ...] = (
    (ssl.SSLCertVerificationError, "{server} has a certificate that is not to be trusted: {reason}; nothing was sent"),
    (ssl.SSLError, "{server} does not speak TLS as it should: {reason}"),
    (smtplib.SMTPAuthenticationError, "{server} does not let us log in: {said}"),
    (smtplib.SMTPNotSupportedError, "{server} offers no login, and [mail] `server` has a user and a password"),
    (smtplib.SMTPServerDisconnected, "{server} closed the connection: {reason}"),
    (smtplib.SMTPResponseException, "{server} said: {said}"),
    (smtplib.SMTPException, "{server}: {reason}"),
    (UnicodeError, "[mail] `server` has a user or a password with characters that SMTP cannot carry: use ASCII"),
    (TimeoutError, "{server} did not answer in time"),
    (socket.gaierror, "{server} cannot be found: {system}"),
    (OSError, "{server} cannot be reached: {system}"),
)
"""What each failure is called, the special ones first."""


def _text(error: Any) -> str:
    return " ".join(str(error).split()) or type(error).__name__
