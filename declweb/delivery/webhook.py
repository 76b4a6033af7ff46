"""Webhooks: other programs are told of an entry (Standard Webhooks).

Owns what a call consists of and what an answer means. How it gets there, and where it may go, stands in `calling.py`.
"""

import json
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

from werkzeug.urls import iri_to_uri

from declweb.delivery.calling import PATIENCE, Patience, Reply, Unreachable, post
from declweb.delivery.failures import one_line
from declweb.delivery.outcome import Delivered, Later, Outcome, Refused
from declweb.delivery.settings import Settings
from declweb.delivery.signing import signed
from declweb.model import Send
from declweb.model.webhooks import check_webhook
from declweb.storage import Json, Outgoing

LONGEST_WAIT = timedelta(hours=24)
"""The longest pause that another program may ask for."""
BUSY = frozenset({429, 503})
"""Answers that may say when to come again (RFC 6585 section 4, RFC 9110 section 15.6.4)."""
QUIET = 60.0
"""Seconds for which a program is left alone that gave no answer."""
GONE = 410
"""The answer of a program that wants to be told no more (Standard Webhooks)."""


class Caller:
    """Calls programs one after the other.

    One that gave no answer, or asked to be left alone, is not asked again within a minute: others wait behind it.
    """

    def __init__(
        self, settings: Settings, *, clock: Callable[[], float] = time.time, patience: Patience = PATIENCE
    ) -> None:
        self._settings = settings
        self._clock = clock
        self._patience = patience
        self._silent: dict[str, tuple[float, Later]] = {}

    def __call__(self, message: Outgoing) -> Outcome:
        """Tell another program, once."""
        send = _send(message, self._settings)
        if send is None:
            return Refused("the site file does not name this webhook any more")
        if send.off:
            return Later("the site file has it switched off")
        until, known = self._silent.get(message.target, (0.0, None))
        if known is not None and self._clock() < until:
            return known
        return self._called(message, send)

    def _called(self, message: Outgoing, send: Send) -> Outcome:
        moment, target = self._clock(), message.target
        try:
            content = _with_links(message, self._settings.inbox)
            reply = tell(target, content, _id(message), send, moment=moment, patience=self._patience)
        except Unreachable as error:
            return self._left_alone(target, Later(str(error)))
        except ValueError:
            return Refused("its address is none that can be called")
        outcome = _outcome(reply, datetime.fromtimestamp(moment, UTC))
        return self._left_alone(target, outcome) if isinstance(outcome, Later) and outcome.after else outcome

    def _left_alone(self, target: str, outcome: Later) -> Later:
        self._silent[target] = (self._clock() + QUIET, outcome)
        return outcome


def call(
    message: Outgoing, settings: Settings, *, clock: Callable[[], float] = time.time, patience: Patience = PATIENCE
) -> Outcome:
    """Tell another program, once."""
    return Caller(settings, clock=clock, patience=patience)(message)


def tell(  # noqa: PLR0913 # what a call is
    target: str, content: Mapping[str, Json], id_: str, send: Send, *, moment: float, patience: Patience = PATIENCE
) -> Reply:
    """Post a message, signed with the secrets of a `[[send]]`, and return the answer.

    `id_` is the same in every attempt, `moment` is that of the attempt. Raises Unreachable, and ValueError where the
    address is none.
    """
    check_webhook(target)
    body = json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
    headers = {"Content-Type": "application/json", **signed(body, id_, int(moment), send.secret or ())}
    return post(urlsplit(iri_to_uri(target)), body, headers, is_private=send.private, patience=patience)


def _send(message: Outgoing, settings: Settings) -> Send | None:
    """Return the `[[send]]` of a message: the one with its address, or else the one in its place."""
    same = (send for send in settings.sends.get(message.form, ()) if send.webhook == message.target)
    found = next(same, None) or settings.send_of(message)
    return found if found is not None and found.webhook is not None else None


def _id(message: Outgoing) -> str:
    """Return what tells a message from all others, whoever sent them; without dots, which part what is signed."""
    return f"msg_{message.receipt.replace('-', '')}_{message.number}"


def _with_links(message: Outgoing, inbox: str | None) -> Mapping[str, Json]:
    """Return what a message says, with the addresses of entry and files where there is an inbox to read them in."""
    data = message.content.get("data")
    if inbox is None or not message.receipt or not isinstance(data, Mapping):
        return message.content
    entry = f"{inbox}/entry/{message.receipt}"
    files = data.get("files")
    told = [
        {**file, "url": f"{entry}/file/{number}"} if isinstance(file, Mapping) else file
        for number, file in enumerate(files if isinstance(files, Sequence) else (), 1)
    ]
    return {**message.content, "data": {**data, "url": entry, "files": told}}


def _outcome(reply: Reply, now: datetime) -> Outcome:
    """Return what an answer means; none leads anywhere else."""
    words = spoken(reply)
    if 200 <= reply.status < 300:
        return Delivered(words)
    if reply.status == GONE:
        return Refused(f"{words}; it wants to be told no more")
    if 300 <= reply.status < 400:
        return Later(f"{words}; redirects are not followed: write the address that it is at into the site file")
    return Later(words, _pause(reply, now) if reply.status in BUSY else None)


def spoken(reply: Reply) -> str:
    """Return what came back as one line that is safe to show."""
    said = one_line(f"{reply.status} {reply.reason}", 80)
    text = one_line(reply.text)
    return f"{reply.host} answered {said}" + (f": {text}" if text else "")


def _pause(reply: Reply, now: datetime) -> timedelta | None:
    """Return for how long not to come again (RFC 9110 section 10.2.3): seconds, or a date."""
    text = reply.headers.get("retry-after", "").strip()
    if text.isascii() and text.isdecimal():
        return min(timedelta(seconds=int(text[:9])), LONGEST_WAIT)
    try:
        until = parsedate_to_datetime(text)
    except (ValueError, TypeError, OverflowError):
        return None
    until = until if until.tzinfo is not None else until.replace(tzinfo=UTC)
    return min(max(until - now, timedelta(0)), LONGEST_WAIT)
