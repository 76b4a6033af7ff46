"""`declweb entries`, as tests run it."""

from pathlib import Path

from click.testing import CliRunner, Result

from declweb.cli import main


def run(*arguments: str | Path, answer: str | None = None) -> Result:
    """Run a command of `declweb entries`, and answer what it asks."""
    return CliRunner().invoke(main, ["entries", *map(str, arguments)], input=answer)
