"""A process that adds what it is told to, line by line: `python racing.py FOLDER DATABASE`.

Each line has a value; the answer tells who got it as a unique value, and who got its last place.
"""

import sys
from pathlib import Path

from entering import entering

from declweb.storage import Place, Refused, Store, StoreSettings


def main() -> None:
    """Answer each line."""
    folder, database = sys.argv[1:]
    store = Store(StoreSettings(Path(folder), database or None))
    for line in sys.stdin:
        value = line.strip()
        unique = _won(store, unique={"name": value})
        place = _won(store, places=[Place("cake", value, 1)], form="order")
        print(unique, place, flush=True)  # noqa: T201 # its answer
    store.stop()


def _won(store: Store, **wanted: object) -> str:
    try:
        store.add(entering(**wanted))
    except Refused as refusal:
        return type(refusal).__name__
    return "won"


if __name__ == "__main__":
    main()
