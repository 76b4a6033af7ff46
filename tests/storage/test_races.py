"""Two posts that race for the same thing: exactly one gets it."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Barrier, Thread

import pytest
from entering import entering

from declweb.storage import Added, FormFull, Rate, Refused, Store, StoreSettings, TooMany

SUPPORT = Path(__file__).parent.parent / "support"
ROUNDS = 1000
RACERS = 2


@pytest.fixture
def memory() -> Iterator[Path]:
    """A folder in memory where there is one: a race is not about the disk."""
    shared = Path("/dev/shm")
    with TemporaryDirectory(prefix="declweb-", dir=shared if os.access(shared, os.W_OK) else None) as folder:
        yield Path(folder)


def test_one_process_of_several_gets_the_last_place_and_the_unique_value(settings: StoreSettings, memory: Path) -> None:
    settings = replace(settings, folder=memory / "storage")
    command = [sys.executable, str(SUPPORT / "racing.py"), str(settings.folder), settings.database or ""]
    path = os.pathsep.join([str(SUPPORT), str(SUPPORT.parent.parent)])
    with ExitStack() as stack:
        racers = [
            stack.enter_context(
                subprocess.Popen(
                    command,
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    text=True,
                    bufsize=1,
                    env={**os.environ, "PYTHONPATH": path},
                )
            )
            for _ in range(RACERS)
        ]
        for number in range(ROUNDS):
            for racer in racers:
                assert racer.stdin
                racer.stdin.write(f"value{number}\n")
            said = sorted(racer.stdout.readline().split() for racer in racers if racer.stdout)
            assert sorted(one[0] for one in said) == ["Taken", "won"], number
            assert sorted(one[1] for one in said) == ["SoldOut", "won"], number
    store = Store(settings)
    assert store.forms() == {"contact": ROUNDS, "order": ROUNDS}
    store.stop()


def together(store: Store, sent: list[dict[str, object]]) -> list[Added | Refused]:
    """Add entries at the same time, each in a thread of its own."""
    found: list[Added | Refused] = []
    start = Barrier(len(sent))

    def add(wanted: dict[str, object]) -> None:
        one = entering(**wanted)
        start.wait()
        try:
            found.append(store.add(one))
        except Refused as refusal:
            found.append(refusal)

    threads = [Thread(target=add, args=(wanted,)) for wanted in sent]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


def test_the_same_post_twice_at_once_is_one_entry(store: Store) -> None:
    for number in range(20):
        found = together(store, [{"key": f"k{number}", "digest": "d"}] * 4)
        assert len({one.receipt for one in found if isinstance(one, Added)}) == 1
        assert sorted(one.is_repeat for one in found if isinstance(one, Added)) == [False, True, True, True]
    assert store.count("contact") == 20


def test_threads_respect_the_most_and_the_rate(store: Store) -> None:
    found = together(store, [{"max_entries": 3}] * 12)
    assert sum(isinstance(one, Added) for one in found) == 3
    assert sum(isinstance(one, FormFull) for one in found) == 9
    found = together(store, [{"form": "order", "visitor": "v", "rate": Rate(5, 60)}] * 12)
    assert sum(isinstance(one, Added) for one in found) == 5
    assert sum(isinstance(one, TooMany) for one in found) == 7


def test_those_who_wait_are_committed_together(store: Store) -> None:
    store.prepare()
    writer = store._process().writer
    for _ in range(5):
        assert all(isinstance(one, Added) for one in together(store, [{}] * 32))
    assert store.count("contact") == 160
    assert writer.members == 160
    assert writer.groups < 100
