"""Sites with Python of their own, written in a test."""

import textwrap
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from wsgiref.validate import validator

from cases import running, write
from werkzeug.test import Client, TestResponse
from werkzeug.wrappers import Response

from declweb.app import App

HEAD = '[site]\nname = "Hooked"\n[session]\nsecret = "what nobody knows"\n[hooks]\nmodule = "hooks"\n'


def hooked(folder: Path, code: str, toml: str = "", files: Mapping[str, str] | None = None) -> App:
    """Return a site with this Python; without TOML the function `view` answers at /."""
    toml = toml or '[routes.view]\npath = "/"\nmethods = ["GET", "POST"]\nhandler = "view"\n'
    written = {"site.toml": HEAD + toml, "hooks.py": textwrap.dedent(code), **(files or {})}
    return running(write(folder, written))


def module(app: App, name: str) -> Any:
    """Return something of the Python of a site, by way of its first view."""
    listed = [*app.cycle.at("/").teardown, *app.cycle.at("/").before, *app.cycle.at("/").after]  # type: ignore[union-attr] # the one kind there is
    return listed[0].view.function.__globals__[name]


def strictly(app: App, *args: Any, **options: Any) -> TestResponse:
    """Ask a site under wsgiref's validator, and read the whole answer."""
    answer = Client(validator(app), Response).open(*args, **options)
    answer.get_data()
    answer.close()
    return answer
