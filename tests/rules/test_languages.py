"""How files are called that are written in a language."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from declweb.rules.languages import find_original, paired


@pytest.mark.parametrize(
    ("name", "version"),
    [
        ("home.html", "home.de.html"),
        ("news/first.md", "news/first.de.md"),
        ("a.b/feed.atom.xml", "a.b/feed.atom.de.xml"),
        ("README", "README.de"),
        ("folder.x/README", "folder.x/README.de"),
        (".hidden", ".hidden.de"),
    ],
)
def test_a_version_bears_its_language_before_the_ending(name: str, version: str) -> None:
    assert paired(name, "de") == version
    assert find_original(version, "de") == name
    assert find_original(name, "de") is None


@pytest.mark.parametrize("name", ["home.fr.html", "de.html", ".de.html", "homede.html", "de", ".de", "home.de"])
def test_what_is_no_version(name: str) -> None:
    assert find_original(name, "de") in {None, "home"}


@given(st.text("ab./de", min_size=1, max_size=12).filter(lambda name: not name.endswith("/")))
def test_each_way_leads_back(name: str) -> None:
    assert find_original(paired(name, "de"), "de") == name
