"""Which folders with files are looked at when somebody asks for them, and no sooner."""

from pathlib import Path

import pytest
from cases import write

from declweb.loading import load_site

SITE = """
[site]
name = "Watched"
url = "https://watched.example"

[[static]]
path = "/"
folder = "public"

[[static]]
path = "/media"
folder = "assets/media"

[routes.home]
path = "/home"
html = '{{ "/style.css"|asset }} <a href="/menu.txt">Menu</a> <img src="/media/bird.svg" alt="">'
"""
FILES = {
    "public/style.css": "a",
    "public/menu.txt": "a",
    "public/other.txt": "a",
    "assets/media/bird.svg": "a",
    "pages/about.md": "# About",
}


def apart(folder: Path, text: str = "") -> tuple[set[str], set[str]]:
    loaded = load_site(write(folder, {"site.toml": SITE + text, **FILES}), None, {})
    assert loaded.app is not None
    found = loaded.apart
    return tuple({path.relative_to(folder).as_posix() for path in paths} for paths in (found.folders, found.files))  # type: ignore[return-value] # there are two of them


def test_files_that_pages_are_made_of_are_looked_at(tmp_path: Path) -> None:
    folders, files = apart(tmp_path)
    assert folders == {"public", "assets/media"}
    own = {"public/robots.txt", "public/sitemap.xml"}
    assert files == {"public/style.css", "public/menu.txt", "assets/media/bird.svg"} | own


@pytest.mark.parametrize(
    "text",
    [
        '[templates]\nfolder = "public/templates"\n[[static]]\npath = "/b"\nfolder = "public/templates/x"\n',
        '[[pages]]\nfolder = "public"\npath = "/pages"\n',
        '[[pages]]\nfolder = "./public/pages"\npath = "/pages"\n',
    ],
)
def test_a_folder_that_the_site_is_made_of_is_looked_at(tmp_path: Path, text: str) -> None:
    for name in ("public/templates/x", "public/pages"):
        (tmp_path / name).mkdir(parents=True)
    assert "public" not in apart(tmp_path, text)[0]


def test_a_file_that_the_site_file_names_is_looked_at(tmp_path: Path) -> None:
    folders, files = apart(tmp_path, '[routes.other]\npath = "/other"\nfile = "public/other.txt"\n')
    assert "public" in folders
    assert "public/other.txt" in files


def test_a_database_may_change_without_the_site_becoming_another_one(tmp_path: Path) -> None:
    text = '[data.cakes]\ndatabase = "data/shop.db"\nsql = "select 1 as price"\n'
    write(tmp_path, {"data/shop.db": ""})
    folders, files = apart(tmp_path, text)
    assert {"data/shop.db", "data/shop.db-wal", "data/shop.db-shm", "data/shop.db-journal"} <= folders
    assert "data/shop.db" not in files


def test_a_broken_site_is_looked_at_as_a_whole(tmp_path: Path) -> None:
    write(tmp_path, {"site.toml": SITE, "public/a": ""})
    loaded = load_site(tmp_path, None, {})
    assert loaded.app is None
    assert not loaded.apart.folders
