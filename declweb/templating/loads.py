"""What the HTML of a page runs, and what it loads from where.

Owns which directive of a Content Security Policy (CSP Level 3) each tag and attribute falls under. Must not know
policies, nor what answers an address.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from html import unescape

from declweb.http.policy import digest
from declweb.templating.markup import HOLE, Attribute, Tag, tags

SUSPECTS = re.compile(
    r"<(?:script|style|base|object|embed|link|iframe|frame)\b"
    r"|\s(?:style|on[a-z]+)\s*="
    r"|\s(?:src|poster|action|formaction|data)\s*=\s*[\"']?\s*(?:[a-z][a-z0-9+.-]*:|//)"
    r"|\ssrcset\s*=[^>]*//"
    r"|\shref\s*=\s*[\"']?\s*(?:javascript|data):"
    r"|<image\b",
    re.IGNORECASE,
)
"""Where nothing of this stands in a text, nothing can be blocked by a policy that lets in what the site itself has."""

_SCRIPTS = {
    "",
    "module",
    "text/javascript",
    "application/javascript",
    "text/ecmascript",
    "importmap",
    "speculationrules",
}
"""Types of `<script>` that are run or obeyed; all others are data."""

_SOURCES = {
    ("audio", "src"): "media-src",
    ("embed", "src"): "object-src",
    ("form", "action"): "form-action",
    ("button", "formaction"): "form-action",
    ("input", "formaction"): "form-action",
    ("frame", "src"): "frame-src",
    ("iframe", "src"): "frame-src",
    ("image", "href"): "img-src",
    ("img", "src"): "img-src",
    ("img", "srcset"): "img-src",
    ("input", "src"): "img-src",
    ("object", "data"): "object-src",
    ("script", "src"): "script-src-elem",
    ("source", "src"): "media-src",
    ("source", "srcset"): "img-src",
    ("track", "src"): "media-src",
    ("video", "poster"): "img-src",
    ("video", "src"): "media-src",
    ("base", "href"): "base-uri",
}
"""The directive that an attribute falls under, by tag and attribute."""

_RELATIONS = {
    "stylesheet": "style-src-elem",
    "icon": "img-src",
    "apple-touch-icon": "img-src",
    "mask-icon": "img-src",
    "manifest": "manifest-src",
    "modulepreload": "script-src-elem",
}
"""The same for the relations of `<link>`."""

_PRELOADS = {
    "font": "font-src",
    "image": "img-src",
    "script": "script-src-elem",
    "style": "style-src-elem",
    "video": "media-src",
    "audio": "media-src",
    "track": "media-src",
    "fetch": "connect-src",
}
"""The same for what `<link rel="preload">` is `as`."""

_URL = re.compile(r"url\(\s*[\"']?([^\"')\s]+)|@import\s+[\"']([^\"']+)", re.IGNORECASE)
_COMMENT = re.compile(r"/\*.*?(?:\*/|\Z)", re.DOTALL)
_NAMESPACE = re.compile(r"@namespace(?:\s+[\w-]+)?\Z", re.IGNORECASE)
"""What an address that names something, and loads nothing, stands behind."""
_FONT_FACE = re.compile(r"@font-face\s*\{[^}]*$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Load:
    """One thing that a policy may forbid."""

    directive: str
    kind: str
    """`script` or `style` for one in the page, `style=` and `on…=` for attributes, `javascript:`, or `address`."""
    word: str
    """What is written: the beginning of a tag, an attribute's name, or the address."""
    start: int
    url: str = ""
    """The address as a browser reads it; as much of it as is written out."""
    digest: str | None = None
    """The hash that would allow a script or style; None where expressions stand in it."""


DEEPEST = 4
"""How many pages within each other are looked into, each the `srcdoc` of a frame of the one around it."""


def loads(text: str, depth: int = 0) -> Iterator[Load]:
    """Return what a text with holes runs and loads."""
    if SUSPECTS.search(text) is not None:
        for tag in tags(text):
            yield from _of_content(tag)
            for attribute in tag.attributes:
                if (tag.name, attribute.name) == ("iframe", "srcdoc") and depth < DEEPEST:
                    yield from _of_page(attribute, depth + 1)
                else:
                    yield from _of_attribute(tag, attribute)


def _of_page(attribute: Attribute, depth: int) -> Iterator[Load]:
    """Return what a page in a frame runs and loads: it stands in the page around it, and has the policy of that one."""
    page = unescape(attribute.value)
    for load in loads(page, depth):
        yield replace(load, start=attribute.start + (load.start if page == attribute.value else 0))


def loads_of_style(style: str) -> Iterator[Load]:
    """Return what a stylesheet loads."""
    return _of_style(_COMMENT.sub(lambda comment: " " * len(comment[0]), style), 0)


def _of_content(tag: Tag) -> Iterator[Load]:
    """Return the script or style that stands in the page."""
    if tag.name not in {"script", "style"} or not tag.content.strip():
        return
    if tag.name == "script" and (tag.get("src") is not None or (tag.get("type") or "").strip().lower() not in _SCRIPTS):
        return
    yield Load(f"{tag.name}-src-elem", tag.name, f"<{tag.name}", tag.start, digest=_digest(tag.content))
    if tag.name == "style":
        yield from _of_style(tag.content, tag.content_start)


def _of_style(style: str, start: int) -> Iterator[Load]:
    for found in _URL.finditer(style):
        url = found[1] or found[2]
        before = style[: found.start()].rstrip()
        is_import = found[2] is not None or before.lower().endswith("@import")
        directive = "style-src-elem" if is_import else "font-src" if _FONT_FACE.search(before) else "img-src"
        if (known := _known(url)) and not _NAMESPACE.search(before):
            yield Load(directive, "address", url, start + found.start(1 if found[1] else 2), known)


def _of_attribute(tag: Tag, attribute: Attribute) -> Iterator[Load]:
    name, value = attribute.name, unescape(attribute.value).strip()
    if name == "style" and value:
        yield Load("style-src-attr", "style=", "style", attribute.name_start, digest=_digest(unescape(attribute.value)))
        yield from _of_style(value, attribute.start)
    elif name.startswith("on") and name.isalpha():
        yield Load("script-src-attr", "on…=", name, attribute.name_start, digest=_digest(unescape(attribute.value)))
    elif name in {"href", "src", "action", "formaction"} and value.lower().startswith("javascript:"):
        yield Load("script-src-elem", "javascript:", attribute.value, attribute.start)
    elif directive := _directive(tag, name):
        for url in _candidates(value) if name == "srcset" else [value]:
            if known := _known(url):
                yield Load(directive, "address", url, attribute.start, known)


def _directive(tag: Tag, name: str) -> str | None:
    if tag.name != "link" or name != "href":
        return _SOURCES.get((tag.name, name))
    relations = (tag.get("rel") or "").lower().split()
    if "preload" in relations:
        return _PRELOADS.get((tag.get("as") or "").lower())
    return next((_RELATIONS[relation] for relation in relations if relation in _RELATIONS), None)


def _candidates(srcset: str) -> list[str]:
    return [part.split()[0] for part in re.split(r",\s+|,(?=https?:)", srcset) if part.split()]


def _known(url: str) -> str:
    """Return an address as far as it is known; nothing where its host is not."""
    if HOLE not in url:
        return url
    known = url.partition(HOLE)[0]
    is_enough = re.match(r"(?:[a-z][a-z0-9+.-]*:)?//[^/\s]+/|/(?!/)|data:", known, re.IGNORECASE)
    return known if is_enough else ""


def _digest(content: str) -> str | None:
    return None if HOLE in content else digest(content)
