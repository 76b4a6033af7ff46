"""Tidying: what is kept no longer goes, rows, files and messages alike, and so do files that belong to nothing.

Owns the one routine, when it runs, and that one process of all does it. Knows nothing of what is tidied.
"""

import logging
import random
from collections.abc import Callable
from threading import Event, Thread

from declweb.storage.refusals import StoreDown, StoreTooNew

INTERVAL = 60.0
"""Seconds between two times that a process asks whether it is to tidy."""

AGAIN = 2.0
"""Seconds until files are swept again if that failed at the start."""

LEASE = 150.0
"""Seconds after which another process takes over from one that is gone."""

_LOG = logging.getLogger(__name__)


class Tidier:
    """A thread that tidies now and then, for as long as its process serves."""

    def __init__(self, sweep: Callable[[], int], tidy: Callable[[], int]) -> None:
        self._sweep = sweep
        self._tidy = tidy
        self._end = Event()
        self._thread = Thread(target=self._run, name="declweb-tidying", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End the thread, after what it is doing."""
        self._end.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._try(self._sweep) and not self._end.wait(AGAIN):
            continue
        while not self._end.wait(INTERVAL * random.SystemRandom().uniform(0.8, 1.2)):
            self._try(self._tidy)

    def _try(self, work: Callable[[], int]) -> bool:
        """Tell whether it was done."""
        try:
            work()
        except (StoreDown, StoreTooNew) as error:
            _LOG.warning("entries could not be tidied: %s", error)
        except Exception:  # noqa: BLE001 # the thread must not end
            _LOG.exception("entries could not be tidied")
        else:
            return True
        return False
