"""Lines of an application's own modules that name Flask, and what becomes of them.

Owns which of Flask's names declweb has. Changes no file.
"""

import ast
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from declweb.hooks import __all__ as known

DECORATORS = ("Blueprint", "Flask")
"""Names that go, with what is called on them."""
INSTALLED = frozenset({"site-packages", "dist-packages", "node_modules"})
"""Folders below which nothing is the author's own, though it may lie in the site folder."""


def own_modules(folder: Path) -> Iterator[tuple[str, Path]]:
    """Yield the name and the file of each imported module of a folder, in order of their files."""
    found = {
        file.resolve(): name
        for name, module in sys.modules.copy().items()
        if (file := _file(module)) is not None
    }  # fmt: skip
    for file in sorted(found):
        if file.is_relative_to(folder) and INSTALLED.isdisjoint(file.parts):
            yield found[file], file


def _file(module: object) -> Path | None:
    file = getattr(module, "__file__", None)
    return Path(file) if isinstance(file, str) and file.endswith(".py") else None


def lines(file: Path) -> Iterator[str]:
    """Yield what becomes of each line of a file that names Flask."""
    nodes = [node for node in ast.walk(ast.parse(file.read_bytes())) if isinstance(node, ast.Import | ast.ImportFrom)]
    for node in sorted(nodes, key=lambda node: node.lineno):
        names = [each.name for each in node.names]
        if isinstance(node, ast.Import):
            said = [_of_module(each.name, each.asname) for each in node.names if _is_flask(each.name)]
        elif node.level or not _is_flask(node.module or ""):
            said = []
        elif node.module == "flask":
            said = [_of_names(names)]
        else:
            said = [f"declweb has no `{node.module}`: do without {_listed(names)}"]
        for each in said:
            yield f"{file}:{node.lineno}: {each}"


def _is_flask(module: str) -> bool:
    return module.partition(".")[0] == "flask"


def _of_module(module: str, called: str | None) -> str:
    if module != "flask":
        return f"declweb has no `{module}`: do without it"
    return f"change `flask` to `declweb as {called or 'flask'}` in this line"


def _of_names(names: Iterable[str]) -> str:
    gone = [name for name in DECORATORS if name in names]
    missing = [name for name in names if name not in gone and name != "*" and name not in known]
    rest = f", and take out {' and '.join(gone)} with their decorators" if gone else ""
    return "change `flask` to `declweb` in this line" + rest + (f"; it has no {_listed(missing)}" if missing else "")


def _listed(names: Iterable[str]) -> str:
    return " and ".join(f"`{name}`" for name in sorted(names))
