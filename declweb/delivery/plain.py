"""HTML as plain text: what programs show that show no HTML, and what people read who prefer it.

Owns how markup reads without it. Knows no message.
"""

import re
from html.parser import HTMLParser

SKIPPED = frozenset({"head", "script", "style", "title", "template"})
"""Elements whose content nobody reads."""
PARAGRAPHS = frozenset({"p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "dl", "table", "blockquote", "pre", "hr"})
"""Elements with an empty line around them."""
LINES = frozenset({"br", "div", "li", "tr", "dt", "dd", "section", "header", "footer", "article", "main", "address"})
"""Elements that begin a line."""
CELLS = frozenset({"td", "th"})

_BLANKS = re.compile(r"[ \t\r\n\f]+")


class _Reader(HTMLParser):
    """Writes down what is read."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._skipped = 0
        self._kept = 0
        self._links: list[tuple[str, int]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in SKIPPED:
            self._skipped += 1
        elif tag in PARAGRAPHS:
            self._begin("\n\n")
        elif tag in LINES:
            self._begin("\n")
        elif tag in CELLS and self.parts and not self.parts[-1].endswith("\n"):
            self.parts.append("  ")
        said = dict(attrs)
        if tag == "li":
            self.parts.append("- ")
        elif tag == "hr":
            self.parts.append("-- \n")
        elif tag == "a":
            self._links.append((said.get("href") or "", len(self.parts)))
        elif tag == "img":
            self.handle_data(said.get("alt") or "")
        self._kept += tag == "pre"

    def handle_endtag(self, tag: str) -> None:
        if tag in SKIPPED:
            self._skipped = max(0, self._skipped - 1)
        elif tag in PARAGRAPHS:
            self._begin("\n\n")
        elif tag in LINES and tag != "br":
            self._begin("\n")
        elif tag == "a" and self._links:
            target, start = self._links.pop()
            self._name(target, "".join(self.parts[start:]).strip())
        if tag == "pre":
            self._kept = max(0, self._kept - 1)

    def handle_data(self, data: str) -> None:
        if not self._skipped:
            self.parts.append(data if self._kept else _BLANKS.sub(" ", data))

    def _begin(self, end: str) -> None:
        if not self._skipped:
            self.parts.append(end)

    def _name(self, target: str, text: str) -> None:
        """Say where a link leads, unless its text does."""
        bare = target.removeprefix("mailto:").removeprefix("tel:")
        if target.partition(":")[0] in {"http", "https"} and bare not in text:
            self.parts.append(f" ({target})")


def plain_text(html: str) -> str:
    """Return HTML as text."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    lines = (line.strip(" ") for line in "".join(reader.parts).splitlines())
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip() + "\n"
