"""`declweb hash`."""

import sys

import click

from declweb.cli.terminal import has_colours, refuse, say
from declweb.http.passwords import LONGEST, hashed
from declweb.problems import painted

SHORT = 12
"""Characters of a password below which it is guessed sooner or later."""


@click.command()
def command() -> None:
    """Make the hash of a password, for a user.

    Asks for the password twice, without showing it; reads it from standard input where that is no terminal. The hash
    stands alone on the last line of what is printed.
    """
    password = _asked() if sys.stdin.isatty() else _read()
    if any(ord(letter) < 32 or letter == "\x7f" for letter in password):
        refuse("a password is one line, without control characters")
    if not password.strip():
        refuse("an empty password lets everybody in; write one")
    if len(password) > LONGEST:
        refuse(f"no password has more than {LONGEST:,} characters")
    if len(password) < SHORT:
        word = painted("warning", "warning") if has_colours(sys.stderr) else "warning"
        click.echo(f"{word}: a password of fewer than {SHORT} characters can be guessed; take a few words", err=True)
    say(str(hashed(password)))


def _asked() -> str:
    """Return what is typed twice; what is printed meanwhile is no part of the result."""
    password: str = click.prompt("Password", hide_input=True, default="", show_default=False, err=True)
    again: str = click.prompt("The same again", hide_input=True, default="", show_default=False, err=True)
    if password != again:
        refuse("these were two different passwords; try it again")
    return password


def _read() -> str:
    """Return the one line of standard input."""
    try:
        text = sys.stdin.buffer.read(LONGEST * 5).decode()
    except UnicodeDecodeError:
        refuse("what came by standard input is not UTF-8")
    return text.removesuffix("\n").removesuffix("\r")
