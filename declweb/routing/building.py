"""From a name to its address: url_for.

Owns how values are written into a path and a query. Knows no request but its prefix, and of its host only who tells it.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from urllib.parse import quote, unquote, urlencode, urlsplit

from werkzeug.routing import BaseConverter, BuildError

from declweb.http.paths import SAFE, escaped
from declweb.model.urls import Variable, parse
from declweb.problems import suggestion
from declweb.routing.converters import SAFE_IN_QUERIES, instance, taker
from declweb.routing.languages import Languages


class CannotBuild(BuildError):
    """No address can be built; the message is for the author of the site. To views it is Werkzeug's BuildError."""

    def __init__(self, message: str, endpoint: str = "", values: Mapping[str, object] = MappingProxyType({})) -> None:
        super().__init__(endpoint, values, None)
        self.message = message

    def __str__(self) -> str:
        return self.message


@dataclass(frozen=True, slots=True)
class Gap:
    """Where the value of a URL variable goes."""

    name: str
    converter: BaseConverter
    takes: Callable[[str], bool]

    def filled(self, value: object, *, strictly: bool) -> str:
        """Return the segment for a value; raises ValueError or TypeError where the converter does not take it.

        What is written but never read again is refused `strictly` alone: Flask gives an address where nothing is.
        """
        segment = self.converter.to_url(value)
        if strictly and not self.takes(unquote(segment) if "%" in segment else segment):
            raise ValueError(segment)
        return segment


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A named address."""

    name: str
    path: str
    parts: tuple[str | Gap, ...]
    methods: frozenset[str] = frozenset({"GET"})
    versions: Mapping[str, "Endpoint"] = field(default_factory=dict)
    """Where it is found in other languages, by their codes."""

    @property
    def variables(self) -> tuple[str, ...]:
        """The names of the URL variables."""
        return tuple(part.name for part in self.parts if isinstance(part, Gap))

    def build(self, values: Mapping[str, object], *, strictly: bool = True) -> str:
        """Return the path and query for these values; what is no URL variable goes into the query."""
        if len(self.parts) == 1 and not values:
            return self.parts[0]  # type: ignore[return-value] # a single part that needs no value is a literal
        rest = dict(values)
        path = "".join(
            [part if isinstance(part, str) else self._filled(part, rest, strictly=strictly) for part in self.parts]
        )
        if not strictly:
            path = f"/{path.lstrip('/')}"  # two slashes begin the name of a host
        if not rest:
            return path
        query = [(name, _word(one)) for name, value in rest.items() for one in _each(value) if one is not None]
        return f"{path}?{urlencode(query, safe=SAFE_IN_QUERIES)}" if query else path

    def _filled(self, gap: Gap, rest: dict[str, object], *, strictly: bool) -> str:
        value = rest.pop(gap.name, None)
        if value is None:
            raise CannotBuild(f'url_for("{self.name}") needs a value for `{gap.name}`')
        try:
            return gap.filled(value, strictly=strictly)
        except (ValueError, TypeError) as error:
            raise CannotBuild(
                f'url_for("{self.name}") cannot have `{value}` for `{gap.name}`: its converter does not take it'
            ) from error


@dataclass(frozen=True, slots=True)
class Named:
    """Many addresses under one name, told apart by their path: written pages."""

    name: str
    addresses: Mapping[str, str]
    """By path, ready for use."""
    path: str = "/<path:path>"
    methods: frozenset[str] = frozenset({"GET"})
    variables: tuple[str, ...] = ("path",)
    versions: Mapping[str, "Named"] = field(default_factory=dict)
    """The addresses in other languages, by their codes."""

    def find(self, path: str) -> str | None:
        """Return the address of the page with a path; that of a folder means its index."""
        path = path.strip("/")
        return self.addresses.get(path) or self.addresses.get(f"{path}/index".lstrip("/"))

    def build(self, values: Mapping[str, object], *, strictly: bool = True) -> str:  # noqa: ARG002 # as an Endpoint
        """Return the address of one of them; raises CannotBuild where it is unknown."""
        path = values.get("path")
        if path is None:
            raise CannotBuild(f'url_for("{self.name}") needs a value for `path`')
        address = self.find(str(path))
        if address is None:
            wanted = str(path).strip("/")
            near = suggestion(wanted, self.addresses)
            raise CannotBuild(f"there is no page `{wanted}`" + (f"; {near}" if near else ""))
        rest = [(name, _word(one)) for name, value in values.items() if name != "path" for one in _each(value)]
        return f"{address}?{urlencode(rest, safe=SAFE_IN_QUERIES)}" if rest else address


def _quoted(addresses: Mapping[str, str]) -> dict[str, str]:
    return {path: escaped(address) for path, address in addresses.items()}


def _each(value: object) -> Iterable[object]:
    return value if isinstance(value, list | tuple | set) else (value,)


def _word(value: object) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


class Urls:
    """The named addresses of a site."""

    def __init__(
        self,
        site_url: str | None,
        classes: Mapping[str, type[BaseConverter]],
        languages: Languages | None = None,
    ) -> None:
        parts = urlsplit(site_url) if site_url else None
        self.origin = f"{parts.scheme}://{parts.netloc}" if parts else None
        """Scheme and host, where the site file says them."""
        self._classes = classes
        self.languages = languages or Languages()
        self._endpoints: dict[str, Endpoint | Named] = {}

    def add(
        self,
        name: str,
        path: str,
        methods: Iterable[str] = ("GET",),
        versions: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        """Name an address; `versions` are the paths at which other languages have it."""
        others = {
            language: Endpoint(name, other, self._parts(other), frozenset(methods))
            for language, other in versions.items()
            if other != path
        }
        self._endpoints[name] = Endpoint(name, path, self._parts(path), frozenset(methods), others)

    def _parts(self, path: str) -> tuple[str | Gap, ...]:
        return tuple(self._gap(part) if isinstance(part, Variable) else escaped(part) for part in parse(path))

    def add_named(self, name: str, addresses: Mapping[str, Mapping[str, str]]) -> None:
        """Name many addresses, by their languages and then by their paths; the default language comes first."""
        every: dict[str, str] = {}
        for each in reversed(list(addresses.values())):
            every |= each
        versions = {code: Named(name, _quoted({**every, **own})) for code, own in list(addresses.items())[1:]}
        self._endpoints[name] = Named(name, _quoted(every), versions=versions)

    def _gap(self, variable: Variable) -> Gap:
        converter = instance(variable, self._classes)
        return Gap(variable.name, converter, taker(converter))

    def __iter__(self) -> Iterator[Endpoint | Named]:
        return iter(self._endpoints.values())

    def __contains__(self, name: str) -> bool:
        return name in self._endpoints

    def find(self, name: str) -> Endpoint | Named:
        """Return a named address; raises CannotBuild with a suggestion."""
        if name in self._endpoints:
            return self._endpoints[name]
        near = suggestion(name, self._endpoints)
        raise CannotBuild(f"url_for knows no `{name}`" + (f"; {near}" if near else ""))

    def build(  # noqa: PLR0913 # what an address is made of
        self,
        name: str,
        values: Mapping[str, object],
        prefix: str,
        origin: Callable[[], str | None] = lambda: None,
        language: str | None = None,
        *,
        strictly: bool = True,
    ) -> str:
        """Return an address as Flask's url_for does; `origin` gives scheme and host where the site file has no url.

        `_external`, `_scheme`, `_anchor` and `_method` among the values mean what they mean in Flask; `_language` is
        the language whose address is wanted, instead of the `language` that the page around it belongs to. Only
        `strictly` a value has to be one that its converter reads again.
        """
        endpoint = self.find(name)
        if endpoint.versions:
            endpoint = endpoint.versions.get(self._language(values) or language or "", endpoint)
        if _OPTIONS.isdisjoint(values):
            return prefix + endpoint.build(values, strictly=strictly)
        options = {key: value for key, value in values.items() if key in _OPTIONS}
        _check_method(endpoint, options.get("_method"))
        rest = {key: value for key, value in values.items() if key not in _OPTIONS}
        path = endpoint.build(rest, strictly=strictly)
        anchor, scheme = options.get("_anchor"), options.get("_scheme")
        url = prefix + path + (f"#{quote(_word(anchor), safe=_IN_ANCHORS)}" if anchor is not None else "")
        if not options.get("_external") and scheme is None:
            return url
        base = self.origin or origin()
        if base is None:
            raise CannotBuild(f'url_for("{name}", _external=true) needs `url` in [site]')
        own, _, host = base.partition("://")
        scheme = own if scheme is None else scheme
        return f"{scheme}{':' if scheme else ''}//{host}{url}"

    def _language(self, values: Mapping[str, object]) -> str | None:
        wanted = values.get("_language")
        if not wanted:
            return None
        if isinstance(wanted, str) and wanted in self.languages.codes:
            return wanted
        raise CannotBuild(
            f"the site has no language `{wanted}`; it has {', '.join(f'`{code}`' for code in self.languages.codes)}"
        )


def _check_method(endpoint: Endpoint | Named, method: object) -> None:
    """Raise CannotBuild where nothing answers a method that is asked for."""
    known = endpoint.methods | {"OPTIONS"} | ({"HEAD"} if "GET" in endpoint.methods else frozenset())
    if method is not None and method not in known:
        raise CannotBuild(f'url_for("{endpoint.name}", _method="{method}") leads nowhere: it answers no {method}')


_IN_ANCHORS = SAFE + "?#%"
"""What an anchor may have as it is: as in Flask, one may be escaped already."""
_OPTIONS = frozenset({"_external", "_scheme", "_anchor", "_language", "_method"})
