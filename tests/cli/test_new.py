"""`declweb new`: a site that works."""

import os
from pathlib import Path

import pytest
import tomli
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st
from servers import serve

from declweb.cli import main
from declweb.cli.new import name_of, with_name
from declweb.loading import load_site


def invoke(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def test_a_new_site_is_fine_and_says_what_next(tmp_path: Path) -> None:
    folder = tmp_path / "sites" / "blackbird-bakery"
    result = invoke("new", folder)
    assert result.exit_code == 0
    assert result.stdout.startswith("Blackbird bakery is ready. What next:\n")
    assert f"declweb serve {folder} --dev" in result.stdout
    checked = invoke("check", folder)
    assert checked.exit_code == 0
    assert "site.toml is fine: " in checked.stdout
    for name in ("templates/base.html", "templates/home.html", "templates/errors/404.html", "static/style.css"):
        assert (folder / name).is_file()


def test_a_new_site_is_served_without_inline_style_or_script(tmp_path: Path) -> None:
    invoke("new", tmp_path / "my_site")
    with serve(tmp_path / "my_site") as server:
        page = server.get("/", Accept="text/html")
        assert page.status == 200
        assert "Welcome to My site" in page.text
        assert "default-src 'self'" in page.headers["Content-Security-Policy"]
        for name in ("/static/style.css", "/static/favicon.svg"):
            assert server.get(name).status == 200
            assert name in page.text
        assert "<style" not in page.text
        assert "style=" not in page.text
        assert "<script" not in page.text
        missing = server.get("/nothing", Accept="text/html")
        assert missing.status == 404
        assert "There is nothing here" in missing.text
        assert server.get("/hello/Anna").text == "Hello, Anna! Call +49 30 1234567."
        assert server.get("/old-address").status == 301


def test_an_empty_folder_will_do(tmp_path: Path) -> None:
    assert invoke("new", tmp_path).exit_code == 0


@pytest.mark.parametrize("make", [lambda path: path.mkdir() or (path / "a").touch(), lambda path: path.touch()])
def test_what_is_there_is_left_alone(tmp_path: Path, make: object) -> None:
    folder = tmp_path / "site"
    make(folder)  # type: ignore[operator] # a function
    result = invoke("new", folder)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.endswith("is already there, and not an empty folder; choose another name\n")


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    result = invoke("new", tmp_path / "file" / "site")
    assert result.exit_code == 2
    assert "cannot be written: not a directory" in result.stderr


@pytest.mark.parametrize(
    ("folder", "name"),
    [
        ("blackbird-bakery", "Blackbird bakery"),
        ("my_site", "My site"),
        ("ÉCOLE", "ÉCOLE"),
        ("--", "My site"),
        ("/", "My site"),
    ],
)
def test_the_name_is_the_folders(folder: str, name: str) -> None:
    assert name_of(Path(folder)) == name


def test_the_name_of_the_current_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "harbour").mkdir()
    monkeypatch.chdir(tmp_path / "harbour")
    assert name_of(Path()) == "Harbour"


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1))
def test_any_name_is_written_as_toml(name: str) -> None:
    written = with_name('[site]\nname = "x"  # it\n\n[config]\nname = 1\n', name)
    expected = name.replace("${", "$${")
    assert tomli.loads(written) == {"site": {"name": expected}, "config": {"name": 1}}


def test_a_folder_that_cannot_be_looked_into(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def iterdir(_: Path) -> None:
        raise PermissionError(13, os.strerror(13), str(tmp_path))

    monkeypatch.setattr(Path, "iterdir", iterdir)
    result = invoke("new", tmp_path)
    assert (result.exit_code, result.stderr) == (2, f"error: `{tmp_path}` cannot be written: permission denied\n")


@pytest.mark.parametrize(
    ("name", "called"),
    [
        ("a${HOME}b", "A${HOME}b"),
        ('it\'s "ours"', 'It\'s "ours"'),
        ("caf\udce9", "Caf"),
        ("a\x7fb\nc", "A b c"),
        ("bäckerei-amsel", "Bäckerei amsel"),
    ],
)
def test_oddly_named_folders_make_sites_that_work(tmp_path: Path, name: str, called: str) -> None:
    folder = tmp_path / name
    assert CliRunner().invoke(main, ["new", os.fsencode(folder).decode(errors="surrogateescape")]).exit_code == 0
    loaded = load_site(folder, None, {})
    assert loaded.site is not None
    assert loaded.site.site.name == called


def test_the_next_commands_can_be_copied(tmp_path: Path) -> None:
    shown = invoke("new", tmp_path / "my shop").stdout
    assert f"declweb serve '{tmp_path}/my shop' --dev" in shown


def test_a_folder_of_version_control_is_not_in_the_way(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    assert invoke("new", tmp_path).exit_code == 0
