"""The command itself."""

import subprocess
import sys
from importlib import import_module

import click
import pytest
from click.testing import CliRunner
from servers import run

import declweb
from declweb.cli import COMMANDS, main, module_of

HEAVY = ("pydantic", "jinja2", "werkzeug", "granian", "gunicorn", "watchfiles", "tomli", "asyncio", "declweb.problems")


def loaded_by(statement: str) -> set[str]:
    """Return the modules that a statement imports, in a Python of its own."""
    code = f"import sys\n{statement}\nprint(*sys.modules)"
    return set(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split())


def test_the_help_lists_every_command_and_imports_none() -> None:
    result = CliRunner().invoke(main, ["--help"])
    assert result.exit_code == 0
    for name, sentence in COMMANDS.items():
        assert f"  {name} " in result.output
        assert sentence in result.output
    heavy = loaded_by("import sys\nfrom declweb.cli import main\nmain(['--help'], standalone_mode=False)")
    assert heavy.isdisjoint(HEAVY)


def test_importing_declweb_costs_next_to_nothing() -> None:
    assert loaded_by("import declweb") - loaded_by("pass") <= {"declweb"}


def test_the_public_names() -> None:
    for name in declweb.__all__:
        assert getattr(declweb, name) is not None
    with pytest.raises(AttributeError, match="has no attribute `laod`"):
        _ = declweb.laod


@pytest.mark.parametrize("name", COMMANDS)
def test_the_help_of_a_command_begins_with_its_sentence(name: str) -> None:
    command = import_module(module_of(name)).command
    assert command.help.startswith(COMMANDS[name])
    assert CliRunner().invoke(main, [name, "--help"]).exit_code == 0


def test_an_unknown_command_gets_a_suggestion() -> None:
    result = CliRunner().invoke(main, ["chekc"])
    assert result.exit_code == 2
    assert "there is no command `chekc`; did you mean `check`?" in result.output
    assert "there are `serve`, `check`" in CliRunner().invoke(main, ["xyzzy"]).output


def test_shells_complete_commands() -> None:
    context = click.Context(main, resilient_parsing=True)
    assert main.list_commands(context) == list(COMMANDS)
    assert main.get_command(context, "chekc") is None


def test_the_version() -> None:
    assert run("--version").stdout == f"declweb {declweb.__version__}\n"


@pytest.mark.parametrize("group", ["entries", "import"])
def test_what_a_list_of_commands_says_is_a_whole_sentence(group: str) -> None:
    listed = CliRunner().invoke(main, [group, "--help"]).output.partition("\nCommands:\n")[2].splitlines()
    assert listed
    assert [line for line in listed if not line.endswith(".") or line.endswith("...")] == []
