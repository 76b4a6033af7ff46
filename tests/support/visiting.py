"""A site of which a part is closed, and its visitors: with the right cookie, with a wrong one, and without any.

Hashes are made as weak as the language lets them be, so that tests are quick.
"""

import base64
import json
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, cast
from urllib.parse import unquote_to_bytes

from cases import running, strict_client, write
from itsdangerous import URLSafeTimedSerializer
from werkzeug.test import Client, TestResponse

from declweb.app import App
from declweb.http import passwords

SECRET = "a secret of the tests, long enough"
QUICK = (2**14, 8, 1)
PASSWORD = "the loaves are in the oven"
SECRET_WORDS = "Sourdough at 240 degrees"
"""What stands in everything that is closed, and must not reach anybody else."""

NAVIGATES = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}


@cache
def quick_hash(password: str = PASSWORD) -> str:
    """Return a hash that is worked out quickly."""
    before, passwords.COST = passwords.COST, QUICK
    try:
        return str(passwords.hashed(password))
    finally:
        passwords.COST = before


def users(**roles: str) -> str:
    """Return tables of users with the one password."""
    return "".join(
        f'[users.{name}]\npassword = "{quick_hash()}"\n{f"roles = [{role!r}]" if role else ""}\n'
        for name, role in roles.items()
    )


HEAD = f"""
[site]
name = "Blackbird Bakery"
url = "https://blackbird.example"
languages = ["en", "de"]

[session]
secret = "{SECRET}"
"""

SITE = f"""
{HEAD}
{users(anna="staff", ben="drivers")}
[[protect]]
path = ["/staff/*", "/one-page", "/api/secret", "/secret.xml", "/oven"]
allow = "staff"

[[protect]]
path = "/basic/*"
allow = "staff"
by = "basic"

[routes.home]
path = "/"
template = "home.html"

[routes.plan]
path = "/staff/plan"
text = "{SECRET_WORDS}"

[routes.of_day]
path = "/staff/<day>/plan"
text = "{SECRET_WORDS} {{{{ day }}}}"

[routes.any]
path = "/<any(staff, others):part>/any"
text = "{SECRET_WORDS}"

[routes.file]
path = "/staff/file"
file = "secret.txt"

[routes.one]
path = "/one-page"
template = "secret.html"

[routes.basic]
path = "/basic/plan"
text = "{SECRET_WORDS}"

[json.secret]
path = "/api/secret"
value = {{ secret = "{SECRET_WORDS}" }}

[redirects]
"/staff/old" = "/elsewhere?secret={SECRET_WORDS.replace(" ", "-")}"
"/staff/forced" = {{ to = "/elsewhere?secret={SECRET_WORDS.replace(" ", "-")}", force = true }}

[[rewrites]]
from = "/open/<path:rest>"
to = "/staff/<rest>"

[[rewrites]]
from = "/staff/shown/<path:rest>"
to = "/public/<rest>"

[routes.public]
path = "/public/page"
text = "{SECRET_WORDS} only when shown in there"

[[static]]
path = "/static"
folder = "static"

[[static]]
path = "/staff/files"
folder = "files"
listing = true
cache = "1 year"

[[pages]]
folder = "pages"
feeds = {{ "/secret.xml" = "staff/*", "/open.xml" = "staff/*" }}

[[headers]]
path = "/*"
[headers.set]
"Cache-Control" = "public, max-age=3600"
"CDN-Cache-Control" = "max-age=3600"
"Expires" = "Thu, 01 Jan 2099 00:00:00 GMT"

[forms.oven]
path = "/oven"
keep = "forever"
[forms.oven.fields]
words = {{ label = "{SECRET_WORDS}", required = true }}
"""

