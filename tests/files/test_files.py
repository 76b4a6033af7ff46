import errno
import os
import socket
from collections.abc import Callable
from fnmatch import fnmatchcase
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from declweb.files import Folder, _matches


@pytest.fixture
def root(tmp_path: Path) -> Path:
    inside = tmp_path / "site"
    (inside / "a" / "b").mkdir(parents=True)
    (inside / "one.txt").write_bytes(b"one")
    (inside / "a" / "two.txt").write_bytes(b"two")
    (inside / "a" / "b" / "three.css").write_bytes(b"three")
    (tmp_path / "secret.txt").write_bytes(b"secret")
    (tmp_path / "site-other").mkdir()
    (tmp_path / "site-other" / "secret.txt").write_bytes(b"secret")
    return inside


def no_file(folder: Folder, name: str) -> bool:
    with pytest.raises(FileNotFoundError) as caught:
        folder.open(name)
    assert caught.value.filename == name
    return folder.find(name) is None and folder.stat(name) is None


@pytest.mark.parametrize("name", ["one.txt", "a/two.txt", "a/b/three.css"])
def test_a_regular_file_is_found_and_opened(root: Path, name: str) -> None:
    folder = Folder(root)
    assert folder.find(name) == root / name
    status = folder.stat(name)
    assert status is not None
    assert status.st_size == (root / name).stat().st_size
    assert folder.read_bytes(name) == (root / name).read_bytes()


@pytest.mark.parametrize(
    "name",
    [
        "",
        ".",
        "..",
        "/",
        "a",
        "a/",
        "a/b/",
        "one.txt/",
        "./one.txt",
        "a/./two.txt",
        "a//two.txt",
        "/one.txt",
        "a/../one.txt",
        "../secret.txt",
        "../site/one.txt",
        "../site-other/secret.txt",
        "/etc/passwd",
        "one.txt\0",
        "a\\two.txt",
        "one.txt/two",
        "missing.txt",
        "a/missing/two.txt",
        "\udcff",
        "n" * 5000,
        "a/" * 3000 + "x",
    ],
)
def test_no_other_name_is_a_file(root: Path, name: str) -> None:
    assert no_file(Folder(root), name)


