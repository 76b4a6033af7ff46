"""Tests of a site leave everything as it is: neither its store nor anybody else learns of them."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from callee import Callee, callee
from cases import write
from click.testing import CliRunner

from declweb.cli import main
from declweb.hooks.testing import SiteClient
from declweb.loading import load_site
from declweb.serving.reload import Live
from declweb.serving.source import Source

SITE = """
[site]
name = "Apart"

[storage]
{storage}

[logging]
file = "logs/site.log"

[mail]
from = "Apart <web@apart.example>"
server = "smtp://127.0.0.1:{port}"

[hooks]
module = "hooks"
before_request = "note"

[users.anna]

[inbox]
path = "/inbox"
allow = "anna"

[forms.book]
path = "/book"
keep = "1 year"

[forms.book.fields]
name = {{ label = "Name", required = true }}
letter = {{ label = "Letter", type = "file", accept = "documents" }}

[[forms.book.send]]
email = "owner@apart.example"
subject = "Hello"

[[forms.book.send]]
webhook = "http://127.0.0.1:{port}/hook"
private = true

[data.book]
form = "book"
fields = ["name"]

[json.book]
path = "/book.json"
data = "book"

[routes.home]
path = "/"
html = "<p>{{% for each in data.book %}}{{{{ each.name }}}} {{% endfor %}}{word}</p>"
"""

TESTS = """
[[tests]]
get = "/book.json"
json = { "items" = [] }

[[tests]]
get = "/"
lacks = "Earlier"

[[tests]]
post = "/book"
form = { name = "Later" }
files = { letter = "letter.txt" }
status = 303
sends = 2

[[tests]]
post = "/book"
form = { name = "" }
status = 422
sends = 0

[[tests]]
get = "/"
contains = "Later"

[[tests]]
get = "/book.json"
json = { "items.0.name" = "Later" }

[[tests]]
get = "/inbox"
status = 303

[[tests]]
get = "/inbox"
as = "anna"
contains = "book"
lacks = "Earlier"
"""

HOOKS = "from declweb import current_app\n\n\ndef note():\n    pass\n"


def site(folder: Path, port: int, storage: str, *, word: str = "one", tests: str = TESTS) -> Path:
    text = SITE.format(port=port, storage=storage, word=word) + tests
    return write(folder, {"site.toml": text, "hooks.py": HOOKS, "letter.txt": "Hello\n"})


def kept(folder: Path) -> dict[str, str]:
    """Return what lies below a folder, by what is in it; compiled Python is no part of it."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "folder"
        for path in sorted(folder.rglob("*"))
        if "__pycache__" not in path.parts
    }


def with_an_entry(folder: Path, port: int) -> Path:
    """Return a site to which somebody has sent something already, with a letter."""
    site(folder, port, 'folder = "storage"')
    app = load_site(folder, None, {}).app
    assert app is not None
    letter = (folder / "letter.txt").open("rb")
    with letter, SiteClient(app).post("/book", data={"name": "Earlier", "letter": letter}) as answer:
        assert answer.status_code == 303
    assert app.store is not None
    app.store.stop()
    return folder


@pytest.fixture
def outside() -> Iterator[Callee]:
    """Whoever would be called: the mail server, the webhook and the database server in one."""
    with callee() as made:
        yield made


def test_a_command_leaves_everything_as_it_is(tmp_path: Path, outside: Callee) -> None:
    folder = with_an_entry(tmp_path, outside.port)
    before = kept(folder)
    result = CliRunner().invoke(main, ["test", str(folder)])
    assert result.exit_code == 0, result.output
    assert kept(folder) == before
    assert outside.connections == 0


def test_an_edit_leaves_everything_as_it_is(tmp_path: Path, outside: Callee) -> None:
    folder = with_an_entry(tmp_path, outside.port)
    live = Live(Source(folder))
    site(folder, outside.port, 'folder = "storage"', word="two")
    before = kept(folder)
    live.refresh()
    assert [problem.message for problem in live.version.problems if problem.code == "failed-test"] == []
    assert kept(folder) == before
    assert outside.connections == 0
    shown = live.test_client().get("/").text
    assert "two" in shown
    assert "Later" not in shown
    live.app.store.stop()  # type: ignore[union-attr] # it has a form


def test_a_database_server_is_never_asked(tmp_path: Path, outside: Callee) -> None:
    url = f"postgresql://u:p@127.0.0.1:{outside.port}/site"
    result = CliRunner().invoke(main, ["test", str(site(tmp_path, outside.port, f'database = "{url}"'))])
    assert result.exit_code == 0, result.output
    assert outside.connections == 0
    assert not (tmp_path / "storage").exists()


def still_open() -> list[str]:
    """Return the files of stores for tests that this process has open."""
    files = [str(each.readlink()) for each in Path("/proc/self/fd").iterdir() if each.is_symlink()]
    return [file for file in files if "declweb-test-" in file]


def test_nothing_is_left_open(tmp_path: Path, outside: Callee) -> None:
    live = Live(Source(site(tmp_path, outside.port, "")))
    site(tmp_path, outside.port, "", word="again")
    live.refresh()
    assert "again" in live.test_client().get("/").text
    assert still_open() == []
