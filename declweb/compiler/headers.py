"""`[[headers]]` and the fields of `[security]`: the last word on every answer.

Owns the order in which header rules are applied. Knows nothing of which answer they are applied to.
"""

from collections.abc import Callable, Iterable
from functools import lru_cache

from declweb.app import Finisher
from declweb.compiler.security import security_fields, transport_fields
from declweb.http.answer import Finish, Header, Headers
from declweb.http.headers import merge
from declweb.http.paths import pattern
from declweb.model import HeaderRule, Security

NO_INDEX: Header = ("X-Robots-Tag", "noindex")
"""Set in every environment that is neither production nor development: a preview is not for search engines."""


def finisher(rules: list[HeaderRule], security: Security, *, is_preview: bool) -> Finisher:
    """Return what finishes the header fields of the answers at a path."""
    usual = (*security_fields(security), *([NO_INDEX] if is_preview else []))
    preset = [(name.lower(), (name, value)) for name, value in usual]
    secure_preset = [*preset, *((name.lower(), (name, value)) for name, value in transport_fields(security))]

    def finishing(mine: tuple[HeaderRule, ...]) -> Finish:
        def finish(status: int, secure: bool, headers: Headers) -> Headers:  # noqa: FBT001 - the shape of Finish
            given = {name.lower() for name, _ in headers}
            strict = secure_preset if secure else preset
            headers = headers + [header for name, header in strict if name not in given]
            return _ruled(mine, status, headers)

        return finish

    return _by_path(rules, finishing)


def header_rules(rules: list[HeaderRule]) -> Finisher:
    """Return what does no more than `[[headers]]` says, for answers that are finished but go by another path too."""
    return _by_path(rules, lambda mine: lambda status, _secure, headers: _ruled(mine, status, headers))


def _by_path(rules: list[HeaderRule], finishing: Callable[[tuple[HeaderRule, ...]], Finish]) -> Finisher:
    everywhere = finishing(())

    @lru_cache(maxsize=2048)
    def at(path: str) -> Finish:
        return finishing(tuple(rule for rule in rules if pattern(rule.path).fullmatch(path)))

    return at if rules else lambda _path: everywhere


def _ruled(rules: Iterable[HeaderRule], status: int, headers: Headers) -> Headers:
    for rule in rules:
        if not rule.only_status or status in rule.only_status:
            headers = merge(headers, rule.set.items(), rule.unset)
    return headers
