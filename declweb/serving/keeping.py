"""What keeps the entries of a site's forms, while the site is served.

Owns when it is opened, who tidies up and delivers, and what is said of it at the start. A store that cannot be reached
keeps no page from being served; one that a newer declweb made keeps the site from starting.
"""

import logging
import sys
from collections.abc import Iterator
from datetime import UTC, datetime

from declweb.app import App
from declweb.serving import CannotStart
from declweb.storage import MessageKind

logger = logging.getLogger("declweb.storage")


def opening(app: App | None) -> Iterator[tuple[str, str]]:
    """Open the store of a site that has forms; yield lines to show, each with its role. Raises CannotStart.

    Nothing stays open: this process may be copied.
    """
    if app is None or app.store is None:
        return
    from declweb.storage import StoreDown, StoreTooNew  # noqa: PLC0415 # only sites with forms have a store

    store = app.store
    try:
        store.prepare()
        waiting, failed = store.waiting_messages(), store.failed_messages()
    except StoreTooNew as error:
        raise CannotStart(f"{error}") from error
    except (StoreDown, OSError) as error:
        yield f"  entries cannot be stored now: {error}", "warning"
        yield "    forms answer that they cannot take anything until it is mended; pages are served", ""
    else:
        if waiting:
            number = f"{waiting} {'message waits' if waiting == 1 else 'messages wait'} in the outbox"
            yield f"  {number}: {_why(app)}", "warning"
        if failed:
            number = f"{failed} {'message' if failed == 1 else 'messages'} could not be delivered"
            yield f"  {number}; `declweb deliver --list` says which, and why", "warning"
    finally:
        store.stop()


def tend(app: App | None) -> None:
    """Tidy up and deliver in this process from now on; what is in the way shows when something is stored."""
    if app is not None and app.store is not None and app.delivery is not None:
        from declweb.delivery.delivering import deliver  # noqa: PLC0415 # only sites with forms deliver anything

        try:
            app.store.start()
            deliver(app.store, app.delivery)
        except Exception:
            logger.exception("nobody tidies up what is stored, or delivers what waits")


def let_go() -> None:
    """End what `tend` began, after the messages that are on their way."""
    if (module := sys.modules.get("declweb.delivery.delivering")) is not None:
        module.stop_delivering()


def _why(app: App) -> str:
    """Say why messages wait."""
    assert app.store is not None
    assert app.delivery is not None
    if MessageKind.EMAIL not in app.delivery.kinds and app.store.next_due((MessageKind.EMAIL,)) is not None:
        return "there is no `[mail] server` to send mails with"
    due = app.store.next_due()
    if due is None or due <= datetime.now(UTC):
        return "they go out now"
    last = app.store.last_words()
    return f"the next try is at {due.astimezone():%Y-%m-%d %H:%M}" + (f"; the last one said: {last}" if last else "")
