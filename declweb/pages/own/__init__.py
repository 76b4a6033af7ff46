"""What declweb brings along for written pages: a template, and the style it asks for.

Owns their names and addresses. The style has its hash in its address, so browsers may keep it for good.
"""

from functools import cache
from hashlib import blake2b
from pathlib import Path

_HERE = Path(__file__).parent

PAGE = "declweb/page.html"
"""The template of pages for which the site has none; a site's own templates may extend it."""

STYLE = "declweb.style"
"""The name by which url_for knows the style."""
STYLE_TYPE = "text/css; charset=utf-8"


@cache
def templates() -> dict[str, str]:
    """Return the templates that declweb brings along, by name."""
    return {PAGE: (_HERE / "page.html").read_text(encoding="utf-8")}


@cache
def style() -> bytes:
    """Return the style of these templates."""
    return (_HERE / "style.css").read_bytes()


@cache
def style_address() -> str:
    """Return where the style is found."""
    return f"/declweb/style-{blake2b(style(), digest_size=8).hexdigest()}.css"
