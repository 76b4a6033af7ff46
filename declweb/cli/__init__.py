"""The `declweb` command.

Owns the list of its commands; each is a module of its own that is imported once it is called. Knows none of them.
"""

import gc
from importlib import import_module
from keyword import iskeyword

import click

COMMANDS = {
    "serve": "Serve a site.",
    "check": "Say everything that is wrong with a site.",
    "routes": "List every address of a site, and what answers it.",
    "try": "Fill a form with right and wrong values, and show what happens.",
    "test": "Run the tests that a site file declares.",
    "entries": "List, show, export, judge and delete what visitors sent.",
    "deliver": "Deliver what waits in the outbox.",
    "hash": "Make the hash of a password, for a user.",
    "run": "Run a command of the site's own.",
    "new": "Make a small working site.",
    "import": "Write a site file from a Flask application.",
    "schema": "Print a JSON Schema of site files, for editors.",
    "reference": "Print the manual of the site file.",
}
"""What each command does, in the order of the help."""


MANY = 50_000
"""New objects after which Python looks for garbage: nearly all that a site is made of stays, and looking takes time."""


class _Commands(click.Group):
    """Commands that are imported on demand."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 # click's signature
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name in COMMANDS:
            gc.set_threshold(MANY)
            command: click.Command = import_module(module_of(cmd_name)).command
            return command
        if not ctx.resilient_parsing:
            ctx.fail(_unknown(cmd_name))
        return None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 # click's signature
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


def module_of(name: str) -> str:
    """Return the module of a command; one whose name is a word of Python has a line behind it."""
    return f"declweb.cli.{name}{'_' if iskeyword(name) else ''}"


def _unknown(name: str) -> str:
    from declweb.problems import suggestion  # noqa: PLC0415 # for a mistake alone

    near = suggestion(name, COMMANDS) or f"there are {', '.join(f'`{known}`' for known in COMMANDS)}"
    return f"there is no command `{name}`; {near}"


def _show_version(context: click.Context, _parameter: click.Parameter, is_wanted: bool) -> None:  # noqa: FBT001 # click's
    if is_wanted:
        from declweb import __version__  # noqa: PLC0415 # looking it up takes time

        click.echo(f"declweb {__version__}")
        context.exit()


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_show_version,
    help="Show the version and exit.",
)
def main() -> None:
    """Turn one readable file into a running website.

    SITE is a site file or its folder; where it is left out, the current folder.
    """
