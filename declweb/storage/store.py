"""The store: what the rest of declweb asks for entries, uploads and the outbox.

Owns that there is one store for equal settings in a process, and in which order an entry and its files become durable.
Knows no request. What needs SQLAlchemy is imported where it is used: sites without forms never load it.
"""

import contextlib
import os
import threading
import time
import weakref
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from declweb.forking import GATE
from declweb.storage.base_store import Process
from declweb.storage.delivery_store import DeliveryStore
from declweb.storage.entry import Added, Entering, Rate
from declweb.storage.owner_store import OwnerStore
from declweb.storage.refusals import Refused, StoreDown
from declweb.storage.settings import StoreSettings
from declweb.storage.sign_in_store import SignInStore

_TIDYING = "tidying"


class Store(DeliveryStore, OwnerStore, SignInStore):
    """The entries, uploads and messages of one site.

    Made by `opened`; connects on first use, and anew after whatever failed. Every method may be called by any thread
    of any process, and raises StoreDown where the store cannot be reached, StoreTooNew where a newer declweb made it.
    """

    def __init__(self, settings: StoreSettings) -> None:
        super().__init__(settings)
        self.keeps: Mapping[str, timedelta | None] = {}
        """How long each form's entries are kept now; those of other forms as long as was said when they came."""
        _all.add(self)

    def start(self) -> None:
        """Sweep, and begin to tidy up now and then, in a thread of its own: for processes that serve."""
        self._tend = self._tidy_in
        self._tidy_in(self._process())

    def _tidy_in(self, process: Process) -> None:
        from declweb.storage.tidying import Tidier

        with self._lock:
            if process.tidier is None:
                with contextlib.suppress(RuntimeError):  # no thread to be had; the next process will sweep
                    process.tidier = Tidier(self.sweep, self._tidy_if_due)

    # --- receiving ----------------------------------------------------------------------------------------------------

    def add(self, entering: Entering) -> Added:
        """Store an entry with its files and messages; when this returns, all of it is on disk.

        A repeat stores nothing and returns the first entry's receipt; its files are gone. Raises Taken, SoldOut,
        FormFull or TooMany: then nothing is stored and the files are as they were. Raises StoreDown, see there, and
        ValueError for values with a NUL or half a character.
        """
        from declweb.storage.adding import Adding

        process = self._process()
        task = Adding(entering, time.time())
        kept = [upload.id for upload in entering.uploads]
        try:
            for upload in kept:
                self.uploads.keep(upload)
            added = process.writer.write(task)
        except Refused:
            self._release(kept)
            raise
        if added.is_repeat and kept:
            self._drop_repeated(process, kept)
        if entering.messages:
            self._ring()
        return added

    def _release(self, uploads: Iterable[str]) -> None:
        for upload in uploads:
            with contextlib.suppress(StoreDown):  # then it is where a sweep finds it
                self.uploads.release(upload)

    def _drop_repeated(self, process: Process, uploads: Sequence[str]) -> None:
        """Delete the files of a repeat, but those that the first entry has: the very same call may come twice."""
        from declweb.storage.reading import known_uploads

        with contextlib.suppress(StoreDown):  # the entry is stored; a sweep finds what is left
            with process.database.reading() as connection:
                known = known_uploads(connection, uploads)
            self.uploads.delete([upload for upload in uploads if upload not in known])

    def attempt(self, form: str, visitor: str, rate: Rate) -> None:
        """Count a post of this visitor to this form; raises TooMany if it is one too many."""
        from declweb.storage.adding import count_attempt

        self._write(partial(count_attempt, form=form, visitor=visitor, rate=rate, now=time.time()), form)

    # --- tidying ------------------------------------------------------------------------------------------------------

    def delete(self, receipt: str) -> bool:
        """Delete an entry with its files and messages; False if there is none."""
        forms = self._forms_of([receipt])
        return bool(forms) and self._delete([receipt], *forms) > 0

    def _delete(self, receipts: Sequence[str], *forms: str) -> int:
        from declweb.storage.deletion import delete_entries

        self.uploads.delete(self._write(partial(delete_entries, receipts=receipts), *forms))
        return len(receipts)

    def note_shown(self, receipts: Iterable[str], now: datetime | None = None) -> None:
        """Remember that the owner has seen these entries: those that are held go 30 days later."""
        from declweb.storage.status import note_shown

        self._write(partial(note_shown, receipts=list(receipts), now=now or datetime.now(UTC)))

    def housekeeping(self, now: datetime | None = None) -> int:
        """Delete what is kept no longer, and files that belong to nothing; return how many entries went."""
        from declweb.storage.auditing import forget_audits
        from declweb.storage.expiry import expired, forget_visitors
        from declweb.storage.outbox import forget_own, mend_moments

        moment = now or datetime.now(UTC)
        gone = 0
        while receipts := self._read(partial(expired, keeps=dict(self.keeps), now=moment)):
            gone += self._delete(receipts, *self.forms())
        gone += self._empty(moment)
        self._write(partial(forget_visitors, now=moment))
        self._write(partial(forget_own, now=moment))
        self._write(partial(mend_moments, now=moment))
        self._write(partial(forget_audits, now=moment))
        self.index()
        self.sweep()
        return gone

    def sweep(self) -> int:
        """Delete the files that belong to nothing; return how many."""
        from declweb.storage.reading import known_uploads

        process = self._process()
        return self.uploads.sweep(lambda ids: self._read(partial(known_uploads, ids=ids)), process.database.grace)

    def lease(self, name: str, seconds: float) -> bool:
        """Tell whether a piece of work is this process's alone, for so many seconds from now."""
        from declweb.storage.leases import take_lease

        holder = self._process().name
        work = partial(take_lease, name=name, holder=holder, now=time.time(), seconds=seconds)
        return self._write(work, f"lease {name}")

    def _tidy_if_due(self) -> int:
        from declweb.storage.tidying import LEASE

        return self.housekeeping() if self.lease(_TIDYING, LEASE) else 0

    def backup(self, target: Path, progress: Callable[[int, int], None] | None = None) -> None:
        """Write a consistent copy into a new folder while the site runs; `progress` gets files done and in all."""
        from declweb.storage.backup import back_up

        back_up(self._process().database, self.uploads, self.settings, target, progress)


_all: weakref.WeakSet[Store] = weakref.WeakSet()
_stores: dict[StoreSettings, Store] = {}
_lock = threading.Lock()


def opened(settings: StoreSettings) -> Store:
    """Return the process's store for these settings; it outlives the reloading of the site."""
    with _lock:
        if settings not in _stores:
            _stores[settings] = Store(settings)
        return _stores[settings]


def dismissed(settings: StoreSettings) -> None:
    """Close the process's store for these settings, where there is one, and forget it: its folder goes."""
    with _lock:
        store = _stores.pop(settings, None)
    if store is not None:
        store.stop()
        store.uploads.close()


def _before_fork() -> None:
    GATE.close()  # before the connections are: what is asked last is done first
    for store in list(_all):
        store.before_fork()


def _after_fork() -> None:
    global _lock  # noqa: PLW0603 # another thread of the parent may have held it
    _lock = threading.Lock()
    for store in list(_all):
        store.after_fork()


os.register_at_fork(before=_before_fork, after_in_child=_after_fork)
