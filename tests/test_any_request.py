"""Any request gets a valid answer: never a 500, never a traceback or a path of the disk, HEAD as GET without a body."""

import io
import re
import tempfile
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import unquote_to_bytes
from wsgiref.types import WSGIApplication
from wsgiref.validate import WSGIWarning, validator

import pytest
from cases import running, write
from hypothesis import example, given, settings
from hypothesis import strategies as st

BAKERY = Path(__file__).parents[1] / "sites" / "bakery"

EVERYTHING = {
    "site.toml": """
redirects_from = ["_redirects", "moved.csv"]
[site]
name = "Everything"
languages = ["de", "en"]
timezone = "Europe/Berlin"
[config]
phone = "+49 30 1234567"
[converters]
slug = { pattern = "[a-z0-9]+(-[a-z0-9]+)*" }
category = { one_of = ["bread", "cake"] }
year = { type = "integer", min = 1987, max = 2100, digits = 4 }
[routes.home]
path = "/"
template = "home.html"
[routes.visitor]
path = "/visitor"
methods = ["GET", "POST", "PUT", "PATCH", "DELETE"]
template = "visitor.html"
[routes.archive]
path = "/archive/<year:year>/"
text = "{{ year + 1 }}"
[routes.category]
path = "/<category:category>/<slug:slug>"
html = "<h1>{{ slug }} {{ request.args.get('q') }} {{ url_for('category', category=category, slug=slug) }}</h1>"
headers = { X-Greeting = "Hello" }
cache = "1 hour"
[routes.number]
path = "/number/<float:n>"
text = "{{ n }}"
[routes.day]
path = "/day/<date:day>"
text = "{{ day }}"
[routes.rest]
path = "/rest/<path:rest>"
text = "{{ rest }} {{ request.url }} {{ request.host }}"
[routes.file]
path = "/price"
file = "files/prices.csv"
[routes.large]
path = "/large"
file = "files/large.bin"
mimetype = "application/x-large"
[routes.teapot]
path = "/teapot"
text = "short and stout"
status = 418
[routes.post]
path = "/post"
methods = "POST"
text = "{{ request.method }} {{ request.headers.get('User-Agent') }}"
[routes.off]
path = "/off"
text = "never"
off = true
[redirects]
"/old" = "/"
"/old/<slug:slug>" = "/bread/<slug>"
"/all/<path:rest>" = "/rest/<rest>"
"/away" = { to = "https://example.org/?a=1#b", status = 302 }
"/forced" = { to = "/", force = true, query = { a = "1" } }
"/asked" = [
    { to = "/bread/rye", query = { id = "<id>" } },
    { to = "/", host = "localhost" },
    { to = "/", language = ["en", "fr"] },
    { to = "/", country = "AT" },
    { to = "/", cookie = "beta" },
    { to = "/", starts = 2020-01-01, ends = 2020-12-31 },
    "/visitor",
]
[[rewrites]]
from = "/app/<path:rest>"
to = "/"
navigation_only = true
[[rewrites]]
from = "/find/<word>"
to = "/visitor?a=<word>&b=c"
[[rewrites]]
from = "/sent/<path:rest>"
to = "/all/<rest>"
[security]
corp = "same-origin"
[security.csp]
img-src = "https://images.example"
[errors]
404 = "errors/any.html"
4xx = "errors/any.html"
5xx = "errors/any.html"
[[headers]]
path = "/bread/*"
set = { Vary = "X-Odd", Link = "</a>; rel=preload" }
unset = "X-Greeting"
[[headers]]
only_status = [404]
set = { X-Missing = "yes" }
[[static]]
path = "/files"
folder = "files"
cache = "1 day"
listing = true
precompressed = true
[[static]]
path = "/guide"
folder = "guide"
urls = "no-slash"
listing = true
[json.version]
path = "/api/version"
value = { name = "everything", day = 2026-12-24, list = [1, 2.5, true] }
[limits]
body = "1 KB"
url = "2 KB"
[proxy]
for = 1
proto = 1
host = 1
port = 1
prefix = 1
country_header = "X-Country"
""",
    "_redirects": "/shown/* /rest/:splat 200\n/lang / 302 Language=en,de\n/land /visitor 302 Country=at\n",
    "moved.csv": "from,to\n/a.php?id=7,/\n/b c,/\n",
    "templates/home.html": "<h1>{{ site.name }}</h1><a href=\"{{ url_for('visitor', _external=True) }}\">you</a>",
    "templates/visitor.html": "{{ request.url }} {{ request.args.getlist('a') }} "
    "{{ request.headers.get('X-Odd') }} {{ request.cookies.get('beta') }} {{ request.remote_addr }} "
    "{{ request.full_path }} {{ request.is_secure }} {{ request.base_url }} {{ request.url_root }} "
    "{{ request.args.a|date('long') }} {{ request.args.a|time }} {{ request.args.a|number }} "
    "{{ request.args.a|money('EUR') }} {% for each in languages %}{{ each.url }} {{ each.name }}{% endfor %}",
    "templates/visitor.en.html": "{{ request.url }} {{ url_for('home', _language=request.args.a) }}",
    "templates/errors/any.html": "{{ error.code }} {{ error.name }} {{ error.description }} {{ request.path }}",
    "files/prices.csv": "bread,4\n",
    "files/large.bin": "0123456789" * 5_000,
    "files/ü b.txt": "ü",
    "files/ü b.txt.gz": "packed",
    "guide/index.html": "Guide",
    "guide/about.html": "About",
    "guide/news/index.html": "News",
    "guide/empty/.keep": "",
    "static/style.css": "body { color: red }\n" * 200,
    "static/.hidden": "so hidden",
}
EVERY_ADDRESS = """
    / /visitor /archive/1999/ /archive/1999 /archive/99999999999999999999/ /bread/rye /bread/rye/ /cake/a-b-c
    /number/1.5 /number/1e400 /day/2026-12-24 /day/2026-99-99 /rest/a/b /rest/ /rest/%2F /rest//a /price /large
    /teapot /post /off /old /old/rye /old/RYE /all/ /all/a/b /all//evil.example /all/%5Cevil /away /forced
    /asked /files/prices.csv /files/%C3%BC%20b.txt /files /files/ /static/style.css /static/.hidden
    /guide /guide/ /guide/about /guide/about.html /guide//about.html/ /guide/news /guide/news/
    /guide/empty /guide/empty/
    /guide/index.html /guide/index /guide/news/index.html/ /guide/%61bout /guide/about.html.html /guide/.keep
    /en /en/ /en/visitor /en/bread/rye /en/nothing /en//visitor /en/api/version /EN/
    /static/nothing /static/style.css/ /api/version /api/version/ /shown/a /shown/ /lang /land /a.php /b%20c
    /app /app/ /app/orders/7 /app/main.js /find/rye /find/%26a=b%3F%23 /sent/ /sent/a/b /sent//evil.example
    /.well-known/x /openapi.json /robots.txt /favicon.ico
""".split()  # noqa: SIM905 - a list of words is easier to read
HOSTILE = [
    "", "*", "//", "///", "//evil.example/", "/\\evil.example", "/..", "/../", "/../../etc/passwd",
    "/static/../site.toml",
    "/static/..%2fsite.toml", "/static/%2e%2e/site.toml", "/static/..\\site.toml", "/static/..%5csite.toml",
    "/static//etc/passwd", "/static/%00", "/static/style.css%00.html", "/%00", "/%ff", "/%C3%28", "/%ED%A0%80",
    "/rest/%00", "/rest/%ff", "/rest/../..", "/rest/a%0d%0aSet-Cookie:%20a=b", "/old/%0d%0aX:%20y", "/all/%0d%0aX:y",
    "/all//evil.example/..", "/all/%2Fevil.example", "/asked?id=%0d%0aX:y", "/forced?a=1&b=%0d%0a", "/%", "/%zz", "/%2",
    "/static/CON", "/static/con.css", "/static/style.css::$DATA", "/static/~root", "/static/style.css.", "/{{7*7}}",
    "/<script>alert(1)</script>", "/rest/<script>", "/rest/{{config}}", "/'\"", "/ü", "/\x7f", "/;a=b", "/%252e%252e/",
    "/" + "a" * 3_000, "/?" + "a" * 3_000, "/visitor?" + "a=b&" * 480, "/" + "/".join("a" * 900),
    "/rest/" + "../" * 300,
    "/visitor?a[]=1&a[=2&%ff=%ff&=&&&", "/visitor?%", "/visitor?\xff", "/asked?id=" + "x" * 1_900, "/.git/config",
    "/site.toml", "/templates/home.html", "/hooks.py", "/storage/site.db", "/_redirects",
]  # fmt: skip
ODD_HEADERS: dict[str, list[str]] = {
    "HTTP_RANGE": ["bytes=0-0", "bytes=-1", "bytes=5-1", "bytes=" + "0-1," * 500, "bytes=0-99999999999999999999", "x=1",
                   "bytes=a-b", "bytes=-", "bytes=0-0,-1,2-3"],
    "HTTP_IF_RANGE": ['"x"', 'W/"x"', "yesterday", "Sun, 06 Nov 1994 08:49:37 GMT"],
    "HTTP_IF_NONE_MATCH": ["*", '"', '"a", W/"b",,', "a" * 2_000, 'W/"', "\xff"],
    "HTTP_IF_MATCH": ["*", '"nothing"', '"', ","],
    "HTTP_IF_MODIFIED_SINCE": ["Sun, 06 Nov 1994 08:49:37 GMT", "Thu, 31 Dec 9999 23:59:59 GMT", "0",
                               "32 Foo 99999 1:1",
                               "Sun, 06 Nov 0000 08:49:37 GMT"],
    "HTTP_IF_UNMODIFIED_SINCE": ["Sun, 06 Nov 1994 08:49:37 GMT", "never", "-1"],
    "HTTP_ACCEPT": ["*/*", "application/json", "text/html;q=0", "application/problem+json;q=nan", ";;;", "\xff",
                    "a/b;q=-1"],
    "HTTP_SEC_FETCH_MODE": ["navigate", "no-cors", "", "\xff"],
    "HTTP_SEC_FETCH_DEST": ["document", "script", "", "\xff"],
    "HTTP_ACCEPT_ENCODING": ["gzip", "br;q=1, zstd;q=inf", "identity;q=0", "*;q=0", "gzip;q=1e400", ",;=", "\xff"],
    "HTTP_ACCEPT_LANGUAGE": ["en", "de-AT;q=0.5, *;q=x", "-", "*", "xx-" * 300, "\xff"],
    "HTTP_COOKIE": ["beta=1", "beta", "=;=;;", 'a="', "beta=\xff", "a=b;" * 500, "$Version=1; beta=2"],
    "HTTP_HOST": ["", "a,b", "localhost", "[::1", "[::1]:x", "a:99999", "evil.example/..", "a b", "\xff", "x" * 300,
                  "a@b", ":80"],
    "HTTP_X_FORWARDED_FOR": ["1.2.3.4", ",,,", "x" * 999, "\xff"],
    "HTTP_X_FORWARDED_HOST": ["a.example", "a.example, b.example", "a b", "//", "\xff"],
    "HTTP_X_FORWARDED_PROTO": ["https", "javascript", "", "\xff"],
    "HTTP_X_FORWARDED_PORT": ["443", "x", "-1"],
    "HTTP_X_FORWARDED_PREFIX": ["/shop", "//evil.example", "shop", "/", "/\xff", "/a b", "\\"],
    "HTTP_X_COUNTRY": ["AT", "at", "", "\xff"],
    "HTTP_X_ODD": ["<script>", "{{ 7 * 7 }}", "\xff"],
    "HTTP_USER_AGENT": ["", "<b>", "\xff"],
    "CONTENT_TYPE": ["text/plain", "multipart/form-data", "multipart/form-data; boundary=", "\xff", ";"],
    "CONTENT_LENGTH": ["", "0", "5", "999", "1001", "99999999999999999999"],
    "wsgi.url_scheme": ["https"],
    "SCRIPT_NAME": ["/shop", "/\xc3\xbc"],
}  # fmt: skip
METHODS = [
    "GET",
    "HEAD",
    "POST",
    "PUT",
    "PATCH",
    "DELETE",
    "OPTIONS",
    "TRACE",
    "CONNECT",
    "PROPFIND",
    "get",
    "X" * 99,
    "!",
]


