"""What a route answers with: its media type, and whether that is a page for people.

Owns the usual type of each kind of answer. Knows no answer.
"""

from declweb.http.media_types import content_type
from declweb.model import Route

HTML = "text/html; charset=utf-8"


def media_type(route: Route) -> str:
    """Return the media type of what a route answers, with its charset where it is text."""
    if route.mimetype is not None:
        return _with_charset(route.mimetype)
    if route.text is not None:
        return "text/plain; charset=utf-8"
    if route.template is not None:
        return content_type(route.template) if "." in route.template else HTML
    return content_type(route.file) if route.file is not None else HTML


def is_page(route: Route) -> bool:
    """Tell whether a route answers with HTML that is made for people."""
    return route.file is None and media_type(route).startswith("text/html")


def _with_charset(mimetype: str) -> str:
    is_text = mimetype.startswith("text/") or mimetype.endswith(("+xml", "/xml"))
    return f"{mimetype}; charset=utf-8" if is_text and "charset" not in mimetype else mimetype
