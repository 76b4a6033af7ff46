"""How the Python files of a site are imported: under names of their own, and by their usual names among themselves.

Owns the way from a name to a file of the site folder, and what `import` means in one. Two sites, and two versions of
one site, never share a module: each load has a package of its own, below which Python's own machinery does the rest.
"""

import builtins
import sys
from collections.abc import Iterator, Mapping, Sequence
from importlib import import_module
from importlib.machinery import ModuleSpec, SourceFileLoader
from importlib.util import spec_from_file_location
from itertools import count
from pathlib import Path
from threading import Lock
from types import CodeType, ModuleType
from typing import Any

from declweb.files import Folder

PREFIX = "declweb_site_"
"""Begins the names of the packages below which sites are imported."""

_numbers = count(1)
_lock = Lock()


class Outside(ImportError):
    """A file of the site folder that is a link to something outside of it."""


class SiteFiles:
    """The Python files of one site folder, for one load."""

    def __init__(self, root: Path) -> None:
        self._folder = Folder(root)
        self.package = f"{PREFIX}{next(_numbers)}"
        self.root = self._folder.root
        self.files: set[Path] = set()
        """Those that were imported."""
        self._has: dict[str, bool] = {}
        self._builtins = {**vars(builtins), "__import__": self._import}

    def find(self, name: str) -> str | None:
        """Return the file of a module, seen from the site folder; raises Outside where it is a link that leads out."""
        path = name.replace(".", "/")
        for file in (f"{path}/__init__.py", f"{path}.py"):
            if self._folder.find(file) is not None:
                return file
            if (self.root / file).is_file():
                raise Outside(f"{file} is a link that leads out of the site folder", name=name)
        return None

    def has(self, name: str) -> bool:
        """Tell whether a module, or a package of modules, is in the site folder; once it is known, it stays so."""
        if name not in self._has:
            self._has[name] = self.find(name) is not None or self._is_package(name)
        return self._has[name]

    def _is_package(self, name: str) -> bool:
        """Tell whether a folder has Python files in it: it is a package, also without `__init__.py`."""
        return any(file.endswith(".py") for file in self._folder.entries(name.replace(".", "/")))

    def names(self) -> Iterator[str]:
        """Yield the modules at the top of the site folder, and those in its packages."""
        for file in self._folder.entries():
            if file.endswith(".py"):
                yield file.removesuffix(".py")
            elif file.isidentifier():
                inner = (name for name in self._folder.entries(file) if name.endswith(".py"))
                yield from (f"{file}.{name.removesuffix('.py')}" for name in inner if name != "__init__.py")

    def import_(self, name: str) -> ModuleType:
        """Import a module of the site folder."""
        self._enter()
        return import_module(f"{self.package}.{name}")

    def forget(self) -> None:
        """Let go of all modules."""
        _sites.pop(self.package, None)
        for name in [name for name in list(sys.modules) if name == self.package or name.startswith(f"{self.package}.")]:
            sys.modules.pop(name, None)

    def _enter(self) -> None:
        with _lock:
            if self.package not in sys.modules:
                package = ModuleType(self.package, "The Python files of a site.")
                package.__path__ = [str(self.root)]
                sys.modules[self.package] = package
                _sites[self.package] = self
            if _FINDER not in sys.meta_path:
                sys.meta_path.insert(0, _FINDER)

    def spec(self, fullname: str) -> ModuleSpec | None:
        """Return how a module is imported that has this site's package in front of its name."""
        name = fullname.partition(".")[2]
        file = self.find(name)
        if file is not None:
            path = self.root / file
            self.files.add(path)
            is_package = file.endswith("/__init__.py")
            loader = _Loader(fullname, str(path), self._builtins)
            return spec_from_file_location(
                fullname, path, loader=loader, submodule_search_locations=[str(path.parent)] if is_package else None
            )
        if self._is_package(name):
            found = ModuleSpec(fullname, None, is_package=True)
            found.submodule_search_locations = [str(self.root.joinpath(*name.split(".")))]
            return found
        return None

    def _import(
        self,
        name: str,
        globals: Mapping[str, object] | None = None,  # noqa: A002 # Python's names
        locals: Mapping[str, object] | None = None,  # noqa: A002 # as above
        fromlist: Sequence[str] | None = (),
        level: int = 0,
    ) -> ModuleType:
        """Import as `import` does; the site folder comes before what is installed, but never before Python's own."""
        top = name.partition(".")[0]
        if level or top in sys.stdlib_module_names or not self.has(top):
            return builtins.__import__(name, globals, locals, fromlist or (), level)
        self._enter()
        if fromlist:
            return builtins.__import__(f"{self.package}.{name}", globals, locals, fromlist, 0)
        import_module(f"{self.package}.{name}")
        return sys.modules[f"{self.package}.{top}"]


class _Loader(SourceFileLoader):
    """Reads and compiles a file, and keeps nothing of it: of two edits in one second none is missed."""

    def __init__(self, fullname: str, path: str, names: dict[str, Any]) -> None:
        super().__init__(fullname, path)
        self._names = names

    def get_code(self, fullname: str) -> CodeType:
        """Return the code of the file as it is now."""
        path = self.get_filename(fullname)
        code: CodeType = self.source_to_code(self.get_data(path), path)
        return code

    def exec_module(self, module: ModuleType) -> None:
        """Run the file; `import` in it looks into the site folder first."""
        module.__dict__["__builtins__"] = self._names
        super().exec_module(module)


class _Finder:
    """Finds modules below the packages of sites, and no others."""

    def find_spec(
        self, fullname: str, _path: Sequence[str] | None = None, _target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return how a module is imported; None where it is of no site."""
        site = _sites.get(fullname.partition(".")[0])
        return site.spec(fullname) if site is not None and "." in fullname else None


_FINDER = _Finder()
_sites: dict[str, SiteFiles] = {}
