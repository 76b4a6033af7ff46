"""Faults: one call of the system after the other fails, and what visitors are told is compared with what is stored.

Owns which calls fail how. A point is a thread, a call, its number and an error; the number grows until a whole
submission passes untouched.
"""

import random
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from servers import eventually

from durability.looking import damage, halves, losses, orphans
from durability.rounds import House, site_copy
from durability.strace import Call, attached, injection
from durability.visitors import Ledger, Report, Told, a_report, hand_in

ERRORS = ("EIO", "ENOSPC", "EMFILE", "ENOLCK", "EAGAIN")
PATIENCE = 15.0
"""Seconds within which every request has its answer; a lock may be waited for that long, too."""
SIZE = 30_000
"""Of the paper: more than fits into one packet."""

UNTOUCHED = frozenset(
    [
        "exit",
        "exit_group",
        "rt_sigreturn",
        "rt_sigprocmask",
        "rt_sigaction",
        "sigaltstack",
        "set_robust_list",
        "rseq",
        "restart_syscall",
        "gettid",
        "getpid",
        "getppid",
        "getsockname",
        "getpeername",
        "getuid",
        "geteuid",
        "getgid",
        "getegid",
        "sched_yield",
        "madvise",
        "brk",
        "epoll_wait",
        "epoll_pwait",
        "poll",
        "select",
        "clock_nanosleep",
        "futex",
    ]
)
"""Calls that cannot fail so, that only wait, or by which threads wake each other: a wake-up is never lost."""
ONLY_AGAIN = {"mprotect", "munmap", "mmap", "clone3"}
"""Calls for threads and memory: of the errors, the kernel gives them EAGAIN at most."""


@dataclass(frozen=True, slots=True)
class Point:
    """Where a submission is hit."""

    role: str
    name: str
    error: str
    when: int

    def __str__(self) -> str:
        return f"{self.error} at call {self.when} of {self.name} ({self.role})"


@dataclass
class Tally:
    """What came of all points."""

    points: int = 0
    """Points that hit something."""
    answers: Counter[str] = field(default_factory=Counter)
    calls: Counter[str] = field(default_factory=Counter)
    errors: Counter[str] = field(default_factory=Counter)
    silent: list[str] = field(default_factory=list)
    """Points at which the visitor got no answer."""
    stored_in_doubt: int = 0
    """Reports that were not thanked for, and stored nevertheless; handing them in again gave their receipt."""
    restarts: int = 0
    """Points at which the worker ended, and another took over."""
    slowest: float = 0.0
    seconds: float = 0.0
    receipts: int = 0

    def __str__(self) -> str:
        calls = ", ".join(f"{name} {count}" for name, count in self.calls.most_common())
        return (
            f"{self.points} points in {self.seconds:.0f} s ({self.seconds / max(self.points, 1):.2f} s each); "
            f"answers at them: {dict(self.answers)}; {self.stored_in_doubt} not thanked for and stored all the same; "
            f"{self.restarts} workers ended; slowest answer {self.slowest:.1f} s; {self.receipts} receipts in all\n"
            f"errors: {dict(self.errors)}\ncalls: {calls}"
        )


