"""Sweeping takes nothing from whoever is at work, whenever they came."""

from collections.abc import Collection
from pathlib import Path

import pytest

from declweb.storage import UploadFolder


def test_who_comes_while_it_sweeps_loses_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker that had no file yet when the sweep looked for the living, and had its first one stored meanwhile."""
    sweeping, newcomer = UploadFolder(tmp_path), UploadFolder(tmp_path)
    sweeping.begin().close()
    look = sweeping._processes
    received: list[str] = []

    def look_and_be_interrupted() -> tuple[dict[str, int], set[str]]:
        found = look()
        for keeps in (False, True):
            file = newcomer.begin()
            file.close()
            received.append(file.id)
            if keeps:
                newcomer.keep(file.id)
        return found

    def known(ids: Collection[str]) -> Collection[str]:
        return ()  # the entry is committed a moment later

    monkeypatch.setattr(sweeping, "_processes", look_and_be_interrupted)
    assert sweeping.sweep(known) == 0
    assert all(newcomer.path(name).is_file() for name in received)
