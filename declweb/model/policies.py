"""Sources and browser features, as `[security]` and the links of pages speak of them.

Owns which directives, keywords and features browsers know, and how a source is written. Knows no table, and nothing of
how a policy is applied.
"""

import re
from collections.abc import Sequence
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Discriminator, Tag, WithJsonSchema

from declweb.model.base import OneOrMany, wrong
from declweb.problems import did_you_mean, suggestion

DIRECTIVES = (
    "base-uri", "child-src", "connect-src", "default-src", "font-src", "form-action", "frame-ancestors", "frame-src",
    "img-src", "manifest-src", "media-src", "object-src", "report-to", "report-uri", "sandbox", "script-src",
    "script-src-attr", "script-src-elem", "style-src", "style-src-attr", "style-src-elem", "upgrade-insecure-requests",
    "worker-src",
)  # fmt: skip
"""The directives of Content Security Policy Level 3."""

SWITCHES = frozenset({"upgrade-insecure-requests"})
"""Directives that say all by being there."""

WORDED = frozenset({"report-to", "report-uri", "sandbox"})
"""Directives with words of their own instead of sources."""

KEYWORDS = (
    "none", "report-sample", "self", "strict-dynamic", "unsafe-eval", "unsafe-hashes", "unsafe-inline",
    "wasm-unsafe-eval",
)  # fmt: skip
"""Words that stand for sources; a header field has quotes around them."""

FEATURES = (
    "accelerometer", "ambient-light-sensor", "attribution-reporting", "autoplay", "battery", "bluetooth",
    "browsing-topics", "camera", "clipboard-read", "clipboard-write", "compute-pressure", "cross-origin-isolated",
    "display-capture", "encrypted-media", "fullscreen", "gamepad", "geolocation", "gyroscope", "hid",
    "identity-credentials-get", "idle-detection", "keyboard-map", "local-fonts", "magnetometer", "microphone", "midi",
    "otp-credentials", "payment", "picture-in-picture", "publickey-credentials-create", "publickey-credentials-get",
    "screen-wake-lock", "serial", "speaker-selection", "storage-access", "sync-xhr", "usb", "web-share",
    "window-management", "xr-spatial-tracking",
)  # fmt: skip
"""What pages may use unless a Permissions-Policy forbids it (the W3C's registry of policy-controlled features)."""

_HASH = re.compile(r"sha(?:256|384|512)-[A-Za-z0-9+/_-]+={0,2}")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_HOST = re.compile(
    r"(?:[A-Za-z][A-Za-z0-9+.-]*://)?(?:\*|(?:\*\.)?[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*)(?::(?:\d+|\*))?"
    r"(?:/[^\s;,?#'\"]*)?"
)
_PATH = re.compile(r"/[^\s;,#'\"]*")
_ORIGIN = re.compile(r"https?://(?:\*\.)?[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*(?::\d+)?")


def _directive(value: str) -> str:
    if value not in DIRECTIVES:
        near = suggestion(value.replace("_", "-"), DIRECTIVES)
        few = "such as `script-src`, `style-src`, `img-src`, `font-src`, `frame-src` or `connect-src`"
        raise wrong("unknown-word", f"a policy has no directive `{value}`", help=near or few)
    return value


def _source(value: str) -> str:
    bare = value[1:-1] if len(value) > 2 and value[0] == value[-1] == "'" else value
    if bare in KEYWORDS or _HASH.fullmatch(bare):
        return f"'{bare}'"
    if bare.startswith("nonce-"):
        raise wrong(
            "bad-source",
            f"`{value}` would be the same for every visitor, and protect nobody",
            help="write the hash that `declweb check` gives, or put the script into a file",
        )
    if "." not in value and (near := did_you_mean(bare, KEYWORDS)):
        raise wrong("bad-source", f"`{value}` is no source", help=f"did you mean `{near}`?")
    if not (_SCHEME.fullmatch(value) or _HOST.fullmatch(value) or _PATH.fullmatch(value)):
        raise wrong("bad-source", f"`{value}` is no source", help=_how(value))
    return value


