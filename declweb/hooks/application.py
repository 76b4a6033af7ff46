"""`current_app` as views see it: the site, by the names that Flask's application has.

Owns what views may ask of a site. Must not know how one is made.
"""

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Protocol

from werkzeug.utils import redirect

from declweb.context import Context
from declweb.hooks.json import Json
from declweb.hooks.response import Response, make_response
from declweb.hooks.tested import Tested
from declweb.hooks.view_request import Request
from declweb.model import Static

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment


class Templates(Protocol):
    """What renders the templates of views."""

    @property
    def environment(self) -> Any:
        """Jinja's environment."""

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

    def __init__(self, declared: Mapping[str, Any], elsewhere: Mapping[str, Callable[[], Any]]) -> None:
        super().__init__(declared)
        self._elsewhere = elsewhere

    def __missing__(self, key: str) -> Any:
        if key in self._elsewhere:
            return self._elsewhere[key]()
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


class Application(Tested):
    """`current_app`."""

    app: Any = None
    """What answers requests: the site, once it is compiled."""

    request_class = Request
    response_class = Response
    json = Json

    def __init__(  # noqa: PLR0913 # what views ask of a site
        self,
        name: str,
        root: Path,
        stored: Path,
        config: Mapping[str, Any],
        templates: Templates,
        *,
        debug: bool,
        static: Static,
    ) -> None:
        self.name = self.import_name = name
        self.config = Config(
            config,
            {
                "SECRET_KEY": lambda: self.secret_key,
                "PERMANENT_SESSION_LIFETIME": lambda: self.permanent_session_lifetime,
                "SESSION_COOKIE_NAME": lambda: self.app.sessions.name,
            },
        )
        for key, value in (("DEBUG", debug), ("TESTING", False)):
            self.config.setdefault(key, value)
        self.root_path = str(root)
        self.instance_path = str(stored)
        self.static_folder = str(root / static.folder)
        self.static_url_path = static.path.rstrip("/")
        self.templates = templates
        self.logger = logging.getLogger("declweb.hooks")
        self.extensions: dict[str, Any] = {}
        """A place for what is made once and used by many requests."""

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Answer a request, as the site does."""
        answer: Iterable[bytes] = self.app(environ, start_response)
        return answer

    @property
    def secret_key(self) -> str:
        """What sessions are signed with; views may sign other things with it."""
        key: str = self.app.sessions.keys(make=True)[0]
        return key

    @property
    def permanent_session_lifetime(self) -> timedelta:
        """How long a visitor is remembered who is to be."""
        lifetime: timedelta = self.app.sessions.lifetime
        return lifetime

    @property
    def jinja_env(self) -> Any:
        """The environment that templates are rendered in."""
        return self.templates.environment

    @property
    def has_static_folder(self) -> bool:
        """Whether there are files that are sent as they are."""
        return Path(self.static_folder).is_dir()

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

    def send_static_file(self, filename: str) -> Any:
        """Return a response that is a file of the static folder."""
        from declweb.hooks.helpers import send_from_directory  # noqa: PLC0415 # it needs current_app

        return send_from_directory(self.static_folder, filename)

    def redirect(self, location: str, code: int = 302) -> Any:
        """Return a response that sends the visitor elsewhere."""
        return redirect(location, code, Response)

    def make_response(self, value: Any) -> Any:
        """Return what a view may return as a response."""
        return make_response(value)

    def open_resource(self, resource: str, mode: str = "rb", encoding: str | None = "utf-8") -> IO[Any]:
        """Open a file of the site folder for reading."""
        if mode not in {"r", "rt", "rb"}:
            raise ValueError("files of the site folder are opened for reading only")
        return Path(self.root_path, resource).open(mode, encoding=None if "b" in mode else encoding)

    def open_instance_resource(self, resource: str, mode: str = "rb", encoding: str | None = "utf-8") -> IO[Any]:
        """Open a file of the folder in which the site stores what it is sent."""
        return Path(self.instance_path, resource).open(mode, encoding=None if "b" in mode else encoding)
