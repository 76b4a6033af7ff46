"""Full disks, read-only folders, locked databases: 503 with the text kept, or patience; never a false thank-you."""

import threading
import time
from dataclasses import dataclass, field

import pytest
from durability.adversity import Quota, SmallDisk, locked, read_only, small_disk
from durability.looking import damage, halves, losses
from durability.rounds import House, site_copy
from durability.visitors import PATH, Ledger, Report, Told, Visitor, a_report, hand_in

LOCKED_FOR = 20.0
"""Seconds that another process keeps the database to itself."""
SIZES = (0, 300, 30_000, 90_000)


@dataclass
class Trouble:
    """A server in trouble, and what visitors are told meanwhile."""

    house: House
    ledger: Ledger = field(default_factory=Ledger)
    refused: list[Report] = field(default_factory=list)

    def hand_in(self, size: int = 300) -> Told:
        report = a_report(size)
        told = hand_in(self.house.port, report, 30.0)
        self.note(report, told)
        return told

    def note(self, report: Report, told: Told) -> None:
        """Neither a false thank-you nor a lost text."""
        self.ledger.write_down(report, told)
        if told.is_thanks:
            assert not losses(self.house.place, {told.receipt: report})
            return
        self.refused.append(report)
        assert told.status == 503, f"{told.status} {told.text}\n{self.house.log}"
        assert report.message in told.text, told.text
        assert report.code in told.text
        assert "mailto:owner@reports.example" in told.text
        assert told.headers["Retry-After"]

    def end(self) -> None:
        """After the trouble everybody is served who was refused, by the same processes."""
        for report in self.refused:
            told = hand_in(self.house.port, report, 30.0)
            assert told.is_thanks, f"{told.status} {told.text}\n{self.house.log}"
            self.ledger.write_down(report, told)
            assert self.house.place.receipts_of(report) == [told.receipt]
        place = self.house.place
        assert [*losses(place, self.ledger.receipts), *halves(place), *damage(place)] == []


@pytest.mark.parametrize("server", ["granian", "gunicorn"])
def test_a_full_disk(server: str) -> None:
    with site_copy() as site, small_disk(site / "storage", "3m") as disk, House(site, server) as house:
        fill_and_empty(house, disk or Quota(lambda: house.workers), range(0, 250_000, 12_000))


def test_a_quota() -> None:
    with site_copy() as site, House(site) as house:
        fill_and_empty(house, Quota(lambda: house.workers), range(0, 400_000, 20_000))


def fill_and_empty(house: House, disk: SmallDisk | Quota, room: range) -> None:
    trouble = Trouble(house)
    workers = house.workers
    for size in SIZES:
        assert trouble.hand_in(size).is_thanks
    for number, leaving in enumerate(room):
        disk.fill(leaving)
        trouble.hand_in(SIZES[number % len(SIZES)])
        assert house.answers
    assert trouble.refused, "the disk was never full"
    disk.empty()
    trouble.end()
    assert house.workers == workers


def test_a_server_that_starts_in_a_read_only_folder() -> None:
    with site_copy() as site:
        (site / "storage").mkdir()
        with read_only(site / "storage"):
            house = House(site)
            with_trouble = Trouble(house)
            assert not with_trouble.hand_in().is_thanks
        with house:
            with_trouble.end()


def test_a_folder_that_becomes_read_only() -> None:
    with site_copy() as site, House(site) as house:
        trouble = Trouble(house)
        assert trouble.hand_in().is_thanks
        with read_only(site / "storage"):
            told = [trouble.hand_in(size) for size in SIZES]
            assert not all(each.is_thanks for each in told)
        trouble.end()


def test_a_database_that_another_process_keeps_locked() -> None:
    with site_copy() as site, House(site) as house:
        trouble = Trouble(house)
        assert trouble.hand_in().is_thanks
        told: list[tuple[Report, Told, float]] = []
        pages: list[float] = []

        def visit() -> None:
            report = a_report(300)
            began = time.monotonic()
            answer = hand_in(house.port, report, LOCKED_FOR * 2)
            told.append((report, answer, time.monotonic() - began))

        visitors = [threading.Thread(target=visit) for _ in range(6)]
        with locked(house.place.database):
            end = time.monotonic() + LOCKED_FOR
            for visitor in visitors:
                visitor.start()
                time.sleep(LOCKED_FOR / len(visitors) / 1.05)
                pages.append(seconds_of_a_page(house))
            assert time.monotonic() < end + 10.0
            time.sleep(max(0.0, end - time.monotonic()))
        for visitor in visitors:
            visitor.join()
        assert max(pages) < LOCKED_FOR / 2
        assert {answer.status for _, answer, _ in told} == {303, 503}, "some wait long enough, and some do not"
        for report, answer, seconds in told:
            trouble.note(report, answer)
            assert seconds < LOCKED_FOR
        trouble.end()


def seconds_of_a_page(house: House) -> float:
    visitor = Visitor(house.port)
    began = time.monotonic()
    assert visitor.ask("GET", PATH).status == 200
    visitor.leave()
    return time.monotonic() - began
