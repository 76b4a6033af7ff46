"""Noticing that files have changed."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from threading import Event

import pytest
from watchfiles._rust_notify import WatchfilesRustInternalError

from declweb.serving import watching
from declweb.serving.watching import Scope, Watch, folders, is_part, outermost, state


@pytest.fixture
def site(tmp_path: Path) -> Path:
    (tmp_path / "site" / "static").mkdir(parents=True)
    (tmp_path / "site" / "static" / "a.css").write_text("a")
    return tmp_path / "site"


def number(*roots: Path, apart: Path | None = None, files: Iterable[Path] = ()) -> int:
    return state(Scope(frozenset(roots), frozenset([apart] if apart else []), frozenset(files))).number


@pytest.mark.parametrize(
    "change",
    [
        lambda site: (site / "static" / "a.css").write_text("b"),
        lambda site: (site / "static" / "a.css").rename(site / "static" / "b.css"),
        lambda site: (site / "static" / "a.css").unlink(),
        lambda site: (site / "new").mkdir(),
        lambda site: (site / "link").symlink_to("nowhere"),
        lambda site: os.utime(site / "static" / "a.css", (1, 1)),
        lambda site: (site / ".well-known").mkdir(),
    ],
)
def test_a_change(site: Path, change: Callable[[Path], object]) -> None:
    before = number(site)
    assert number(site) == before
    change(site)
    assert number(site) != before


@pytest.mark.parametrize(
    "name",
    ["storage", ".git", "a.css~", "#a.css#", ".a.css.swp", "__pycache__", "4913", "site.log", "a.log.1", "nohup.out"],
)
def test_what_is_no_change(site: Path, name: str) -> None:
    before = number(site)
    (site / name).mkdir()
    (site / name / "a").write_text("a")
    assert number(site) == before


def test_what_a_program_says_of_a_change_is_none(site: Path) -> None:
    """Where its log goes to a file in the site folder, each line would bring the next."""
    code = """if True:
        import os, sys
        from pathlib import Path
        from declweb.serving.watching import Scope, state
        scope = Scope(frozenset([Path(sys.argv[1])]))
        before = state(scope)
        print("a line", flush=True)
        sys.exit(state(scope).number != before.number)
    """
    with (site / "output.txt").open("w") as file:
        assert subprocess.run([sys.executable, "-c", code, site], stdout=file, check=False).returncode == 0
    assert (site / "output.txt").read_text() == "a line\n"


def test_a_folder_of_that_name_deeper_down_is_the_authors(site: Path) -> None:
    before = number(site)
    (site / "static" / "storage").mkdir()
    assert number(site) != before
    assert is_part("storage")


def test_single_files_and_what_is_not_there(site: Path) -> None:
    file, missing = site / "static" / "a.css", site / "missing"
    before = number(file, missing)
    missing.touch()
    assert number(file, missing) != before


def test_folders_within_folders_are_looked_at_once(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(site.parent)
    assert outermost([site, Path("site/static"), Path("site"), Path("other")]) == {site, site.parent / "other"}


def test_a_watch_notices_changes(site: Path) -> None:
    with Watch(Scope(frozenset({site}))) as watch:
        assert watch.is_sound()
        assert not watch.wait(0.01, Event())
        (site / "static" / "a.css").write_text("b")
        assert watch.wait(20, Event())
        assert watch.is_sound()


def test_a_watch_ends_with_what_it_watches(site: Path) -> None:
    with Watch(Scope(frozenset({site}))) as watch:
        site.rename(site.with_name("old"))
        assert not watch.is_sound()
        site.mkdir()
        assert not watch.is_sound()


def test_a_watch_over_a_file_ends_with_its_change(site: Path) -> None:
    file = site / "static" / "a.css"
    with Watch(Scope(frozenset({file}))) as watch:
        assert watch.is_sound()
        file.write_text("longer")
        assert not watch.is_sound()


@pytest.mark.parametrize("error", [OSError, WatchfilesRustInternalError])
def test_where_the_system_does_not_tell_it_is_asked(
    site: Path, monkeypatch: pytest.MonkeyPatch, error: type[Exception]
) -> None:
    def refuse(*_: object) -> None:
        raise error("too many watches")

    monkeypatch.setattr(watching, "RustNotify", refuse)
    monkeypatch.setattr(watching, "POLL", 0.01)
    with Watch(Scope(frozenset({site}))) as watch:
        assert watch.wait(20, Event())
        stopped = Event()
        stopped.set()
        assert not watch.wait(20, stopped)


def test_a_file_may_be_apart(site: Path) -> None:
    database = site / "my.db"
    before = number(site, apart=database)
    database.write_text("1")
    assert number(site, apart=database) == before


def test_what_is_apart_is_not_looked_at_but_for_single_files(site: Path) -> None:
    apart, style = site / "static", site / "static" / "a.css"
    before, with_style = number(site, apart=apart), number(site, apart=apart, files=[style])
    style.write_text("b")
    assert number(site, apart=apart) == before
    assert number(site, apart=apart, files=[style]) != with_style
    style.unlink()
    apart.rmdir()
    assert number(site, apart=apart) != before


def test_a_folder_that_the_site_makes_is_no_change(site: Path) -> None:
    logs = site / "var" / "logs"
    scope = Scope(frozenset({site}), frozenset({logs}), written=frozenset({logs}))
    before = state(scope).number
    logs.mkdir(parents=True)
    (logs / "site.txt").touch()
    assert state(scope).number == before
    (site / "var" / "page.html").touch()
    assert state(scope).number != before


def test_the_newest_change_is_told(site: Path) -> None:
    before = state(Scope(frozenset({site}))).newest
    time.sleep(0.02)
    (site / "templates").mkdir()
    assert before < state(Scope(frozenset({site}))).newest <= time.time_ns()


def test_what_is_apart_is_not_watched_but_for_the_folders_of_single_files(site: Path) -> None:
    (site / "static" / "css").mkdir()
    (site / "templates" / "errors").mkdir(parents=True)
    (site / "storage").mkdir()
    (site / ".git").mkdir()
    apart = frozenset({site / "static"})
    ours = {site, site / "templates", site / "templates" / "errors"}
    assert folders(Scope(frozenset({site}), apart)) == set(map(str, ours))
    style = frozenset({site / "static" / "css" / "a.css", site / "static" / "gone" / "b.css"})
    assert folders(Scope(frozenset({site}), apart, style)) == set(map(str, {*ours, site / "static" / "css"}))


def test_a_new_folder_needs_a_new_watch(site: Path) -> None:
    with Watch(Scope(frozenset({site}))) as watch:
        (site / "new").mkdir()
        assert watch.wait(20, Event())
        assert not watch.is_sound()
    with Watch(Scope(frozenset({site}))) as watch:
        (site / "new" / "a.html").touch()
        assert watch.wait(20, Event())
        assert watch.is_sound()
