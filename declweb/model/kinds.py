"""How each table of the site file is written: `[site]`, `[routes.NAME]` or `[[headers]]`.

Everything here is read off `Site`; nothing is typed twice. A table may have others in it: `[[forms.NAME.send]]`.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from typing import Annotated, Any, Literal, get_args, get_origin

from pydantic.fields import FieldInfo

from declweb.model import Site
from declweb.model.base import Table
from declweb.sitefile import KeyPath

Shape = Literal["single", "named", "array", "pairs", "top"]


@dataclass(frozen=True, slots=True)
class Kind:
    """How a table is written, and what stands in it."""

    name: str
    shape: Shape
    """`single` is `[site]`, `named` is `[routes.NAME]`, `array` is `[[headers]]`, `pairs` is old = new, `top` a key."""
    model: type[Table] | None
    """The table that stands there, or that one of several values may be."""
    is_inner: bool = False
    """Whether it stands in another table."""

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
def inner_kinds() -> dict[str, Kind]:
    """Return the kinds of table that stand in others, by their words with dots: `forms.NAME.send`."""
    return {kind.name: kind for outer in kinds().values() for kind in _inner(outer)}


def _inner(outer: Kind) -> Iterator[Kind]:
    """Yield the kinds of table in another one, and in these."""
    own = f"{outer.name}.NAME" if outer.shape == "named" else outer.name
    for key, field in keys_of(outer.model).items() if outer.model else ():
        annotation = _bare(field.annotation)
        model = _table_in(annotation)
        if model is None or outer.shape == "pairs":
            continue
        is_single = isinstance(annotation, type)
        shape: Shape = "single" if is_single else "array" if get_origin(annotation) is list else "pairs"
        kind = Kind(f"{own}.{key}", shape, model, is_inner=True)
        yield kind
        yield from _inner(replace(kind, name=f"{kind.name}.NAME", shape="single") if shape == "pairs" else kind)


def kind_at(path: KeyPath) -> Kind | None:
    """Return the kind of table that a path leads to, or into: the innermost one."""
    if not path:
        return None
    found = kinds().get(str(path[0]))
    if found is None or found.shape == "top":
        return found
    for kind in inner_kinds().values():
        words = kind.name.split(".")
        meets = zip(words, path, strict=False)
        if len(path) >= len(words) and all(word in {"NAME", str(part)} for word, part in meets):
            found = kind
    return found


@cache
def homes() -> dict[str, tuple[str, ...]]:
    """Return for each key of the language the headers below which it may stand."""
    found: dict[str, list[str]] = {}
    for kind in (*kinds().values(), *inner_kinds().values()):
        if kind.shape == "top":
            found.setdefault(kind.name, []).insert(0, "the top of the file")
        for key in keys_of(kind.model) if kind.model and kind.name.count("NAME") < 2 else ():
            header = f"a line of {kind.header}" if kind.is_inner and kind.shape == "pairs" else kind.header
            found.setdefault(key, []).append(header)
    return {key: tuple(headers) for key, headers in found.items()}
