"""What one template says, as facts: what it uses, draws in and links to.

Owns their shapes. Must not know how they are found, nor which names a site has.
"""

from dataclasses import dataclass
from typing import Final, Literal

from declweb.templating.links import Link
from declweb.templating.loads import Load
from declweb.templating.positions import Spot

Path = tuple[str | int, ...]

Kind = Literal["extends", "include", "import", "from"]

VISITOR: Final = frozenset({"request", "session", "g"})
"""Names whose values belong to the visitor."""

MESSAGES: Final = "get_flashed_messages"
"""What shows messages for the visitor: whoever has no cookie has none."""


@dataclass(frozen=True, slots=True)
class Use:
    """A name that the template does not assign itself, with the attributes looked up in it."""

    name: str
    path: Path
    """`config.social["instagram"]` is of `config` the path ("social", "instagram"); it ends where it is worked out."""
    spots: tuple[Spot, ...]
    """Where the name and each part of the path stand."""
    guarded: int = 0
    """How many of these may be missing: 1 is the name, 2 its first attribute. Set by `is defined` and `default`."""
    called: bool = False

    @property
    def spot(self) -> Spot:
        """Where it begins."""
        return self.spots[0]

    def __str__(self) -> str:
        return ".".join(map(str, (self.name, *self.path)))


@dataclass(frozen=True, slots=True)
class Word:
    """The name of a filter, a test or a block."""

    word: str
    spot: Spot


@dataclass(frozen=True, slots=True)
class Reference:
    """An extends, include, import or from: another template that is drawn in."""

    kind: Kind
    names: tuple[str, ...]
    """The templates it may mean; empty where the name is worked out."""
    spots: tuple[Spot, ...]
    """Where each name stands; where the name is worked out, where that does."""
    first_found: bool = False
    """The names are a list, of which the first one that exists is taken."""
    ignore_missing: bool = False
    with_context: bool = True
    conditional: bool = False
    """It stands where it may never be reached: in an if, a loop, a macro."""
    imported: tuple[str, ...] = ()
    """What a from takes out of the template."""
    scope: frozenset[str] = frozenset()
    """Names that the other template sees if it is drawn in with the context."""

    @property
    def is_dynamic(self) -> bool:
        """Whether the name is worked out."""
        return not self.names


@dataclass(frozen=True, slots=True)
class Argument:
    """A keyword argument; its value is known if it is constant."""

    name: str
    spot: Spot
    is_constant: bool
    value: object = None


@dataclass(frozen=True, slots=True)
class UrlFor:
    """A call of url_for."""

    spot: Spot
    endpoint: str | None
    """None where it is worked out."""
    endpoint_spot: Spot
    arguments: tuple[Argument, ...]
    is_complete: bool
    """There are no further arguments by `*` or `**`."""

    @property
    def is_external(self) -> bool:
        """Whether it may ask for an address with the host."""
        return any(each.name == "_external" and (each.value or not each.is_constant) for each in self.arguments)


@dataclass(frozen=True, slots=True)
class Facts:
    """What one template says."""

    name: str
    uses: tuple[Use, ...] = ()
    assigned: frozenset[str] = frozenset()
    """Names it assigns at its top level; what another template can import, and sees if it extends or is extended."""
    references: tuple[Reference, ...] = ()
    urls: tuple[UrlFor, ...] = ()
    filters: tuple[Word, ...] = ()
    assets: tuple[Word, ...] = ()
    """What is written in front of `|asset`, without its quotes."""
    tests: tuple[Word, ...] = ()
    blocks: tuple[Word, ...] = ()
    links: tuple[Link, ...] = ()
    loads: tuple[Load, ...] = ()
    stored: tuple[Word, ...] = ()
    """Names that it gives a meaning of its own, anywhere, in the order of their places."""
