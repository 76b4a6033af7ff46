"""The folder of uploads: what is durable when, and what is swept."""

import errno
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Collection
from pathlib import Path

import pytest

from declweb.storage import StoreDown, UploadFolder
from declweb.storage.uploads import LIFE


@pytest.fixture
def uploads(tmp_path: Path) -> UploadFolder:
    return UploadFolder(tmp_path / "storage" / "uploads")


def receive(uploads: UploadFolder, data: bytes = b"data") -> str:
    with uploads.begin() as file:
        file.write(data)
    return file.id


def names(uploads: UploadFolder, below: str = "") -> set[str]:
    folder = uploads.root / below
    return {path.name for path in folder.iterdir() if path.is_file()} if folder.exists() else set()


def nothing(_ids: Collection[str]) -> Collection[str]:
    return ()


def aged(path: Path, seconds: float) -> None:
    then = time.time() - seconds
    os.utime(path, (then, then))


def test_a_file_is_kept_under_an_id_that_says_nothing(uploads: UploadFolder) -> None:
    name = receive(uploads)
    assert uploads.path(name).parent.name == "incoming"
    uploads.keep(name)
    uploads.keep(name)
    assert uploads.path(name) == uploads.root / name
    assert uploads.path(name).read_bytes() == b"data"
    assert uploads.path(name).stat().st_mode & 0o777 == 0o600
    assert uploads.root.stat().st_mode & 0o777 == 0o700


