"""The modules that `[hooks]` names, imported once for each load of a site.

Owns which modules may be imported, and what is said of one that cannot be. Knows no table of the site file.
"""

import sys
import traceback
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType

from declweb.hook_modules.endings import Ending, unending
from declweb.hook_modules.finding import Outside, SiteFiles
from declweb.problems import suggestion


@dataclass(frozen=True, slots=True)
class Spot:
    """A line of a Python file."""

    file: Path
    line: int
    column: int | None = None


class CannotImport(Exception):
    """A module that cannot be used, in words for the author."""

    def __init__(self, code: str, message: str, help_: str | None = None, spot: Spot | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.help = help_
        self.spot = spot
        """The line of the site's own Python at which it went wrong."""


class Modules:
    """The modules of one site folder, for one load: each is imported once, when it is asked for."""

    def __init__(self, root: Path) -> None:
        self._site = SiteFiles(root)
        self._known: dict[str, ModuleType | CannotImport] = {}

    @property
    def files(self) -> frozenset[Path]:
        """The files of the site folder that were imported."""
        return frozenset(self._site.files)

    def get(self, name: str) -> ModuleType:
        """Return a module; raises CannotImport."""
        if name not in self._known:
            try:
                self._known[name] = self._import(name)
            except CannotImport as error:
                self._known[name] = error
        found = self._known[name]
        if isinstance(found, CannotImport):
            raise found
        return found

    def check(self, name: str) -> None:
        """Raise CannotImport where a module is not there; imports nothing."""
        self._is_in_site(name)

    def spoken(self, module: str) -> str:
        """Return the name of a module as its author knows it."""
        return module.removeprefix(f"{self._site.package}.")

    def forget(self) -> None:
        """Let go of the modules of the site folder."""
        self._site.forget()

    def _import(self, name: str) -> ModuleType:
        is_in_site = self._is_in_site(name)
        try:
            with unending():
                return self._site.import_(name) if is_in_site else import_module(name)
        except Outside as error:
            raise _outside(str(error)) from error
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # what it raises is its own: SystemExit, too
            raise self._failed(name, error) from error

    def _is_in_site(self, name: str) -> bool:
        """Tell whether a module is a file of the site folder; else it is installed. Raises CannotImport."""
        try:
            is_in_site = self._site.find(name) is not None
        except Outside as error:
            raise _outside(str(error)) from None
        top = name.partition(".")[0]
        if is_in_site and top in sys.stdlib_module_names:
            raise CannotImport(
                "reserved-name",
                f"`{top}` is a module of Python itself, and another one of this name would be mistaken for it",
                "give the file another name",
            )
        if not is_in_site and not _is_installed(name):
            raise self._missing(name)
        return is_in_site

    def _missing(self, name: str) -> CannotImport:
        file = name.replace(".", "/") + ".py"
        message = f"there is no module `{name}`: neither {file} in the site folder nor an installed package"
        help_ = suggestion(name, self._site.names()) or f"write {file}, or install what it is a part of"
        return CannotImport("missing-module", message, help_)

    def _failed(self, name: str, error: BaseException) -> CannotImport:
        """Return what is wrong with a module that cannot be read or raises."""
        what = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
        what = str(error) if isinstance(error, Ending) else what.replace(f"{self._site.package}.", "")
        if isinstance(error, SyntaxError):
            message = f"`{name}` is not written as Python is: {error.msg}"
            file = Path(error.filename) if error.filename else None
            spot = Spot(file, error.lineno, error.offset) if file and error.lineno else None
            return CannotImport("failing-module", message, None, spot)
        if isinstance(error, ModuleNotFoundError) and error.name and f"{name}.".startswith(f"{error.name}."):
            return self._missing(name)
        spot = self.last_spot(error)
        message = f"`{name}` cannot be imported: {what.partition(chr(10))[0]}"
        help_ = None
        if isinstance(error, ModuleNotFoundError) and error.name:
            missing = self.spoken(error.name)
            if missing == "flask":
                return CannotImport("failing-module", message, "change `flask` to `declweb` in this line", spot)
            help_ = suggestion(missing, self._site.names()) or f"install `{missing.partition('.')[0]}` beside declweb"
        return CannotImport("failing-module", message, help_, spot)

    def last_spot(self, error: BaseException) -> Spot | None:
        """Return the last line of the site's own files on the way to an error."""
        frames = traceback.extract_tb(error.__traceback__)
        own = [frame for frame in frames if Path(frame.filename).is_relative_to(self._site.root)]
        return Spot(Path(own[-1].filename), own[-1].lineno or 1) if own else None

    def is_own(self, file: Path) -> bool:
        """Tell whether a file is in the site folder."""
        return file.is_relative_to(self._site.root)


def _is_installed(name: str) -> bool:
    try:
        top = name.partition(".")[0]
        return top in sys.modules or find_spec(top) is not None
    except (ImportError, ValueError, AttributeError):
        return False


def _outside(message: str) -> CannotImport:
    return CannotImport("outside-folder", f"{message}, and nothing outside is ever run", "move it into the site folder")


def looked_up(module: ModuleType, attribute: str) -> tuple[object, Sequence[str]]:
    """Return what a dotted name means in a module, and the steps of the name that are there."""
    found: object = module
    steps = attribute.split(".")
    for index, step in enumerate(steps):
        try:
            found = getattr(found, step)
        except AttributeError:
            return found, steps[:index]
    return found, steps
