"""Names of Flask's in the Python of a site, which know only requests of Flask's own.

Owns which names these are. Imports nothing, and leaves alone who has an application of Flask's, or a part of one.
"""

import ast
from collections.abc import Iterable, Iterator
from pathlib import Path

from declweb.hook_modules.modules import Spot
from declweb.hooks import __all__ as known

OF_APPLICATIONS = frozenset({"Flask", "Blueprint"})
"""Names that only somebody needs who has an application of Flask's beside the site."""
OF_NO_REQUEST = frozenset({"Markup", "Response", "Request", "abort", "escape", "json", "redirect", "secure_filename"})
"""Names that do the same wherever they come from."""


def borrowed(files: Iterable[Path]) -> Iterator[tuple[Spot, str]]:
    """Yield each line that imports from Flask what declweb has, and the name; nothing beside a Flask application."""
    found = [(file, node) for file in sorted(files) for node in _imports(file)]
    names = {each.name for _, node in found for each in node.names}
    if names & OF_APPLICATIONS:
        return
    for file, node in found:
        for each in node.names:
            if each.name in known and each.name not in OF_NO_REQUEST:
                yield Spot(file, node.lineno, node.col_offset + 1), each.name
                break


def _imports(file: Path) -> Iterator[ast.ImportFrom]:
    try:
        code = file.read_bytes()
        nodes = list(ast.walk(ast.parse(code))) if b"flask" in code else []
    except (OSError, SyntaxError, ValueError):
        return
    for node in nodes:
        if isinstance(node, ast.ImportFrom) and not node.level and node.module == "flask":
            yield node
