"""The store's side of reading: entries, messages and counts, as they are asked for.

Owns nothing that is written. How rows are read stands in `reading`.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import partial

from declweb.storage.base_store import BaseStore
from declweb.storage.entry import Entry, MessageState, Outgoing, Status


class ReadingStore(BaseStore):
    """What can be read of a store."""

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
