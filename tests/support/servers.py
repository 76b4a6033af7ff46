"""Real servers for tests: the installed command, on a port of its own, stopped by its process id."""

import http.client
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Self, TypeVar
from urllib.parse import urlsplit

COMMAND = str(Path(sys.executable).with_name("declweb"))
DEADLINE = 60.0
"""Seconds until a test gives up waiting; far more than anything takes."""

Found = TypeVar("Found")


def eventually(look: Callable[[], Found | None], within: float = DEADLINE) -> Found:
    """Return what `look` finds as soon as that is true."""
    deadline = time.monotonic() + within
    while not (found := look()):
        assert time.monotonic() < deadline, f"{look} found nothing in {within} seconds"
        time.sleep(0.01)
    return found


_kept: list[socket.socket] = []
"""Sockets that hold ports and do not listen, until the process ends."""


def free_port(*, port: int = 0) -> int:
    """Return a port that nobody listens on, and that nobody is given who asks for any; a server may be told it."""
    keeper = socket.socket()
    keeper.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    keeper.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    keeper.bind(("127.0.0.1", port))
    _kept.append(keeper)
    found: int = keeper.getsockname()[1]
    return found


@dataclass(frozen=True)
class Answer:
    """What a server answered."""

    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()


def write(folder: Path, **files: str) -> Path:
    """Write files into a site folder, `site.toml` as `site`, and return it; `a__b` is `a/b`, `_` a dot."""
    for name, text in files.items():
        path = folder / ("site.toml" if name == "site" else name.replace("__", "/").replace("_", "."))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return folder


class Running:
    """A server that runs as long as the context; what it writes is kept."""

    def __init__(
        self,
        *command: str | Path,
        variables: Mapping[str, str] | None = None,
        cwd: Path | None = None,
        is_measured: bool = True,
    ) -> None:
        self.command = [str(part) for part in command]
        self.output: IO[str] = tempfile.TemporaryFile("w+")  # noqa: SIM115 # closed below
        inherited = {name: text for name, text in os.environ.items() if is_measured or name[:9] != "COVERAGE_"}
        environment = {**inherited, "PYTHONUNBUFFERED": "1", **(variables or {})}
        self.process = subprocess.Popen(
            self.command,
            stdout=self.output,
            stderr=subprocess.STDOUT,
            text=True,
            env=environment,
            cwd=cwd,
            start_new_session=True,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        workers = self.workers()
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        for worker in workers:
            eventually(lambda pid=worker: not is_running(pid))  # type: ignore[misc] # bound here
        self.output.close()

    @property
    def log(self) -> str:
        """What it has written so far."""
        descriptor = self.output.fileno()
        return os.pread(descriptor, os.fstat(descriptor).st_size, 0).decode()

    @property
    def url(self) -> str:
        """Its address, once it has said it."""
        pattern = re.compile(r"https?://127\.0\.0\.1(:\d+)?[^\s]*")

        def look() -> re.Match[str] | None:
            assert self.process.poll() is None or pattern.search(self.log), self.log
            return pattern.search(self.log)

        return eventually(look)[0]

    @property
    def port(self) -> int:
        port = urlsplit(self.url).port
        assert port
        return port

    def get(self, path: str, method: str = "GET", **headers: str) -> Answer:
        """Return the answer to one request, on a connection of its own."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=DEADLINE)
        try:
            fields = {name.replace("_", "-"): value for name, value in headers.items()}
            connection.request(method, path, headers=fields)
            answer = connection.getresponse()
            return Answer(answer.status, answer.headers, answer.read())
        finally:
            connection.close()

    def answers(self, path: str = "/") -> Answer | None:
        """Return the answer to one request, if there is one."""
        try:
            return self.get(path)
        except (OSError, http.client.HTTPException):
            return None

    def workers(self) -> list[int]:
        """Return the ids of its processes."""
        return children(self.process.pid)

    def stop(self, number: int = signal.SIGTERM) -> int:
        """Send a signal, and return the exit code."""
        self.process.send_signal(number)
        return self.process.wait(DEADLINE)


def children(pid: int) -> list[int]:
    """Return the ids of a process's children."""
    try:
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except FileNotFoundError:
        return []


def is_running(pid: int) -> bool:
    """Tell whether a process is there, and not just waiting to be buried."""
    try:
        return "State:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False


def serve(site: Path, *options: str, variables: Mapping[str, str] | None = None) -> Running:
    """Return a running `declweb serve`, on any free port."""
    return Running(COMMAND, "serve", site, "--port", "0", *options, variables=variables)


def run(*arguments: str | Path, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Return what became of the command."""
    return subprocess.run(
        [COMMAND, *map(str, arguments)], capture_output=True, text=True, check=False, cwd=cwd, timeout=DEADLINE
    )


__all__: Sequence[str] = [
    "COMMAND",
    "Answer",
    "Running",
    "children",
    "eventually",
    "free_port",
    "is_running",
    "run",
    "serve",
    "write",
]
