"""Mail of the outbox, from composing to handing in.

Owns which connection a mail goes over. Knows neither claims nor schedules.
"""

import re
from datetime import datetime
from typing import Self

from declweb.delivery.composing import MOST_ATTACHED, Unsendable, compose, recipient, sender
from declweb.delivery.outcome import Later, Outcome, Refused
from declweb.delivery.servers import MailServer
from declweb.delivery.settings import Settings
from declweb.delivery.smtp import Connection, Unreachable
from declweb.storage import Outgoing

ROOM = 0.7
"""How much of the size that a server allows may be attachments: in a mail they grow by a third."""
_TOO_LARGE = re.compile(r"552\b|5\d\d 5\.(3\.4|2\.3)\b")
"""How a server refuses a mail that is too large for it, or for the mailbox (RFC 1870; RFC 3463, X.3.4 and X.2.3)."""


class Mailer:
    """Sends mails one after the other, over one connection for as long as that holds.

    Once the server could not be reached, the rest is told so without asking again: begin anew with the next round.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._connection: Connection | None = None
        self._unreachable = ""

    def send(self, message: Outgoing, now: datetime | None = None) -> Outcome:
        """Send a mail, once; without its files where the server says that they are too much."""
        settings = self._settings
        if settings.mail is None or not settings.mail.server:
            return Later("there is no [mail] server")
        try:
            _, origin = sender(settings)
            target = recipient(message)
            connection = self._connected(settings.mail.server, origin.plainest.rpartition("@")[2])
            room = MOST_ATTACHED if connection.size is None else min(MOST_ATTACHED, int(connection.size * ROOM))
            outcome = connection.hand_in(compose(message, settings, now, room), origin, target)
            if message.content.get("attach") and isinstance(outcome, Refused) and _TOO_LARGE.match(outcome.words):
                outcome = connection.hand_in(compose(message, settings, now, -1), origin, target)
        except Unsendable as error:
            return Refused(str(error))
        except Unreachable as error:
            self._unreachable = str(error)
            return Later(self._unreachable)
        else:
            return outcome

    def _connected(self, url: str, name: str) -> Connection:
        if self._unreachable:
            raise Unreachable(self._unreachable)
        if self._connection is None or not self._connection.is_usable:
            self.close()
            self._connection = Connection(MailServer.of(url), name)
        return self._connection

    def close(self) -> None:
        """Say goodbye to the server."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def send_mail(message: Outgoing, settings: Settings) -> Outcome:
    """Send one mail, once."""
    with Mailer(settings) as mailer:
        return mailer.send(message)
