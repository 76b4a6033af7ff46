"""Content Security Policies (CSP Level 3): which sources a page may draw on.

Owns the strict policy, what a directive falls back on, and whether a policy lets a thing through. Knows no page, and of
a site no more than its origin.
"""

from base64 import b64encode
from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from urllib.parse import SplitResult, urlsplit

from declweb.model.policies import SWITCHES, WORDED

Sources = tuple[str, ...]
Policy = Mapping[str, Sources]
"""The sources of each directive, as they are sent: keywords and hashes in single quotes."""

NONE = "'none'"
SELF = "'self'"

STRICT: Policy = {
    "default-src": (SELF,),
    "base-uri": (SELF,),
    "form-action": (SELF,),
    "frame-ancestors": (NONE,),
    "img-src": (SELF, "data:"),
    "object-src": (NONE,),
}
"""Scripts, styles, fonts, frames and data of the site alone, and pictures that stand in the page itself."""

_FALLS_BACK_ON = {
    "child-src": "default-src",
    "connect-src": "default-src",
    "font-src": "default-src",
    "frame-src": "child-src",
    "img-src": "default-src",
    "manifest-src": "default-src",
    "media-src": "default-src",
    "object-src": "default-src",
    "script-src": "default-src",
    "script-src-attr": "script-src",
    "script-src-elem": "script-src",
    "style-src": "default-src",
    "style-src-attr": "style-src",
    "style-src-elem": "style-src",
    "worker-src": "child-src",
}
"""The directive that counts where one is not there (CSP Level 3, section 6.8.3)."""

_PORTS = {"http": 80, "https": 443, "ws": 80, "wss": 443}
_SECURED = {"http": "https", "ws": "wss"}


def parse(text: str) -> Policy:
    """Return the policy that is written in a header field; of two directives of one name the first counts."""
    policy: dict[str, Sources] = {}
    for part in text.split(";"):
        name, *sources = part.split() or ("",)
        if name:
            policy.setdefault(name.lower(), tuple(sources))
    return policy


def written(policy: Policy) -> str:
    """Return a policy as it is written in a header field."""
    return "; ".join(" ".join((name, *sources)) for name, sources in policy.items())


def digest(content: str) -> str:
    """Return the hash that lets a script or a style in the page through, as a source without its quotes."""
    return f"sha256-{b64encode(sha256(content.encode()).digest()).decode()}"


def drawn_with(style: str) -> str:
    """Return the policy of a page of declweb's own: browsers may do nothing with it but draw it with this style."""
    return written(
        {
            "default-src": (NONE,),
            "style-src": (f"'{digest(style)}'",),
            "base-uri": (NONE,),
            "form-action": (SELF,),
            "frame-ancestors": (NONE,),
        }
    )


def effective(policy: Policy, directive: str) -> Sources | None:
    """Return the sources that count for a directive; None where everything is let through."""
    name: str | None = directive
    while name is not None and name not in policy:
        name = _FALLS_BACK_ON.get(name)
    return None if name is None else policy[name]


def extended(policy: Policy, added: Mapping[str, Sources | None]) -> Policy:
    """Return a policy that lets more through: sources are added to those that counted so far; None takes one away."""
    found = dict(policy)
    for name, sources in added.items():
        if sources is None:
            found.pop(name, None)
            continue
        before = () if name in SWITCHES | WORDED or NONE in sources else effective(policy, name) or ()
        kept = dict.fromkeys(source for source in (*before, *sources) if source != NONE)
        found[name] = tuple(kept) or (NONE,) * (name not in SWITCHES)
    return found


def declared(csp: bool | Mapping[str, Sequence[str] | bool], *, strict: bool) -> Policy:  # noqa: FBT001 - as it is written
    """Return the policy of a site: the strict one or none, and what is added by directive; False is none at all."""
    base = STRICT if strict and csp is not False else {}
    if isinstance(csp, bool):
        return base
    return extended(base, {name: _added(sources) for name, sources in csp.items()})


def _added(sources: Sequence[str] | bool) -> Sources | None:  # noqa: FBT001 - as it is written
    if isinstance(sources, bool):
        return () if sources else None
    return tuple(sources)


def lets_inline(policy: Policy, directive: str, digest: str | None = None) -> bool:
    """Tell whether a policy lets a piece of script or style in the page through; `digest` is its `sha256-…`."""
    sources = effective(policy, directive)
    if sources is None:
        return True
    if digest is not None and f"'{digest}'" in sources:
        return True
    is_by_hash = any(source.startswith(("'sha", "'nonce-")) for source in sources)
    return "'unsafe-inline'" in sources and not is_by_hash and "'strict-dynamic'" not in sources


def lets_through(policy: Policy, directive: str, url: str, origin: str | None) -> bool:
    """Tell whether a policy lets an absolute URL through, on a page of `origin` (None: not known)."""
    sources = effective(policy, directive)
    return sources is None or any(_matches(source, urlsplit(url), origin) for source in sources)


def _matches(source: str, url: SplitResult, origin: str | None) -> bool:
    """Tell whether a source expression matches a URL (CSP Level 3, section 6.7.2.7)."""
    if source == SELF:
        return origin is not None and _origin(url) == _origin(urlsplit(origin))
    if source == "*":
        return url.scheme in {"http", "https", "ws", "wss"}
    if source.endswith(":") and "/" not in source:
        return _same_scheme(source[:-1].lower(), url.scheme)
    if source.startswith("'"):
        return False
    return any(_matches_host(wanted, url) for wanted in _with_scheme(source, origin))


def _with_scheme(source: str, origin: str | None) -> Iterator[SplitResult]:
    if "://" in source:
        yield urlsplit(source)
    else:
        yield urlsplit(f"{urlsplit(origin).scheme if origin else 'http'}://{source}")


def _matches_host(wanted: SplitResult, url: SplitResult) -> bool:
    host, asked = (wanted.netloc.lower(), (url.hostname or "").lower())
    name, _, port = host.partition(":")
    is_host = asked.endswith(name[1:]) if name.startswith("*.") else name in {"*", asked}
    is_port = port == "*" or (int(port) if port.isdecimal() else _PORTS.get(url.scheme)) == _port(url)
    is_path = not wanted.path or (
        url.path.startswith(wanted.path) if wanted.path.endswith("/") else url.path == wanted.path
    )
    return _same_scheme(wanted.scheme, url.scheme) and is_host and is_port and is_path


def _same_scheme(wanted: str, scheme: str) -> bool:
    return scheme in {wanted, _SECURED.get(wanted)}


def _origin(url: SplitResult) -> tuple[str, str | None, int | None]:
    return url.scheme, url.hostname, _port(url)


def _port(url: SplitResult) -> int | None:
    return url.port or _PORTS.get(url.scheme)