FILES: Mapping[str, str] = {
    "site.toml": SITE,
    "templates/home.html": "{% for one in navigation %}{{ one.title }}{% endfor %}"
    "{% for page in pages %}{{ page.title }}{% endfor %}",
    "templates/secret.html": f"{SECRET_WORDS} {{{{ user.name }}}}",
    "secret.txt": SECRET_WORDS,
    "static/open.css": "p { color: red }",
    "files/oven.txt": SECRET_WORDS,
    "files/oven.html": SECRET_WORDS,
    "files/deep/index.html": SECRET_WORDS,
    "files/404.html": SECRET_WORDS,
    "pages/open.md": "+++\ntitle = 'Open'\n+++\nHello\n",
    "pages/staff/index.md": f"+++\ntitle = '{SECRET_WORDS}'\n+++\n{SECRET_WORDS}\n",
    "pages/staff/oven.md": f"+++\ntitle = '{SECRET_WORDS}'\ndate = 2026-01-02\n+++\n{SECRET_WORDS}\n",
    "pages/staff/oven.de.md": f"+++\ntitle = '{SECRET_WORDS}'\ndate = 2026-01-02\n+++\n{SECRET_WORDS}\n",
    "pages/staff/picture.svg": f"<svg xmlns='http://www.w3.org/2000/svg'><title>{SECRET_WORDS}</title></svg>",
    "pages/staff/404.md": f"+++\ntitle = '{SECRET_WORDS}'\n+++\n{SECRET_WORDS}\n",
    "pages/staff/4xx.md": f"+++\ntitle = '{SECRET_WORDS}'\n+++\n{SECRET_WORDS}\n",
}

CLOSED = (
    "/staff/plan", "/staff/plan?x=1", "/staff/monday/plan", "/staff/any", "/staff/file", "/one-page", "/api/secret",
    "/staff/", "/staff", "/staff/oven", "/staff/oven.html", "/staff/oven/", "/staff/oven/index.html", "/de/staff/oven",
    "/de/staff/", "/de/staff", "/staff/picture.svg", "/staff/files/", "/staff/files/oven.txt", "/staff/files/oven",
    "/staff/files/oven.html", "/staff/files/deep/", "/staff/files/deep", "/staff/files/404.html", "/staff/404.html",
    "/staff/404", "/staff/nothing", "/staff/files/nothing", "/staff/old", "/staff/forced", "/open/plan", "/open/oven",
    "/open/files/oven.txt", "/open/nothing/plan", "/staff/shown/page", "/secret.xml", "/de/secret.xml", "/oven",
    "/de/oven", "//staff/plan", "/staff//plan", "/staff/%70lan", "/%73taff/plan", "/STAFF/plan", "/Staff/Plan",
    "/one-page/", "/one-page.html", "/One-Page", "/staff/plan%2F", "/staff%2Fplan", "/staff/files/oven.txt.gz",
    "/DE/staff/oven", "/staff/plan;x", "/api//secret", "/staff/index.html", "/staff/files/index.html",
    "/staff/%E2%80%AEplan", "/staff/" + "x" * 3000,
)  # fmt: skip
"""Every kind of address below what is closed, in every spelling."""

OPEN = ("/", "/open", "/de/", "/de/open", "/static/open.css", "/sitemap.xml", "/robots.txt", "/open.xml",
        "/de/open.xml", "/login", "/de/login", "/nothing", "/others/nothing")  # fmt: skip
"""Addresses that everybody may see, and where nothing of what is closed may be found."""

METHODS = ("GET", "HEAD", "OPTIONS", "POST", "PUT", "DELETE", "PATCH", "TRACE")


def closed_site(folder: Path, **changes: str) -> App:
    """Return the app of the site; `changes` are put in the place of what stands in its file."""
    files = dict(FILES)
    for old, new in changes.items():
        files["site.toml"] = files["site.toml"].replace(old, new)
    return running(write(folder, files))


def browser(app: App) -> Client:
    """Return a client that is strict, and keeps no cookies by itself."""
    return strict_client(app)


