"""What keeps the entries of a site's forms, while the site is served.

Owns when it is opened and who tidies up, and what is said of it at the start. A store that cannot be reached keeps no
page from being served; one that a newer declweb made keeps the site from starting.
"""

import logging
from collections.abc import Iterator

from declweb.app import App
from declweb.serving import CannotStart

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
        waiting = store.waiting_messages()
    except StoreTooNew as error:
        raise CannotStart(f"{error}") from error
    except (StoreDown, OSError) as error:
        yield f"  entries cannot be stored now: {error}", "warning"
        yield "    forms answer that they cannot take anything until it is mended; pages are served", ""
    else:
        if waiting:
            yield f"  {waiting} {'message waits' if waiting == 1 else 'messages wait'} in the outbox", "warning"
    finally:
        store.stop()


def tend(app: App | None) -> None:
    """Tidy up in this process from now on, if it is its turn; what is in the way shows when something is stored."""
    if app is not None and app.store is not None:
        try:
            app.store.start()
        except Exception:
            logger.exception("nobody tidies up what is stored")
