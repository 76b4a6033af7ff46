"""Reads a site file with all that it includes.

Owns which files are read and what the main file alone may say: `include` and `[env.NAME]`. Must not know what any other
table means.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from declweb.files import Folder
from declweb.problems import Place, Problem, did_you_mean, in_order
from declweb.sitefile.document import Document
from declweb.sitefile.layers import Layer, Layers, merged
from declweb.sitefile.source import Source
from declweb.sitefile.spans import KeyPath
from declweb.sitefile.variables import ABSENT, Filler

MAIN = "site.toml"


class NoSiteFile(FileNotFoundError):
    """There is no site file where one was looked for; says so in a sentence."""

    def __str__(self) -> str:
        return str(self.args[0])


@dataclass(frozen=True, slots=True)
class Reading:
    """What the files of a site say, before an environment is chosen."""

    file: str
    """The main file, as it was named."""
    folder: Path
    files: tuple[Path, ...]
    """Every file that was read."""
    problems: tuple[Problem, ...]
    environments: tuple[str, ...]
    """The names of all `[env.NAME]`, in their order."""
    _data: dict[str, object]
    _layers: tuple[Layer, ...]
    _overlays: Mapping[str, Layer]
    _variables: Mapping[str, str]

    def document(self, environment: str | None = None) -> Document:
        """Return the site file in an environment; one that is not declared changes nothing."""
        layers = Layers(self._layers, self._overlays.get(environment or ""))
        return Document(self.file, self.folder, environment, self._data, layers, self._variables)


def read(site: Path, variables: Mapping[str, str]) -> Reading:
    """Read a site file, or the one in a folder.

    What is wrong with its content is among the problems. Raises OSError when the main file itself cannot be read.
    """
    path = site / MAIN if site.is_dir() else site
    folder = Folder(path.parent)
    try:
        content = folder.read_bytes(path.name)
    except FileNotFoundError as error:
        raise NoSiteFile(_why_not(site, path)) from error
    return _Reader(path, folder, variables).read(content)


def _why_not(site: Path, path: Path) -> str:
    if not site.exists():
        return f"there is no file or folder {site}"
    if site.is_dir() and not path.exists():
        return f"there is no {MAIN} in the folder {site}"
    if path.is_symlink():
        return f"{path} is a link that leads out of its folder, or nowhere"
    return f"{path} is not a file that can be read"


class _Reader:
    """Reads the files of one site."""

    def __init__(self, path: Path, folder: Folder, variables: Mapping[str, str]) -> None:
        self.path = path
        self.folder = folder
        self.variables = variables
        self.problems: list[Problem] = []
        self.files: list[Path] = []

    def read(self, content: bytes) -> Reading:
        main = self._source(self.path.name, content)
        include = main.data.pop("include", ABSENT)
        overlays = dict(self._overlays(main, main.data.pop("env", {})))
        included = [source for name in self._names(main, include) if (source := self._included(main, *name))]
        layers = tuple(Layer(source, (), source.data) for source in (main, *included))
        data = merged(layers, self.problems)
        assert isinstance(data, dict)
        return Reading(
            file=main.file,
            folder=self.folder.root,
            files=tuple(self.files),
            problems=in_order(self.problems),
            environments=tuple(overlays),
            _data=data,
            _layers=layers,
            _overlays=overlays,
            _variables=self.variables,
        )

    def _source(self, name: str, content: bytes) -> Source:
        source = Source(str(self.path.parent / name), content)
        self.files.append(self.folder.root / name)
        self.problems += source.problems
        return source

    # --- [env.NAME] ---------------------------------------------------------------------------------------------------

    def _overlays(self, main: Source, environments: object) -> Iterator[tuple[str, Layer]]:
        """Yield what each environment changes."""
        if not isinstance(environments, dict):
            if environments is not ABSENT:
                self._report("wrong-environment", "`env` must be tables", main, ("env",), _ENV_HELP)
            return
        for name, table in environments.items():
            path = ("env", name)
            if not isinstance(table, dict):
                if table is not ABSENT:
                    self._report("wrong-environment", f"`env.{name}` must be a table", main, path, _ENV_HELP)
                continue
            for key in ("include", "env"):
                if table.pop(key, None) is not None:
                    message = f"`{key}` cannot be changed by an environment"
                    self._report("misplaced-key", message, main, (*path, key), "write it at the top of the main file")
            yield name, Layer(main, path, table)

    # --- include ------------------------------------------------------------------------------------------------------

    def _names(self, main: Source, include: object) -> list[tuple[str, KeyPath]]:
        """Return the files to be read, in order, with where each is asked for."""
        patterns = include if isinstance(include, list) else [include]
        names: dict[str, KeyPath] = {}
        for number, pattern in enumerate(patterns):
            path: KeyPath = ("include", number) if isinstance(include, list) else ("include",)
            for name in self._matching(main, self._filled(main, pattern, path), path):
                names.setdefault(name, path)
        return sorted(names.items())

    def _filled(self, main: Source, pattern: object, path: KeyPath) -> object:
        filler = Filler(self.variables)
        filled = filler.fill(pattern, path)
        for lack in filler.lacks:
            self._report(lack.code, lack.message, main, path, lack.help)
        return filled

    def _matching(self, main: Source, pattern: object, path: KeyPath) -> list[str]:
        if pattern is ABSENT:
            return []
        if not isinstance(pattern, str):
            self._report("wrong-kind", "`include` takes names of files in quotes", main, path, 'such as ["more.toml"]')
            return []
        if any(sign in pattern for sign in "*?["):
            found = [name for name in self.folder.names(pattern) if name != self.path.name]
            if not found:
                message = f'no file has a name like "{pattern}"'
                self._report("empty-include", message, main, path, "nothing is included until there is one")
            return found
        if pattern == self.path.name:
            self._report("include-of-itself", f'"{pattern}" is this very file', main, path, "take it out")
            return []
        if self.folder.find(pattern) is None:
            self._report("missing-file", f'there is no file "{pattern}"', main, path, self._near(pattern))
            return []
        return [pattern]

    def _near(self, pattern: str) -> str:
        if near := did_you_mean(pattern, self.folder.names("**/*.toml")):
            return f"did you mean `{near}`?"
        return f"names begin at the site's folder, {self.folder.root.name}, and never leave it"

    def _included(self, main: Source, name: str, path: KeyPath) -> Source | None:
        try:
            content = self.folder.read_bytes(name)
        except OSError as error:
            self._report(
                "unreadable-file", f'"{name}" cannot be read', main, path, error.strerror or "look at its rights"
            )
            return None
        source = self._source(name, content)
        for key in ("include", "env"):
            if source.data.pop(key, None) is not None:
                message = f"`{key}` may only stand in the main file, {self.path.name}"
                self._report("misplaced-key", message, source, (key,), f"write it in {self.path.name}")
        return source

    def _report(self, code: str, message: str, source: Source, path: KeyPath, help_: str) -> None:
        place = source.place(path) if code != "misplaced-key" else source.key_place(path)
        self.problems.append(Problem(code, message, place or Place(source.file), help=help_))


_ENV_HELP = "such as [env.production.server]"
