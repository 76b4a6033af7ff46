"""All that sites need of declweb, imported before a server makes its processes.

Owns what no site needs. Loads no site: what its own Python does is done in the processes alone.
"""

from importlib import import_module
from pathlib import Path

PACKAGE = Path(__file__).parents[1]
NOT_FOR_SITES = ("cli.", "flask_import.", "pytest_plugin.", "serving.", "starter.")
"""Modules for the command line, for tests, and for servers that declweb starts itself."""


def import_all() -> None:
    """Import what sites need; a process that is copied from this one need not, and soon answers."""
    names = (".".join(file.relative_to(PACKAGE).with_suffix("").parts) for file in sorted(PACKAGE.rglob("*.py")))
    for name in (
        *(name for name in names if not f"{name}.".startswith(NOT_FOR_SITES)),
        "serving.reload",
        "serving.logs",
    ):
        import_module(f"declweb.{name.removesuffix('__init__')}".rstrip("."))