@dataclass(frozen=True)
class Answer:
    status: int
    headers: list[tuple[str, str]]
    body: bytes

    def header(self, name: str) -> str | None:
        return next((value for word, value in self.headers if word.lower() == name.lower()), None)


@dataclass(frozen=True)
class Site:
    folder: Path
    app: WSGIApplication = field(repr=False)

    def ask(self, method: str, target: str, more: Mapping[str, str] | None = None, *, is_valid: bool = True) -> Answer:
        """Send a request as a server would, and hold its answer against what every answer must be."""
        answer = called(validator(self.app) if is_valid else self.app, environ(method, target, more or {}))
        said = answer.body + repr(answer.headers).encode()
        assert answer.status != 500, said
        for secret in (str(self.folder).encode(), b"Traceback", b'File "'):
            assert secret not in said
        assert answer.header("Content-Type") or not answer.body
        length = answer.header("Content-Length")
        assert method == "HEAD" or length is None or int(length) == len(answer.body)
        location = answer.header("Location")
        assert location is None or not re.match(r"[/\\]{2}|/\\|\s", location), location
        return answer


def environ(method: str, target: str, more: Mapping[str, str]) -> dict[str, Any]:
    """Return what a server makes of a request line; the target is text, or bytes as Latin-1."""
    path, _, query = target.partition("?")
    raw = unquote_to_bytes(path.encode("utf-8", "surrogateescape"))
    return {
        "REQUEST_METHOD": method,
        "SCRIPT_NAME": "",
        "PATH_INFO": raw.decode("latin-1"),
        "QUERY_STRING": query,
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_HOST": "localhost",
        "REMOTE_ADDR": "127.0.0.1",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(b"a=b&c=d"),
        "wsgi.errors": io.StringIO(),
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
        **more,
    }


