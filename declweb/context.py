"""What one request carries, and what a template may see of it.

Owns the context of a request: made for answers that look at the visitor, never for prepared ones. Knows no site.
"""

import logging
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from werkzeug.datastructures import Headers, ImmutableMultiDict, ImmutableTypeConversionDict
from werkzeug.datastructures.accept import LanguageAccept
from werkzeug.wrappers import Request

from declweb.http.answer import Headers as HeaderFields
from declweb.http.conditional import Fields
from declweb.http.paths import as_word, escaped
from declweb.http.request_ids import request_id
from declweb.http.sessions import Session, Sessions
from declweb.kept import Globals

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

FIELDS = (
    "HTTP_ACCEPT_ENCODING",
    "HTTP_IF_NONE_MATCH",
    "HTTP_IF_MODIFIED_SINCE",
    "HTTP_IF_MATCH",
    "HTTP_IF_UNMODIFIED_SINCE",
    "HTTP_RANGE",
    "HTTP_IF_RANGE",
)
"""Where WSGI keeps the header fields of `Fields`, in its order."""

_ASCII = "".join(map(chr, range(128)))

logger = logging.getLogger("declweb.templates")

current: ContextVar["Context"] = ContextVar("declweb.context")
"""The request that is being answered."""


class Context:
    """One request on its way through the levels of matching.

    `prefix` is SCRIPT_NAME, `path` the decoded PATH_INFO, `language` the one that the path belongs to. Levels that are
    consulted leave in `vary` the header fields they looked at, in `allowed` the methods they would have answered, and
    set `is_private` when what they looked at has no header field of its own.
    """

    __slots__ = (
        "_asked", "_g", "_request", "_seen", "_session", "_sessions", "_user", "_who", "allowed", "app",
        "cannot_build", "code", "editions", "endpoint", "environ", "flashes", "is_guarded",
        "is_private", "is_turned_away", "language", "method", "path", "place", "prefix", "reference", "said", "told",
        "vary", "view_args", "wants_json", "written_in",
    )  # fmt: skip

    def __init__(
        self,
        environ: "WSGIEnvironment",
        path: str,
        language: str = "en",
        sessions: Sessions | None = None,
        who: "Callable[[Context], SignedIn | None] | None" = None,
    ) -> None:
        self._asked = path, environ
        self._who = who
        self._user: SignedIn | None = None
        self.environ = environ
        self.language = language
        self.written_in = language
        """The language of the page that is being rendered: another one where it is not translated."""
        self.method: str = environ["REQUEST_METHOD"]
        self.prefix: str = environ.get("SCRIPT_NAME", "")
        self.path = path
        self.endpoint: str | None = None
        self.view_args: Mapping[str, object] = {}
        self.editions: Mapping[str, str] = {}
        """The languages in which the page has an address, and by each the one that it is written in there."""
        self.place: str | None = None
        self.allowed: set[str] = set()
        self.vary: set[str] = set()
        self.is_private = False
        self.is_guarded = False
        """Whether only some users may see what is there: then no answer is for anybody else, whatever it says."""
        self.is_turned_away = False
        """Whether the visitor may not see what is there, and nothing of what lies beside it either."""
        self.cannot_build: Callable[[str, str | None, int, str], object] = _log
        self._request: Request | None = None
        self._seen: Seen | None = None
        self.wants_json = False
        """Whether whoever asks wants JSON, whatever Accept says."""
        self.told: Callable[[Callable[[str], str]], str] | None = None
        """What an error page says instead of the usual, by what says texts in the visitor's language."""
        self.said: HeaderFields = []
        """Header fields of every answer at this address, errors among them."""
        self.reference: str | None = None
        """What a visitor can name who asks what went wrong; None where nothing did that is in the log."""
        self._g: Globals | None = None
        self._session: Session | None = None
        self.flashes: list[tuple[str, str]] | None = None
        """The messages that were taken out of the session, to be shown."""
        self._sessions = sessions
        self.app: Any = None
        """The site that answers, for its own Python to ask."""
        self.code: Any = None
        """What the site's own Python left for the rest of this request, where it has any."""

    def ask(self, path: str, language: str, environ: "WSGIEnvironment") -> None:
        """Ask for another address in the place of the one that was asked for."""
        self.path = path
        self.language = self.written_in = language
        if environ is not self.environ:
            self.environ = environ
            self._request = None

    @property
    def asked_for(self) -> str:
        """The address that the visitor asked for, escaped, with prefix and query; whatever is shown in its place."""
        path, environ = self._asked
        query = _in_ascii(environ.get("QUERY_STRING", ""))
        return f"{self.prefix}{escaped(path)}{'?' if query else ''}{query}"

    @property
    def request_id(self) -> str:
        """What tells this request from all others, in the log and on the page that says that something went wrong."""
        return request_id(self._asked[1])

    def origin(self) -> str:
        """Return scheme and host as the visitor asked for them."""
        return self.request.host_url.rstrip("/")

    @property
    def target(self) -> str | None:
        """The address as the client wrote it, where the server passes it on: gunicorn, uWSGI and mod_wsgi do."""
        return self.environ.get("RAW_URI") or self.environ.get("REQUEST_URI")

    @property
    def path_in_log(self) -> str:
        """The path as a line of the log has it: one word, whatever a visitor wrote."""
        return as_word(self.path)

    @property
    def is_bare(self) -> bool:
        """Whether the site's prefix was asked for without the slash that its first page has."""
        return self.path == "/" and self.prefix != "" and not self.environ.get("PATH_INFO")

    @property
    def is_secure(self) -> bool:
        """Whether the visitor came over https."""
        return bool(self.environ.get("wsgi.url_scheme") == "https")

    @property
    def fields(self) -> Fields:
        """The header fields that choose between representations, conditions and ranges.

        What the visitor has already is judged later where functions may change the answer.
        """
        get = self.environ.get
        fields = Fields(*(get(name) for name in FIELDS))
        if self.code is not None and self.code.changes_answers:
            return fields._replace(if_none_match=None, if_modified_since=None)
        return fields

    @property
    def request(self) -> Request:
        """The request as Werkzeug reads it, made on first use."""
        if self._request is None:
            self._request = Request(self._escaped())
        return self._request

    @property
    def query(self) -> str:
        """The query in ASCII: some servers pass on bytes that a client should have escaped."""
        return _in_ascii(self.environ.get("QUERY_STRING", ""))

    def _escaped(self) -> "WSGIEnvironment":
        query = self.query
        return (
            self.environ if query == self.environ.get("QUERY_STRING", "") else {**self.environ, "QUERY_STRING": query}
        )

    @property
    def seen(self) -> "Seen":
        """The request as templates see it, made on first use."""
        if self._seen is None:
            self._seen = Seen(self)
        return self._seen

    @property
    def session(self) -> Session:
        """What the visitor's cookie keeps; whoever looks at it makes the answer vary by cookies."""
        if self._session is None:
            cookies = self.environ.get("HTTP_COOKIE")
            self._session = self._sessions.read(cookies) if self._sessions is not None else Session()
            self.vary.add("Cookie")
        return self._session

    @property
    def user(self) -> "SignedIn | None":
        """Who is signed in; whoever asks makes the answer vary by cookies, where the site has users."""
        if self._user is None and self._who is not None:
            self._user = self._who(self)
        return self._user

    @user.setter
    def user(self, user: "SignedIn | None") -> None:
        self._user = user

    def messages(self) -> list[tuple[str, str]]:
        """Return the visitor's messages with their categories; they are forgotten, but for this request."""
        if self.flashes is None:
            self.flashes = self.session.take_flashes()
        return self.flashes

    def has_cookie(self, name: str | None) -> bool:
        """Tell whether a text such as `session=` stands in the Cookie field, and makes the answer vary by it."""
        if name is None:
            return False
        self.vary.add("Cookie")
        return name in self.environ.get("HTTP_COOKIE", "")

    @property
    def has_looked_at_session(self) -> bool:
        """Whether anything looked at the session so far."""
        return self._session is not None

    def drop_session(self) -> None:
        """Take back what was done to the session in this request."""
        self._session = None

    @property
    def g(self) -> Globals:
        """What this request keeps, made on first use."""
        if self._g is None:
            self._g = Globals()
        return self._g


