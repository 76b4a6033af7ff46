"""Processes deliver mails to a real server and are killed at random; then every mail is counted.

Owns what counts as lost and as a double. A double is excused where a process died between the server's acceptance and
its own note of it: then nothing was noted of the first one, and there are no more of them than processes that died.
"""

import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from entering import entering, mail
from mailing import mail_server
from postgresql import fresh_database, postgresql

from declweb.storage import Store, StoreSettings

PROCESSES = 3
AT_ONCE = 10
"""Messages of one entry."""
PATIENCE = 120.0
"""Seconds without any delivery after which the rest is lost."""


@dataclass(frozen=True)
class Tally:
    """What came of all messages."""

    count: int
    arrived: int
    lost: int
    doubles: int
    """Messages that the server took more than once."""
    unexcused: int
    """Doubles of which both were noted, though nobody died between."""
    kills: int
    seconds: float

    def __str__(self) -> str:
        return (
            f"{self.count} messages, {PROCESSES} processes, {self.kills} of them killed in {self.seconds:.0f} s:"
            f" {self.arrived} arrived, {self.lost} lost; {self.doubles} arrived twice because a process died between"
            f" the server's acceptance and its own note, {self.unexcused} for any other reason"
        )


class _Team:
    """The processes that deliver."""

    def __init__(self, settings: StoreSettings, port: int, lease: float) -> None:
        script = Path(__file__).parents[1] / "delivering.py"
        self._command = [
            sys.executable, str(script), str(settings.folder), settings.database or "", str(port), str(lease)
        ]  # fmt: skip
        self._processes = [self._start() for _ in range(PROCESSES)]

    def _start(self) -> "subprocess.Popen[str]":
        process = subprocess.Popen(self._command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        assert process.stdout
        assert process.stdout.readline() == "delivering\n"
        return process

    def kill(self, which: int) -> None:
        """Kill one with SIGKILL, and start another in its place."""
        self._end(self._processes[which])
        self._processes[which] = self._start()

    def dismiss(self) -> None:
        """End all of them."""
        for process in self._processes:
            self._end(process)

    @staticmethod
    def _end(process: "subprocess.Popen[str]") -> None:
        process.kill()
        process.wait()
        assert process.stdout
        process.stdout.close()


@contextmanager
def _settings(*, on_postgresql: bool) -> Iterator[StoreSettings]:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="declweb-deliveries-"))) / "storage"
        url = fresh_database(stack.enter_context(postgresql()), "deliveries") if on_postgresql else None
        yield StoreSettings(folder, url)


def _post(store: Store, numbers: range) -> None:
    """Store an entry with a message for each number."""
    store.add(entering(messages=[mail(f"owner{number}@example.com") for number in numbers]))


def run(  # noqa: PLR0913 # how much, how often, and where
    count: int,
    *,
    least: int = 1,
    seed: int | None = None,
    lease: float = 15.0,
    pause: float = 0.6,
    says: bool = False,
    on_postgresql: bool = False,
) -> Tally:
    """Deliver so many messages, and kill a process now and then; `pause` is the longest time between two kills.

    More messages come in where all are delivered before at least so many processes were killed.
    """
    chance = random.Random(seed)
    with _settings(on_postgresql=on_postgresql) as settings, mail_server() as server:
        store = Store(settings)
        for start in range(0, count, AT_ONCE):
            _post(store, range(start, min(start + AT_ONCE, count)))
        began = time.monotonic()
        team = _Team(settings, server.port, lease)
        kills = 0
        try:
            end = began + PATIENCE
            last = count
            while ((left := store.waiting_messages()) or kills < least) and time.monotonic() < end:
                if not left:
                    _post(store, range(count, count + AT_ONCE))
                    count += AT_ONCE
                end = time.monotonic() + PATIENCE if left < last else end
                last = left
                time.sleep(chance.uniform(0.02, pause))
                team.kill(chance.randrange(PROCESSES))
                kills += 1
                if says:
                    print(f"{left} left, {kills} killed", end="\r", flush=True)  # noqa: T201 # a command
        finally:
            team.dismiss()
        seconds = time.monotonic() - began
        arrived = Counter(str(each["Message-ID"]) for each in server.mails)
        noted: Counter[int] = Counter()
        for receipt in {message.receipt for message in store.messages()}:
            noted.update(each.message for each in store.attempts(receipt) if each.is_delivered)
        store.stop()
    return Tally(
        count=count,
        arrived=len(arrived),
        lost=count - len(arrived),
        doubles=sum(number > 1 for number in arrived.values()),
        unexcused=sum(number > 1 for number in noted.values()),
        kills=kills,
        seconds=seconds,
    )
