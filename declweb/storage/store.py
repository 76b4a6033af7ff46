"""The store: what the rest of declweb asks for entries, uploads and the outbox.

Owns that there is one store for equal settings in a process, and that it survives forks. Knows no request.
"""

import hashlib
import hmac
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from threading import Lock

from declweb.storage.entry import Added, Entering, Entry, Outgoing, Rate, Status
from declweb.storage.secret import derived, site_key
from declweb.storage.settings import StoreSettings
from declweb.storage.uploads import UploadFolder


class Store:
    """The entries, uploads and messages of one site.

    Made by `opened`; connects on first use, and anew after whatever failed. Every method may be called by any thread
    of any process, and raises StoreDown where the store cannot be reached, StoreTooNew where a newer declweb made it.
    """

    def __init__(self, settings: StoreSettings) -> None:
        self.settings = settings
        self.uploads = UploadFolder(settings.uploads_folder)
        self.keeps: Mapping[str, timedelta | None] = {}
        """How long each form's entries are kept now; those of other forms as long as was said when they came."""

    # --- starting -----------------------------------------------------------------------------------------------------

    def prepare(self) -> None:
        """Make the folder, the key and the tables, or bring the tables up to date. Done by itself on first use."""
        raise NotImplementedError

    def start(self) -> None:
        """Sweep, and begin to tidy up now and then, in a thread of its own: for processes that serve."""
        raise NotImplementedError

    def stop(self) -> None:
        """End what `start` began, and close all connections. The next use opens them again."""
        raise NotImplementedError

    # --- receiving ----------------------------------------------------------------------------------------------------

    def visitor(self, address: str, user_agent: str = "") -> str:
        """Return what stands for a visitor in the store: a hash that nobody without the site's key can make."""
        key = derived(site_key(self.settings.key_file), "visitors")
        return hmac.digest(key, f"{address}\n{user_agent}".encode(errors="replace"), hashlib.sha256).hex()[:32]

    def add(self, entering: Entering) -> Added:
        """Store an entry with its files and messages; when this returns, all of it is on disk.

        A repeat stores nothing and returns the first entry's receipt. Raises Taken, SoldOut, FormFull or TooMany:
        then nothing is stored and the files are as before they were kept. Raises StoreDown, see there.
        """
        raise NotImplementedError

    def attempt(self, form: str, visitor: str, rate: Rate) -> None:
        """Count a post of this visitor to this form; raises TooMany if it is one too many."""
        raise NotImplementedError

    # --- asking -------------------------------------------------------------------------------------------------------

    def generation(self, form: str) -> int:
        """Return a number that is another one after each change of a form's entries."""
        raise NotImplementedError

    def generations(self) -> Mapping[str, int]:
        """Return the generation of every form that ever had an entry."""
        raise NotImplementedError

    def count(self, form: str, status: Status | None = None) -> int:
        """Return how many entries a form has."""
        raise NotImplementedError

    def forms(self) -> Mapping[str, int]:
        """Return how many entries each form has, also forms that the site file no longer declares."""
        raise NotImplementedError

    def places_taken(self, form: str) -> Mapping[tuple[str, str], int]:
        """Return how many places of each field and value are taken."""
        raise NotImplementedError

    def is_taken(self, form: str, field: str, value: str) -> bool:
        """Tell whether an entry has this unique value now."""
        raise NotImplementedError

    def entry(self, receipt: str) -> Entry | None:
        """Return the entry with this receipt."""
        raise NotImplementedError

    def entries(self, form: str, status: Status | None = None, *, is_newest_first: bool = False) -> Iterator[Entry]:
        """Yield a form's entries, however many, in the order in which they came."""
        raise NotImplementedError

    def waiting_messages(self) -> int:
        """Return how many messages wait in the outbox for delivery."""
        raise NotImplementedError

    def messages(self, receipt: str | None = None) -> Iterator[Outgoing]:
        """Yield the messages in the outbox, of all entries or of one."""
        raise NotImplementedError

    # --- the owner's hand ---------------------------------------------------------------------------------------------

    def delete(self, receipt: str) -> bool:
        """Delete an entry with its files and messages; False if there is none."""
        raise NotImplementedError

    def approve(self, receipt: str) -> bool:
        """Let an entry be shown; False if there is none. Raises Taken as `release` does."""
        raise NotImplementedError

    def hold(self, receipt: str) -> bool:
        """Hold an entry and those of its messages that have not gone out; False if there is none."""
        raise NotImplementedError

    def release(self, receipt: str) -> bool:
        """Take an entry as good that was held; False if there is none.

        Its messages go out now. Raises Taken if another entry has got its unique value meanwhile.
        """
        raise NotImplementedError

    # --- tidying ------------------------------------------------------------------------------------------------------

    def housekeeping(self, now: datetime | None = None) -> int:
        """Delete what is kept no longer, and files that belong to nothing; return how many entries went."""
        raise NotImplementedError

    def backup(self, target: Path, progress: Callable[[int, int], None] | None = None) -> None:
        """Write a consistent copy into a new folder while the site runs; `progress` gets steps done and in all."""
        raise NotImplementedError


_stores: dict[StoreSettings, Store] = {}
_lock = Lock()


def opened(settings: StoreSettings) -> Store:
    """Return the process's store for these settings; it outlives the reloading of the site."""
    with _lock:
        if settings not in _stores:
            _stores[settings] = Store(settings)
        return _stores[settings]
