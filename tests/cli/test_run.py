"""`declweb run`: commands that a site brings itself."""

from pathlib import Path

import pytest
from cases import write
from click.testing import CliRunner, Result

from declweb.cli import main

FILES = {
    "site.toml": '[site]\nname = "Shop"\n[hooks]\nmodule = "hooks"\n'
    'teardown_request = "over"\n'
    'commands = { init-db = "init_db", greet = "greet", fail = "fail", leave = "leave" }\n',
    "hooks.py": '''
import click
from declweb import current_app, g

def init_db():
    """Make the tables anew."""
    g.database = current_app.name
    click.echo(f"made of {g.database}")

@click.command(help="Greet somebody.")
@click.argument("name")
@click.option("--loud", is_flag=True)
def greet(name, loud):
    click.echo(f"Hello {name}{'!' if loud else '.'}")

def over(error):
    click.echo(f"over {error}")

def leave():
    raise SystemExit(3)

def fail():
    raise click.ClickException("no tables today")
''',
}


def run(*words: str) -> Result:
    return CliRunner().invoke(main, ["run", *words])


def test_commands_are_run_with_their_own_arguments(tmp_path: Path) -> None:
    site = str(write(tmp_path, FILES))
    assert run(site, "init-db").output == "made of Shop\nover None\n"
    assert run(f"{site}/site.toml", "greet", "Anna", "--loud").output == "Hello Anna!\nover None\n"
    wrong = run(site, "greet")
    assert (wrong.exit_code, "Missing argument 'NAME'" in wrong.output) == (2, True)
    failed = run(site, "fail")
    assert (failed.exit_code, failed.stderr) == (1, "Error: no tables today\n")
    assert run(site, "leave").exit_code == 3


def test_the_current_folder_is_the_site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(write(tmp_path, FILES))
    assert run("init-db").output == "made of Shop\nover None\n"
    assert run().output.splitlines() == ["init-db  Make the tables anew.", "greet  Greet somebody.", "fail", "leave"]
    assert "Make the tables anew." in run("init-db", "--help").output


def test_a_misspelt_command_and_a_broken_site_are_told(tmp_path: Path) -> None:
    site = str(write(tmp_path / "one", FILES))
    found = run(site, "init-bd")
    assert (found.exit_code, found.stderr) == (
        2,
        f"error: {site}/site.toml has no command `init-bd`; did you mean `init-db`?\n",
    )
    none = str(write(tmp_path / "none", {"site.toml": '[site]\nname = "Data"\n'}))
    assert run(none).stderr == f"{none}/site.toml has no commands; they are named as `commands` in [hooks]\n"
    assert "it has none" in run(none, "init-db").stderr
    broken = run(str(write(tmp_path / "broken", {**FILES, "hooks.py": "import click"})), "init-db")
    assert (broken.exit_code, "missing-function" in broken.stderr) == (1, True)
