"""Answers that only some may see.

Owns what caches are told of them, whatever else is said: shared ones keep nothing, and browsers nothing that people
read, so that the next person at the same machine does not find it with the Back button. Knows no user and no site.
"""

from declweb.http.answer import Headers
from declweb.http.headers import find, merge

_READ_BY_PEOPLE = ("text/html", "application/json", "application/problem+json", "text/plain")

_FOR_SHARED_CACHES = ("CDN-Cache-Control", "Surrogate-Control", "Surrogate-Key", "Expires", "Pragma", "Age")
"""Fields that would tell some caches otherwise (RFC 9213; RFC 9111, sections 5.1 and 5.3)."""


def kept_from_others(headers: Headers) -> Headers:
    """Return header fields with which no cache gives an answer to somebody else (RFC 9111, section 3.5)."""
    media_type = find(headers, "Content-Type")  # a 304 has none
    is_file = media_type is None or not media_type.lower().startswith(_READ_BY_PEOPLE)
    is_kept = is_file and find(headers, "ETag") is not None
    return merge(headers, [("Cache-Control", "private, no-cache" if is_kept else "no-store")], _FOR_SHARED_CACHES)