def test_the_root_itself_may_be_a_link(root: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(root)
    folder = Folder(tmp_path / "link")
    assert folder.root == root
    assert folder.read_bytes("one.txt") == b"one"


def test_a_missing_root_is_an_empty_folder(tmp_path: Path) -> None:
    folder = Folder(tmp_path / "nothing")
    assert no_file(folder, "one.txt")
    assert folder.names() == []


def test_the_root_of_all_is_a_folder_too(root: Path) -> None:
    name = str(root / "one.txt").removeprefix("/")
    assert Folder(Path("/")).read_bytes(name) == b"one"


def test_links_inside_are_followed(root: Path) -> None:
    (root / "link.txt").symlink_to("a/two.txt")
    (root / "absolute.txt").symlink_to(root / "a" / "two.txt")
    (root / "folder").symlink_to("a/b")
    folder = Folder(root)
    assert folder.find("link.txt") == root / "a" / "two.txt"
    assert folder.read_bytes("absolute.txt") == b"two"
    assert folder.read_bytes("folder/three.css") == b"three"


@pytest.mark.parametrize("target", ["../secret.txt", "../site-other/secret.txt", "loop", "gone", "a", "."])
def test_links_elsewhere_are_not(root: Path, target: str) -> None:
    (root / "loop").symlink_to("loop")
    (root / "link").symlink_to(target)
    (root / "up").symlink_to("..")
    folder = Folder(root)
    assert no_file(folder, "link")
    assert no_file(folder, "up/secret.txt")
    assert "link" not in folder.names()


@pytest.mark.parametrize("kind", ["fifo", "socket", "device"])
def test_what_is_not_a_regular_file_is_never_opened(root: Path, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if kind == "fifo":
        os.mkfifo(root / "odd")
    elif kind == "socket":
        monkeypatch.chdir(root)  # the address of a socket is short
        with socket.socket(socket.AF_UNIX) as server:
            server.bind("odd")
    folder = Folder(Path("/dev") if kind == "device" else root)
    name = "null" if kind == "device" else "odd"
    assert no_file(folder, name)
    assert name not in folder.names(name)


def to_fifo(root: Path, path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def to_socket(root: Path, path: Path) -> None:
    path.unlink()
    os.chdir(path.parent)
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(path.name)


def to_link(root: Path, path: Path) -> None:
    path.unlink()
    path.symlink_to(root.parent / "secret.txt")


def to_nothing(root: Path, path: Path) -> None:
    path.unlink()


def to_folder(root: Path, path: Path) -> None:
    path.unlink()
    path.mkdir()


def folder_to_link(root: Path, path: Path) -> None:
    path.parent.rename(root / "moved")
    path.parent.symlink_to(root.parent)


def folder_to_file(root: Path, path: Path) -> None:
    path.parent.rename(root / "moved")
    path.parent.write_bytes(b"")


@pytest.mark.parametrize(
    "swap",
    [to_fifo, to_socket, to_link, to_nothing, to_folder, folder_to_link, folder_to_file],
    ids=lambda f: f.__name__,
)
def test_a_file_swapped_between_look_up_and_open(
    root: Path, swap: Callable[[Path, Path], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(root)
    folder = Folder(root)
    path = root / "a" / "secret.txt"
    path.write_bytes(b"harmless")
    found = folder.look_up("a/secret.txt")
    swap(root, path)
    monkeypatch.setattr(Folder, "look_up", lambda self, name: found)
    before = len(list(Path("/proc/self/fd").iterdir()))
    with pytest.raises(FileNotFoundError):
        folder.open("a/secret.txt")
    assert len(list(Path("/proc/self/fd").iterdir())) == before


def test_other_errors_of_the_machine_are_told_as_they_are(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(self: Folder, path: str) -> int:
        raise OSError(errno.EMFILE, "Too many open files")

    monkeypatch.setattr(Folder, "_descend", full)
    with pytest.raises(OSError, match="Too many"):
        Folder(root).open("one.txt")


def test_text_is_utf_8_without_a_byte_order_mark(root: Path) -> None:
    (root / "mark.txt").write_bytes(b"\xef\xbb\xbfgr\xc3\xbcn\r\n")
    (root / "latin.txt").write_bytes(b"gr\xfcn")
    folder = Folder(root)
    assert folder.read_text("mark.txt") == "grün\r\n"
    with pytest.raises(UnicodeDecodeError):
        folder.read_text("latin.txt")


def test_names_are_sorted_and_only_of_regular_files(root: Path) -> None:
    (root / ".hidden").write_bytes(b"")
    (root / "back\\slash").write_bytes(b"")
    (root / os.fsdecode(b"latin-\xfc")).write_bytes(b"")
    (root / "folder").symlink_to("a")
    (root / "a" / "again").symlink_to("..")
    (root / "link").symlink_to("one.txt")
    os.mkfifo(root / "pipe")
    folder = Folder(root)
    assert folder.names() == [".hidden", "a/b/three.css", "a/two.txt", "link", "one.txt"]
    assert all(folder.find(name) for name in folder.names())


@pytest.mark.parametrize(
    ("pattern", "names"),
    [
        ("*", ["one.txt"]),
        ("*.css", []),
        ("**/*.css", ["a/b/three.css"]),
        ("**/*.txt", ["a/two.txt", "one.txt"]),
        ("a/*", ["a/two.txt"]),
        ("a/**", ["a/b/three.css", "a/two.txt"]),
        ("a/**/*", ["a/b/three.css", "a/two.txt"]),
        ("**/b/**/three.*", ["a/b/three.css"]),
        ("**/**", ["a/b/three.css", "a/two.txt", "one.txt"]),
        ("[ab]/t?o.txt", ["a/two.txt"]),
        ("one.txt", ["one.txt"]),
        ("one.txt/**/x", []),
        ("", []),
        ("/one.txt", []),
        ("../*", []),
    ],
)
def test_patterns(root: Path, pattern: str, names: list[str]) -> None:
    assert Folder(root).names(pattern) == names


def naive(parts: list[str], wanted: list[str]) -> bool:
    if not wanted:
        return not parts
    if wanted[0] == "**":
        return any(naive(parts[start:], wanted[1:]) for start in range(len(parts) + 1))
    return bool(parts) and fnmatchcase(parts[0], wanted[0]) and naive(parts[1:], wanted[1:])


@given(
    st.lists(st.sampled_from(["a", "b", "ab"]), max_size=6),
    st.lists(st.sampled_from(["a", "b", "*", "**", "a*"]), max_size=5),
)
def test_matching_agrees_with_its_definition(parts: list[str], wanted: list[str]) -> None:
    assert _matches(parts, wanted) == naive(parts, wanted)


# --- what lies in a folder --------------------------------------------------------------------------------------------


def test_entries_are_files_and_folders(tmp_path: Path) -> None:
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "secret.txt").touch()
    root = tmp_path / "site"
    (root / "a" / "b").mkdir(parents=True)
    (root / "a" / "c.txt").write_text("c")
    (root / "a" / "inside.txt").symlink_to(root / "a" / "c.txt")
    (root / "a" / "out.txt").symlink_to(tmp_path / "outside" / "secret.txt")
    (root / "a" / "out").symlink_to(tmp_path / "outside")
    (root / "a" / "back\\slash").mkdir()
    os.mkfifo(root / "a" / "pipe")
    folder = Folder(root)
    assert set(folder.entries()) == {"a"}
    found = folder.entries("a")
    assert {name: status.st_size for name, status in found.items() if name.endswith(".txt")} == {
        "c.txt": 1,
        "inside.txt": 1,
    }
    assert set(found) == {"b", "c.txt", "inside.txt"}
    for name in ("missing", "a/c.txt", "a/out", "..", "a/../a", "a//b", "/a"):
        assert not folder.is_folder(name)
        assert folder.entries(name) == {}


def test_a_folder_swapped_for_a_link_is_not_listed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "secret.txt").touch()
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "a").symlink_to(tmp_path / "outside")
    monkeypatch.setattr(Folder, "is_folder", lambda *_: True)
    assert Folder(tmp_path / "site").entries("a") == {}
