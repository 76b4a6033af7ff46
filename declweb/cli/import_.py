"""`declweb import`: a site file from what another framework knows.

Owns how the application is found and the file is written. Knows nothing of what is carried over.
"""

import sys
from importlib import import_module
from pathlib import Path
from typing import Any

import click
import tomli_w

from declweb.cli.new import name_of
from declweb.cli.terminal import refuse, say
from declweb.flask_import import site_of
from declweb.serving.source import MAIN_FILE


@click.group()
def command() -> None:
    """Write a site file from a Flask application."""


@command.command()
@click.argument("application", metavar="MODULE:APP")
@click.argument("folder", default=".", type=click.Path(path_type=Path))
def flask(application: str, folder: Path) -> None:
    """Write a site file from a Flask application.

    What cannot be carried over is said. FOLDER is the one with its modules; the current one where it is left out.
    """
    file = folder / MAIN_FILE
    if file.exists():
        refuse(f"`{file}` is already there; move it away first")
    try:
        library = import_module("flask")
    except ImportError:
        refuse("Flask is not installed: install it beside declweb while you import")
    app = _application(application, folder, library.Flask)
    imported = site_of(app, folder, name_of(folder), library.Flask.default_config)
    try:
        file.write_text(tomli_w.dumps(imported.tables), "utf-8")
    except OSError as error:
        refuse(f"`{file}` cannot be written: {(error.strerror or str(error)).lower()}")
    for note in imported.notes:
        click.echo(note, err=True)
    say(f"{file} is written; `declweb check` says what is left to do")


def _application(name: str, folder: Path, kind: type) -> Any:
    """Return the application that is named; what is no class of Flask's and can be called makes one."""
    module, colon, attribute = name.partition(":")
    if not module or not colon or not attribute:
        refuse(f"`{name}` names no application: write MODULE:APP, such as shop:app")
    sys.path.insert(0, str(folder.resolve()))
    try:
        found = getattr(import_module(module), attribute.removesuffix("()"))
        app = found if isinstance(found, kind) or not callable(found) else found()
    except Exception as error:  # noqa: BLE001 # a module of others raises whatever it likes
        refuse(f"`{name}` cannot be imported: {type(error).__name__}: {error}")
    finally:
        sys.path.remove(str(folder.resolve()))
    if not isinstance(app, kind):
        refuse(f"`{name}` is no Flask application")
    return app
