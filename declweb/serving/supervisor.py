"""Processes that are kept at work until it is time to stop.

Owns starting, replacing and stopping them, and the signals that the parent gets. Knows nothing of what they do.
"""

import logging
import multiprocessing
import os
import signal
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from multiprocessing.connection import wait
from multiprocessing.context import ForkProcess
from socket import socket
from threading import Thread

logger = logging.getLogger("declweb.serving")

STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
"""The signals that end it: Ctrl-C, a service manager, a terminal that is closed."""

SHORT_LIFE = 5.0
"""Seconds; a process that lives longer was all right."""
PATIENCE = 8
"""Short lives in a row after which the next one has to wait."""
LONGEST_PAUSE = 5.0
"""Seconds; each pause is twice the one before."""


class Post:
    """The place of one process: the sockets are its own, whoever holds it."""

    def __init__(self, listener: socket) -> None:
        self.listener = listener
        self.process: ForkProcess | None = None
        self.born = 0.0
        self.short_lives = 0
        self.due = 0.0

    def bury(self, now: float) -> ForkProcess:
        """Note that the process is dead, and when the next one is due."""
        process = self.process
        assert process is not None
        process.join()
        self.process = None
        self.short_lives = self.short_lives + 1 if now - self.born < SHORT_LIFE else 0
        self.due = now + pause(self.short_lives)
        return process


def pause(short_lives: int) -> float:
    """Return the seconds to wait after so many short lives in a row: none at first, so that a site answers again."""
    return min(LONGEST_PAUSE, 0.1 * 2 ** (short_lives - PATIENCE)) if short_lives > PATIENCE else 0.0


class Supervisor:
    """Keeps one process at work for each socket.

    `work` runs in the copies of this process, which are made by fork, and gets its socket; the others are closed.
    """

    def __init__(self, listeners: Sequence[socket], work: Callable[[socket], None], grace: float) -> None:
        self._posts = [Post(listener) for listener in listeners]
        self._work = work
        self._grace = grace
        self._signals: list[int] = []
        self._bell, self._rope = os.pipe()

    def start(self) -> None:
        """Start every process, and take care of signals from now on."""
        for end in (self._bell, self._rope):
            os.set_blocking(end, False)
        signal.set_wakeup_fd(self._rope, warn_on_full_buffer=False)
        for number in STOPPING:
            if signal.getsignal(number) is not signal.SIG_IGN:
                signal.signal(number, lambda received, _frame: self._signals.append(received))
        self._fill()

    def run(self) -> int:
        """Replace whoever dies until a signal comes; then stop, and return the exit code.

        Work that is under way may go on for the time of grace; a second signal ends it at once.
        """
        try:
            while not self._signals:
                self._wait(self._until_due())
                self._replace_the_dead()
        except BaseException:
            self._kill()
            raise
        return self._stop()

    def _wait(self, seconds: float | None) -> None:
        """Wait for a death or a signal, at most so long."""
        wait([self._bell, *(process.sentinel for process in self._processes())], seconds)
        with suppress(BlockingIOError):
            os.read(self._bell, 4096)

    def _processes(self) -> list[ForkProcess]:
        return [post.process for post in self._posts if post.process is not None]

    def _until_due(self) -> float | None:
        dues = [post.due for post in self._posts if post.process is None]
        return max(0.0, min(dues) - time.monotonic()) if dues else None

    def _replace_the_dead(self) -> None:
        now = time.monotonic()
        for post in self._posts:
            if post.process is not None and not post.process.is_alive():
                _report(post.bury(now), post.due - now)
        self._fill()

    def _fill(self) -> None:
        """Start a process at every post that is free and due, unless it is time to stop."""
        for post in self._posts:
            if post.process is None and post.due <= time.monotonic() and not self._signals:
                self._start_one(post)

    def _start_one(self, post: Post) -> None:
        """Copy this process, in which signals that come meanwhile have to wait."""
        process = multiprocessing.get_context("fork").Process(target=self._begin, args=(post,), name="declweb-worker")
        signal.pthread_sigmask(signal.SIG_BLOCK, STOPPING)
        try:
            process.start()
        except OSError as error:
            logger.error("a worker could not be started: %s", error.strerror)  # noqa: TRY400 # it is no bug
            post.due = time.monotonic() + LONGEST_PAUSE
        else:
            post.process, post.born = process, time.monotonic()
        finally:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, STOPPING)

    def _begin(self, post: Post) -> None:
        """Work, in the copy, where the signals stay blocked: Ctrl-C is for the parent alone."""
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        for other in self._posts:
            if other is not post:
                other.listener.close()
        for duty in (_end_when_told, _end_with_parent):
            Thread(target=duty, name="declweb-signals", daemon=True).start()
        self._work(post.listener)

    def _stop(self) -> int:
        deadline = time.monotonic() + self._grace
        for post in self._posts:
            post.listener.close()
        for process in self._processes():
            process.terminate()
        while self._is_any_alive() and len(self._signals) < 2 and time.monotonic() < deadline:
            self._wait(max(0.0, deadline - time.monotonic()))
        late = self._kill()
        if len(self._signals) > 1:
            return 128 + self._signals[-1]
        if late:
            logger.warning("stopped after %g seconds, with requests still under way", self._grace)
        return 0

    def _is_any_alive(self) -> bool:
        for post in self._posts:
            if post.process is not None and not post.process.is_alive():
                post.bury(0.0)
        return bool(self._processes())

    def _kill(self) -> int:
        """End whoever is still at work; return how many that were."""
        late = self._processes()
        for process in late:
            process.kill()
        for process in late:
            process.join()
        return len(late)


def _end_when_told() -> None:
    """Wait for SIGTERM, in a thread of its own, and pass it on to its handler, once.

    A handler that runs in the main thread can come too late: Python looks for signals before it begins to wait for
    something else, and then not until the next one. And Granian 2.8 hangs when it is told to stop three times.
    """
    number = signal.sigwait({signal.SIGTERM})
    handler = signal.getsignal(number)
    if callable(handler):
        handler(number, None)
    elif handler is signal.SIG_DFL:
        os._exit(0)  # there is nothing under way yet


def _end_with_parent() -> None:
    """End as if told to, once the parent is gone, however it went."""
    parent = multiprocessing.parent_process()
    assert parent is not None
    parent.join()
    os.kill(os.getpid(), signal.SIGTERM)


def _report(process: ForkProcess, seconds: float) -> None:
    code = process.exitcode or 0
    how = f"was ended by {signal.Signals(-code).name}" if code < 0 else f"ended with exit code {code}"
    when = f"the next one starts in {seconds:.1f} seconds" if seconds else "the next one has taken over"
    logger.log(logging.ERROR if seconds else logging.WARNING, "worker %s %s; %s", process.pid, how, when)
