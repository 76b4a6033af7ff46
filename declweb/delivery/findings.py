"""What a try-out of delivery found: something that works, something that would not, something that nobody can tell.

Owns the shape of a finding, and how several look-ups share one stretch of time. Knows nothing that is tried out.
"""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from queue import Empty, SimpleQueue
from threading import Thread
from typing import TypeAlias

from declweb.sitefile import KeyPath


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was tried out."""

    subject: str
    """What it is, in a word or two."""
    message: str
    path: KeyPath
    """The key of the site file that it hangs on."""
    code: str | None = None
    """The problem that it is; None where it is none."""
    help: str | None = None
    is_known: bool = True
    """Whether there was an answer at all."""


Work: TypeAlias = Callable[[], Iterable[Finding]]


@dataclass(frozen=True, slots=True)
class Trial:
    """Something to be tried out, which may take its time."""

    subject: str
    path: KeyPath
    work: Work
    code: str | None = None
    """The problem that it is where there is no answer in time; None where that says nothing of the site."""


def tried(trials: Sequence[Trial], seconds: float) -> Iterator[Finding]:
    """Yield what all of these find, in their order; they run side by side, and what takes too long is left behind."""
    end = time.monotonic() + seconds
    queues = [_begun(trial.work) for trial in trials]
    for trial, queue in zip(trials, queues, strict=True):
        try:
            answer = queue.get(timeout=max(end - time.monotonic(), 0))
        except Empty:
            words = f"no answer from the {trial.subject} within {seconds:.0f} seconds"
            yield Finding(trial.subject, words, trial.path, trial.code, is_known=False)
            continue
        if isinstance(answer, BaseException):
            raise answer
        yield from answer


def _begun(work: Work) -> "SimpleQueue[list[Finding] | BaseException]":
    answers: SimpleQueue[list[Finding] | BaseException] = SimpleQueue()

    def run() -> None:
        try:
            answers.put(list(work()))
        except BaseException as error:  # noqa: BLE001 # whoever waits is told
            answers.put(error)

    Thread(target=run, name="declweb try-out", daemon=True).start()
    return answers


def without_secrets(finding: Finding, secrets: Iterable[str]) -> Finding:
    """Return a finding in whose words no secret stands, whoever repeated it."""
    message = finding.message
    for secret in sorted(filter(None, secrets), key=len, reverse=True):
        message = message.replace(secret, "***")
    return replace(finding, message=message)
