"""The answer to a visitor is written once everything is on disk, and not before: strace tells in which order."""

import os
import signal
from pathlib import Path

import pytest
from durability.order import story
from durability.rounds import House, site_copy
from durability.strace import ORDER, attached, calls
from durability.visitors import a_report, hand_in
from outside import found
from servers import COMMAND, DEADLINE, Running, eventually

TRACED = ("-yy", "-s", "200", "-e", f"trace={ORDER}")


def known(folder: Path) -> list[str]:
    """What was there, and synced, before."""
    return [str(folder), *map(str, folder.rglob("*"))]


def stop(running: Running) -> None:
    """Stop the server that strace runs, and with it strace."""
    for pid in running.workers():
        os.kill(pid, signal.SIGTERM)
    running.process.wait(DEADLINE)


@pytest.mark.parametrize("server", ["granian", "gunicorn"])
def test_a_submission(server: str) -> None:
    with site_copy() as site, House(site, server, workers=1) as house:
        assert hand_in(house.port, a_report(300)).is_thanks
        for size in (0, 300, 200_000):
            submit_and_look(house, size)


def submit_and_look(house: House, size: int) -> None:
    place = house.place
    before = known(place.folder)
    with attached(house.workers, *TRACED, all_threads=True) as trace:
        assert hand_in(house.port, a_report(size)).is_thanks
        assert house.answers  # so that strace has seen the end of what came before
    told = story(trace.calls, str(place.folder), before)
    assert told.unsynced == {}
    assert f"{place.database}-wal" in told.synced
    uploads = [path for path in told.written if path.startswith(f"{place.uploads}/incoming/")]
    assert len(uploads) == (size > 0)
    if uploads:
        assert uploads[0] in told.synced, "the file was not synced"
        assert str(place.uploads) in told.synced, "the folder was not synced"


@pytest.mark.parametrize("server", ["granian", "gunicorn"])
def test_the_very_first_submission(server: str) -> None:
    """Folders, database and log are made on the way, and all of their names have to be on disk, too."""
    with site_copy() as site:
        file = site / "trace"
        command = [COMMAND, "serve", str(site), "--port", "0", "--workers", "1", "--server", server]
        with Running(found("strace"), "-f", "--seccomp-bpf", "-o", file, *TRACED, *command) as running:
            eventually(running.answers)
            assert hand_in(running.port, a_report(300)).is_thanks
            assert running.answers()
            stop(running)
        told = story(calls(file.read_text("utf-8", "replace").splitlines()), str(site / "storage"))
    assert told.unsynced == {}
    assert str(site / "storage") in told.synced
