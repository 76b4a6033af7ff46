"""Content codings (RFC 9110 §8.4 and §12.5.3).

Owns what a client prefers, what is worth compressing, and the compressing. Knows nothing of answers. The compressors
are imported when the first body is compressed.
"""

import re
from typing import Literal

Coding = Literal["br", "zstd", "gzip", "identity"]
Preference = tuple[Coding, ...]
"""The codings a client takes, best first; always ends with identity, for want of any other."""

CODINGS: tuple[Coding, ...] = ("br", "zstd", "gzip")
"""The codings declweb makes, the one with the smallest results first."""

ENDINGS: dict[Coding, str] = {"br": ".br", "zstd": ".zst", "gzip": ".gz"}
"""How files are called that hold the same content in a coding, behind the name of the plain one."""

LEAST = 200
"""Bodies of fewer bytes are not compressed."""

_SAVING = 0.95
"""A compressed body is kept when it is at most this part of the plain one."""

_MEMORY = 512
_LONGEST = 200
"""How many Accept-Encoding values are remembered, and the longest one in characters."""

_ITEM = re.compile(
    r"(?P<coding>[!#$%&'*+.^_`|~0-9a-z-]+)(?:[ \t]*;[ \t]*q=(?P<weight>0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?))?",
    re.IGNORECASE,
)

_TEXTLIKE = frozenset(
    {
        "application/dash+xml",
        "application/ecmascript",
        "application/eot",
        "application/javascript",
        "application/json",
        "application/ld+json",
        "application/manifest+json",
        "application/rtf",
        "application/sql",
        "application/toml",
        "application/vnd.apple.mpegurl",
        "application/vnd.ms-fontobject",
        "application/wasm",
        "application/x-ndjson",
        "application/xml",
        "application/xml-dtd",
        "application/yaml",
        "font/otf",
        "font/ttf",
    }
)

REMEMBERED: dict[str | None, Preference] = {}
"""Accept-Encoding values seen lately; what is missing here `preference` knows, and nobody else writes to it."""


def preference(accept_encoding: str | None) -> Preference:
    """Return the codings the client takes, best first; among equals the one that makes the smallest bodies.

    An item that is malformed counts for nothing. Without the field only identity is sent.
    """
    known = REMEMBERED.get(accept_encoding)
    if known is None:
        known = _preference(accept_encoding)
        if accept_encoding is None or len(accept_encoding) <= _LONGEST:
            if len(REMEMBERED) >= _MEMORY:
                REMEMBERED.clear()
            REMEMBERED[accept_encoding] = known
    return known


def _preference(accept_encoding: str | None) -> Preference:
    weights = _weights(accept_encoding or "")
    other = weights.get("*", 0.0)
    ranked = {coding: weights.get(coding, other) for coding in CODINGS}
    plain = weights.get("identity", 0.0)
    better = sorted(
        (coding for coding in CODINGS if ranked[coding] and ranked[coding] >= plain), key=lambda coding: -ranked[coding]
    )
    return (*better, "identity")


def _weights(accept_encoding: str) -> dict[str, float]:
    found = (_ITEM.fullmatch(item.strip(" \t")) for item in accept_encoding.split(","))
    weights = {item["coding"].lower(): float(item["weight"] or "1") for item in found if item}
    if "x-gzip" in weights:
        weights.setdefault("gzip", weights["x-gzip"])
    return weights


def is_compressible(media_type: str) -> bool:
    """Tell whether content of this type gets notably smaller: text does; images, video and archives do not."""
    essence = media_type.partition(";")[0].strip().lower()
    return (
        essence in _TEXTLIKE
        or essence.endswith(("+json", "+xml"))
        or (essence.startswith("text/") and essence != "text/event-stream")
    )


def compress(body: bytes, coding: Coding) -> bytes | None:
    """Return the body in this coding; None when that does not pay.

    The same bytes give the same result in every worker. The levels are those where more effort, up to thirty times as
    much, would save less than a tenth: thousands of pages are compressed before the first request.
    """
    packed = _COMPRESSORS[coding](body) if coding in _COMPRESSORS else body
    return packed if len(packed) <= len(body) * _SAVING else None


def _brotli(body: bytes) -> bytes:
    import brotli  # type: ignore[import-untyped]  # noqa: PLC0415 # has no types; not before it is needed

    packed: bytes = brotli.compress(body, quality=5)
    return packed


def _zstd(body: bytes) -> bytes:
    import zstandard  # noqa: PLC0415 # not before it is needed

    return zstandard.ZstdCompressor(level=9).compress(body)


def _gzip(body: bytes) -> bytes:
    import gzip  # noqa: PLC0415 # not before it is needed

    return gzip.compress(body, 6, mtime=0)


_COMPRESSORS = {"br": _brotli, "zstd": _zstd, "gzip": _gzip}


def uncompressed(body: bytes, coding: str) -> bytes:
    """Return what a body was before it was compressed; one that is in no coding of ours is returned as it is."""
    if coding == "br":
        import brotli  # type: ignore[import-untyped,unused-ignore]  # noqa: PLC0415 # as above

        plain: bytes = brotli.decompress(body)
        return plain
    if coding == "zstd":
        import zstandard  # noqa: PLC0415 # as above

        return zstandard.ZstdDecompressor().decompressobj().decompress(body)
    if coding == "gzip":
        import gzip  # noqa: PLC0415 # as above

        return gzip.decompress(body)
    return body
