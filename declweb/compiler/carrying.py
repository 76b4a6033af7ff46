"""What was written in a form behind `[[protect]]` and sent when the session had ended: it is not lost.

Owns how it gets through the page to sign in and back into its form. It travels in the visitor's own page alone: nothing
that nobody has signed in for is stored, and nothing is taken before the visitor has looked it over and sent it again.
Files and passwords are not kept. Knows no user.
"""

import json
from collections.abc import Mapping, Sequence
from urllib.parse import unquote

from declweb.compiler.building import Building
from declweb.compiler.form_pages import FormPage
from declweb.compiler.form_posts import FormPost
from declweb.context import Context
from declweb.http.answer import READING, Refused

Written = Mapping[str, Sequence[str]]
"""Texts by field."""

ROOM = 2
"""How many times as long as a form what is kept of it may be: escapes take their room."""

OTHERS = 16_000
"""Bytes of what else is sent to sign in."""


class Carrying:
    """The forms of a site, as far as they are found by their addresses."""

    def __init__(self, building: Building) -> None:
        self._exact = building.exact
        limits = building.site.limits
        self.room = max(0, min(ROOM * limits.form, limits.body - OTHERS)) if building.site.forms else 0
        """Bytes that what is carried may have."""

    def written(self, context: Context) -> str | None:
        """Return what was sent to a form, as text to be kept in a page; None where there is nothing to be kept."""
        post = self._exact.get(context.path, {}).get("POST")
        if context.method != "POST" or not isinstance(post, FormPost):
            return None
        try:
            found = post.written(context)
        except Refused:
            return None
        filled = {name: list(texts) for name, texts in found.items() if any(map(str.strip, texts))}
        text = json.dumps(filled, ensure_ascii=False)
        return text if filled and len(text.encode("utf-8", "replace")) <= self.room else None

    def page(self, target: str, prefix: str) -> FormPage | None:
        """Return the page of the form at an address."""
        path = unquote(target.partition("?")[0].removeprefix(prefix))
        found = [answering for method, answering in self._exact.get(path, {}).items() if method in READING]
        return next((each for each in found if isinstance(each, FormPage)), None)


def read(text: str) -> Written:
    """Return what was kept in a page; nothing where that makes no sense, for anybody may have written it."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    if not isinstance(found, dict):
        return {}
    return {name: tuple(map(str, texts)) for name, texts in found.items() if isinstance(texts, list)}
