"""The store: what the rest of declweb asks for entries, uploads and the outbox.

Owns that there is one store for equal settings in a process, that it survives forks, and in which order an entry and
its files become durable. Knows no request. What needs SQLAlchemy is imported where it is used: sites without forms
never load it.
"""

import contextlib
import hashlib
import hmac
import os
import secrets
import threading
import time
import weakref
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from declweb.storage.delivery_store import DeliveryStore
from declweb.storage.entry import Added, Entering, Entry, MessageState, Outgoing, Rate, Status
from declweb.storage.forking import GATE
from declweb.storage.owner_store import OwnerStore
from declweb.storage.refusals import Refused, StoreDown
from declweb.storage.search import Labels, folded
from declweb.storage.secret import derived, site_key
from declweb.storage.settings import StoreSettings
from declweb.storage.uploads import UploadFolder

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from declweb.storage.database import Database
    from declweb.storage.sign_ins import Trying
    from declweb.storage.tidying import Tidier
    from declweb.storage.writer import Task

T = TypeVar("T")

_TIDYING = "tidying"


class _Process:
    """What a store has in one process: connections are never shared with another one."""

    def __init__(self, settings: StoreSettings) -> None:
        from declweb.storage.database import database_of
        from declweb.storage.writer import Writer

        self.pid = os.getpid()
        self.name = f"{os.uname().nodename}-{self.pid}-{secrets.token_hex(4)}"
        self.database: Database = database_of(settings)
        self.writer = Writer(self.database, _write_group)
        self.tidier: Tidier | None = None


