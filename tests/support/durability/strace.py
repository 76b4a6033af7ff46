"""strace: what a process asked of the system, in order, and what it is told instead of the truth.

Owns strace's options and the form of its lines. Knows nothing of forms or servers.
"""

import re
import select
import signal
import subprocess
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from outside import found

PATIENCE = 10.0
"""Seconds for strace to take hold of a process."""
DETACHING = 3.0
"""Seconds for it to let go."""

FILES = (
    "openat,open,creat,mkdir,mkdirat,rename,renameat,renameat2,link,linkat,unlink,unlinkat,rmdir,ftruncate,fallocate"
)
DATA = (
    "write,writev,pwrite64,pwritev,pwritev2,copy_file_range,sendfile,splice,sendto,sendmsg,fsync,fdatasync,sync,syncfs"
)
ORDER = f"{FILES},{DATA},sync_file_range"
"""The calls that say what is on disk, and what the visitor was told."""


@dataclass(frozen=True, slots=True)
class Call:
    """A call of the system: `begun` and `ended` are the numbers of lines, so that any two can be put in order."""

    thread: int
    name: str
    arguments: str
    result: int | None
    """None where the process did not live to see it."""
    error: str
    begun: int
    ended: int
    is_injected: bool = False

    @property
    def paths(self) -> tuple[str, ...]:
        """What the descriptors among the arguments stand for: paths, or `TCP:[…]`."""
        return tuple(
            _plain(path) for path in re.findall(r"(?:^|[ \[])(?:-?\d+|AT_FDCWD)<([^>]*(?:->[^>]*)?)>", self.arguments)
        )

    @property
    def opened(self) -> str:
        """The path that the new descriptor stands for."""
        return _plain(self.error) if self.name in {"openat", "open", "creat"} and self.result not in {None, -1} else ""

    @property
    def strings(self) -> tuple[str, ...]:
        """The texts among the arguments, as strace writes them."""
        return tuple(re.findall(r'"((?:[^"\\]|\\.)*)"', self.arguments))


def _plain(path: str) -> str:
    return path.removesuffix(" (deleted)")


LINE = re.compile(r"(?:(?P<thread>\d+) +)?(?:(?P<time>\d+\.\d+) )?(?P<rest>.*)")
WHOLE = re.compile(
    r"(?P<name>\w+)\((?P<arguments>.*)\) += (?P<result>-?\d+|\?|0x[0-9a-f]+)"
    r"(?:<(?P<opened>[^>]*)>)?(?: (?P<error>[A-Z]\w*))?(?P<more>.*)"
)
BEGUN = re.compile(r"(?P<name>\w+)\((?P<arguments>.*?) *<(?:unfinished|detached) \.\.\.>")
RESUMED = re.compile(r"<\.\.\. (?P<name>\w+) resumed> ?(?P<rest>.*)")


def calls(lines: Iterable[str]) -> list[Call]:
    """Return the calls of a trace made with -f, in the order in which they ended."""
    waiting: dict[int, tuple[str, int]] = {}
    ended = []
    for number, line in enumerate(lines):
        split = LINE.fullmatch(line.rstrip("\n"))
        if split is None:
            continue
        thread, rest, begun = int(split["thread"] or 0), split["rest"], number
        if half := BEGUN.fullmatch(rest):
            waiting[thread] = (f"{half['name']}({half['arguments']}", number)
            continue
        if other := RESUMED.fullmatch(rest):
            first, begun = waiting.pop(thread, (f"{other['name']}(", number))
            rest = first + other["rest"]
        if whole := WHOLE.fullmatch(rest):
            ended.append(_call(thread, whole, begun, number))
    cut = len(ended) + 10**9
    ended += [
        Call(thread, *_name_and_arguments(first), None, "", begun, cut) for thread, (first, begun) in waiting.items()
    ]
    return ended


def _call(thread: int, whole: re.Match[str], begun: int, ended: int) -> Call:
    result = None if whole["result"] == "?" else int(whole["result"], 0)
    return Call(
        thread,
        whole["name"],
        whole["arguments"],
        result,
        whole["opened"] or whole["error"] or "",
        begun,
        ended,
        "(INJECTED)" in whole["more"],
    )


def _name_and_arguments(text: str) -> tuple[str, str]:
    name, _, arguments = text.partition("(")
    return name, arguments


class Trace:
    """What strace has written about a process."""

    def __init__(self) -> None:
        self.calls: list[Call] = []
        """The calls, in the order in which they ended; there once strace has let go."""


@contextmanager
def attached(threads: Sequence[int], *options: str, all_threads: bool = False) -> Iterator[Trace]:
    """Trace threads that run already for as long as the block lasts; with `all_threads`, those of their process too."""
    with tempfile.TemporaryDirectory(prefix="strace-") as folder:
        file = Path(folder) / "trace"
        trace = Trace()
        who = [part for thread in threads for part in ("-p", str(thread))]
        command = [found("strace"), *(["-f"] if all_threads else []), "-o", str(file), *options, *who]
        strace = subprocess.Popen(command, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, bufsize=0)
        try:
            _wait_until_attached(strace, len(threads))
            yield trace
        finally:
            _let_go(strace)
            if file.exists():
                trace.calls = calls(file.read_text("utf-8", "replace").splitlines())


def _let_go(strace: "subprocess.Popen[bytes]") -> None:
    """End strace; it may wait for a thread that is ending itself."""
    strace.send_signal(signal.SIGTERM)
    try:
        strace.wait(DETACHING)
    except subprocess.TimeoutExpired:
        strace.kill()
        strace.wait()
    assert strace.stderr
    strace.stderr.close()


def _wait_until_attached(strace: "subprocess.Popen[bytes]", count: int) -> None:
    """Return when strace has said of every thread that it has hold of it."""
    assert strace.stderr
    said = b""
    while said.count(b" attached") < count:
        ready, _, _ = select.select([strace.stderr], [], [], PATIENCE)
        more = strace.stderr.read(4096) if ready else b""
        if not more:
            _cannot(said.decode())
        said += more


def _cannot(said: str) -> NoReturn:
    raise RuntimeError(f"strace could not take hold of the process: {said}")


def injection(name: str, error: str, when: int) -> tuple[str, ...]:
    """Return the options that let a thread's call of this name, counted from 1, fail with an error."""
    return ("-e", f"trace={name}", "-e", f"inject={name}:error={error}:when={when}")
