"""robots.txt, as RFC 9309 has it.

Owns what search engines are told. Must not know which sitemap there is, nor why a site is not to be listed.
"""

MEDIA_TYPE = "text/plain; charset=utf-8"


def robots(sitemap: str | None, *, is_public: bool) -> bytes:
    """Return a robots.txt that lets everything be read, or nothing; `sitemap` is an absolute address."""
    lines = ["User-agent: *", "Disallow:" if is_public else "Disallow: /"]
    if sitemap is not None and is_public:
        lines += ["", f"Sitemap: {sitemap}"]
    return "\n".join([*lines, ""]).encode()
