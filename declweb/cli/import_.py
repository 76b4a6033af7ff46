"""`declweb import`: a site file from what another framework knows.

Owns how the application is found and the file is written. Knows nothing of what is carried over.
"""

import ast
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

import click
import tomli_w

from declweb.cli.new import name_of
from declweb.cli.terminal import refuse, say
from declweb.flask_import.site import site_of
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
    module, colon, expression = name.partition(":")
    called = _called(expression)
    if not module or not colon or called is None:
        refuse(f"`{name}` names no application: write MODULE:APP, such as shop:app or 'shop:create_app()'")
    attribute, positional, named = called
    sys.path.insert(0, str(folder.resolve()))
    try:
        found = getattr(import_module(module), attribute)
        is_made = expression == attribute and (isinstance(found, kind) or not callable(found))
        app = found if is_made else found(*positional, **named)
    except (Exception, SystemExit) as error:  # noqa: BLE001 # a module of others raises whatever it likes
        refuse(f"`{name}` cannot be imported: {type(error).__name__}: {error}")
    finally:
        sys.path.remove(str(folder.resolve()))
    if not isinstance(app, kind):
        refuse(f"`{name}` is no Flask application")
    return app


def _called(expression: str) -> tuple[str, list[Any], dict[str, Any]] | None:
    """Return a name, and the values that it is called with; None for anything else than a name and plain values."""
    try:
        node = ast.parse(expression, mode="eval").body
        if isinstance(node, ast.Name):
            return node.id, [], {}
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            named = {each.arg: ast.literal_eval(each.value) for each in node.keywords if each.arg is not None}
            return node.func.id, [ast.literal_eval(each) for each in node.args], named
    except (SyntaxError, ValueError):
        pass
    return None