class Patient:
    """A server with one worker, in which calls fail."""

    def __init__(self, house: House, *, says: bool = False) -> None:
        self.house = house
        self._says = says
        self.ledger = Ledger()
        self.tally = Tally()
        self._roles: dict[str, list[int]] = {}
        self._wakings: set[tuple[str, str, int]] = set()
        self._pid = 0

    # --- what one submission does -------------------------------------------------------------------------------------

    @property
    def pid(self) -> int:
        """The worker."""
        return self.house.workers[0]

    def threads(self, role: str) -> list[int]:
        """Return the threads that play a part, found anew for a new worker."""
        if self._pid != self.pid or not set(self._roles["storing"]) <= self._living():
            self.profile()
        return [thread for thread in self._roles[role] if thread in self._living()]

    def _living(self) -> set[int]:
        return {int(path.name) for path in Path(f"/proc/{self.pid}/task").iterdir()}

    def profile(self) -> Counter[tuple[str, str]]:
        """Return how often a submission makes each call, by the part that its thread plays."""
        self.untouched()
        self._pid = self.pid
        with attached([self._pid], "-yy", "-s", "64", all_threads=True) as trace:
            self.untouched()
        storing = {call.thread for call in trace.calls if self._is_storage(call)}
        active = {call.thread for call in trace.calls} - storing
        self._roles = {"storing": sorted(storing), "serving": sorted(active & self._living())}
        self._wakings = set(self._found_wakings(trace.calls))
        return Counter((self._role(call.thread), call.name) for call in trace.calls if call.name not in UNTOUCHED)

    def _is_storage(self, call: Call) -> bool:
        return str(self.house.place.folder) in call.arguments

    def _role(self, thread: int) -> str:
        return "storing" if thread in self._roles["storing"] else "serving"

    def _found_wakings(self, calls: list[Call]) -> Iterator[tuple[str, str, int]]:
        """Yield the points at which threads wake each other: no kernel fails there, and a runtime gives up."""
        counts: Counter[tuple[int, str]] = Counter()
        for call in calls:
            counts[call.thread, call.name] += 1
            if "eventfd" in call.arguments:
                yield self._role(call.thread), call.name, counts[call.thread, call.name]

    # --- points -------------------------------------------------------------------------------------------------------

    def hit(self, point: Point) -> bool:
        """Hand a report in while a call fails; tell whether anything was hit."""
        threads = self.threads(point.role)
        if (point.role, point.name, point.when) in self._wakings:
            return True
        report = a_report(SIZE)
        pid = self.pid
        began = time.monotonic()
        with attached(threads, "-yy", *injection(point.name, point.error, point.when)) as trace:
            told = hand_in(self.house.port, report, PATIENCE)
        self.tally.slowest = max(self.tally.slowest, time.monotonic() - began)
        hits = [call for call in trace.calls if call.is_injected]
        is_hit = bool(hits)
        if self._says:
            print(f"{point}: {told.status if is_hit else 'untouched'}", flush=True)  # noqa: T201 # a command
        self._check(point, report, told, is_heard=not any("TCP" in call.arguments for call in hits))
        if self.pid != pid:
            self.tally.restarts += 1
        if is_hit and not any("eventfd" in call.arguments for call in hits):
            self._count(point, told)
        return is_hit

    def _count(self, point: Point, told: Told) -> None:
        self.tally.points += 1
        self.tally.answers[str(told.status or "none")] += 1
        self.tally.calls[f"{point.name} ({point.role})"] += 1
        self.tally.errors[point.error] += 1
        if not told.status:
            self.tally.silent.append(str(point))

    def _check(self, point: Point, report: Report, told: Told, *, is_heard: bool) -> None:
        place = self.house.place
        if told.is_thanks:
            assert not (lost := losses(place, {told.receipt: report})), (point, lost)
        elif told.status:
            assert told.status == 503 or not is_heard, f"{point}: {told.status} {told.text}\n{self.house.log[-3000:]}"
            assert report.message in told.text or not is_heard, f"{point}: the text is gone: {told.text}"
        if not told.status:
            eventually(lambda: self.house.answers)
        stored = place.receipts_of(report)
        receipt = self.again(report, point)
        assert place.receipts_of(report) == [receipt], (point, stored, receipt)
        if told.is_thanks:
            assert told.receipt == receipt, (point, told.receipt, receipt)
        elif stored:
            assert stored == [receipt], (point, stored, receipt)
            self.tally.stored_in_doubt += 1
        assert not (lost := losses(place, {receipt: report})), (point, lost)

    def again(self, report: Report, point: Point | None = None) -> str:
        """Hand a report in that nothing hinders; return its receipt."""
        told = hand_in(self.house.port, report, PATIENCE)
        if not told.status:  # the worker was ending itself
            eventually(lambda: self.house.answers)
            told = hand_in(self.house.port, report, PATIENCE)
        assert told.is_thanks, f"after {point}: {told.status} {told.text}\n{self.house.log[-3000:]}"
        self.ledger.write_down(report, told)
        return told.receipt

    def untouched(self) -> None:
        """Hand another report in that nothing hinders."""
        self.again(a_report(SIZE))

    def look_through(self) -> None:
        """Look up everything; and after a new start, that nothing is left over."""
        place = self.house.place
        wrong = [*losses(place, self.ledger.receipts), *halves(place), *damage(place)]
        assert not wrong, "\n".join(wrong)


def series(profile: Counter[tuple[str, str]]) -> Iterator[tuple[str, str, str]]:
    """Yield part, call and error of every series of points; the number of the call grows within one."""
    for role, name in sorted(profile, reverse=True):
        for error in ("EAGAIN",) if name in ONLY_AGAIN else ERRORS:
            yield role, name, error


def run(server: str = "granian", sample: int | None = None, seed: int | None = None, *, says: bool = False) -> Tally:
    """Hit a submission at every point, or at some of them; raises AssertionError with what went wrong where."""
    began = time.monotonic()
    with site_copy(threads=1) as site, House(site, server, workers=1) as house:
        patient = Patient(house, says=says)
        profile = patient.profile()
        if sample is None:
            _hit_all(patient, profile)
        else:
            _hit_some(patient, profile, sample, random.Random(seed))
        patient.look_through()
        house.start_anew()
        eventually(lambda: not orphans(house.place))
        patient.look_through()
        patient.tally.receipts = len(patient.ledger.receipts)
    patient.tally.seconds = time.monotonic() - began
    return patient.tally


def _hit_all(patient: Patient, profile: Counter[tuple[str, str]]) -> None:
    for role, name, error in series(profile):
        when = 1
        while patient.hit(Point(role, name, error, when)):
            when += 1


def _hit_some(patient: Patient, profile: Counter[tuple[str, str]], count: int, choice: random.Random) -> None:
    points = [
        Point(role, name, error, when)
        for role, name, error in series(profile)
        for when in range(1, profile[role, name] + 1)
    ]
    for point in choice.sample(points, min(count, len(points))):
        patient.hit(point)
