"""What one request keeps for whoever comes next: `g`.

Owns how it is asked for, as Flask's. Knows no request.
"""

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any


class Globals(SimpleNamespace):
    """`g`: a place for whatever one request wants to keep."""

    def get(self, name: str, default: Any = None) -> Any:
        """Return what is kept under a name, or the default."""
        return self.__dict__.get(name, default)

    def pop(self, name: str, *default: Any) -> Any:
        """Take out what is kept under a name; raises KeyError where there is nothing and no default."""
        return self.__dict__.pop(name, *default)

    def setdefault(self, name: str, default: Any = None) -> Any:
        """Return what is kept under a name; keeps the default where there is nothing."""
        return self.__dict__.setdefault(name, default)

    def __contains__(self, name: str) -> bool:
        return name in self.__dict__

    def __iter__(self) -> Iterator[str]:
        return iter(self.__dict__)
