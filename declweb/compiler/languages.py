"""Languages: what an answer says of the language it is written in, and of its versions in others.

Owns Content-Language (RFC 9110, section 8.5), the links between the versions of a page (RFC 8288; `alternate` with
`hreflang`, `canonical`), and `languages` in templates. Knows no template and no route.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from declweb.context import Context
from declweb.http.answer import Headers
from declweb.http.headers import merge
from declweb.http.paths import escaped
from declweb.routing import Languages


@dataclass(frozen=True, slots=True)
class Other:
    """One of `languages` in templates: a language in which the page can be read."""

    code: str
    url: str
    is_current: bool
    is_translated: bool
    """Whether the page is really written in it."""

    @property
    def name(self) -> str:
        """What the language is called by those who speak it."""
        return own_name(self.code)

    def __str__(self) -> str:
        return self.name


def own_name(code: str) -> str:
    """Return what a language is called by those who speak it; its code where that is not known."""
    from babel import Locale, UnknownLocaleError  # noqa: PLC0415 - only sites with several languages need it

    try:
        name = Locale.parse(code, sep="-").get_display_name() or code
    except (UnknownLocaleError, ValueError):
        return code
    return name[:1].upper() + name[1:]


@dataclass(frozen=True, slots=True)
class Others:
    """What templates know of the languages of a site."""

    languages: Languages
    starts: frozenset[str]
    """The languages that have a start page."""

    def listed(self, context: Context) -> list[Other]:
        """Return the languages with the addresses at which they have the page that is asked for.

        Where there is no page, as on an error page, these are the start pages; a language without one is left out.
        """
        bare = self.languages.bare(context.path)

        def url(code: str) -> str:
            path = self.languages.address(bare if code in context.editions else "/", code)
            return context.prefix + escaped(path)

        return [
            Other(code, url(code), code == context.language, context.editions.get(code) == code)
            for code in self.languages.codes
            if code in context.editions or code in self.starts
        ]


@dataclass(frozen=True, slots=True)
class Edition:
    """One page in the languages of a site: the fields that its answers have for it."""

    languages: Languages
    origin: str
    """Scheme and host of `site.url`; empty where the site has none."""
    language: str
    """The language of the address."""
    written_in: Mapping[str, str]
    """By the language of each address of the page, the one it is written in there."""

    def headers(self, path: str, prefix: str) -> Headers:
        """Return the fields of the answer at a path."""
        own = self.written_in[self.language]
        links = self._links(path, prefix)
        return [("Content-Language", own), *([("Link", ", ".join(links))] if links else [])]

    @property
    def original(self) -> str:
        """The language of the address whose page this one repeats; its own where it does not."""
        own = self.written_in[self.language]
        if own == self.language:
            return own
        return next((code for code in (own, self.languages.default) if code in self.written_in), self.language)

    @property
    def is_original(self) -> bool:
        """Whether the page does not repeat another one."""
        return self.original == self.language

    def alternates(self, path: str, prefix: str) -> Mapping[str, str]:
        """Return the versions of a page by language, as absolute as can be; `x-default` is for all others.

        There are none where there is nothing to choose from.
        """
        bare = self.languages.bare(path)
        versions = [address for address, language in self.written_in.items() if address == language]
        if len(versions) < 2:
            return {}
        found = {version: self._url(bare, version, prefix) for version in versions}
        default = found.get(self.languages.default)
        return {**found, "x-default": default} if default else found

    def _url(self, path: str, language: str, prefix: str) -> str:
        return self.origin + prefix + escaped(self.languages.address(path, language))

    def _links(self, path: str, prefix: str) -> list[str]:
        """Return links to the versions of a page; from one that is not translated to the one it repeats."""
        if not self.is_original:
            original = self._url(self.languages.bare(path), self.original, prefix)
            return [f'<{original}>; rel="canonical"']
        versions = self.alternates(path, prefix)
        return [f'<{url}>; rel="alternate"; hreflang="{language}"' for language, url in versions.items()]


def in_languages(edition: Edition | None, headers: Headers, path: str, prefix: str) -> Headers:
    """Return the fields of an answer with those that a page in several languages has, which `headers` may replace."""
    return headers if edition is None else merge(edition.headers(path, prefix), headers)
