"""Programs that tests need besides Python: servers, Chromium, and what npm brings.

What is not there skips the test, or fails it where DECLWEB_NOTHING_IS_SKIPPED is set, as it is in CI.
"""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

import pytest
from playwright.sync_api import Browser, expect, sync_playwright
from servers import DEADLINE

QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
"""Chromium's options: as root, on a machine without a screen, and without calling anybody at its start."""


def found(*names: str) -> str:
    """Return where a program is that goes by one of these names."""
    path = f"{os.environ.get('PATH', os.defpath)}{os.pathsep}/usr/sbin"
    places = (shutil.which(name, path=path) for name in names)
    return next(filter(None, places), None) or _missing(f"there is no {names[0]} on this machine")


def installed(*names: str) -> str:
    """Return where a program is that goes by one of these names in this environment, as Python packages bring it."""
    places = (Path(sys.executable).with_name(name) for name in names)
    path = next((place for place in places if place.exists()), None)
    return str(path) if path else _missing(f"there is no {names[0]} in this environment")


def chromium() -> str:
    """Return the path of Chromium."""
    return found("chromium", "chromium-browser", "google-chrome")


@contextmanager
def browser() -> Iterator[Browser]:
    """Run Chromium; what is expected of its pages may take as long as the machine does."""
    expect.set_options(timeout=DEADLINE * 1000)
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=chromium(), args=list(QUIET))
        yield running
        running.close()


def node_modules(folder: Path) -> Path:
    """Return the packages that package-lock.json in a folder names, installed when they are first needed."""
    installed = folder / "node_modules"
    stamp = installed / ".declweb"
    with (folder / "package-lock.json").open("rb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)  # two processes that test do not install at once
        wanted = hashlib.sha256(file.read()).hexdigest()
        if not stamp.exists() or stamp.read_text() != wanted:
            _install(folder)
            stamp.write_text(wanted)
    return installed


def _install(folder: Path) -> None:
    command = [found("npm"), "ci", "--no-progress", "--prefer-offline", "--ignore-scripts"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=300)
    if done.returncode:
        _missing(f"npm could not install its packages: {done.stderr[-2000:]}")


def _missing(what: str) -> NoReturn:
    assert "DECLWEB_NOTHING_IS_SKIPPED" not in os.environ, what
    pytest.skip(what)