def asked(client: Client, path: str, method: str = "GET", headers: Mapping[str, str] | None = None) -> TestResponse:
    """Return the answer to a request; two slashes begin a path here, and no host."""
    name, _, query = path.partition("?")
    overrides = {"PATH_INFO": unquote_to_bytes(name).decode("latin-1"), "QUERY_STRING": query}
    return client.open("/", method=method, headers=dict(headers or {}), environ_overrides=overrides)


def signed_in(app: App, name: str = "anna", password: str = PASSWORD, prefix: str = "") -> str:
    """Return the cookie of somebody who has just signed in."""
    answer = browser(app).post(f"{prefix}/login", data={"user": name, "password": password})
    with answer:
        assert answer.status_code == 303, answer.get_data(as_text=True)
        return answer.headers["Set-Cookie"].partition(";")[0]


def content_of(cookie: str) -> dict[str, object]:
    """Return what a session's cookie says."""
    payload = cookie.partition("=")[2].split(".")[0]
    found: dict[str, object] = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    return found


def forged(content: object, secret: str) -> str:
    """Return the cookie of a session that somebody has signed."""
    signer = URLSafeTimedSerializer(secret, salt="cookie-session", signer_kwargs={"key_derivation": "hmac"})
    return f"session={signer.dumps(content)}"


def basic(name: str, password: str) -> str:
    """Return an Authorization field (RFC 7617)."""
    return f"Basic {base64.b64encode(f'{name}:{password}'.encode()).decode()}"


def said(response: TestResponse) -> str:
    """Return all that an answer says, in its head, too."""
    with response:
        body = response.get_data(as_text=True)
    return f"{response.status}\n{response.headers}\n{body}"


def wrong_visitors(app: App) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield visitors who must not be let in: who each of them is, and what they send."""
    right = signed_in(app)
    content = content_of(right)
    name, since, mark, number = cast("list[Any]", content["_signed_in"])
    yield "no cookie", {}
    yield "an empty cookie", {"Cookie": "session="}
    yield "no cookie of ours", {"Cookie": "session=abc.def.ghi; other=1"}
    yield "a forged cookie", {"Cookie": forged(content, "another secret, just as long")}
    yield "a cookie without its signature", {"Cookie": right.rpartition(".")[0]}
    yield "a changed cookie", {"Cookie": right[:-3] + ("abc" if not right.endswith("abc") else "cba")}
    ours = {
        "an unknown user": ["eve", since, mark, number],
        "another password": [name, since, "0" * 18, number],
        "a session of long ago": [name, since - 32 * 86400, mark, number],
        "a session of times to come": [name, since + 3600, mark, number],
        "too little": [name, since, mark],
        "nonsense": "anna",
        "a list for a name": [[name], since, mark, number],
        "truth for a time": [name, True, mark, number],
    }
    for who, session in ours.items():
        yield who, {"Cookie": forged({"_signed_in": session}, SECRET)}
    yield "a session without a user", {"Cookie": forged({"user": "anna", "name": "anna"}, SECRET)}
    yield "another role", {"Cookie": signed_in(app, "ben")}
    over = signed_in(app)
    with browser(app).post("/login/out", headers={"Cookie": over}) as answer:
        assert answer.status_code == 303
    yield "who has signed out", {"Cookie": over}
    yield "a page of another site", {"Cookie": right, "Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors",
                                     "Sec-Fetch-Dest": "image"}  # fmt: skip
    yield "a page of a neighbour", {"Cookie": right, "Sec-Fetch-Site": "same-site", "Sec-Fetch-Mode": "cors",
                                    "Sec-Fetch-Dest": "empty", "Origin": "https://shop.blackbird.example"}  # fmt: skip
    yield "a frame of another site", {"Cookie": right, **NAVIGATES, "Sec-Fetch-Dest": "iframe"}
    yield "another site, without a destination", {"Cookie": right, "Sec-Fetch-Site": "cross-site"}
    yield "an old browser on another site", {"Cookie": right, "Origin": "https://evil.example"}
    yield "a browser that hides where it is", {"Cookie": right, "Origin": "null"}
    yield "a password for the login page", {"Authorization": basic("anna", PASSWORD)}