@dataclass(frozen=True, slots=True)
class SignedIn:
    """`user` in templates: who is signed in."""

    name: str
    roles: tuple[str, ...] = ()

    def __str__(self) -> str:
        return self.name


class Seen:
    """`request` in templates: what may be read of a request, and nothing that reaches further."""

    __slots__ = ("_context",)

    def __init__(self, context: Context) -> None:
        self._context = context

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    __repr__ = __str__

    @property
    def method(self) -> str:
        """The request method."""
        return self._context.method

    @property
    def path(self) -> str:
        """The path that was asked for, without prefix and query."""
        return self._context.path

    @property
    def endpoint(self) -> str | None:
        """The name of the route."""
        return self._context.endpoint

    @property
    def language(self) -> str:
        """The language that the address belongs to."""
        return self._context.language

    @property
    def view_args(self) -> Mapping[str, object]:
        """The URL variables."""
        return dict(self._context.view_args)

    @property
    def args(self) -> ImmutableMultiDict[str, str]:
        """The parameters of the query."""
        return ImmutableMultiDict(self._context.request.args)

    @property
    def query_string(self) -> str:
        """The query as it was sent."""
        return self._context.request.query_string.decode("utf-8", "replace")

    @property
    def full_path(self) -> str:
        """The path and the query."""
        return self._context.request.full_path

    @property
    def url(self) -> str:
        """The whole address."""
        return self._context.request.url

    @property
    def base_url(self) -> str:
        """The whole address without the query."""
        return self._context.request.base_url

    @property
    def url_root(self) -> str:
        """The address of the site's root."""
        return self._context.request.root_url

    @property
    def host(self) -> str:
        """The host that was asked, with its port where it is not the usual one."""
        return self._context.request.host

    @property
    def scheme(self) -> str:
        """`http` or `https`."""
        return self._context.request.scheme

    @property
    def is_secure(self) -> bool:
        """Whether the visitor came over https."""
        return self._context.request.is_secure

    @property
    def cookies(self) -> ImmutableTypeConversionDict[str, str]:
        """The visitor's cookies."""
        return ImmutableTypeConversionDict(self._context.request.cookies)

    @property
    def headers(self) -> Headers:
        """A copy of the request's header fields."""
        return Headers(list(self._context.request.headers))

    @property
    def remote_addr(self) -> str | None:
        """The visitor's network address."""
        return self._context.request.remote_addr

    @property
    def user_agent(self) -> str:
        """What the visitor's browser calls itself."""
        return self._context.request.user_agent.string

    @property
    def referrer(self) -> str | None:
        """The page that the visitor came from."""
        return self._context.request.referrer

    @property
    def accept_languages(self) -> LanguageAccept:
        """The languages that the visitor's browser prefers."""
        return self._context.request.accept_languages


VISIBLE = tuple(name for name, value in vars(Seen).items() if isinstance(value, property))
"""What templates may ask of `request`."""

CONSTANT = frozenset({"path", "method", "endpoint", "language", "view_args"})
"""What of `request` the address itself settles."""


def _in_ascii(query: str) -> str:
    return query if query.isascii() else quote(query, safe=_ASCII, encoding="latin-1")


def _log(message: str, template: str | None, line: int, _code: str) -> None:
    logger.warning("%s:%s: %s", template, line, message)


def constant_context(
    path: str,
    prefix: str,
    *,
    endpoint: str | None = None,
    view_args: Mapping[str, object] = MappingProxyType({}),
    language: str = "en",
) -> Context:
    """Return the context of an answer to GET that is made before the first request."""
    environ = {
        "REQUEST_METHOD": "GET",
        "SCRIPT_NAME": prefix,
        "PATH_INFO": path,
        "QUERY_STRING": "",
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "wsgi.url_scheme": "http",
    }
    context = Context(environ, path, language)
    context.endpoint, context.view_args = endpoint, view_args
    return context