def called(app: WSGIApplication, request: dict[str, Any]) -> Answer:
    """Call an application as PEP 3333 says, and read its whole answer."""
    started: list[tuple[str, list[tuple[str, str]]]] = []
    written: list[bytes] = []

    def start_response(status: str, headers: list[tuple[str, str]], _exc_info: object = None) -> Any:
        started.append((status, headers))
        return written.append

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", WSGIWarning)  # an unknown method is worth a warning to it
        parts = app(request, start_response)
        try:
            written += parts
        finally:
            if hasattr(parts, "close"):
                parts.close()
    ((status, headers),) = started
    assert re.fullmatch(r"[1-5]\d\d [ -~]+", status)
    for name, value in headers:
        assert re.fullmatch(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+", name), name
        assert not re.search(r"[\x00-\x08\x0a-\x1f\x7f]", value), (name, value)
        value.encode("latin-1")
    return Answer(int(status[:3]), headers, b"".join(written))


@pytest.fixture(scope="module", params=["bakery", "everything"])
def site(request: pytest.FixtureRequest) -> Iterator[Site]:
    if request.param == "bakery":
        yield Site(BAKERY.resolve(), running(BAKERY))
        return
    with tempfile.TemporaryDirectory() as name:
        folder = write(Path(name).resolve(), {name: text.encode() for name, text in EVERYTHING.items()})
        yield Site(folder, running(folder))


@pytest.mark.parametrize("target", [target for target in [*EVERY_ADDRESS, *HOSTILE] if target[:1] in {"", "/"}])
def test_every_method(site: Site, target: str) -> None:
    for method in METHODS:
        answer = site.ask(method, target)
        assert answer.status < 500
        if method not in {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}:
            assert answer.status >= 300


@pytest.mark.parametrize("target", ["*", "http://localhost/", "localhost:80", "menu", "?", "\\", "..", "%2F"])
def test_targets_that_are_no_path(site: Site, target: str) -> None:
    for method in METHODS:
        answer = site.ask(method, target, is_valid=False)
        assert answer.status in {200, 301, 302, 308, 400, 404, 405}
        assert site.ask("GET", "/").status == 200


def test_what_lies_beside_the_site_is_not_served(site: Site) -> None:
    for target in HOSTILE:
        answer = site.ask("GET", target, is_valid=False)
        for word in (b"root:", b"[routes.", b"so hidden", b"{% "):
            assert word not in answer.body, target


@pytest.mark.parametrize("name", ODD_HEADERS)
def test_odd_headers(site: Site, name: str) -> None:
    for value in ODD_HEADERS[name]:
        for target in EVERY_ADDRESS:
            for method in ("GET", "POST"):
                assert site.ask(method, target, {name: value}).status < 500, (target, value)


@pytest.mark.parametrize("length", ["-1", "x", "1.5", " 5", "5 5", "0x10", "१", "\xb2", "1" * 5_000])
def test_lengths_that_are_none(site: Site, length: str) -> None:
    for method in ("GET", "POST", "HEAD"):
        for target in ("/", "/visitor", "/post", "/nothing", "/large", "/contact"):
            answer = site.ask(method, target, {"CONTENT_LENGTH": length}, is_valid=False)
            assert answer.status < 500
    assert site.ask("GET", "/").status == 200


@pytest.mark.parametrize("target", EVERY_ADDRESS)
def test_head_is_get_without_a_body(site: Site, target: str) -> None:
    for encoding in ("", "gzip", "br, zstd"):
        more = {"HTTP_ACCEPT_ENCODING": encoding}
        get, head = (site.ask(method, target, more) for method in ("GET", "HEAD"))
        assert head.body == b""
        assert head.status == get.status
        assert sorted(head.headers) == sorted(get.headers)


@pytest.mark.parametrize("target", EVERY_ADDRESS)
def test_ranges_and_conditions_agree_with_the_whole(site: Site, target: str) -> None:
    whole = site.ask("GET", target)
    tag = whole.header("ETag")
    if tag:
        again = site.ask("GET", target, {"HTTP_IF_NONE_MATCH": tag})
        assert (again.status, again.body) == (304, b"")
    part = site.ask("GET", target, {"HTTP_RANGE": "bytes=0-2"})
    assert part.body == (whole.body[:3] if part.status == 206 else whole.body)


LATIN = st.characters(max_codepoint=255, exclude_characters="\r\n\0")
PATHS = st.one_of(
    st.sampled_from([*EVERY_ADDRESS, *HOSTILE]),
    st.text(st.characters(codec="utf-8"), max_size=40).map("/{}".format),
    st.lists(st.sampled_from([*"/.%\\ü<>?&=;:@{}'\"*", "..", "//", "%2e", "%00", "%ff", "static", "bread", "rye", "a"]))
    .map("".join)
    .map("/{}".format),
    st.binary(max_size=20).map(lambda raw: "/" + "".join(f"%{byte:02x}" for byte in raw)),
)
HEADERS = st.dictionaries(st.sampled_from(list(ODD_HEADERS)), st.text(LATIN, max_size=20), max_size=4)
ODD = st.lists(
    st.sampled_from([(name, value) for name, values in ODD_HEADERS.items() for value in values]), max_size=5
).map(dict)


def _well_formed(headers: Mapping[str, str]) -> dict[str, str]:
    """Leave out what a server never gives to an application."""
    kept = {name: value for name, value in headers.items() if name not in {"wsgi.url_scheme", "SCRIPT_NAME"}}
    return {name: value for name, value in kept.items() if name != "CONTENT_LENGTH" or value.isdecimal()}


@settings(max_examples=250)
@given(st.sampled_from(METHODS), PATHS, st.text(LATIN, max_size=30), HEADERS, ODD)
@example("GET", "/forced", "a=1", {}, {})
def test_any_request(  # noqa: PLR0913 - the parts of a request
    site: Site, method: str, path: str, query: str, headers: dict[str, str], odd: dict[str, str]
) -> None:
    target = f"{path}{'&' if '?' in path else '?'}{query}"
    answer = site.ask(method, target, {**_well_formed(headers), **odd}, is_valid=path.startswith("/") or not path)
    assert answer.status < 500
    assert site.ask("GET", "/").status == 200


@settings(max_examples=100)
@given(st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=20), PATHS)
def test_any_method(site: Site, method: str, path: str) -> None:
    assert site.ask(method, path, is_valid=False).status < 500
