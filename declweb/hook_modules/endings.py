"""Python that would end the process, while a site is loaded.

Owns which calls do that. A process that imports a site's Python may have another version of it in service, so what
would end it has to be an exception there, as `sys.exit` is. Threads and processes that it starts go their own way.
"""

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from threading import get_ident
from types import ModuleType
from typing import Any

ALWAYS = ((os, "_exit"), (os, "abort"), (os, "execv"), (os, "execve"), (signal, "raise_signal"))
"""Functions after which the process is gone, or another program; the others of `os.exec…` call these."""
SENDING = ((os, "kill"), (os, "killpg"))
"""Functions after which it is gone where the signal is sent to itself."""

_guarded: dict[tuple[int, int], int] = {}
"""How many times each thread, of each process, is in `unending` now."""


class Ending(SystemExit):
    """A call that would have ended the process."""


@contextmanager
def unending() -> Iterator[None]:
    """Raise Ending in this thread where it would end the process."""
    _close_ways()
    me = os.getpid(), get_ident()
    _guarded[me] = _guarded.get(me, 0) + 1
    try:
        yield
    finally:
        _guarded[me] -= 1
        if not _guarded[me]:
            del _guarded[me]


def _close_ways() -> None:
    """Put something around each function, once: it stays there, for a module may have taken it by its name."""
    for module, name in (*ALWAYS, *SENDING):
        found = getattr(module, name, None)
        if found is not None and not hasattr(found, "_asks_first"):
            is_aimed = (module, name) in SENDING
            setattr(module, name, _asking_first(found, module, name, is_aimed=is_aimed))


def _asking_first(call: Callable[..., Any], module: ModuleType, name: str, *, is_aimed: bool) -> Callable[..., Any]:
    @wraps(call)
    def asking(*arguments: Any, **named: Any) -> Any:
        if (os.getpid(), get_ident()) in _guarded and (not is_aimed or _is_for_me(*arguments, **named)):
            raise Ending(f"{module.__name__}.{name} would end the server")
        return call(*arguments, **named)

    vars(asking)["_asks_first"] = True
    return asking


def _is_for_me(pid: int, number: int) -> bool:
    """Tell whether a signal, not the question whether there is such a process, is for this one or the one above it."""
    return number != 0 and pid in {0, -1, os.getpid(), os.getpgrp(), -os.getpgrp(), os.getppid()}
