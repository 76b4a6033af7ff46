"""Five places where nginx, Caddy or both go wrong unless they are told otherwise, and declweb does not."""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass

import pytest
from beside import Server, caddy, declared, nginx
from cases import write

SITE = """
[site]
name = "Five"

[[static]]
path = "/"
folder = "public"

[[rewrites]]
from = "/app/<path:rest>"
to = "/app/"
navigation_only = true
"""
FILES: dict[str, str | bytes] = {
    "index.html": "<!doctype html><title>Home</title>",
    "docs/index.html": "<!doctype html><title>Documents</title>",
    "app/index.html": '<!doctype html><title>App</title><script src="/app/main.js"></script>',
    "app/there.js": "console.log(1);",
    "price.txt": "4.20",
    ".env": "PASSWORD=swordfish",
    ".git/config": "[remote]",
    ".well-known/security.txt": "Contact: mailto:hello@five.example",
}
NGINX = """
index index.html;
location / { try_files $uri $uri/ =404; }
location /app/ { try_files $uri /app/index.html; }
"""
"""As Debian's configuration has it, with the single-page app of every tutorial."""
CADDY = """
handle /app/* {
    try_files {path} /app/index.html
    file_server
}
handle {
    file_server
}
"""
NAVIGATION = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8", "Sec_Fetch_Mode": "navigate"}
SCRIPT = {"Accept": "*/*", "Sec_Fetch_Mode": "no-cors", "Sec_Fetch_Dest": "script"}


@dataclass(frozen=True)
class Servers:
    ours: Server
    nginx: Server
    caddy: Server


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    folder = tmp_path_factory.mktemp("five")
    site = write(folder / "site", {"site.toml": SITE, **{f"public/{name}": text for name, text in FILES.items()}})
    with ExitStack() as stack:
        yield Servers(
            stack.enter_context(declared(site)),
            stack.enter_context(nginx(folder / "nginx", site / "public", NGINX)),
            stack.enter_context(caddy(folder / "caddy", site / "public", CADDY)),
        )


@pytest.mark.parametrize("path", ["/.env", "/.git/config", "/%2eenv", "/%2Egit/config", "/docs/..%2f.env", "//.env"])
def test_secrets_are_not_served(servers: Servers, path: str) -> None:
    answer = servers.ours.get(path)
    assert answer.status == 404
    assert b"swordfish" not in answer.body
    assert servers.nginx.get("/.env").status == servers.caddy.get("/.env").status == 200
    assert servers.nginx.get("/.git/config").status == servers.caddy.get("/.git/config").status == 200
    assert servers.ours.get("/.well-known/security.txt").status == 200


@pytest.mark.parametrize(
    ("path", "location"),
    [
        ("/docs?from=flyer&page=2", "/docs/?from=flyer&page=2"),
        ("/docs/index.html?from=flyer", "/docs/?from=flyer"),
        ("//docs?a=%2F%20b", "/docs/?a=%2F%20b"),
    ],
)
def test_a_redirect_keeps_the_query(servers: Servers, path: str, location: str) -> None:
    answer = servers.ours.get(path)
    assert answer.status == 308
    assert answer.first("Location") == location
    assert servers.ours.get(location).status == 200
    assert servers.caddy.get("/docs?from=flyer").first("Location") == "/docs/"


@pytest.mark.parametrize("method", [b"POST", b"PUT", b"DELETE", b"PATCH"])
def test_a_file_takes_no_post(servers: Servers, method: bytes) -> None:
    answer = servers.ours.send(method, b"/price.txt", b"Content-Length: 0\r\n")
    assert answer.status == 405
    assert answer.first("Allow") == "GET, HEAD, OPTIONS"
    assert servers.caddy.send(method, b"/price.txt", b"Content-Length: 0\r\n").status == 200


@pytest.mark.parametrize("path", ["/price.txt%00", "/%00", "/price.txt%00.html", "/docs/%00/", "/app/%00"])
def test_a_nul_is_the_visitors_mistake(servers: Servers, path: str) -> None:
    assert servers.ours.get(path).status == 400
    assert servers.caddy.get("/price.txt%00").status == 500


@pytest.mark.parametrize("name", ["main.js", "main.3f2a.js", "style.css", "chunks/one.js"])
def test_a_missing_script_is_missing(servers: Servers, name: str) -> None:
    answer = servers.ours.get(f"/app/{name}", **SCRIPT)
    assert answer.status == 404
    assert answer.first("Cache-Control") == "no-store"
    for peer in (servers.nginx, servers.caddy):
        assert peer.get(f"/app/{name}", **SCRIPT).status == 200
        assert b"<title>App" in peer.get(f"/app/{name}", **SCRIPT).body


def test_a_page_of_the_app_is_the_shell(servers: Servers) -> None:
    for path in ("/app/", "/app/orders/7"):
        answer = servers.ours.get(path, **NAVIGATION)
        assert answer.status == 200
        assert b"<title>App" in answer.body
    assert servers.ours.get("/app/there.js", **SCRIPT).body == b"console.log(1);"
