"""`declweb check` and `declweb routes`."""

import io
import json
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result
from servers import write

from declweb.cli import main, terminal

SITE = '[site]\nname = "Harbour"\n\n[routes.home]\npath = "/"\ntext = "one"\n\n[routes.boat]\npath = "/boats/<name>"\n'
SITE += 'text = "{{ name }}"\n'
WARNING = '\n[redirects]\n"/old" = "/nothing"\n'
BROKEN = SITE.replace("text", "txet", 1)


def invoke(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return write(Path("harbour"), site=SITE)


def test_a_site_that_is_fine(site: Path) -> None:
    result = invoke("check", site)
    assert (result.exit_code, result.output) == (0, "harbour/site.toml is fine: 2 URLs, 1 of them prepared\n")


def test_the_current_folder_is_checked_where_nothing_is_said(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(site)
    assert invoke("check").output == "site.toml is fine: 2 URLs, 1 of them prepared\n"


def test_warnings_keep_nothing_from_running(site: Path) -> None:
    write(site, site=SITE + WARNING)
    result = invoke("check", site)
    assert result.exit_code == 0
    assert "warning[dead-link]" in result.stdout
    summary = "1 warning in harbour/site.toml, nothing that keeps it from running: 3 URLs, 2 of them prepared"
    assert result.stdout.endswith(f"\n\n{summary}\n")


def test_a_broken_site(site: Path) -> None:
    write(site, site=BROKEN + WARNING)
    result = invoke("check", site)
    assert result.exit_code == 1
    assert "harbour/site.toml:6:1: error[unknown-key]" in result.stdout
    assert result.stdout.splitlines()[-1].endswith(" in harbour/site.toml")


def test_every_environment_is_checked(site: Path) -> None:
    write(site, site=SITE + "\n[env.staging.server]\nprot = 1\n")
    result = invoke("check", site)
    assert result.exit_code == 1
    assert "did you mean `port`?" in result.stdout


@pytest.mark.parametrize("form", ["text", "json", "github"])
def test_what_cannot_be_read(site: Path, form: str) -> None:
    result = invoke("check", "nothing", "--format", form)
    assert result.exit_code == 2
    assert "there is no file or folder nothing" in result.stdout


def test_problems_as_json(site: Path) -> None:
    write(site, site=BROKEN)
    result = invoke("check", site, "--format", "json")
    assert result.exit_code == 1
    problems = json.loads(result.stdout)
    assert problems[0]["file"] == "harbour/site.toml"
    assert (problems[0]["line"], problems[0]["column"], problems[0]["end_column"]) == (6, 1, 5)
    write(site, site=SITE)
    assert json.loads(invoke("check", site, "--format", "json").stdout) == []


def test_problems_beside_the_lines_of_a_pull_request(site: Path) -> None:
    write(site, site=BROKEN)
    result = invoke("check", site, "--format", "github")
    assert result.exit_code == 1
    first, *_ = result.stdout.splitlines()
    assert first.startswith("::error file=harbour/site.toml,line=6,col=1,endColumn=5,title=unknown-key::[routes.home]")
    assert first.endswith("%0Ahelp: did you mean `text`?")
    assert result.stderr.endswith("in harbour/site.toml\n")


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_colours_are_for_terminals(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    assert terminal.has_colours(Terminal())
    assert not terminal.has_colours(io.StringIO())
    monkeypatch.setenv("TERM", "dumb")
    assert not terminal.has_colours(Terminal())
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("NO_COLOR", "1")
    assert not terminal.has_colours(Terminal())


def test_colours(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(site, site=BROKEN)
    plain = invoke("check", site).stdout
    monkeypatch.setattr("declweb.cli.check.has_colours", lambda _: True)
    result = CliRunner().invoke(main, ["check", str(site)], color=True)
    assert "\x1b[1;31merror[unknown-key]\x1b[0m" in result.stdout
    assert click.unstyle(result.stdout) == plain


def test_routes(site: Path) -> None:
    result = invoke("routes", site)
    assert result.exit_code == 0
    assert result.stdout.splitlines() == [
        "URL            methods  name  answer  how",
        "/              GET      home  text    prepared",
        "/boats/<name>  GET      boat  text    has variables in its address",
    ]


def test_routes_as_json(site: Path) -> None:
    listing = json.loads(invoke("routes", site, "--format", "json").stdout)
    assert listing[0] == {
        "url": "/",
        "methods": ["GET"],
        "name": "home",
        "answer": "text",
        "place": "site.toml:4",
        "reasons": [],
        "prepared": True,
    }
    assert not listing[1]["prepared"]


def test_routes_of_what_is_no_site(site: Path) -> None:
    assert invoke("routes", "nothing").exit_code == 2
    write(site, site=BROKEN)
    result = invoke("routes", site)
    assert (result.exit_code, result.stdout) == (1, "")
    assert "did you mean `text`?" in result.stderr


def test_no_python_is_looked_at_where_none_is_wanted(site: Path) -> None:
    write(site, site=SITE + '[hooks]\nmodule = "harbour"\ntemplate_filters = "knots"\n', harbour_py="raise ValueError")
    assert "failing-module" in invoke("check", site).output
    result = invoke("check", "--no-code", site)
    assert (result.exit_code, result.output) == (0, "harbour/site.toml is fine: no Python was looked at\n")
    write(site, site=SITE + '[hooks]\nmodule = "harbour"\n[[middleware]]\nuse = "quay:Note"\n')
    result = invoke("check", "--no-code", site)
    assert (result.exit_code, "undeclared-module" in result.output) == (1, True)
