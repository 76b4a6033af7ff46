"""Rounds: visitors hand in reports, processes are killed, and every receipt that a visitor has is looked up.

Owns who is killed when. Kills by process id, and only what it started.
"""

import os
import random
import shutil
import signal
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

from servers import children, eventually, free_port, is_running, serve

from durability.looking import Place, damage, halves, losses, orphans
from durability.visitors import Crowd, Ledger

SITE = Path(__file__).parents[2] / "durability" / "site"
VISITORS = 8
WORKERS = 2
STARTING = 120.0
"""Seconds that a server may take to answer; on a machine with a hundred other things to do it took forty."""
BATCH = 200
"""Rounds after which a new site is begun, so that all of it can be looked through."""
WHOLE = 25
"""Rounds after which every receipt so far is looked up again, and SQLite looks through the database."""
VICTIMS = ("one worker", "all workers", "everything")
WEIGHTS = (6, 3, 2)
MOST_LIVES = 7
"""Rounds after which everything is killed: who died more often in a row is not replaced at once."""
AT_WORK = (0.02, 0.2)
"""Seconds that visitors hand in reports before somebody is killed: at least, at most."""


@dataclass
class Tally:
    """What happened in all rounds."""

    rounds: int = 0
    killed: Counter[str] = field(default_factory=Counter)
    receipts: int = 0
    files: int = 0
    unanswered: int = 0
    """Reports that were under way when a process was killed."""
    swept: int = 0
    """Files without an entry that were there after everything was killed, and gone after the next start."""
    refused: Counter[int] = field(default_factory=Counter)
    seconds: float = 0.0

    def __str__(self) -> str:
        killed = ", ".join(f"{count} times {name}" for name, count in self.killed.items())
        return (
            f"{self.rounds} rounds in {self.seconds:.0f} s ({self.seconds / max(self.rounds, 1):.2f} s each); "
            f"killed: {killed}; {self.receipts} receipts, {self.files} of them with a file; "
            f"{self.unanswered} reports got no answer and were handed in again, each was stored once; "
            f"{self.swept} orphan files cleaned up; other answers: {dict(self.refused) or 'none'}"
        )


@contextmanager
def site_copy(threads: int | None = None) -> Iterator[Path]:
    """Make a site folder for a while; `threads` is how many requests a process answers at once."""
    with tempfile.TemporaryDirectory(prefix="declweb-durability-") as folder:
        site = Path(shutil.copytree(SITE, Path(folder) / "site"))
        if threads:
            with (site / "site.toml").open("a", encoding="utf-8") as file:
                file.write(f"\n[server]\nthreads = {threads}\n")
        yield site


class House:
    """The server in a site folder, always on the same port, killed and started again."""

    def __init__(self, site: Path, server: str = "granian", workers: int = WORKERS) -> None:
        self.site = site
        self.place = Place(site / "storage")
        self._options = ("--server", server, "--workers", str(workers))
        self._workers = workers
        self._running = serve(site, *self._options)
        self.port = free_port(port=self._running.port)
        self._wait()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._running.process.poll() is None:
            self.kill("everything")  # those who wait for a connection that a fault has broken need not be waited for
        self._running.__exit__(kind, error, trace)

    @property
    def workers(self) -> list[int]:
        """The ids of the processes that answer."""
        return self._running.workers()

    @property
    def answers(self) -> bool:
        """Whether a page is answered now."""
        return self._running.answers("/") is not None

    @property
    def log(self) -> str:
        """What the server has written since it was started."""
        return self._running.log

    def kill(self, victims: str) -> list[int]:
        """Kill some of the processes, in the middle of whatever they do; return their ids."""
        workers = self.workers
        if victims == "one worker":
            workers = [random.choice(workers)]
        dead = [self._running.process.pid, *workers] if victims == "everything" else workers
        for pid in dead:
            os.kill(pid, signal.SIGKILL)
        return dead

    def recover(self, dead: list[int]) -> None:
        """Return once others answer in the place of those that were killed."""
        eventually(lambda: not any(map(is_running, dead)))
        if self._running.process.pid in dead:
            self._running.__exit__(None, None, None)
            self._running = serve(self.site, *self._options, "--port", str(self.port))
        self._wait()

    def start_anew(self) -> None:
        """Kill everything, and start again."""
        self.recover(self.kill("everything"))

    def _wait(self) -> None:
        supervisor = self._running.process.pid
        eventually(lambda: len([pid for pid in children(supervisor) if is_running(pid)]) >= self._workers, STARTING)
        eventually(lambda: self.answers, STARTING)


def run(count: int, batch: int = BATCH, seed: int | None = None, *, says: bool = False) -> Tally:
    """Run so many rounds; raises AssertionError with what was lost."""
    chance = random.Random(seed)
    tally = Tally()
    began = time.monotonic()
    while tally.rounds < count:
        with site_copy() as site, House(site) as house:
            _run_batch(house, min(batch, count - tally.rounds), tally, chance)
        tally.seconds = time.monotonic() - began
        if says:
            print(tally, flush=True)  # noqa: T201 # a command
    return tally


def _run_batch(house: House, count: int, tally: Tally, chance: random.Random) -> None:
    ledger = Ledger(house.site / "ledger.txt")
    crowd = Crowd(house.port, VISITORS, ledger)
    known: set[str] = set()
    try:
        for number in range(1, count + 1):
            victims = "everything" if number % MOST_LIVES == 0 else chance.choices(VICTIMS, WEIGHTS)[0]
            crowd.let_in()
            time.sleep(chance.uniform(*AT_WORK))
            dead = house.kill(victims)
            crowd.hold_back()
            left = len(orphans(house.place)) if victims == "everything" else 0
            house.recover(dead)
            eventually(lambda: not orphans(house.place))
            fresh = {receipt: report for receipt, report in ledger.receipts.items() if receipt not in known}
            known |= fresh.keys()
            _assert_none(losses(house.place, fresh))
            tally.killed[victims] += 1
            tally.rounds += 1
            tally.unanswered += len(ledger.doubtful)
            tally.swept += left
            if number % WHOLE == 0:
                _look_through(house.place, ledger)
        _settle(house, crowd, ledger)
    finally:
        crowd.send_home()
    tally.receipts += len(ledger.receipts)
    tally.files += sum(report.size > 0 for report in ledger.receipts.values())
    tally.refused.update(status for status, _ in ledger.refused)


def _settle(house: House, crowd: Crowd, ledger: Ledger) -> None:
    """Let everybody who got no answer ask again."""
    crowd.let_in()
    eventually(lambda: not ledger.doubtful or bool(crowd.failures))
    crowd.hold_back()
    _look_through(house.place, ledger)


def _look_through(place: Place, ledger: Ledger) -> None:
    """Look up every receipt, and for halves and damage; and that what was handed in again is there once."""
    _assert_none([*losses(place, ledger.receipts), *halves(place), *damage(place)])


def _assert_none(wrong: list[str]) -> None:
    assert not wrong, "\n".join(wrong)
