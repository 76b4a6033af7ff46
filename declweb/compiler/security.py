"""`[security]`: the header fields that every answer gets where it has none of that name.

Owns the strict preset, but for its policy of sources, and how each key is written as a header field. Knows no answer.
"""

from collections.abc import Iterator, Mapping
from datetime import timedelta

from declweb.http.answer import Header
from declweb.http.policy import NONE, SELF, declared, written
from declweb.model import Security

PERMISSIONS = dict.fromkeys(("camera", "geolocation", "microphone", "payment", "usb"), False)
"""Features that the strict preset forbids."""
REFERRER_POLICY = "strict-origin-when-cross-origin"
OPENER_POLICY = "same-origin"
TRANSPORT = timedelta(days=365)


def security_fields(security: Security) -> tuple[Header, ...]:
    """Return the fields of all answers."""
    return tuple((name, value) for name, value in _fields(security) if isinstance(value, str) and value)


def transport_fields(security: Security) -> tuple[Header, ...]:
    """Return the fields of answers that are sent over https."""
    length = security.hsts
    if length is None and security.preset == "strict":
        length = TRANSPORT
    if not isinstance(length, timedelta):
        return ()
    words = [f"max-age={int(length.total_seconds())}"]
    words += ["includeSubDomains"] if security.hsts_subdomains else []
    words += ["preload"] if security.hsts_preload else []
    return (("Strict-Transport-Security", "; ".join(words)),)


def _fields(security: Security) -> Iterator[tuple[str, str | bool | None]]:
    is_strict = security.preset == "strict"
    yield "Content-Security-Policy", written(declared(security.csp, strict=is_strict))
    yield "Cross-Origin-Opener-Policy", _chosen(security.coop, OPENER_POLICY if is_strict else None)
    yield "Cross-Origin-Resource-Policy", security.corp
    yield "Permissions-Policy", _permissions(security)
    yield "Referrer-Policy", _chosen(security.referrer_policy, REFERRER_POLICY if is_strict else None)
    yield "X-Content-Type-Options", "nosniff" if (is_strict if security.nosniff is None else security.nosniff) else None
    yield "X-Frame-Options", _chosen(security.frame_options, _framing(security) if is_strict else None)


def _chosen(value: str | bool | None, usual: str | None) -> str | bool | None:  # noqa: FBT001 - a value of the site file
    return usual if value is None else value


def _framing(security: Security) -> str | None:
    """Return what old browsers are told of `frame-ancestors`; nothing where they could not be told that."""
    if security.csp is False:
        return "DENY"
    ancestors = declared(security.csp, strict=True).get("frame-ancestors")
    return "DENY" if ancestors == (NONE,) else "SAMEORIGIN" if ancestors == (SELF,) else None


def _permissions(security: Security) -> str:
    given = security.permissions_policy
    if given is False:
        return ""
    usual: Mapping[str, list[str] | bool] = PERMISSIONS if security.preset == "strict" else {}
    features = {**usual, **(given if isinstance(given, dict) else {})}
    return ", ".join(f"{name}={_allowed(features[name])}" for name in sorted(features))


def _allowed(who: list[str] | bool) -> str:  # noqa: FBT001 - a value of the site file
    """Return an allowlist (Permissions Policy, section 6.2, as a structured field)."""
    if isinstance(who, bool):
        return "(self)" if who else "()"
    if "*" in who:
        return "*"
    listed = (one if one == "self" else f'"{one}"' for one in who)
    return f"({' '.join(listed)})"