def test_content_name_and_folder_are_synced_in_this_order(
    uploads: UploadFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = receive(uploads)
    done: list[str] = []
    sync, rename = os.fsync, Path.rename

    def synced(descriptor: int) -> None:
        done.append(str(Path(f"/proc/self/fd/{descriptor}").readlink()))
        sync(descriptor)

    def renamed(old: Path, new: Path) -> Path:
        done.append(f"to {new}")
        return rename(old, new)

    monkeypatch.setattr(os, "fsync", synced)
    monkeypatch.setattr(Path, "rename", renamed)
    uploads.keep(name)
    root = uploads.root
    assert done == [str(root / "incoming" / name), f"to {root / name}", str(root)]


@pytest.mark.parametrize("name", ["../../etc/passwd", "", "x", "0123456789ab-" + "0" * 31 + "/"])
def test_only_ids_are_names(uploads: UploadFolder, name: str) -> None:
    receive(uploads)
    for method in (uploads.keep, uploads.hold, uploads.reuse, uploads.path, uploads.discard, uploads.release):
        with pytest.raises(ValueError, match="not the id of an upload"):
            method(name)
    with pytest.raises(ValueError, match="not the id of an upload"):
        uploads.delete([name])


def test_a_file_that_is_gone_cannot_be_kept(uploads: UploadFolder) -> None:
    name = receive(uploads)
    uploads.discard(name)
    uploads.discard(name)
    for method in (uploads.keep, uploads.hold):
        with pytest.raises(StoreDown):
            method(name)
    uploads.release(name)


def test_what_the_disk_refuses_is_told(uploads: UploadFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    file = uploads.begin()

    def full(*_: object) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "write", full)
        with pytest.raises(StoreDown, match="No space left"):
            file.write(b"x")
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(StoreDown, match="No space left"):
            uploads.keep(file.id)
    with monkeypatch.context() as patch:
        patch.setattr(os, "open", full)
        with pytest.raises(StoreDown, match="No space left"):
            uploads.begin()
    file.write(b"again")
    file.close()
    file.close()
    uploads.keep(file.id)
    assert uploads.path(file.id).read_bytes() == b"again"


def test_a_file_laid_aside_can_be_taken_up_again_and_again_for_an_hour(uploads: UploadFolder) -> None:
    ticket = uploads.hold(receive(uploads))
    one, two = uploads.reuse(ticket), uploads.reuse(ticket)
    assert one
    assert two
    assert len({one, two, ticket}) == 3
    uploads.keep(one)
    uploads.discard(two)
    assert uploads.path(one).read_bytes() == b"data"
    assert uploads.hold(ticket) == ticket
    aged(uploads.path(ticket), LIFE + 1)
    assert uploads.reuse(ticket) is None
    uploads.sweep(lambda ids: ids)
    assert names(uploads, "held") == set()
    assert uploads.reuse(ticket) is None
    assert names(uploads) == {one}


def test_a_folder_that_was_deleted_is_made_again(uploads: UploadFolder) -> None:
    receive(uploads)
    shutil.rmtree(uploads.root)
    name = receive(uploads)
    assert UploadFolder(uploads.root).sweep(nothing) == 0, "its process is known to be alive"
    uploads.keep(name)
    assert uploads.path(name).read_bytes() == b"data"


def test_without_links_a_file_is_copied(uploads: UploadFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object) -> None:
        raise OSError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(os, "link", refused)
    again = uploads.reuse(uploads.hold(receive(uploads)))
    assert again
    assert uploads.path(again).read_bytes() == b"data"


def test_a_kept_file_stays_when_it_is_laid_aside(uploads: UploadFolder) -> None:
    name = receive(uploads)
    uploads.keep(name)
    ticket = uploads.hold(name)
    assert ticket != name
    assert names(uploads) == {name}
    assert names(uploads, "held") == {ticket}


def test_a_sweep_leaves_what_is_under_way(uploads: UploadFolder) -> None:
    incoming, kept = receive(uploads), receive(uploads)
    uploads.keep(kept)
    other = UploadFolder(uploads.root)
    assert other.sweep(nothing) == 0
    assert names(uploads, "incoming") == {incoming}
    assert names(uploads) == {kept}


def test_a_sweep_of_nothing_makes_nothing(uploads: UploadFolder) -> None:
    assert uploads.sweep(nothing) == 0
    assert not uploads.root.exists()


KILLED = """
import os, sys
from pathlib import Path
from declweb.storage import UploadFolder
uploads = UploadFolder(Path(sys.argv[1]))
for keeps in (False, True, True):
    with uploads.begin() as file:
        file.write(b"x")
    if keeps:
        uploads.keep(file.id)
    print(file.id, flush=True)
held = uploads.begin()
print(uploads.hold(held.id), flush=True)
os.kill(os.getpid(), 9)
"""


def test_a_sweep_finds_what_a_killed_process_left(uploads: UploadFolder) -> None:
    done = subprocess.run(
        [sys.executable, "-c", KILLED, str(uploads.root)], capture_output=True, text=True, check=False
    )
    incoming, orphan, stored, held = done.stdout.split()
    assert names(uploads) == {orphan, stored}
    assert uploads.sweep(lambda ids: {stored} & set(ids), grace=60) == 1
    assert names(uploads) == {orphan, stored}
    assert uploads.sweep(lambda ids: {stored} & set(ids)) == 1
    assert names(uploads) == {stored}
    assert names(uploads, "incoming") == set()
    assert incoming not in names(uploads, "held")
    assert names(uploads, "held") == {held}
    assert names(uploads, "owners") == set()


def test_foreign_files_are_left_alone(uploads: UploadFolder) -> None:
    receive(uploads)
    (uploads.root / "README").write_text("mine")
    aged(uploads.root / "README", 10 * LIFE)
    uploads.sweep(nothing)
    assert (uploads.root / "README").exists()


FORKS = """
import os, sys
from pathlib import Path
from declweb.storage import StoreSettings, opened
store = opened(StoreSettings(Path(sys.argv[1])))
uploads = store.uploads
mine = uploads.begin().id
child = os.fork()
if child == 0:
    print(uploads.begin().id, flush=True)
    os._exit(0)
os.waitpid(child, 0)
print(mine, flush=True)
print(store.sweep())
"""


def test_a_child_has_ids_of_its_own(tmp_path: Path) -> None:
    done = subprocess.run([sys.executable, "-c", FORKS, str(tmp_path)], capture_output=True, text=True, check=True)
    theirs, mine, swept = done.stdout.split()
    assert theirs[:12] != mine[:12]
    assert swept == "1"
    assert [path.name for path in (tmp_path / "uploads" / "incoming").iterdir()] == [mine]