def _how(value: str) -> str:
    if re.search(r"[;,\s]", value):
        return 'each source is a text of its own: ["self", "https://images.example"]'
    if "?" in value or "#" in value:
        return "take out what begins with `?` or `#`"
    return 'such as "https://images.example", "self" or "data:"'


def _csp(policy: dict[str, Any]) -> dict[str, Any]:
    """Return the directives of a policy if each is of its own kind."""
    for name, sources in policy.items():
        if name in SWITCHES and not isinstance(sources, bool):
            raise wrong("wrong-kind", f"`{name}` has no sources", help="write `true`", key=name)
        if name not in SWITCHES and sources is True:
            raise wrong("wrong-kind", f"`{name}` needs sources", help='such as ["self"]', key=name)
        for source in sources if isinstance(sources, list) and name not in WORDED else ():
            if source.startswith("/"):
                example = f'write "self", or a web address such as "https://images.example{source}"'
                raise wrong("bad-source", f"`{source}` names no site", help=example, key=name)
    return policy


def _switch(value: object) -> object:
    if isinstance(value, str):
        example = 'such as csp = { img-src = ["https://images.example"] }'
        raise wrong("wrong-kind", "a policy is a table of directives", help=example)
    return value


def _feature(value: str) -> str:
    if value not in FEATURES:
        near = suggestion(value.replace("_", "-"), FEATURES)
        raise wrong("unknown-word", f"browsers have no feature `{value}`", help=near or "such as `camera`")
    return value


def _origin(value: str) -> str:
    if value not in {"self", "*"} and not _ORIGIN.fullmatch(value):
        raise wrong("bad-source", f"`{value}` is no origin", help='such as "self" or "https://maps.example"')
    return value


def _one_kind(value: Any) -> str:
    return "switch" if isinstance(value, bool) else "list"


def _table_kind(value: Any) -> str:
    return "table" if isinstance(value, dict) else "switch"


Switch = Annotated[bool, BeforeValidator(_switch)]
"""`true` for what is usual, `false` for nothing."""


def _one_of(words: Sequence[str]) -> WithJsonSchema:
    """Return the schema of a key that is one of these words."""
    return WithJsonSchema({"type": "string", "pattern": f"^({'|'.join(words)})$"})


_ONE_OR_MANY_OR_NONE = WithJsonSchema(
    {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}, {"type": "boolean"}]}
)
Directive = Annotated[str, AfterValidator(_directive), _one_of(DIRECTIVES)]
"""A directive of a Content Security Policy, such as `img-src`."""
Source = Annotated[str, AfterValidator(_source)]
"""Where something may come from: a web address, `"self"`, `"data:"`, a hash."""
Feature = Annotated[str, AfterValidator(_feature), _one_of(FEATURES)]
"""What a browser lets pages use, such as `camera`."""
Origin = Annotated[str, AfterValidator(_origin)]
"""Who may use it: `"self"`, `"*"`, or the address of another site."""

_Sources = Annotated[
    Annotated[OneOrMany[Source], Tag("list")] | Annotated[bool, Tag("switch")],
    Discriminator(_one_kind),
    _ONE_OR_MANY_OR_NONE,
]
_Origins = Annotated[
    Annotated[OneOrMany[Origin], Tag("list")] | Annotated[bool, Tag("switch")],
    Discriminator(_one_kind),
    _ONE_OR_MANY_OR_NONE,
]
Csp = Annotated[
    Annotated[dict[Directive, _Sources], AfterValidator(_csp), Tag("table")] | Annotated[Switch, Tag("switch")],
    Discriminator(_table_kind),
]
Permissions = Annotated[
    Annotated[dict[Feature, _Origins], Tag("table")] | Annotated[bool, Tag("switch")], Discriminator(_table_kind)
]
