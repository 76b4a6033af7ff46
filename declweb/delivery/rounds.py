"""One round of delivering: everything that is due is claimed, tried once, and what came of it is noted.

Owns the order of these, and that whoever delivers keeps its claim for as long as it takes. Knows neither threads that
wait nor when the next round is.
"""

import logging
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from threading import Event, Thread
from typing import Protocol

from declweb.delivery.outcome import Delivered, Later, Outcome, Refused
from declweb.delivery.schedule import NOTICES, next_try
from declweb.delivery.settings import Settings
from declweb.storage import MessageKind, Outgoing, Store, StoreDown

LEASE = 60.0
"""Seconds after which somebody else takes over from whoever claimed messages and is gone."""

PORTIONS: dict[MessageKind, int] = {MessageKind.EMAIL: 20, MessageKind.WEBHOOK: 5}
"""Messages that are claimed at once."""

COURTESY = 3600.0
"""Seconds between two mails to an address that a visitor typed (DESIGN, section 5)."""

TOO_MANY = timedelta(days=1)
"""After which a mail is given up that found the address taken by others every hour."""

NOTING = 0.5
"""Seconds between two tries to note what came of an attempt."""

logger = logging.getLogger("declweb.delivery")

Clock = Callable[[], datetime]
Report = Callable[[Outgoing, Outcome], None]


def utc_now() -> datetime:
    """Return the moment."""
    return datetime.now(UTC)


class Carrier(Protocol):
    """What delivers one message, once."""

    def __call__(self, message: Outgoing) -> Outcome:
        """Return what came of it."""


class Round:
    """Delivers what is due of one kind, until nothing is."""

    def __init__(  # noqa: PLR0913 # what, where, when and who is told
        self,
        store: Store,
        settings: Settings,
        kind: MessageKind,
        *,
        clock: Clock = utc_now,
        stop: Event | None = None,
        report: Report | None = None,
        lease: float = LEASE,
    ) -> None:
        self._store = store
        self._settings = settings
        self._kind = kind
        self._clock = clock
        self._stop = stop or Event()
        self._report = report
        self._lease = lease

    def run(self) -> int:
        """Deliver; return how many attempts were made. Raises StoreDown."""
        if self._kind not in self._settings.kinds:
            return 0
        made = 0
        with ExitStack() as stack:
            carry: Carrier | None = None
            while not self._stop.is_set() and (messages := self._claimed()):
                carry = carry or stack.enter_context(_carrier(self._kind, self._settings))
                with _kept(self._store, messages[0].lease, self._lease, self._clock):
                    made += self._deliver(messages, carry)
        return made

    def _claimed(self) -> list[Outgoing]:
        now = self._clock()
        due = self._store.next_due((self._kind,))
        if due is None or due > now:
            return []
        return self._store.claim(PORTIONS[self._kind], self._lease, kinds=(self._kind,), now=now)

    def _deliver(self, messages: list[Outgoing], carry: Carrier) -> int:
        made = 0
        for position, message in enumerate(messages):
            if self._stop.is_set():
                self._store.give_back(messages[position:])
                break
            if self._store.is_claimed(message, self._lease / 2, self._clock()) and self._may_go(message):
                going = replace(message, target=self._settings.target_of(message))
                self._note(going, self._tried(going, carry))
                made += 1
        return made

    def _tried(self, message: Outgoing, carry: Carrier) -> Outcome:
        try:
            return carry(message)
        except Exception as error:
            logger.exception("message %d could not be delivered", message.number)
            return Later(f"a mistake of declweb's, which the log tells more of: {type(error).__name__}")

    def _may_go(self, message: Outgoing) -> bool:
        """Tell whether a mail may go to an address that a visitor typed; if not, it waits until it may."""
        if not message.content.get("typed"):
            return True
        from declweb.delivery.composing import reader  # noqa: PLC0415 # once there is a mail

        now = self._clock()
        address = self._store.visitor(reader(message.target))
        free = self._store.claim_address(address, message.number, COURTESY, now)
        if free is None:
            return True
        if now - message.created > TOO_MANY:
            self._note(message, Refused("more mails than one an hour were to go to this address, for a whole day"))
        else:
            self._store.give_back([message], free)
        return False

    def _note(self, message: Outgoing, outcome: Outcome) -> None:
        """Note what came of an attempt; as long as the store is down a delivery must not be forgotten."""
        now = self._clock()
        again = None
        if isinstance(outcome, Later):
            is_notice = message.content.get("what") == "notice" and now - message.created < NOTICES
            again = next_try(message.attempts + 1, now, outcome.after, is_patient=is_notice)
        while True:
            try:
                self._store.note_attempt(
                    message, outcome.words, is_delivered=isinstance(outcome, Delivered), again=again, now=now
                )
            except StoreDown as error:
                logger.warning("what came of message %d could not be noted: %s", message.number, error)
                if self._stop.wait(NOTING):
                    raise
            else:
                break
        _log(message, outcome, again)
        if self._report is not None:
            self._report(message, outcome)


def _log(message: Outgoing, outcome: Outcome, again: datetime | None) -> None:
    what = f"{message.kind} {message.number}" + (f" of entry {message.receipt}" if message.receipt else "")
    if isinstance(outcome, Delivered):
        logger.info("%s is delivered: %s", what, outcome.words)
    elif again is not None:
        logger.warning("%s waits until %s: %s", what, again.isoformat(" ", "seconds"), outcome.words)
    else:
        logger.error("%s could not be delivered: %s", what, outcome.words)


@contextmanager
def _carrier(kind: MessageKind, settings: Settings) -> Iterator[Carrier]:
    """Yield what delivers messages of a kind; what it needs is imported once there is one."""
    if kind == MessageKind.EMAIL:
        from declweb.delivery.mail import Mailer  # noqa: PLC0415 # see above

        with Mailer(settings) as mailer:
            yield mailer.send
    else:
        from declweb.delivery.webhook import Caller  # noqa: PLC0415 # see above

        yield Caller(settings)


@contextmanager
def _kept(store: Store, lease: str, seconds: float, clock: Clock) -> Iterator[None]:
    """Renew a claim for as long as the block lasts: a server may take its time, and nobody else may begin meanwhile."""
    end = Event()

    def renew() -> None:
        while not end.wait(seconds / 3):
            try:
                store.renew(lease, seconds, clock())
            except Exception:  # the next one may succeed
                logger.warning("a claim could not be renewed", exc_info=True)

    thread = Thread(target=renew, name="declweb-claim", daemon=True)
    thread.start()
    try:
        yield
    finally:
        end.set()
        thread.join()
