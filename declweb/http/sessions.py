"""Sessions that are kept in a signed cookie, as Flask keeps them: with the same key either reads the other's.

Owns what is written into the cookie and how it is signed, and what a session knows of its own use. Knows neither a
site nor an environ, and asks for the keys when there is something to sign or to read.
"""

import json
import zlib
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from hashlib import sha1
from types import MappingProxyType
from typing import Any, Literal, Protocol
from uuid import UUID

from markupsafe import Markup
from werkzeug.datastructures import CallbackDict
from werkzeug.http import dump_cookie, http_date, parse_cookie, parse_date

from declweb.http.answer import Headers


class Keys(Protocol):
    """Gives the keys: the first one signs, all of them are read."""

    def __call__(self, *, make: bool) -> Sequence[str]:
        """Return the keys; where there is none, one is made only if it is to."""


FLASHES = "_flashes"
PERMANENT = "_permanent"
SIGNED_IN = "_signed_in"
"""What stands in the session of somebody who has signed in."""
SALT = "cookie-session"

WORTH_PACKING = 500
"""Bytes from which on a session is compressed; to try it takes longer than to sign it."""


class Session(CallbackDict[str, Any]):
    """What the visitor's cookie says, and whether it has to be told anew."""

    def __init__(self, initial: Mapping[str, Any] = MappingProxyType({})) -> None:
        super().__init__(dict(initial), _note)
        self.modified = False
        self.new = not initial

    @property
    def permanent(self) -> bool:
        """Whether it outlives the browser."""
        return bool(self.get(PERMANENT, False))

    @permanent.setter
    def permanent(self, value: bool) -> None:
        self[PERMANENT] = bool(value)

    def flash(self, message: str, category: str = "message") -> None:
        """Keep a message for the next page that shows messages."""
        self[FLASHES] = [*self.get(FLASHES, ()), (category, message)]

    def begin_anew(self) -> None:
        """Forget everything but the messages: what was known of the visitor belongs to nobody else."""
        flashes = self.get(FLASHES)
        self.clear()
        if flashes:
            self[FLASHES] = flashes

    def take_flashes(self) -> list[tuple[str, str]]:
        """Return the messages with their categories, and forget them."""
        flashes = self.pop(FLASHES, None) if FLASHES in self else None
        return [(str(category), message) for category, message in _pairs(flashes)]


def _note(session: Any) -> None:
    session.modified = True


def _pairs(flashes: object) -> Iterator[tuple[Any, Any]]:
    """Yield what is a message with its category: whoever has the key may have written anything."""
    for each in flashes if isinstance(flashes, list | tuple) else ():
        if isinstance(each, list | tuple) and len(each) == 2:
            yield each[0], each[1]


@dataclass(frozen=True, slots=True)
class Sessions:
    """The cookie of a site's sessions."""

    keys: Keys
    name: str = "session"
    lifetime: timedelta = timedelta(days=31)
    path: str = "/"
    domain: str | None = None
    samesite: Literal["Lax", "Strict", "None"] | None = "Lax"
    secure: bool | None = None
    """Whether browsers may send it over https only; None: where it is set over https."""

    def is_named_in(self, cookies: str | None) -> bool:
        """Tell whether a Cookie field may hold one: cheap, and sometimes wrong."""
        return cookies is not None and f"{self.name}=" in cookies

    def read(self, cookies: str | None) -> Session:
        """Return the session of a Cookie field; an empty one where there is none, or none of ours."""
        if not self.is_named_in(cookies):
            return Session()
        for value in parse_cookie(cookies).getlist(self.name):
            found = self._read(value)
            if found is not None:
                return Session(found)
        return Session()

    def _read(self, value: str) -> Mapping[str, Any] | None:
        from itsdangerous import BadSignature  # noqa: PLC0415 # not before there is a session

        keys = tuple(self.keys(make=False))
        if not keys:
            return None
        try:
            found = _serializer(keys).loads(value, max_age=int(self.lifetime.total_seconds()))
        except (BadSignature, ValueError, RecursionError):
            return None
        return found if isinstance(found, dict) else None

    def write(self, session: Session, *, secure: bool) -> Headers:
        """Return the header fields that tell the browser of a session; none where nothing is to be told.

        Use prolongs a session, but for that of a user: an answer that is late must not bring back one that has ended.
        """
        is_prolonged = session.permanent and SIGNED_IN not in session
        if not session.modified and not (session and is_prolonged):
            return []
        is_over = not session
        told = dump_cookie(
            self.name,
            "" if is_over else _sealed(dict(session), self.keys(make=True)[0]),
            max_age=0 if is_over else None,
            expires=0 if is_over else datetime.now(UTC) + self.lifetime if session.permanent else None,
            path=self.path,
            domain=self.domain,
            secure=secure if self.secure is None else self.secure,
            httponly=True,
            samesite=self.samesite,
        )
        return [("Set-Cookie", told)]


