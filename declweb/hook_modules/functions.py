"""The functions that a site file names, once they are found.

Owns how they are asked for. Knows neither modules nor files.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any


@dataclass(frozen=True, slots=True, weakref_slot=True, eq=False)
class Functions:
    """What the site file names, by the words it names it with: `functions["hooks:login"]`."""

    found: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    places: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """Where each is written, such as `hooks.py:12`; not known of all."""

    def __getitem__(self, name: str) -> Callable[..., Any]:
        found: Callable[..., Any] = self.found[name]
        return found

    def __contains__(self, name: str) -> bool:
        return name in self.found

    def find(self, name: str) -> Callable[..., Any] | None:
        """Return what the site file names so; None where it is not right, or was not looked at."""
        return self.found.get(name)

    def place(self, name: str) -> str:
        """Return where a function is written, such as `hooks.py:12`; its name where that is not known."""
        return self.places.get(name, name)


NONE = Functions()
"""Those of a site that names none."""
