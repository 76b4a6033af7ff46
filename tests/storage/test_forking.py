"""Copies of a process that are made while its threads read and write."""

import os
import signal
import threading
import time
from collections.abc import Callable

import pytest
from entering import entering
from servers import DEADLINE

from declweb.forking import Gate
from declweb.storage import Store


def in_a_copy(work: Callable[[], object]) -> int:
    """Do something in a copy of this process; return how that ended."""
    pid = os.fork()
    if pid == 0:
        signal.alarm(60)  # it must not hang, whatever else is wrong with it
        try:
            work()
        except BaseException:  # noqa: BLE001 # the copy must not go on with the tests
            os._exit(1)
        os._exit(0)
    return os.waitpid(pid, 0)[1]


@pytest.mark.parametrize("kind", ["writing", "reading"])
def test_a_copy_is_made_between_what_is_read_and_written(store: Store, kind: str) -> None:
    store.prepare()
    begun, done = threading.Event(), threading.Event()

    def work(_connection: object) -> None:
        begun.set()
        time.sleep(0.3)
        done.set()

    def look_and_add() -> None:
        assert done.is_set(), "the copy was made in the middle"
        store.add(entering())

    thread = threading.Thread(target=store._write if kind == "writing" else store._read, args=(work,))
    thread.start()
    assert begun.wait(DEADLINE)
    assert in_a_copy(look_and_add) == 0
    thread.join(DEADLINE)
    store.add(entering())
    assert store.count("contact") == 2


def test_a_gate_waits_for_nobody_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("declweb.forking.PATIENCE", 0.05)
    monkeypatch.setattr("declweb.forking.CLOSED", 0.05)
    gate, inside, leave = Gate(), threading.Event(), threading.Event()

    def stay() -> None:
        with gate:
            inside.set()
            leave.wait(DEADLINE)

    thread = threading.Thread(target=stay)
    thread.start()
    assert inside.wait(DEADLINE)
    gate.close()
    with gate:
        leave.set()
    thread.join()
    gate.open()
    with gate:
        pass