def _sealed(values: Mapping[str, Any], key: str) -> str:
    """Return values as a cookie keeps them: what `_serializer` would write, but that little is not compressed."""
    from itsdangerous.encoding import base64_encode  # noqa: PLC0415 # not before there is a session

    text = Tagged.dumps(values).encode()
    packed = zlib.compress(text) if len(text) >= WORTH_PACKING else text
    payload = b"." + base64_encode(packed) if len(packed) < len(text) else base64_encode(text)
    return str(_signer(key).sign(payload).decode())


@lru_cache(maxsize=32)
def _signer(key: str) -> Any:
    """Return what signs with a key: `_serializer` would derive the same from it for each cookie anew."""
    from itsdangerous import TimestampSigner  # noqa: PLC0415 # not before there is a session

    derived = TimestampSigner(key, SALT, key_derivation="hmac", digest_method=sha1).derive_key()
    return TimestampSigner(derived, SALT, key_derivation="none", digest_method=sha1)


@lru_cache(maxsize=32)
def _serializer(keys: tuple[str, ...]) -> Any:
    from itsdangerous import URLSafeTimedSerializer  # noqa: PLC0415 # not before there is a session

    options = {"key_derivation": "hmac", "digest_method": sha1}
    return URLSafeTimedSerializer(list(reversed(keys)), salt=SALT, serializer=Tagged, signer_kwargs=options)


_encode = json.JSONEncoder(separators=(",", ":")).encode


class Tagged:
    """JSON that says of what is no JSON what it was, in Flask's way: `{" t": [1, 2]}` is a tuple."""

    @staticmethod
    def dumps(value: object, **_options: object) -> str:
        """Return a value as compact JSON."""
        return _encode(_tagged(value))

    @staticmethod
    def loads(text: str | bytes, **_options: object) -> Any:
        """Return the value that was written."""
        return _untagged(json.loads(text))


_READERS: dict[str, Callable[[Any], Any]] = {
    " t": tuple,
    " b": b64decode,
    " m": Markup,
    " u": UUID,
    " d": parse_date,
    " di": lambda value: {key[:-2]: inner for key, inner in value.items()},
}


def _tagged(value: Any) -> Any:
    if isinstance(value, dict):
        if len(value) == 1 and (key := next(iter(value))) in _READERS:
            return {" di": {f"{key}__": _tagged(value[key])}}
        return {key: _tagged(inner) for key, inner in value.items()}
    if isinstance(value, tuple):
        return {" t": _all(value)}
    if isinstance(value, list):
        return _all(value)
    for key, is_one, written in _WRITERS:
        if is_one(value):
            return {key: written(value)}
    return value


def _all(values: Iterable[Any]) -> list[Any]:
    return [_tagged(value) for value in values]


_WRITERS: tuple[tuple[str, Callable[[Any], bool], Callable[[Any], Any]], ...] = (
    (" b", lambda value: isinstance(value, bytes), lambda value: b64encode(value).decode()),
    (" m", lambda value: callable(getattr(value, "__html__", None)), lambda value: str(value.__html__())),
    (" u", lambda value: isinstance(value, UUID), lambda value: value.hex),
    (" d", lambda value: isinstance(value, datetime), http_date),
)


def _untagged(value: Any) -> Any:
    if isinstance(value, list):
        return [_untagged(inner) for inner in value]
    if not isinstance(value, dict):
        return value
    inner = {key: _untagged(each) for key, each in value.items()}
    if len(inner) == 1 and (key := next(iter(inner))) in _READERS:
        return _READERS[key](inner[key])
    return inner
