"""Delivering in a process that serves: threads that wait for messages, and wake as soon as one is stored.

Owns these threads, one for mail and one for webhooks, so that neither waits for the other; visitors wait for none of
them. Knows neither mail nor webhooks.
"""

import atexit
import logging
import os
import random
import time
from datetime import datetime
from functools import partial
from importlib import import_module
from threading import Event, Lock, Thread

from declweb.delivery.rounds import LEASE, Clock, Round, utc_now
from declweb.delivery.settings import Settings
from declweb.delivery.telling import tell_owner
from declweb.storage import MessageKind, Store, StoreDown, StoreTooNew

POLL = 10.0
"""Seconds between two looks for messages that another process has left."""

GATHER = 0.1
"""Seconds between a message that is stored and the look for it: while many come, one look is for all of them."""

SETTLING = 1.0
"""Seconds of rest at first: servers that load a site and then copy their process copy no work that is half done."""

TELLING = 60.0
"""Seconds between two looks for something that the owner must be told."""

AFTER_FAILURE = 5.0
"""Seconds of rest after something went wrong."""

PATIENCE = 25.0
"""Seconds that a process which stops waits for the message that is on its way."""

NEEDED = (
    "declweb.storage.outbox",
    "declweb.storage.notices",
    "declweb.storage.reading",
    "declweb.storage.database",
    "declweb.storage.writer",
    "declweb.delivery.mail",
    "declweb.delivery.webhook",
    "email_validator",
)
"""What the threads would import."""

logger = logging.getLogger("declweb.delivery")


class _Line:
    """One kind of messages, and the thread that delivers them."""

    def __init__(self, deliverer: "Deliverer", kind: MessageKind) -> None:
        self._deliverer = deliverer
        self._kind: MessageKind = kind
        self.bell = Event()
        self.thread = Thread(target=self._run, name=f"declweb-{kind}", daemon=True)
        self._told: datetime | None = None

    def _run(self) -> None:
        self.bell.wait(SETTLING)
        while not self._deliverer.stop_.is_set():
            self.bell.clear()
            try:
                self._work()
                seconds = self._until_due()
            except (StoreDown, StoreTooNew) as error:
                logger.warning("messages cannot be delivered: %s", error)
                seconds = AFTER_FAILURE
            except Exception:
                logger.exception("messages cannot be delivered")
                seconds = AFTER_FAILURE
            self.bell.wait(seconds)
            self._deliverer.stop_.wait(GATHER)

    def _work(self) -> None:
        deliverer = self._deliverer
        settings, clock, store = deliverer.settings, deliverer.clock, deliverer.store
        if self._kind not in settings.kinds and self._kind == MessageKind.EMAIL and not settings.can_tell:
            return
        Round(store, settings, self._kind, clock=clock, stop=deliverer.stop_, lease=deliverer.lease).run()
        now = clock()
        if self._kind == MessageKind.EMAIL and (self._told is None or (now - self._told).total_seconds() >= TELLING):
            self._told = now
            if tell_owner(store, settings, now):
                self.bell.set()

    def _until_due(self) -> float:
        deliverer = self._deliverer
        wait = POLL * random.SystemRandom().uniform(0.8, 1.2)
        if self._kind not in deliverer.settings.kinds:
            return wait
        due = deliverer.store.next_due((self._kind,))
        return wait if due is None else max(0.05, min(wait, (due - deliverer.clock()).total_seconds()))


class Deliverer:
    """Delivers a store's messages from one process."""

    def __init__(self, store: Store, settings: Settings, *, clock: Clock = utc_now, lease: float = LEASE) -> None:
        self.store = store
        self.settings = settings
        """The site as it is now: whoever reloads it puts the new ones here."""
        self.clock = clock
        self.lease = lease
        self.stop_ = Event()
        self._lines = (_Line(self, MessageKind.EMAIL), _Line(self, MessageKind.WEBHOOK))

    def start(self) -> None:
        """Begin."""
        for name in NEEDED:  # a copy of the process that is made while a thread imports would wait for it for ever
            import_module(name)
        self.store.bells[:] = [self.ring]
        for line in self._lines:
            line.thread.start()

    def ring(self) -> None:
        """Look at once whether there is something to deliver."""
        for line in self._lines:
            line.bell.set()

    def stop(self, patience: float = PATIENCE) -> None:
        """End, after the messages that are on their way."""
        self.stop_.set()
        if self.ring in self.store.bells:
            self.store.bells.remove(self.ring)
        self.ring()
        deadline = time.monotonic() + patience
        for line in self._lines:
            line.thread.join(max(0.0, deadline - time.monotonic()))


_running: dict[int, Deliverer] = {}
_lock = Lock()


def deliver(store: Store, settings: Settings) -> None:
    """Deliver a store's messages in this process from now on, as the site says now."""
    with _lock:
        deliverer = _running.get(id(store))
        if deliverer is None:
            deliverer = _running[id(store)] = Deliverer(store, settings)
            deliverer.start()
        else:
            deliverer.settings = settings
            deliverer.ring()


def stop_delivering() -> None:
    """End all delivering in this process, after the messages that are on their way."""
    with _lock:
        running = list(_running.values())
        _running.clear()
    for deliverer in running:
        deliverer.stop_.set()
    for deliverer in running:
        deliverer.stop()


def _begin_anew() -> None:
    """Begin anew in a child, with the first message that it stores: its parent's threads are not its own."""
    global _lock  # noqa: PLW0603 # another thread of the parent may have held it
    _lock = Lock()
    for deliverer in _running.values():
        deliverer.store.bells[:] = [partial(deliver, deliverer.store, deliverer.settings)]
    _running.clear()


os.register_at_fork(after_in_child=_begin_anew)
atexit.register(stop_delivering)
