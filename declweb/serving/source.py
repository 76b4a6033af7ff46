"""Where a running site comes from: its file, and the environment it is meant for.

Owns the choice of the environment. Knows the stages only as one step that gives a site or problems.
"""

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from declweb.app import App
from declweb.loading import Loaded, declared_site, environments, load_site, places
from declweb.model import Site
from declweb.problems import Place, Problem, suggestion
from declweb.sitefile import KeyPath

MAIN_FILE = "site.toml"


@dataclass(frozen=True, slots=True)
class Version:
    """A site as it was at one moment, whole or broken."""

    loaded: Loaded
    environment: str | None = None

    @property
    def app(self) -> App | None:
        """The running site; None when it is broken."""
        return self.loaded.app

    @property
    def site(self) -> Site | None:
        """What the site file says, as far as it is right."""
        return self.loaded.site

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What is wrong with it."""
        return self.loaded.problems

    @property
    def urls(self) -> str:
        """How many URLs there are, and how many are prepared, in words."""
        overview = self.app.overview if self.app else ()
        prepared = sum(not listed.reasons for listed in overview)
        number = f"{len(overview)} URL{'' if len(overview) == 1 else 's'}"
        how_many = "all" if prepared == len(overview) else str(prepared)
        return f"{number}, {how_many} of them prepared" if overview else "no URLs yet"


@dataclass(frozen=True, slots=True)
class Source:
    """A site file, or its folder, and how it is to be read."""

    path: Path
    environment: str | None = None
    """The environment that was asked for; where none was, the usual one, if it is declared."""
    is_development: bool = False
    variables: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))

    @property
    def file(self) -> Path:
        """The site file."""
        return self.path / MAIN_FILE if self.path.is_dir() else self.path

    @property
    def folder(self) -> Path:
        """The folder with the site."""
        return self.file.parent

    def load(self, change: Callable[[Site], Site] | None = None, *, is_rehearsed: bool = False) -> Version:
        """Load the site as it is now, or as `change` makes it; what cannot be read at all is a problem too.

        What `is_rehearsed` already is not rendered once more to see whether it can be.
        """
        try:
            declared = environments(self.path)
            chosen = self._chosen(declared)
            if chosen is None or chosen in declared:
                return Version(self._loaded(chosen, change, is_rehearsed=is_rehearsed), chosen)
            return self._unloaded(self._unknown(chosen, declared))
        except OSError as error:
            return self._unloaded(Problem("unreadable-site", unreadable(self.path, error), Place(str(self.file))))

    def declared(self) -> tuple[Site | None, tuple[Problem, ...]]:
        """Return what the site file says without making a site of it, and what is wrong with that.

        Raises OSError when it cannot be read at all.
        """
        declared = environments(self.path)
        chosen = self._chosen(declared)
        if chosen is not None and chosen not in declared:
            return None, (self._unknown(chosen, declared),)
        return declared_site(self.path, chosen, self.variables)

    def places(self) -> Callable[[KeyPath], Place]:
        """Return what tells where something stands in the site file. Raises OSError when it cannot be read at all."""
        return places(self.path, self._chosen(environments(self.path)), self.variables)

    def _loaded(self, chosen: str | None, change: Callable[[Site], Site] | None, *, is_rehearsed: bool) -> Loaded:
        return load_site(
            self.path,
            chosen,
            self.variables,
            is_development=self.is_development,
            is_rehearsed=is_rehearsed,
            change=change,
        )

    def _chosen(self, declared: Sequence[str]) -> str | None:
        usual = "development" if self.is_development else "production"
        return self.environment or (usual if usual in declared else None)

    def _unknown(self, name: str, declared: Sequence[str]) -> Problem:
        known = f"declared are {', '.join(f'`{one}`' for one in declared)}" if declared else f"declare it: [env.{name}]"
        message = f"there is no environment `{name}`"
        return Problem("unknown-environment", message, Place(str(self.file)), help=suggestion(name, declared) or known)

    def _unloaded(self, problem: Problem) -> Version:
        return Version(Loaded(None, None, (problem,), frozenset({self.folder})))


def unreadable(path: Path, error: OSError) -> str:
    """Say in a sentence why a site file cannot be read."""
    return f"{path} cannot be read: {error.strerror.lower()}" if error.strerror else str(error)
