"""The order of things: what was on disk when the visitor was thanked.

Owns how the answer is found among the calls. Knows no server by name.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from durability.ondisk import SYNCS, WRITES, Unsynced
from durability.strace import Call

ANSWERING = {"write", "writev", "sendto", "sendmsg", "sendfile"}
THANKS = ("HTTP/1.1 303", "HTTP/1.1 201")
PASSING = ("-shm", "/owners/")
"""Parts of names of what need not outlive a power cut: SQLite's shared memory, and who is alive."""


@dataclass(frozen=True, slots=True)
class Story:
    """What happened in a storage folder until the visitor was thanked."""

    unsynced: dict[str, Call]
    """What the disk might not have had by then, each with the call that should have been followed by a sync."""
    written: list[str]
    """The files that were written to before that, in the order of their first writing."""
    synced: list[str]
    """The files and folders that were synced before that."""


def thanks(calls: Sequence[Call]) -> list[Call]:
    """Return the calls that told a visitor that all is well."""
    return [call for call in calls if call.name in ANSWERING and "TCP" in call.arguments and _is_thanks(call)]


def _is_thanks(call: Call) -> bool:
    return any(text.startswith(THANKS) for text in call.strings)


def story(calls: Sequence[Call], folder: str, known: Sequence[str] = ()) -> Story:
    """Return what had happened below a folder when the first thanks began; raises AssertionError if there were none."""
    said = thanks(calls)
    assert said, "nobody was thanked"
    limit = said[0].begun
    state = Unsynced(folder, known)
    written: dict[str, None] = {}
    synced: dict[str, None] = {}
    for call in calls:
        if call.begun < limit and (call.name not in SYNCS or call.ended < limit):
            state.see(call)
            path = call.paths[0] if call.paths else ""
            if call.result != -1 and path.startswith(folder):
                (written if call.name in WRITES else synced if call.name in SYNCS else {})[path] = None
    unsynced = {path: call for path, call in (state.data | state.names).items() if not _is_passing(path)}
    return Story(unsynced, list(written), list(synced))


def _is_passing(path: str) -> bool:
    return any(part in path for part in PASSING)
