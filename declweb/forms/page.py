"""The page that a form has where its author gives it none.

Owns the template's name and where it lies. What is drawn in it is drawn elsewhere.
"""

from functools import cache
from pathlib import Path

FORM = "declweb/form.html"
"""The template of forms for which the site has none; a site's own templates may extend it."""

_HERE = Path(__file__).parent / "served"


@cache
def templates() -> dict[str, str]:
    """Return the templates that forms bring along, by name."""
    return {FORM: (_HERE / "form.html").read_text(encoding="utf-8")}
