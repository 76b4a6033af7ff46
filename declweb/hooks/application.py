"""`current_app` as views see it: the site, by the names that Flask's application has.

Owns what views may ask of a site. Must not know how one is made.
"""

import logging
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO, Any, Protocol

from declweb.context import Context
from declweb.hooks.json import Json
from declweb.hooks.response import Response
from declweb.hooks.view_request import Request


class Templates(Protocol):
    """What renders the templates of views."""

    def find(self, names: Any, context: Context) -> Any:
        """Return the first template of these names that there is; raises jinja2's TemplateNotFound."""

    def of_text(self, source: str) -> Any:
        """Return the template of a text."""

    def render(self, template: Any, context: Context, values: Mapping[str, Any]) -> str:
        """Return what a template gives."""

    def stream(self, template: Any, context: Context, values: Mapping[str, Any]) -> Iterator[str]:
        """Yield what a template gives."""


class Config(dict[str, Any]):
    """`[config]`, for views: `config["DATABASE"]` is the key `database`, unless there is one in capitals."""

    def __missing__(self, key: str) -> Any:
        small = key.lower()
        if small != key and small in self:
            return self[small]
        raise KeyError(key)

    def get(self, key: str, default: Any = None) -> Any:
        """Return a value, or the default."""
        try:
            return self[key]
        except KeyError:
            return default


class Application:
    """`current_app`."""

    request_class = Request
    response_class = Response
    json = Json

    def __init__(  # noqa: PLR0913 # what views ask of a site
        self, name: str, root: Path, stored: Path, config: Mapping[str, Any], templates: Templates, *, debug: bool
    ) -> None:
        self.name = self.import_name = name
        self.config = Config(config)
        for key, value in (("DEBUG", debug), ("TESTING", False)):
            self.config.setdefault(key, value)
        self.root_path = str(root)
        self.instance_path = str(stored)
        self.templates = templates
        self.logger = logging.getLogger("declweb.hooks")
        self.extensions: dict[str, Any] = {}
        """A place for what is made once and used by many requests."""

    @property
    def debug(self) -> bool:
        """Whether the site is being worked on."""
        return bool(self.config["DEBUG"])

    @property
    def testing(self) -> bool:
        """Whether it is being tested."""
        return bool(self.config["TESTING"])

    @testing.setter
    def testing(self, value: bool) -> None:
        self.config["TESTING"] = value

    def url_for(self, endpoint: str, **values: Any) -> str:
        """Return the address of a route."""
        from declweb.hooks.helpers import url_for  # noqa: PLC0415 # it needs current_app

        return url_for(endpoint, **values)

    def open_resource(self, resource: str, mode: str = "rb", encoding: str | None = "utf-8") -> IO[Any]:
        """Open a file of the site folder for reading."""
        if mode not in {"r", "rt", "rb"}:
            raise ValueError("files of the site folder are opened for reading only")
        return Path(self.root_path, resource).open(mode, encoding=None if "b" in mode else encoding)

    def open_instance_resource(self, resource: str, mode: str = "rb", encoding: str | None = "utf-8") -> IO[Any]:
        """Open a file of the folder in which the site stores what it is sent."""
        return Path(self.instance_path, resource).open(mode, encoding=None if "b" in mode else encoding)
