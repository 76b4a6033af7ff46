"""Each file has one address, and every other spelling is one step away from it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from declweb.model.static import STYLES, Static, Style
from declweb.routing.files import Naming, is_hidden

WORDS = ["a", "b", "index", "a.html", "index.html", "a.html.html", "start.htm", "s.css", "b.html", "index.html.html"]
NAMES = st.lists(st.sampled_from(WORDS), min_size=1, max_size=3).map("/".join)


def _is_tree(files: frozenset[str]) -> bool:
    """Tell whether no name is both a file's and a folder's."""
    return not any(other.startswith(f"{file}/") for file in files for other in files)


TREES = st.frozensets(NAMES, max_size=8).filter(_is_tree)
BELOW = st.sampled_from(["/", "/docs/", "/docs/more/"])
NAMINGS = st.builds(Naming, BELOW, st.sampled_from(STYLES), st.sampled_from(["index.html", "start.htm", "a"]))


def find(files: frozenset[str], name: str) -> str | None:
    return name if name in files else None


@given(TREES, NAMINGS)
def test_every_file_has_one_address(files: frozenset[str], naming: Naming) -> None:
    def look(name: str) -> str | None:
        return find(files, name)

    paths = {file: naming.path(file, look) for file in files}
    assert len(set(paths.values())) == len(paths)
    for file, path in paths.items():
        assert naming.at(path, look) == (file, file)


@given(TREES, NAMINGS)
def test_what_is_meant_is_one_step_away(files: frozenset[str], naming: Naming) -> None:
    def look(name: str) -> str | None:
        return find(files, name)

    asked = {naming.below + ending for file in files for ending in _spellings(file, naming.index)}
    for path in {*asked, naming.below, naming.below.rstrip("/") or "/"}:
        served = naming.at(path, look)
        meant = naming.meant(path, look)
        if served is not None:
            assert naming.path(served[0], look) == path
        if meant is not None:
            assert naming.at(naming.path(meant, look), look) == (meant, meant)


def _spellings(file: str, index: str) -> set[str]:
    stem = file.removesuffix(".html").removesuffix(index)
    return {file, stem, f"{stem}/", f"{stem}.html", f"{stem}/{index}", f"{file}/", f"{file}.html"}


@given(TREES, NAMINGS)
def test_every_file_is_meant_by_its_own_name(files: frozenset[str], naming: Naming) -> None:
    for file in files:
        assert naming.meant(naming.below + file, lambda name: find(files, name)) == file


@pytest.mark.parametrize(
    ("style", "about", "news", "root"),
    [
        ("auto", "/docs/about", "/docs/news/", "/docs/"),
        ("slash", "/docs/about/", "/docs/news/", "/docs/"),
        ("no-slash", "/docs/about", "/docs/news", "/docs"),
        ("as-is", "/docs/about.html", "/docs/news/", "/docs/"),
    ],
)
def test_every_style(style: Style, about: str, news: str, root: str) -> None:
    files = frozenset({"about.html", "news/index.html", "index.html", "style.css"})
    naming = Naming.of(Static(path="/docs", folder="docs", urls=style))
    wanted = {"about.html": about, "news/index.html": news, "index.html": root, "style.css": "/docs/style.css"}
    for file, path in wanted.items():
        assert naming.path(file, lambda name: find(files, name)) == path
    assert naming.at("/elsewhere", lambda name: find(files, name)) is None


@pytest.mark.parametrize(("name", "hidden"), [("a", False), (".a", True), ("a/.b/c", True), (".well-known/a", False)])
def test_names_with_a_dot(name: str, hidden: bool) -> None:  # a table's column
    assert is_hidden(name) is hidden
