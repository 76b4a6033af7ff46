"""One representation and every way to send it (RFC 9110 §8, §13 to §15).

Owns entity tags, the fields that describe a representation, and the choice between 200, 206, 304, 412 and 416. Knows
nothing of how a representation was made, chosen or stored: the body of an answer is given as pieces of it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import blake2b
from http import HTTPStatus
from typing import BinaryIO, NamedTuple

from declweb.http import ranges
from declweb.http.answer import WITHOUT_CONTENT, Finish, Header, Headers, Refused, as_it_is
from declweb.http.conditional import Fields, is_same_for_range, verdict
from declweb.http.dates import http_date
from declweb.http.headers import find, merge, without
from declweb.http.ranges import Piece, Span

_BLOCK = 1024 * 1024

_DESCRIPTIVE = (
    "Accept-Ranges",
    "Content-Disposition",
    "Content-Encoding",
    "Content-Language",
    "Content-Length",
    "Content-Range",
    "Content-Type",
    "Last-Modified",
)
"""Fields about content, which an answer without content does not have (RFC 9110 §15.4.5)."""


@dataclass(frozen=True, slots=True)
class Representation:
    """What is known of a representation apart from its bytes."""

    headers: Headers
    """The fields of a 200 answer before they are finished."""
    size: int
    tag: str
    modified: int | None = None
    in_parts: bool = False
    """Whether a part of it may be asked for."""
    finish: Finish = as_it_is


class Outcome(NamedTuple):
    """An answer whose body is still told as pieces of the representation; none for a HEAD."""

    status: int
    headers: Headers
    pieces: tuple[Piece, ...]


def entity_tag(content: bytes | BinaryIO, content_type: str) -> str:
    """Return the strong entity tag of content of this type; a file is read to its end."""
    digest = blake2b(content_type.encode(), digest_size=12)
    if isinstance(content, bytes):
        digest.update(content)
    else:
        while block := content.read(_BLOCK):
            digest.update(block)
    return f'"{digest.hexdigest()}"'


def describe(headers: Iterable[Header], size: int, tag: str, modified: int | None, *, in_parts: bool) -> Headers:
    """Return the fields of a representation's 200 answer."""
    described = [("Content-Length", str(size)), ("ETag", tag)]
    if modified is not None:
        described.append(("Last-Modified", http_date(modified)))
    if in_parts:
        described.append(("Accept-Ranges", "bytes"))
    return merge(headers, described)


def without_content(headers: Headers) -> Headers:
    """Return the fields that an answer of status 204 or 304 keeps."""
    return without(headers, _DESCRIPTIVE)


def respond(shown: Representation, fields: Fields, *, secure: bool, head: bool) -> Outcome:
    """Answer a GET or HEAD for this representation; a condition or a range that fails raises Refused, 412 or 416."""
    status, pieces = _judge(shown, fields, head=head)
    finished = shown.finish(status, secure, shown.headers.copy())
    if status == HTTPStatus.PARTIAL_CONTENT:
        layout = ranges.lay_out(pieces, shown.size, find(finished, "Content-Type"))
        return Outcome(status, merge(finished, layout.headers), layout.pieces)
    if status in WITHOUT_CONTENT:
        finished = without_content(finished)
    return Outcome(status, finished, () if head else pieces)


def _judge(shown: Representation, fields: Fields, *, head: bool) -> tuple[int, tuple[Span, ...]]:
    """Return the status, and the stretches of the representation that are sent."""
    status = verdict(fields, shown.tag, shown.modified)
    if status == HTTPStatus.PRECONDITION_FAILED:
        raise Refused(status)
    if status == HTTPStatus.NOT_MODIFIED:
        return status, ()
    spans = None if head else _spans(shown, fields)
    if spans is None:
        return status, (Span(0, shown.size),)
    if not spans:
        where = [("Content-Range", ranges.content_range(None, shown.size))]
        raise Refused(HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE, where)
    return HTTPStatus.PARTIAL_CONTENT, spans


def _spans(shown: Representation, fields: Fields) -> tuple[Span, ...] | None:
    if fields.range is None or not shown.in_parts:
        return None
    return (
        ranges.parse(fields.range, shown.size)
        if is_same_for_range(fields.if_range, shown.tag, shown.modified)
        else None
    )
