"""Visitors who hand in reports with a paper, and write down what they are told.

Owns what is sent and what an answer says. Knows no store: what became of a report is for `looking.py` to find out.
"""

import base64
import hashlib
import http.client
import random
import re
import secrets
import threading
import zlib
from collections import deque
from dataclasses import dataclass, field
from functools import cached_property
from http.cookies import SimpleCookie
from pathlib import Path

PATH = "/report"
PATIENCE = 15.0
"""Seconds until a visitor gives up waiting."""
DAYS = ("monday", "tuesday", "wednesday")
RECEIPT = re.compile(r"\b[0-9A-HJKMNP-TV-Z]{5}-[0-9A-HJKMNP-TV-Z]{5}\b")
BOUNDARY = "----------------------------declweb"


@dataclass(frozen=True)
class Report:
    """What one visitor writes; no two are alike."""

    code: str
    size: int
    """Of the paper that comes with it; 0 is none."""
    key: str = field(default_factory=lambda: secrets.token_hex(16))

    @cached_property
    def paper(self) -> bytes:
        """The file: text of any content, the same whenever it is asked for."""
        return random.Random(self.code).randbytes(self.size * 3 // 4 + 1).hex().encode()[: self.size]

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the paper."""
        return hashlib.sha256(self.paper).hexdigest()

    @property
    def day(self) -> str:
        """One of the choices of which there are only so many."""
        return DAYS[self.size % len(DAYS)]

    @property
    def message(self) -> str:
        """What must still stand on the page when it is not taken."""
        return f"What I found out about {self.code}: “it keeps”."

    @property
    def body(self) -> bytes:
        """The report as a browser sends it."""
        parts = {"code": self.code, "day": self.day, "message": self.message, "_key": self.key}
        pieces = [_part(f'name="{name}"', value.encode()) for name, value in parts.items()]
        if self.size:
            pieces.append(_part(f'name="paper"; filename="{self.code}.txt"\r\nContent-Type: text/plain', self.paper))
        return b"".join(pieces) + f"--{BOUNDARY}--\r\n".encode()


def _part(disposition: str, value: bytes) -> bytes:
    return f"--{BOUNDARY}\r\nContent-Disposition: form-data; {disposition}\r\n\r\n".encode() + value + b"\r\n"


def a_report(size: int | None = None) -> Report:
    """Return a report that was never handed in before."""
    return Report(secrets.token_hex(8), random.choice((300, 3_000, 30_000, 90_000)) if size is None else size)


@dataclass(frozen=True)
class Told:
    """What a visitor was told: an answer, or nothing."""

    status: int
    """0 where there was no whole answer."""
    headers: http.client.HTTPMessage = field(default_factory=http.client.HTTPMessage)
    text: str = ""

    @property
    def is_thanks(self) -> bool:
        """Whether the visitor has every reason to believe that the report has arrived."""
        return 200 <= self.status < 400

    @property
    def receipt(self) -> str:
        """What the thanks say, where they stand: in the message that the next page shows."""
        cookies = SimpleCookie("; ".join(self.headers.get_all("Set-Cookie", [])))
        found = RECEIPT.search(_flashed(cookies["session"].value)) if "session" in cookies else None
        assert found, f"thanks without a receipt: {self.status} {self.headers}"
        return found[0]


NOTHING = Told(0)


def _flashed(cookie: str) -> str:
    is_compressed = cookie.startswith(".")
    payload = cookie.lstrip(".").split(".")[0]
    content = base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4))
    return (zlib.decompress(content) if is_compressed else content).decode()


class Visitor:
    """A browser: one connection that is kept as long as it holds."""

    def __init__(self, port: int, patience: float = PATIENCE) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=patience)

    def hand_in(self, report: Report) -> Told:
        """Send a report; return what came back, `NOTHING` where it broke off."""
        headers = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}", "Sec-Fetch-Site": "same-origin"}
        return self.ask("POST", PATH, report.body, headers)

    def ask(self, method: str, path: str, body: bytes | None = None, headers: dict[str, str] | None = None) -> Told:
        """Send any request."""
        try:
            self._connection.request(method, path, body, headers or {})
            answer = self._connection.getresponse()
            return Told(answer.status, answer.headers, answer.read().decode())
        except (OSError, http.client.HTTPException):
            self._connection.close()
            return NOTHING

    def leave(self) -> None:
        """Close the connection."""
        self._connection.close()


def hand_in(port: int, report: Report, patience: float = PATIENCE) -> Told:
    """Send a report on a connection of its own."""
    visitor = Visitor(port, patience)
    try:
        return visitor.hand_in(report)
    finally:
        visitor.leave()


@dataclass
class Ledger:
    """What visitors have written down: each report with the receipt they were given; kept in a file, too."""

    file: Path | None = None
    receipts: dict[str, Report] = field(default_factory=dict)
    doubtful: deque[Report] = field(default_factory=deque)
    """Reports without a receipt: they may have arrived or not, and are handed in again."""
    refused: list[tuple[int, str]] = field(default_factory=list)
    """Other answers: status and what the page said."""
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def write_down(self, report: Report, told: Told) -> None:
        """Note an answer, or that there was none."""
        with self._lock:
            if told.is_thanks:
                self._note_receipt(report, told.receipt)
                return
            self.doubtful.append(report)
            if told.status:
                self.refused.append((told.status, told.text))

    def _note_receipt(self, report: Report, receipt: str) -> None:
        assert self.receipts.setdefault(receipt, report) == report, f"{receipt} was given twice"
        if self.file:
            with self.file.open("a", encoding="utf-8") as file:
                file.write(f"{receipt} {report.code} {report.size} {report.digest}\n")

    def take_doubtful(self) -> Report | None:
        """Return a report that somebody has to hand in again, nobody else meanwhile."""
        with self._lock:
            return self.doubtful.popleft() if self.doubtful else None


class Crowd:
    """Visitors who hand in one report after the other while the gate is open, first those without an answer."""

    def __init__(self, port: int, count: int, ledger: Ledger) -> None:
        self._port = port
        self._ledger = ledger
        self._change = threading.Condition()
        self._is_open = self._is_over = False
        self._busy = 0
        self._threads = [threading.Thread(target=self._live) for _ in range(count)]
        self.failures: list[BaseException] = []
        for thread in self._threads:
            thread.start()

    def let_in(self) -> None:
        """Open the gate."""
        self._turn(is_open=True)

    def hold_back(self) -> None:
        """Close the gate, and return once everybody has an answer, or none."""
        self._turn(is_open=False)
        with self._change:
            assert self._change.wait_for(lambda: self._busy == 0, PATIENCE * 2), "a visitor waits for ever"
        if self.failures:
            raise self.failures[0]

    def send_home(self) -> None:
        """End it."""
        with self._change:
            self._is_over = True
            self._change.notify_all()
        for thread in self._threads:
            thread.join()

    def _turn(self, *, is_open: bool) -> None:
        with self._change:
            self._is_open = is_open
            self._change.notify_all()

    def _live(self) -> None:
        visitor = Visitor(self._port)
        while self._wait_for_turn():
            try:
                report = self._ledger.take_doubtful() or a_report()
                self._ledger.write_down(report, visitor.hand_in(report))
            except BaseException as failure:  # noqa: BLE001 # raised again by hold_back
                self.failures.append(failure)
                self._is_over = True
            finally:
                with self._change:
                    self._busy -= 1
                    self._change.notify_all()
        visitor.leave()

    def _wait_for_turn(self) -> bool:
        with self._change:
            self._change.wait_for(lambda: self._is_open or self._is_over)
            self._busy += not self._is_over
            return not self._is_over