class Store(DeliveryStore, OwnerStore):
    """The entries, uploads and messages of one site.

    Made by `opened`; connects on first use, and anew after whatever failed. Every method may be called by any thread
    of any process, and raises StoreDown where the store cannot be reached, StoreTooNew where a newer declweb made it.
    """

    def __init__(self, settings: StoreSettings) -> None:
        super().__init__()
        self.settings = settings
        self.uploads = UploadFolder(settings.uploads_folder)
        self.keeps: Mapping[str, timedelta | None] = {}
        """How long each form's entries are kept now; those of other forms as long as was said when they came."""
        self.labels: Labels = {}
        self._current: _Process | None = None
        self._lock = threading.Lock()
        self._is_serving = False
        self._visitors_key: bytes | None = None
        self._abandoned: list[_Process] = []
        _all.add(self)

    # --- starting -----------------------------------------------------------------------------------------------------

    @property
    def exists(self) -> bool:
        """Whether there is anything to read, without making it."""
        return self._process().database.exists

    def prepare(self) -> None:
        """Make the folder, the key and the tables, or bring the tables up to date. Done by itself on first use."""
        self._key()
        with self._process().database.reading():
            return

    def start(self) -> None:
        """Sweep, and begin to tidy up now and then, in a thread of its own: for processes that serve."""
        self._is_serving = True
        self._tend(self._process())

    def stop(self) -> None:
        """End what `start` began, and close all connections. The next use opens them again."""
        self._is_serving = False
        with self._lock:
            process, self._current = self._current, None
        if process is not None and process.pid == os.getpid():
            if process.tidier is not None:
                process.tidier.stop()
            process.writer.close()
            process.database.close()

    def _process(self) -> _Process:
        process = self._current
        if process is None or process.pid != os.getpid():
            with self._lock:
                process = self._current
                if process is None or process.pid != os.getpid():
                    if process is not None:
                        self._abandoned.append(process)  # the parent's connections: neither used nor closed
                    process = self._current = _Process(self.settings)
            if self._is_serving:
                self._tend(process)
        return process

    def _tend(self, process: _Process) -> None:
        from declweb.storage.tidying import Tidier

        with self._lock:
            if process.tidier is None:
                with contextlib.suppress(RuntimeError):  # no thread to be had; the next process will sweep
                    process.tidier = Tidier(self.sweep, self._tidy_if_due)

    def before_fork(self) -> None:
        """Close all connections that are not in use: they would be the child's as well."""
        process = self._current
        if process is not None and process.pid == os.getpid():
            process.writer.close()
            process.database.close()

    def after_fork(self) -> None:
        """Begin anew in a child."""
        self._lock = threading.Lock()
        self.uploads.after_fork()

    # --- receiving ----------------------------------------------------------------------------------------------------

    def visitor(self, address: str, user_agent: str = "") -> str:
        """Return what stands for a visitor in the store: a hash that nobody without the site's key can make."""
        told = f"{address}\n{user_agent}".encode(errors="replace")
        return hmac.digest(self._key(), told, hashlib.sha256).hex()[:32]

    def address_mark(self, address: str) -> str:
        """Return what stands for an address in audits: a hash that nobody without the site's key can make."""
        told = f"address\n{folded(address.strip())}".encode(errors="replace")
        return hmac.digest(self._key(), told, hashlib.sha256).hex()[:32]

    def _key(self) -> bytes:
        key = self._visitors_key
        if key is None:
            try:
                key = self._visitors_key = derived(site_key(self.settings.key_file), "visitors")
            except OSError as error:
                raise StoreDown(f"the site's key: {error}") from error
        return key

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

    def _drop_repeated(self, process: _Process, uploads: Sequence[str]) -> None:
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

    # --- signing in ---------------------------------------------------------------------------------------------------

    def begin_sign_in(self, account: str, address: str | None, now: float | None = None) -> "Trying":
        """Count a try to sign in as a wrong one; raises TooMany if it is one too many. `address` is a visitor's."""
        from declweb.storage import sign_ins

        both = None if address is None else self.visitor(f"{account}\n{address}", "sign-in known")
        trying = sign_ins.Trying(
            self.visitor(account, "sign-in account"),
            None if address is None else self.visitor(address, "sign-in address"),
            both,
            time.time() if now is None else now,
        )
        self._write(partial(sign_ins.begin, trying=trying), f"sign-in {trying.account}", f"sign-in {trying.address}")
        return trying

    def end_sign_in(self, trying: "Trying") -> None:
        """Take back a try that was right, and remember where it came from."""
        from declweb.storage import sign_ins

        self._write(partial(sign_ins.succeed, trying=trying), f"sign-in {trying.account}", f"sign-in {trying.address}")

    def sign_out(self, visit: str, seconds: float, now: float | None = None) -> None:
        """Remember for so many seconds that a visit is over."""
        from declweb.storage import sign_ins

        moment = time.time() if now is None else now
        self._write(partial(sign_ins.end, number=visit, now=moment, seconds=seconds), f"signed out {visit}")

    def is_signed_out(self, visit: str, now: float | None = None) -> bool:
        """Tell whether a visit is over."""
        from declweb.storage import sign_ins

        return self._read(partial(sign_ins.is_over, number=visit, now=time.time() if now is None else now))

    # --- asking -------------------------------------------------------------------------------------------------------

    def generation(self, form: str) -> int:
        """Return a number that is another one after each change of a form's entries."""
        return self.generations().get(form, 0)

    def generations(self) -> Mapping[str, int]:
        """Return the generation of every form that ever had an entry."""
        from declweb.storage.reading import read_generations

        return self._read(read_generations)

    def count(self, form: str, status: Status | None = None) -> int:
        """Return how many entries a form has."""
        from declweb.storage.adding import count_entries
        from declweb.storage.reading import count_with_status

        if status is None:
            return self._read(partial(count_entries, form=form))
        return self._read(partial(count_with_status, form=form, status=status))

    def forms(self) -> Mapping[str, int]:
        """Return how many entries each form has, also forms that the site file no longer declares."""
        from declweb.storage.reading import count_by_form

        return self._read(count_by_form)

    def places_taken(self, form: str) -> Mapping[tuple[str, str], int]:
        """Return how many places of each field and value are taken."""
        from declweb.storage.adding import taken_places

        return self._read(partial(taken_places, form=form))

    def is_taken(self, form: str, field: str, value: str) -> bool:
        """Tell whether an entry has this unique value now."""
        from declweb.storage.adding import comparable
        from declweb.storage.reading import is_value_taken

        return self._read(partial(is_value_taken, form=form, field=field, value=comparable({field: value})[field]))

    def entry(self, receipt: str) -> Entry | None:
        """Return the entry with this receipt."""
        from declweb.storage.reading import read_entry

        return self._read(partial(read_entry, receipt=receipt))

    def fields(self, form: str) -> Sequence[str]:
        """Return the names of all fields that a form's entries have or had, the present ones first."""
        from declweb.storage.reading import read_fields

        return self._read(partial(read_fields, form=form))

    def entries(self, form: str, status: Status | None = None, *, is_newest_first: bool = False) -> Iterator[Entry]:
        """Yield a form's entries, however many, in the order in which they came."""
        from declweb.storage.reading import read_entries

        return read_entries(self._process().database, form, status, is_newest_first=is_newest_first)

    def messages(self, receipt: str | None = None, *, states: Collection[MessageState] = ()) -> Iterator[Outgoing]:
        """Yield the messages in the outbox, of all entries or of one, in whatever state or in some."""
        from declweb.storage.reading import read_messages

        return read_messages(self._process().database, receipt, states)

    # --- the owner's hand ---------------------------------------------------------------------------------------------

    def delete(self, receipt: str) -> bool:
        """Delete an entry with its files and messages; False if there is none."""
        form = self._form_of(receipt)
        return form is not None and self._delete([receipt], form) > 0

    def _delete(self, receipts: Sequence[str], *forms: str) -> int:
        from declweb.storage.deletion import delete_entries

        self.uploads.delete(self._write(partial(delete_entries, receipts=receipts), *forms))
        return len(receipts)

    def approve(self, receipt: str) -> bool:
        """Let an entry be shown; False if there is none. Raises Taken as `release` does."""
        return self._change(receipt, "approved")

    def hold(self, receipt: str) -> bool:
        """Hold an entry and those of its messages that have not gone out; False if there is none."""
        return self._change(receipt, "held")

    def release(self, receipt: str, status: Status = "new") -> bool:
        """Take an entry as good that was held; False if there is none.

        Its messages go out now. Raises Taken if another entry has got its unique value meanwhile. Of a form whose
        entries are approved the status is `waiting`.
        """
        return self._change(receipt, status)

    def _change(self, receipt: str, status: Status) -> bool:
        from declweb.storage.status import change_status

        form = self._form_of(receipt)
        is_there = form is not None and self._write(partial(change_status, receipt=receipt, status=status), form)
        self._ring()
        return is_there

    def _form_of(self, receipt: str) -> str | None:
        from declweb.storage.status import form_of

        return self._read(partial(form_of, receipt=receipt))

    def note_shown(self, receipts: Iterable[str], now: datetime | None = None) -> None:
        """Remember that the owner has seen these entries: those that are held go 30 days later."""
        from declweb.storage.status import note_shown

        self._write(partial(note_shown, receipts=list(receipts), now=now or datetime.now(UTC)))

    # --- tidying ------------------------------------------------------------------------------------------------------

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

    # --- how ----------------------------------------------------------------------------------------------------------

    def _database(self) -> "Database":
        return self._process().database

    def _read(self, work: "Callable[[Connection], T]") -> T:
        with self._process().database.reading() as connection:
            return work(connection)

    def _write(self, work: "Callable[[Connection], T]", *names: str) -> T:
        from declweb.storage.writer import Task

        return self._process().writer.write(Task(work, names))


def _write_group(connection: "Connection", tasks: "Sequence[Task[Any]]") -> None:
    """Do what a group wants: entries together, anything else one by one."""
    from declweb.storage.adding import Adding, add_many
    from declweb.storage.writer import run_in_savepoint

    adding = [task for task in tasks if isinstance(task, Adding)]
    if adding:
        add_many(connection, adding)
    for task in tasks:
        if not isinstance(task, Adding):
            run_in_savepoint(connection, task)


_all: weakref.WeakSet[Store] = weakref.WeakSet()
_stores: dict[StoreSettings, Store] = {}
_lock = threading.Lock()


def opened(settings: StoreSettings) -> Store:
    """Return the process's store for these settings; it outlives the reloading of the site."""
    with _lock:
        if settings not in _stores:
            _stores[settings] = Store(settings)
        return _stores[settings]


def _before_fork() -> None:
    GATE.close()
    for store in list(_all):
        store.before_fork()


def _after_fork() -> None:
    global _lock  # noqa: PLW0603 # another thread of the parent may have held it
    _lock = threading.Lock()
    GATE.begin_anew()
    for store in list(_all):
        store.after_fork()


os.register_at_fork(before=_before_fork, after_in_parent=GATE.open, after_in_child=_after_fork)
