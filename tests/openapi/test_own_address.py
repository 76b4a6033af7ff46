"""What an author has at /openapi.json is preferred to the document, and links to the document lead somewhere."""

from pathlib import Path

import pytest
from werkzeug.test import Client

import declweb

SITE = """
[site]
name = "Own"

[json.version]
path = "/api/version"
value = { version = 3 }
"""
OWN = {
    "a route": ('[routes.own]\npath = "/openapi.json"\ntext = "my own"\n', ()),
    "an endpoint": ('[json.own]\npath = "/openapi.json"\nvalue = "my own"\n', ()),
    "a file": ('[[static]]\npath = "/"\nfolder = "public"\n', ("public/openapi.json",)),
}


def client(folder: Path, more: str = "", files: tuple[str, ...] = ()) -> Client:
    for name in files:
        (folder / name).parent.mkdir()
        (folder / name).write_text('"my own"')
    (folder / "site.toml").write_text(SITE + more)
    return Client(declweb.load(folder / "site.toml"))


@pytest.mark.parametrize("case", OWN)
def test_what_the_author_has_is_preferred(case: str, tmp_path: Path) -> None:
    answer = client(tmp_path, *OWN[case]).get("/openapi.json")
    assert answer.status_code == 200
    assert "my own" in answer.text
    assert "openapi" not in answer.text


def test_a_site_with_nothing_for_programs_has_none(tmp_path: Path) -> None:
    off = client(tmp_path, "off = true\n")
    assert off.get("/openapi.json").status_code == 404


def test_it_can_be_linked_to(tmp_path: Path) -> None:
    page = '[routes.home]\npath = "/"\nhtml = \'<a href="/openapi.json">For programs</a>\'\n'
    assert client(tmp_path, page).get("/").status_code == 200


def test_it_changes_with_what_is_offered_alone(tmp_path: Path) -> None:
    def version(name: str, more: str) -> str:
        (tmp_path / name).mkdir()
        return str(client(tmp_path / name, more).get("/openapi.json").get_json()["info"]["version"])

    first = version("first", "")
    assert version("second", '[routes.home]\npath = "/"\ntext = "Hello"\n') == first
    assert version("third", '[json.more]\npath = "/api/more"\nvalue = 1\n') != first


def test_its_answers_have_tags_of_their_own(tmp_path: Path) -> None:
    asking = client(tmp_path)
    document = asking.get("/openapi.json")
    page = asking.get("/openapi.json", headers={"Accept": "text/html"})
    assert document.headers["ETag"] != page.headers["ETag"]
    again = asking.get("/openapi.json", headers={"If-None-Match": document.headers["ETag"]})
    assert again.status_code == 304
