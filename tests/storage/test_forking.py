"""Copies of a process that are made while its threads read and write."""

import os
import signal
import threading
import time
from collections.abc import Callable

import pytest
from entering import entering

from declweb.storage import Store
from declweb.storage.forking import Gate


def in_a_copy(work: Callable[[], object]) -> int:
    """Do something in a copy of this process; return how that ended."""
    pid = os.fork()
    if pid == 0:
        signal.alarm(8)  # it must not hang, whatever else is wrong with it
        try:
            work()
        except BaseException:  # noqa: BLE001 # the copy must not go on with the tests
            os._exit(1)
        os._exit(0)
    return os.waitpid(pid, 0)[1]


@pytest.mark.parametrize("kind", ["writing", "reading"])
def test_a_copy_is_made_between_what_is_read_and_written(store: Store, kind: str) -> None:
    store.prepare()
    begun = threading.Event()

    def work(_connection: object) -> None:
        begun.set()
        time.sleep(0.3)

    thread = threading.Thread(target=store._write if kind == "writing" else store._read, args=(work,))
    thread.start()
    assert begun.wait(5)
    assert in_a_copy(lambda: store.add(entering())) == 0
    assert not thread.is_alive()
    store.add(entering())
    assert store.count("contact") == 2


def test_a_gate_waits_for_nobody_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("declweb.storage.forking.PATIENCE", 0.05)
    monkeypatch.setattr("declweb.storage.forking.CLOSED", 0.05)
    gate, inside, leave = Gate(), threading.Event(), threading.Event()

    def stay() -> None:
        with gate:
            inside.set()
            leave.wait(10)

    thread = threading.Thread(target=stay)
    thread.start()
    assert inside.wait(5)
    gate.close()
    with gate:
        leave.set()
    thread.join()
    gate.open()
    with gate:
        pass
