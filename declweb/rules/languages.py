"""Languages: which address has what in which of them, and texts whose languages are not the site's.

Owns at which addresses a route is found, and how a file that is written in a language is called. Knows no template from
the inside.
"""

from collections.abc import Iterator, Mapping

from declweb.model import Form, Route
from declweb.model.texts import Translations, translations
from declweb.problems import Problem, suggestion
from declweb.routing import Languages
from declweb.rules.base import Rule, Subject, made_once
from declweb.rules.media_types import is_page


@made_once
def languages(subject: Subject) -> Languages:
    """Return the languages of a site."""
    return Languages(tuple(subject.site.site.all_languages))


def paired(name: str, language: str) -> str:
    """Return what a file is called that is the version of another in a language: `home.de.html` of `home.html`."""
    folder, slash, file = name.rpartition("/")
    stem, dot, ending = file.rpartition(".")
    return f"{folder}{slash}{stem}.{language}.{ending}" if dot and stem else f"{name}.{language}"


def find_original(name: str, language: str) -> str | None:
    """Return the file of which another is the version in a language: `home.html` of `home.de.html`."""
    mark = f".{language}"
    stem, dot, ending = name.rpartition(".")
    found = f"{stem.removesuffix(mark)}.{ending}" if dot and stem.endswith(mark) else name.removesuffix(mark)
    return found if found and found != name and paired(found, language) == name else None


def addresses_of(route: Route, subject: Subject) -> Mapping[str, str]:
    """Return the languages in which a route is found, and its path in each.

    A page is found once in every language. What is no page, such as robots.txt, is found once, unless it is written in
    several languages; so is a route that is declared below the path of a language: it is in that one alone.
    """
    known = languages(subject)
    own = known.of(route.path)
    if own != known.default or not (is_page(route) or _is_translated(route, subject)):
        return {own: route.path}
    return {language: known.address(route.path, language) for language in known.codes}


def addresses_of_form(form: Form, subject: Subject) -> Mapping[str, str]:
    """Return the languages in which a form is found, and its path in each; its entries are in one place."""
    return languages(subject).editions(form.path)


def _is_translated(route: Route, subject: Subject) -> bool:
    if route.template is not None:
        folder = subject.site.templates.folder.strip("/")
        others = languages(subject).codes[1:]
        return any(subject.folder.find(f"{folder}/{paired(route.template, code)}") is not None for code in others)
    return isinstance(route.text, Translations)


# --- rules ------------------------------------------------------------------------------------------------------------


def unknown_languages(subject: Subject) -> Iterator[Problem]:
    """A text is written in a language that the site does not have, or not in the site's own."""
    if subject.draft.is_broken("site", "languages") or subject.draft.is_broken("site", "language"):
        return
    known = languages(subject)
    for path, text in translations(subject.site):
        for code in text:
            if code not in known.codes:
                yield Problem(
                    "unknown-language",
                    f"the site has no language `{code}`",
                    subject.key_place((*path, code)),
                    help=suggestion(code, known.codes) or _add_it(code, known),
                )
        if known.default not in text:
            yield subject.problem(
                "missing-language",
                f"this text has no version in `{known.default}`, the language at `/`",
                path,
                help=f'add {known.default} = "…"',
            )


def _add_it(code: str, known: Languages) -> str:
    codes = ", ".join(f'"{each}"' for each in (*known.codes, code))
    return f"take it out, or write languages = [{codes}] in [site]"


RULES: tuple[Rule, ...] = (unknown_languages,)
