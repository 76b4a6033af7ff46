"""`declweb run`: commands that a site brings itself.

Owns how they are named, listed and called. Knows nothing of what they do.
"""

import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NoReturn

import click

from declweb.app import App
from declweb.cli.terminal import CANNOT, refuse, refuse_site, say
from declweb.problems import suggestion
from declweb.serving.source import MAIN_FILE, Source

Commands = Mapping[str, Callable[..., Any]]


@click.command(context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False})
@click.option("--env", metavar="NAME", help="The environment of the site file to use; production if it is there.")
@click.argument("words", nargs=-1, type=click.UNPROCESSED, metavar="[SITE] [NAME] [ARGUMENTS]...")
def command(words: Sequence[str], env: str | None) -> None:
    """Run a command of the site's own.

    They are functions of its Python that [hooks] names as `commands`; without NAME they are listed. What stands behind
    NAME is theirs.
    """
    site, rest = _told_apart(words)
    source = Source(site, env)
    version = source.load()
    if version.app is None:
        refuse_site(version.problems, source.file, CANNOT if version.site is None else 1)
    commands = version.app.commands
    if not rest:
        _list(commands, source.file)
        return
    name, *arguments = rest
    if name not in commands:
        refuse(_unknown(name, commands, source.file))
    run(version.app, name, arguments)


def run(app: App, name: str, arguments: Sequence[str]) -> NoReturn:
    """Run a command within a site, without a request; ends the program."""
    code: object = 0
    with app.app_context():
        try:
            as_command(name, app.commands[name]).main(list(arguments), prog_name=f"declweb run {name}")
        except SystemExit as end:
            code = end.code
    sys.exit(code if isinstance(code, int) else str(code))


def as_command(name: str, function: Callable[..., Any]) -> click.Command:
    """Return a function as a command, and a command as it is."""
    if isinstance(function, click.Command):
        return function
    return click.Command(name, callback=function, help=function.__doc__)


def _told_apart(words: Sequence[str]) -> tuple[Path, Sequence[str]]:
    """Return the site, and what is left: the first word is one where it leads to a site file."""
    first = Path(words[0]) if words else Path()
    is_site = bool(words) and ((first / MAIN_FILE).is_file() or (first.suffix == ".toml" and first.is_file()))
    return (first, words[1:]) if is_site else (Path(), words)


def _list(commands: Commands, file: Path) -> None:
    if not commands:
        click.echo(f"{file} has no commands; they are named as `commands` in [hooks]", err=True)
    for name, function in commands.items():
        about = as_command(name, function).get_short_help_str(80)
        say(f"{name}  {about}".rstrip())


def _unknown(name: str, commands: Commands, file: Path) -> str:
    known = f"there are {', '.join(f'`{each}`' for each in commands)}" if commands else "it has none"
    return f"{file} has no command `{name}`; {suggestion(name, commands) or known}"
