"""How each table of the site file is written: `[site]`, `[routes.NAME]` or `[[headers]]`.

Everything here is read off `Site`; nothing is typed twice.
"""

from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any, Literal, get_args, get_origin

from pydantic.fields import FieldInfo

from declweb.model import Site
from declweb.model.base import Table

Shape = Literal["single", "named", "array", "pairs", "top"]


@dataclass(frozen=True, slots=True)
class Kind:
    """How a table is written, and what stands in it."""

    name: str
    shape: Shape
    """`single` is `[site]`, `named` is `[routes.NAME]`, `array` is `[[headers]]`, `pairs` is old = new, `top` a key."""
    model: type[Table] | None
    """The table that stands there, or that one of several values may be."""

    @property
    def header(self) -> str:
        """The header as an author writes it."""
        forms = {"named": f"[{self.name}.NAME]", "array": f"[[{self.name}]]", "top": f"{self.name} = …"}
        return forms.get(self.shape, f"[{self.name}]")


@cache
def kinds() -> dict[str, Kind]:
    """Return the kinds of table by their word in the site file, in the order of the manual."""
    return {kind.name: kind for kind in (_kind(name, field) for name, field in Site.model_fields.items())}


def _kind(name: str, field: FieldInfo) -> Kind:
    word = field.alias or name
    annotation = _bare(field.annotation)
    if isinstance(annotation, type) and issubclass(annotation, Table):
        return Kind(word, "single", annotation)
    inner = _bare(get_args(annotation)[-1])
    model = _table_in(inner)
    if get_origin(annotation) is dict:
        return Kind(word, "named" if model is inner else "pairs", model)
    return Kind(word, "array" if model else "top", model)


def _table_in(annotation: Any) -> type[Table] | None:
    if isinstance(annotation, type) and issubclass(annotation, Table):
        return annotation
    found = (_table_in(_bare(part)) for part in get_args(annotation))
    return next((model for model in found if model), None)


def _bare(annotation: Any) -> Any:
    """Return a type without what is said about it, and without `| None`."""
    while get_origin(annotation) is Annotated:
        annotation = get_args(annotation)[0]
    args = [arg for arg in get_args(annotation) if arg is not type(None)]
    if type(None) in get_args(annotation) and len(args) == 1:
        return _bare(args[0])
    return annotation


def keys_of(model: type[Table]) -> dict[str, FieldInfo]:
    """Return the fields of a table by their word in the site file."""
    return {field.alias or name: field for name, field in model.model_fields.items()}


@cache
def homes() -> dict[str, tuple[str, ...]]:
    """Return for each key of the language the headers below which it may stand."""
    found: dict[str, list[str]] = {}
    for kind in kinds().values():
        if kind.shape == "top":
            found.setdefault(kind.name, []).insert(0, "the top of the file")
        for key in keys_of(kind.model) if kind.model else ():
            found.setdefault(key, []).append(kind.header)
    return {key: tuple(headers) for key, headers in found.items()}
