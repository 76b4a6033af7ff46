"""Which language an address belongs to: `/` is the default language's, `/de/` and all below it the German one's.

Owns the path of each language. Knows nothing of what is translated.
"""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Languages:
    """The languages of a site."""

    codes: tuple[str, ...] = ("en",)
    """The default one first."""
    _by_segment: dict[str, str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_by_segment", {code: code for code in self.codes[1:]})

    @property
    def default(self) -> str:
        """The language at `/`."""
        return self.codes[0]

    @property
    def are_several(self) -> bool:
        """Whether there is more than one."""
        return len(self.codes) > 1

    def of(self, path: str) -> str:
        """Return the language that a path belongs to."""
        if not self._by_segment:
            return self.codes[0]
        return self._by_segment.get(path[1:].partition("/")[0], self.codes[0])

    def address(self, path: str, language: str) -> str:
        """Return the path at which a language has what the default one has at `path`."""
        return path if language == self.codes[0] else f"/{language}{path}"

    def editions(self, path: str) -> dict[str, str]:
        """Return at which path each language has what is declared at one: below the path of a language that one has."""
        own = self.of(path)
        return {own: path} if own != self.default else {code: self.address(path, code) for code in self.codes}

    def bare(self, path: str) -> str:
        """Return the path at which the default language has what another one has at `path`."""
        language = self.of(path)
        return path if language == self.codes[0] else path[len(language) + 1 :] or "/"
