"""Answers made before the first request.

Owns the fast path: from four header values to a finished answer in a few look-ups. Knows nothing of who asked for
what, and nothing of where the content came from.
"""

from collections.abc import Hashable, Iterable, Mapping
from copy import copy
from types import MappingProxyType
from typing import NamedTuple

from declweb.http.answer import WITHOUT_CONTENT, Answer, Finish, Header, Headers, as_it_is, status_line
from declweb.http.conditional import Fields, is_unchanged
from declweb.http.encodings import CODINGS, LEAST, REMEMBERED, Coding, Preference, compress, is_compressible, preference
from declweb.http.headers import find, merge
from declweb.http.representation import Representation, describe, entity_tag, respond, without_content

_OK = 200
_NOT_MODIFIED = status_line(304)


class _Face(NamedTuple):
    """One coding of the body with its finished header fields, as seen over http or over https."""

    body: bytes
    tag: str
    headers: Headers
    unchanged: Headers
    """Those of the 304."""
    representation: Representation


class Prepared:
    """One answer, ready in every coding that pays.

    Only one of status 200 has an entity tag and knows conditions. `modified` is the content's last modification in
    seconds; with `in_parts` ranges of it may be asked for. A `lazy` one compresses when a coding is first asked for.
    `made_of` names what must change before it is to be made anew, `beside` has the codings that somebody else made.
    `unless` is a text in the Cookie field, such as `session=`, with which it may not be what the visitor is to see.
    """

    __slots__ = (
        "_chosen",
        "_compressed",
        "_faces",
        "_finish",
        "_headers",
        "_in_parts",
        "_modified",
        "body",
        "made_of",
        "status",
        "status_line",
        "unless",
    )

    def __init__(  # noqa: PLR0913 # all of them are what an answer consists of
        self,
        body: bytes,
        headers: Iterable[Header],
        *,
        status: int = _OK,
        modified: int | None = None,
        in_parts: bool = False,
        finish: Finish = as_it_is,
        made_of: frozenset[Hashable] = frozenset(),
        lazy: bool = False,
        beside: Mapping[Coding, bytes] = MappingProxyType({}),
        unless: str | None = None,
    ) -> None:
        self.status = status
        self.status_line = status_line(status)
        self.body = body
        self.made_of = made_of
        self.unless = unless
        self._headers = list(headers) if unless is None else merge(headers, [("Vary", "Cookie")])
        self._modified = modified
        self._in_parts = in_parts
        self._finish = finish
        self._compressed: dict[Coding, bytes | None] = {}
        self._faces: dict[tuple[Coding, bool], _Face] = {}
        self._chosen: tuple[dict[Preference, _Face], dict[Preference, _Face]] = ({}, {})
        if len(body) < LEAST or find(self._headers, "Content-Encoding") or not is_compressible(self._content_type):
            self._compressed = dict.fromkeys(CODINGS)
        else:
            self._headers = merge(self._headers, [("Vary", "Accept-Encoding")])
            self._compressed.update((coding, packed) for coding, packed in beside.items() if len(packed) < len(body))
            for coding in () if lazy else CODINGS:
                self._body_in(coding)

    def saying(self, headers: Iterable[Header]) -> "Prepared":
        """Return the same content with these header fields merged into its own; codings are made once for both."""
        other = copy(self)
        other._headers = merge(self._headers, headers)  # noqa: SLF001 # its own kind
        other._faces, other._chosen = {}, ({}, {})  # noqa: SLF001 # another of its own class
        return other

    @property
    def codings(self) -> tuple[Coding, ...]:
        """The codings that are made so far, the plain one last."""
        return (*(coding for coding, body in self._compressed.items() if body is not None), "identity")

    def choose(
        self,
        accept_encoding: str | None = None,
        if_none_match: str | None = None,
        if_modified_since: str | None = None,
        secure: bool = False,  # noqa: FBT001, FBT002 # keywords would cost a good part of what all of this costs
        head: bool = False,  # noqa: FBT001, FBT002 # as above
    ) -> Answer:
        """Answer a GET or HEAD that has no other condition and no range."""
        try:
            face = self._chosen[secure][REMEMBERED[accept_encoding]]
        except KeyError:
            face = self._choose(accept_encoding, secure=secure)
        if (
            (if_none_match is not None or if_modified_since is not None)
            and self.status == _OK
            and is_unchanged(if_none_match, if_modified_since, face.tag, self._modified)
        ):
            return _NOT_MODIFIED, face.unchanged.copy(), []
        return self.status_line, face.headers.copy(), [] if head else [face.body]

    def answer(self, fields: Fields, *, secure: bool = False, head: bool = False) -> Answer:
        """Answer a GET or HEAD with any conditions and ranges."""
        if self.status != _OK or fields.are_simple:
            return self.choose(fields.accept_encoding, fields.if_none_match, fields.if_modified_since, secure, head)
        face = self._choose(fields.accept_encoding, secure=secure)
        outcome = respond(face.representation, fields, secure=secure, head=head)
        body = [piece if isinstance(piece, bytes) else face.body[piece.start : piece.stop] for piece in outcome.pieces]
        return status_line(outcome.status), outcome.headers, body

    @property
    def _content_type(self) -> str:
        return find(self._headers, "Content-Type") or ""

    def _choose(self, accept_encoding: str | None, *, secure: bool) -> _Face:
        preferred = preference(accept_encoding)
        coding = next(coding for coding in preferred if self._body_in(coding) is not None)
        face = self._faces.get((coding, secure))
        if face is None:
            face = self._faces[coding, secure] = self._face(coding, secure=secure)
        self._chosen[secure][preferred] = face
        return face

    def _body_in(self, coding: Coding) -> bytes | None:
        if coding == "identity":
            return self.body
        if coding not in self._compressed:
            self._compressed[coding] = compress(self.body, coding)
        return self._compressed[coding]

    def _face(self, coding: Coding, *, secure: bool) -> _Face:
        body = self._body_in(coding) or b""
        tag = entity_tag(body, self._content_type)
        headers = self._headers if coding == "identity" else merge(self._headers, [("Content-Encoding", coding)])
        if self.status == _OK:
            headers = describe(headers, len(body), tag, self._modified, in_parts=self._in_parts)
        else:
            headers = merge(headers, [("Content-Length", str(len(body)))])
        finished = self._finish(self.status, secure, headers.copy())
        return _Face(
            body,
            tag,
            without_content(finished) if self.status in WITHOUT_CONTENT else finished,
            without_content(self._finish(304, secure, headers.copy())),
            Representation(headers, len(body), tag, self._modified, self._in_parts, self._finish),
        )
