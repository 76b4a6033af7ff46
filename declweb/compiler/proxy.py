"""`[proxy]`: which forwarded headers are believed (Werkzeug's ProxyFix).

Owns what becomes of an environ before anything else looks at it. Knows nothing of paths and answers.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING
from urllib.parse import quote

from werkzeug.middleware.proxy_fix import ProxyFix

from declweb.app import Forwarded
from declweb.http.answer import Headers
from declweb.http.paths import SAFE
from declweb.http.request_ids import believe_proxy
from declweb.model import Proxy

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment


def forwarded(proxy: Proxy | None) -> Forwarded | None:
    """Return what makes an environ tell of the visitor instead of the proxies that the site file declares."""
    if proxy is None:
        return None
    trust = proxy.trust or 0
    fix = ProxyFix(
        lambda _environ, _start_response: (),
        x_for=trust if proxy.for_ is None else proxy.for_,
        x_proto=trust if proxy.proto is None else proxy.proto,
        x_host=proxy.host or 0,
        x_port=proxy.port or 0,
        x_prefix=proxy.prefix or 0,
    )

    def believe(environ: "WSGIEnvironment") -> None:
        fix(environ, _start_nothing)
        believe_proxy(environ)
        name = environ.get("SCRIPT_NAME", "").strip("/\\")
        environ["SCRIPT_NAME"] = f"/{quote(name, safe=SAFE + '%', encoding='latin-1')}" if name else ""

    return believe


def _start_nothing(_status: str, _headers: Headers, _error: object = None, /) -> Callable[[bytes], object]:
    """Start no response: the fix is made for what it does to the environ."""
    raise NotImplementedError
