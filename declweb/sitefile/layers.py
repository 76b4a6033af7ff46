"""Several files and an overlay as one tree.

Owns the rules of merging: tables merge by key, `[[tables]]` are appended, everything else may stand in one file only;
an overlay replaces what is no table. The same rules lead from a path in the tree back to the file it comes from. Must
not know where files come from.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from declweb.problems import Also, Place, Problem
from declweb.sitefile.source import Source
from declweb.sitefile.spans import KeyPath


@dataclass(frozen=True, slots=True)
class Layer:
    """What one file says of a value."""

    source: Source
    path: KeyPath
    """In that file."""
    value: object

    def child(self, step: str | int) -> "Layer":
        """Return what is in it."""
        return Layer(self.source, (*self.path, step), self.value[step])  # type: ignore[index] # callers have looked


@dataclass(frozen=True, slots=True)
class Layers:
    """What all files say of a value, and what an overlay says."""

    base: tuple[Layer, ...]
    overlay: Layer | None = None

    def find(self, step: str | int) -> "Layers | None":
        """Return what is said of a part of it, if anything."""
        if isinstance(step, int):
            base = tuple(_numbered(self.base, step))
        else:
            base = _joined([layer.child(step) for layer in self.base if _has(layer.value, step)])
        if self.overlay is None or not _has(self.overlay.value, step):
            return Layers(base) if base else None
        overlay = self.overlay.child(step)
        is_merged = bool(base) and isinstance(base[0].value, dict) and isinstance(overlay.value, dict)
        return Layers(base if is_merged else (), overlay)

    @property
    def written(self) -> tuple[Layer, ...]:
        """Where it is written; an overlay stands beside others only where tables merge, and behind them."""
        return (*self.base, self.overlay) if self.overlay else self.base


def _has(value: object, step: str | int) -> bool:
    if isinstance(step, int):
        return isinstance(value, list) and step < len(value)
    return isinstance(value, dict) and step in value


def _numbered(layers: Sequence[Layer], number: int) -> Iterator[Layer]:
    """Yield the item with this number of lists that were appended to each other."""
    for layer in layers:
        length = len(layer.value) if isinstance(layer.value, list) else 0
        if 0 <= number < length:
            yield layer.child(number)
        number -= length


def _joined(layers: Sequence[Layer]) -> tuple[Layer, ...]:
    """Return the layers that make one value together: those that go with the first."""
    return tuple(layer for number, layer in enumerate(layers) if not number or _goes_with(layers[0], layer))


def _goes_with(first: Layer, other: Layer) -> bool:
    if isinstance(first.value, dict):
        return isinstance(other.value, dict)
    return (
        isinstance(first.value, list)
        and isinstance(other.value, list)
        and first.source.is_list_of_tables(first.path)
        and other.source.is_list_of_tables(other.path)
    )


def merged(layers: Sequence[Layer], problems: list[Problem]) -> object:
    """Return what several files say together; add a problem for all that stands in more than one."""
    joined = _joined(layers)
    problems += [_conflict(layers[0], layer) for layer in layers if layer not in joined]
    first = joined[0].value
    if len(joined) == 1:
        return first
    if isinstance(first, list):
        return [item for layer in joined for item in layer.value]  # type: ignore[attr-defined] # they are lists
    table: dict[str, object] = {}
    shared: dict[str, None] = {}
    for layer in joined:
        assert isinstance(layer.value, dict)
        for key, value in layer.value.items():
            if key in table:
                shared[key] = None
            else:
                table[key] = value
    for key in shared:
        table[key] = merged([layer.child(key) for layer in joined if _has(layer.value, key)], problems)
    return table


def overlaid(value: object, overlay: object) -> object:
    """Return a value with an overlay: tables merge, everything else is replaced."""
    if not (isinstance(value, dict) and isinstance(overlay, dict)):
        return overlay
    replaced = {key: overlaid(value[key], part) if key in value else part for key, part in overlay.items()}
    return {**value, **replaced}


def _conflict(first: Layer, other: Layer) -> Problem:
    name = ".".join(str(part) for part in other.path)
    there = first.source.key_place(first.path) or Place(first.source.file)
    place = other.source.key_place(other.path) or Place(other.source.file)
    also = (Also(there, "is the first"),)
    return Problem("doubled-key", f"`{name}` stands in two files", place, also, "delete one of the two")
