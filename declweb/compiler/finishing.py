"""`[[headers]]` and the strict security fields: the last word on every answer.

Owns the order in which header rules are applied. Knows nothing of which answer they are applied to.
"""

from functools import lru_cache

from declweb.app import Finisher
from declweb.http.answer import Finish, Header, Headers
from declweb.http.headers import STRICT, STRICT_TRANSPORT, merge
from declweb.http.paths import pattern
from declweb.model import HeaderRule

NO_INDEX: Header = ("X-Robots-Tag", "noindex")
"""Set in every environment that is neither production nor development: a preview is not for search engines."""


def finisher(rules: list[HeaderRule], *, is_preview: bool) -> Finisher:
    """Return what finishes the header fields of the answers at a path."""
    preset = [(header[0].lower(), header) for header in ((*STRICT, NO_INDEX) if is_preview else STRICT)]
    secure_preset = [*preset, (STRICT_TRANSPORT[0].lower(), STRICT_TRANSPORT)]

    def finishing(mine: tuple[HeaderRule, ...]) -> Finish:
        def finish(status: int, secure: bool, headers: Headers) -> Headers:  # noqa: FBT001 - the shape of Finish
            given = {name.lower() for name, _ in headers}
            strict = secure_preset if secure else preset
            headers = headers + [header for name, header in strict if name not in given]
            for rule in mine:
                if not rule.only_status or status in rule.only_status:
                    headers = merge(headers, rule.set.items(), rule.unset)
            return headers

        return finish

    everywhere = finishing(())

    @lru_cache(maxsize=2048)
    def at(path: str) -> Finish:
        return finishing(tuple(rule for rule in rules if pattern(rule.path).fullmatch(path)))

    return at if rules else lambda _path: everywhere
