"""A site file as a whole: one tree of plain values, and where each of them is written.

Owns what later stages see of the site file's text. Must not know what the tables mean.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

from declweb.problems import Place, Problem
from declweb.sitefile.layers import Layers, overlaid
from declweb.sitefile.source import Source
from declweb.sitefile.spans import KeyPath
from declweb.sitefile.variables import VARIABLE, Filler, Lack


class Document:
    """All files of a site file together, with one environment's overlay and with its variables filled in.

    `data` is plain TOML values without `include` and `env`; it shares parts with other documents, so it must not be
    changed. Values that are not there are `ABSENT`, and `absent` has their paths.
    """

    def __init__(  # noqa: PLR0913 # what it is made of
        self,
        file: str,
        folder: Path,
        environment: str | None,
        data: object,
        layers: Layers,
        variables: Mapping[str, str],
    ) -> None:
        self.file = file
        self.folder = folder
        self.environment = environment
        self._layers = layers
        if layers.overlay:
            data = overlaid(data, layers.overlay.value)
        filler = Filler(variables)
        filled = filler.fill(data)
        assert isinstance(filled, dict)
        self.data: dict[str, object] = filled
        self.absent: frozenset[KeyPath] = frozenset(filler.absent)
        self.filled: Mapping[KeyPath, tuple[str, ...]] = filler.filled
        """What the environment put into texts, by their paths."""
        self.problems: tuple[Problem, ...] = tuple(self._problems(filler.lacks))

    def find(self, path: KeyPath) -> bool:
        """Tell whether this is written somewhere."""
        return len(self._walk(path)) == len(path)

    def is_of_overlay(self, word: str) -> bool:
        """Tell whether a word at the top comes from the environment's overlay alone."""
        found = self._layers.find(word)
        return found is not None and not found.base

    def place(self, path: KeyPath) -> Place:
        """Return the place of a value, of a table's header; of what is around it when it is not written."""
        return self._first(path, Source.place)

    def word_place(self, path: KeyPath, word: str) -> Place:
        """Return the place of a word in a value, on whichever of its lines; of the value where it is not in it."""
        return self._first(path, lambda source, within: source.word_place(within, word))

    def key_place(self, path: KeyPath) -> Place:
        """Return the place of a key; of what is around it when it is not written."""
        return self._first(path, Source.key_place if self.find(path) else Source.place)

    def header_place(self, path: KeyPath) -> Place:
        """Return the place of the table header nearest at or above; the file as a whole above the first header."""
        return self._first(path, Source.header_place)

    def _first(self, path: KeyPath, place: Callable[[Source, KeyPath], Place | None]) -> Place:
        for layers in reversed(self._walk(path)):
            for layer in layers.written:
                if found := place(layer.source, layer.path):
                    return found
        return Place(self.file)

    def _walk(self, path: KeyPath) -> list[Layers]:
        """Return what is said of each step of a path, as far as it is written."""
        layers: Layers | None = self._layers
        steps = []
        for step in path:
            layers = layers.find(step) if layers else None
            if layers is None:
                break
            steps.append(layers)
        return steps

    def _problems(self, lacks: Iterable[Lack]) -> Iterator[Problem]:
        left_out: dict[KeyPath, dict[str, None]] = {}
        for lack in lacks:
            if lack.optional is None:
                yield Problem(lack.code, lack.message, self._variable_place(lack), help=lack.help)
            else:
                left_out.setdefault(lack.optional, {})[lack.name] = None
        for path, names in left_out.items():
            place = self.place(path)
            missing = " and ".join(names)
            message = f"this is left out until {missing} {'are' if len(names) > 1 else 'is'} set in the environment"
            yield Problem("left-out", message, place)

    def _variable_place(self, lack: Lack) -> Place:
        """Return the place of a variable inside of its text."""
        (layer, *_) = self._walk(lack.path)[-1].written
        span = layer.source.spans.find(layer.path)
        if span is None:
            return self.place(lack.path)
        matches = list(VARIABLE.finditer(layer.source.text, span.start, span.end))
        found = matches[lack.number].span() if lack.number < len(matches) else (span.start, span.end)
        return layer.source.place_of(*found)
