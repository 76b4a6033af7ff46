"""The owner's side of the store: searching, counting, judging, deleting, erasing, and the list of all that.

Owns that every change is one transaction with its audit in it. What is done stands in `lookup`, `decisions`,
`trash`, `addresses` and `auditing`, which are imported where they are used.
"""

import contextlib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, tzinfo
from functools import partial
from pathlib import Path
from typing import IO, TypeVar

from declweb.storage.entry import Entry, Status
from declweb.storage.outcomes import Audit, AuditAction, Discarded, Done, Erased, FormCounts, OfAddress
from declweb.storage.portions import portions
from declweb.storage.reading_store import ReadingStore
from declweb.storage.refusals import StoreDown
from declweb.storage.search import Labels, Search
from declweb.storage.settings import StoreSettings

T = TypeVar("T")

MUCH = 500
"""Entries that readers rather index than look at one by one, each time."""

READERS_SHARE = 2000
"""Entries that a reader indexes at most before reading."""


class OwnerStore(ReadingStore):
    """What the owner asks of a store. Every changing method takes who does it, and writes that down with it."""

    def __init__(self, settings: StoreSettings) -> None:
        super().__init__(settings)
        self.labels: Labels = {}
        """How the choices of each form are called now."""

    # --- indexing -----------------------------------------------------------------------------------------------------

    def index(self, most: int | None = None) -> int:
        """Bring the indexes of the inbox up to date, or as far as so many entries; return how many that were."""
        from declweb.storage.indexing import AT_ONCE, LOCK, MOST, index, next_missing

        number = 0
        while most is None or number < most:
            missing = self._read(partial(next_missing, most=MOST if most is None else min(MOST, most - number)))
            if not missing:
                break
            for some in portions(missing, AT_ONCE):
                self._write(partial(index, numbers=some), LOCK)
            number += len(missing)
        return number

    def _catch_up(self) -> None:
        """Index some of what is missing where that is much; a reader who may not write looks at it all the same."""
        from declweb.storage.indexing import behind

        if self._read(behind).count > MUCH:
            with contextlib.suppress(StoreDown):
                self.index(READERS_SHARE)

    # --- looking ------------------------------------------------------------------------------------------------------

    def search(self, search: Search, limit: int = 50) -> Sequence[Entry]:
        """Return the newest entries that are wanted; for the next page, ask for those `before` the last number."""
        from declweb.storage.lookup import find

        self._catch_up()
        return self._read(partial(find, search=search, labels=self.labels, limit=limit))

    def found(self, search: Search) -> Iterator[Entry]:
        """Yield all entries that are wanted, however many, the newest first."""
        from declweb.storage.lookup import found_entries

        self._catch_up()
        return found_entries(self._process().database, search, self.labels)

    def count_found(self, search: Search, most: int = 1000) -> int:
        """Return how many entries are wanted, counting no further than `most`: then there are at least so many."""
        from declweb.storage.lookup import count_found

        self._catch_up()
        return self._read(partial(count_found, search=search, labels=self.labels, most=most))

    def counts(self) -> Mapping[str, FormCounts]:
        """Return how many entries each form has, by status, unseen, and with messages that failed."""
        from declweb.storage.lookup import counts

        self._catch_up()
        return self._read(counts)

    def failed_among(self, receipts: Collection[str]) -> frozenset[str]:
        """Return those of some entries with a message that could not be delivered."""
        from declweb.storage.lookup import failed_among

        return self._read(partial(failed_among, receipts=list(receipts)))

    def per_day(self, days: Sequence[date], zone: tzinfo, form: str | None = None) -> Mapping[str, Sequence[int]]:
        """Return how many entries came on each of some days, by form: of one form, or of all that have entries."""
        from declweb.storage.lookup import per_day

        forms = [form] if form is not None else list(self.forms())
        return self._read(partial(per_day, days=days, zone=zone, forms=forms))

    # --- changing -----------------------------------------------------------------------------------------------------

    def mark_seen(self, receipts: Iterable[str], by: str, now: datetime | None = None) -> Done:
        """Remember that these entries were looked at; held ones go 30 days later."""
        from declweb.storage.decisions import mark

        work = partial(mark, receipts=_each(receipts), by=by, is_seen=True, now=_moment(now))
        return self._write(work)

    def mark_unseen(self, receipts: Iterable[str], by: str) -> Done:
        """Let these entries be new again to whoever looks; a held one goes when it was to go before."""
        from declweb.storage.decisions import mark

        return self._write(partial(mark, receipts=_each(receipts), by=by, is_seen=False, now=_moment(None)))

    def approve_all(self, receipts: Iterable[str], by: str) -> Done:
        """Let entries be shown on the site; `taken` has those that stay held."""
        return self._judge(receipts, by, AuditAction.APPROVE, Status.APPROVED)

    def hold_all(self, receipts: Iterable[str], by: str) -> Done:
        """Hold entries, and those of their messages that have not gone out."""
        return self._judge(receipts, by, AuditAction.HOLD, Status.HELD)

    def release_all(self, receipts: Iterable[str], by: str, approving: Collection[str] = ()) -> Done:
        """Take entries as good that were held: their messages go out; `taken` has those that stay held.

        `approving` are the forms whose entries are approved: there they wait for that.
        """
        return self._judge(receipts, by, AuditAction.RELEASE, Status.NEW, dict.fromkeys(approving, Status.TO_APPROVE))

    def _judge(
        self,
        receipts: Iterable[str],
        by: str,
        action: AuditAction,
        otherwise: Status,
        statuses: Mapping[str, Status] | None = None,
    ) -> Done:
        from declweb.storage.decisions import judge

        wanted = _each(receipts)
        work = partial(judge, receipts=wanted, by=by, action=action, statuses=statuses or {}, otherwise=otherwise)
        done = self._write(work, *self._forms_of(wanted))
        self._ring()
        return done

    def _forms_of(self, receipts: Sequence[str]) -> set[str]:
        from declweb.storage.decisions import forms_of

        return set(self._read(partial(forms_of, receipts=receipts)).values())

    def discard(self, receipts: Iterable[str], by: str, now: datetime | None = None) -> Discarded:
        """Delete entries; for a minute `undo_discard` brings them back, then their files go too."""
        from declweb.storage.trash import discard

        wanted = _each(receipts)
        return self._write(partial(discard, receipts=wanted, by=by, now=_moment(now)), *self._forms_of(wanted))

    def undo_discard(self, token: str, by: str, now: datetime | None = None) -> Done | None:
        """Bring back what was deleted under a token; None where its minute is over, or it was brought back before.

        `taken` has those that came back held, since another entry has got their unique value meanwhile.
        """
        from declweb.storage.trash import lying, restore

        forms = set(self._read(partial(lying, token=token)).values())
        done = self._write(partial(restore, token=token, by=by, now=_moment(now)), *forms)
        self._ring()
        return done

    def _empty(self, now: datetime) -> int:
        """Delete for ever what cannot be brought back any more; return how many entries that were."""
        from declweb.storage.trash import gone, overdue

        number = 0
        while forms := self._read(partial(overdue, now=now)):
            self.uploads.delete(self._write(partial(gone, receipts=list(forms)), *set(forms.values())))
            number += len(forms)
        return number

    def delete_all(self, receipts: Iterable[str], by: str) -> int:
        """Delete entries for ever, at once, with files and messages; return how many there were."""
        from declweb.storage.decisions import delete_for_ever

        wanted = _each(receipts)
        number, files = self._write(partial(delete_for_ever, receipts=wanted, by=by), *self._forms_of(wanted))
        self.uploads.delete(files)
        return number

    # --- one address --------------------------------------------------------------------------------------------------

    def of_address(self, address: str) -> OfAddress:
        """Return everything of one address, across forms."""
        from declweb.storage.addresses import of_address

        return self._read(partial(of_address, address=address))

    def copy_address(self, address: str, by: str, to: "IO[bytes] | Path", also: Collection[str] = ()) -> OfAddress:
        """Write everything of one address as a ZIP archive, or into a new folder; `also` as for `erase_address`.

        Returns what there is of it. Raises FileExistsError where the folder has something in it.
        """
        from declweb.storage.address_copy import copied, write_archive, write_folder
        from declweb.storage.addresses import messages_to, of_address
        from declweb.storage.auditing import note

        found = self._read(partial(of_address, address=address))
        messages = self._read(partial(messages_to, address=address))
        entries = [*found.entries, *(entry for entry in found.mentions if entry.receipt in also)]
        copy = copied(entries, messages, self.uploads.path)
        try:
            write_folder(copy, to) if isinstance(to, Path) else write_archive(copy, to)
        except FileNotFoundError as error:
            raise StoreDown(f"an upload is gone: {error.filename}") from error
        receipts, subject = [entry.receipt for entry in entries], self.address_mark(address)
        self._write(partial(note, by=by, action=AuditAction.COPY, receipts=receipts, subject=subject))
        return found

    def erase_address(self, address: str, by: str, also: Collection[str] = ()) -> Erased:
        """Delete everything of one address for ever; of the entries that only mention it, those with these receipts.

        Raises ValueError for a blank address, which would be anybody's.
        """
        from declweb.storage.addresses import erase

        if not address.strip():
            raise ValueError("the address to erase is blank")
        subject, courtesy = self.address_mark(address), self.visitor(address.strip().casefold())
        work = partial(erase, address=address, also=also, subject=subject, courtesy=courtesy, by=by)
        erased, files = self._write(work, *self.forms())
        self.uploads.delete(files)
        return erased

    # --- who did what -------------------------------------------------------------------------------------------------

    def audit(  # noqa: PLR0913 # what there is to note
        self,
        by: str,
        action: AuditAction,
        receipts: Iterable[str] = (),
        *,
        form: str = "",
        count: int | None = None,
        subject: str = "",
    ) -> None:
        """Write down what somebody did that changed nothing here: exported, copied, read a file."""
        from declweb.storage.auditing import note

        work = partial(note, by=by, action=action, receipts=_each(receipts), form=form, count=count, subject=subject)
        self._write(work)

    def audits(self, limit: int = 50, *, before: int | None = None, receipt: str | None = None) -> Sequence[Audit]:
        """Return the latest of who did what, the newest first; `before` the number of the last one of a page."""
        from declweb.storage.auditing import read_audits

        return self._read(partial(read_audits, limit=limit, before=before, receipt=receipt))


def _each(receipts: Iterable[str]) -> list[str]:
    """Return receipts, each once, in their order."""
    return list(dict.fromkeys(receipts))


def _moment(now: datetime | None) -> datetime:
    return now or datetime.now(UTC)
