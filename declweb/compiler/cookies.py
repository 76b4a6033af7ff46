"""`set_cookies` of a route, as header fields.

Owns what a declared cookie becomes. Knows no visitor but by the variables of the address.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from werkzeug.http import dump_cookie

from declweb.http.answer import Finish, Headers
from declweb.http.headers import merge
from declweb.model.cookies import HOST, Cookie
from declweb.model.urls import Variable, parse


@dataclass(frozen=True, slots=True)
class Cookies:
    """The cookies that the answers of a route set."""

    declared: Sequence[Cookie]

    def __bool__(self) -> bool:
        return bool(self.declared)

    def fields(self, variables: Mapping[str, object], prefix: str, *, secure: bool) -> Headers:
        """Return the header fields; there are no dates in them, so that they stay as they are."""
        return [("Set-Cookie", _written(each, variables, prefix, secure=secure)) for each in self.declared]

    def on(self, finish: Finish, variables: Mapping[str, object], prefix: str) -> Finish:
        """Return what finishes the header fields of an answer, these among them."""
        if not self.declared:
            return finish

        def finished(status: int, secure: bool, headers: Headers) -> Headers:  # noqa: FBT001 # the shape of Finish
            return finish(status, secure, merge(headers, self.fields(variables, prefix, secure=secure)))

        return finished


NO_COOKIES = Cookies(())


def whole_host(name: str) -> str | None:
    """Return the only path that browsers let a cookie of this name have, below whatever prefix the site lies."""
    return "/" if name.lower().startswith(HOST.lower()) else None


def _written(cookie: Cookie, variables: Mapping[str, object], prefix: str, *, secure: bool) -> str:
    parts = parse(cookie.value)
    return dump_cookie(
        cookie.name,
        "".join(str(variables[part.name]) if isinstance(part, Variable) else part for part in parts),
        max_age=cookie.max_age,
        path=whole_host(cookie.name) or f"{prefix}{cookie.path}",
        domain=cookie.domain,
        secure=secure if cookie.secure is None else cookie.secure,
        httponly=cookie.httponly,
        samesite=cookie.samesite,
        sync_expires=False,
    )
