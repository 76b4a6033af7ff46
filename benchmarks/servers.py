"""Commands and servers: started on a port of their own, asked, and stopped again.

Owns processes. Knows nothing of what they serve.
"""

import atexit
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from http.client import HTTPConnection
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Timer

BIN = Path(sys.executable).parent
ROOT = Path(__file__).parent.parent
HOST = "127.0.0.1"
DEADLINE = 30.0
"""Seconds within which a server must answer or be gone."""
BETWEEN = 0.002
"""Seconds between two looks whether a server answers."""


@dataclass(frozen=True, slots=True)
class Server:
    """A running server."""

    process: subprocess.Popen[bytes]
    port: int

    def get(self, path: str) -> tuple[int, bytes]:
        """Return status and body of one GET."""
        connection = HTTPConnection(HOST, self.port, timeout=DEADLINE)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def fields(self, path: str) -> list[tuple[str, str]]:
        """Return the header fields that the application sends, without those of the server."""
        connection = HTTPConnection(HOST, self.port, timeout=DEADLINE)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            answer.read()
            return [field for field in answer.getheaders() if field[0].lower() not in {"date", "server"}]
        finally:
            connection.close()

    def wait(self, path: str) -> None:
        """Return as soon as a GET is answered with 200."""
        end = time.monotonic() + DEADLINE
        while time.monotonic() < end:
            if self.process.poll() is not None:
                break
            try:
                if self.get(path)[0] == 200:
                    return
            except OSError:
                time.sleep(BETWEEN)
        raise SystemExit(f"{self.process.args!r} does not answer {path}")

    @property
    def processor_time(self) -> float:
        """Seconds that the process and those it started have kept a core busy."""
        return sum(map(_processor_time, self._family()))

    @property
    def memory(self) -> list[float]:
        """The resident memory of the process and of each one it started, in MB."""
        return [memory(pid, "VmRSS") for pid in self._family()]

    def _family(self) -> list[int]:
        found = [self.process.pid]
        for pid in found:
            for task in Path(f"/proc/{pid}/task").iterdir():
                with suppress(FileNotFoundError):  # a thread that has ended meanwhile
                    found += map(int, (task / "children").read_text(encoding="ascii").split())
        return found


def _processor_time(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def memory(pid: int | str, entry: str) -> float:
    """Return an entry of a process's status (VmRSS, VmHWM) in MB of a million bytes."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    return int(status.partition(f"{entry}:")[2].split()[0]) * 1024 / 1e6


@cache
def environment() -> dict[str, str]:
    """Return the environment of every command: Python keeps its bytecode, as after an installation."""
    kept = TemporaryDirectory(prefix="bytecode-")
    atexit.register(kept.cleanup)
    usual = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return {**usual, "PYTHONPYCACHEPREFIX": kept.name}


def loading(module: str, site: Path, told: list[dict[str, float]]) -> Callable[[], float]:
    """Return what has a module measure a site in a process of its own; what it tells is noted, seconds are returned."""

    def load_once() -> float:
        command = (sys.executable, "-m", module, str(site))
        done = subprocess.run(
            command, env=environment(), check=True, capture_output=True, text=True, timeout=DEADLINE * 4
        )
        told.append(json.loads(done.stdout))
        return told[-1]["spent"]

    return load_once


def free_port() -> int:
    """Return a port that nothing listens on."""
    with socket.socket() as listener:
        listener.bind((HOST, 0))
        port: int = listener.getsockname()[1]
        return port


@contextmanager
def serving(
    command: Sequence[str | Path], more: Mapping[str, str] | None = None, stderr: int = subprocess.DEVNULL
) -> Iterator[Server]:
    """Start a server for as long as the block lasts; `{port}` in the command stands for one that is free."""
    port = free_port()
    process = subprocess.Popen(
        [str(word).format(port=port) for word in command],
        cwd=ROOT,
        env={**environment(), **(more or {})},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=stderr,
    )
    try:
        yield Server(process, port)
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(DEADLINE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def output_of(*command: str | Path) -> str:
    """Return what a command prints; some say their version with a failure."""
    done = subprocess.run(command, capture_output=True, text=True, timeout=DEADLINE, check=False)
    return done.stdout + done.stderr


def seconds_of(*command: str | Path) -> float:
    """Return how long a command takes."""
    start = time.perf_counter()
    process = subprocess.Popen(command, env=environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    giving_up = Timer(DEADLINE, process.kill)  # a wait with a timeout would look only now and then
    giving_up.start()
    code = process.wait()
    seconds = time.perf_counter() - start
    giving_up.cancel()
    if code:
        raise SystemExit(f"{command} ended with {code}")
    return seconds


class Neighbours:
    """What other programs take of the machine, from now on."""

    def __init__(self) -> None:
        self._start = time.monotonic()
        self._before = self._foreign()

    @property
    def cores(self) -> float:
        """How many cores they have kept busy, on average."""
        return (self._foreign() - self._before) / (time.monotonic() - self._start)

    @staticmethod
    def _foreign() -> float:
        """Return the seconds of processor time that neither this program nor those it waited for have used."""
        user, nice, system, _idle, _waiting, *interrupts = (
            int(ticks) for ticks in Path("/proc/stat").read_text(encoding="ascii").split("\n", 1)[0].split()[1:8]
        )
        return (user + nice + system + sum(interrupts)) / os.sysconf("SC_CLK_TCK") - sum(os.times()[:4])
