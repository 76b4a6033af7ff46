"""Addresses in templates: links, url_for and |asset, each of which must lead somewhere.

Owns no address: which are served is the business of `addresses`, and how they are named.
"""

from collections.abc import Iterator

from declweb.problems import Place, Problem, suggestion
from declweb.routing import CannotBuild
from declweb.routing.building import Named
from declweb.rules.addresses import addresses, named_addresses, public_files
from declweb.rules.base import Rule, Subject
from declweb.rules.files import ASSETS
from declweb.rules.served import served
from declweb.rules.template_set import TemplateSet, template_set
from declweb.templating.facts import UrlFor
from declweb.templating.links import Link
from declweb.templating.positions import Spot

OPENS_PAGES = frozenset({"a", "area", "form", "iframe"})
"""Tags whose links a browser opens as pages."""


def unknown_endpoints(subject: Subject) -> Iterator[Problem]:
    """A template asks for the address of something that does not exist, or leaves a variable out."""
    for facts in template_set(subject).facts_in_use(with_views=True):
        for call in facts.urls:
            if call.endpoint is not None and not _is_broken(call.endpoint, subject):
                yield from _wrong_call(call, call.endpoint, facts.name, subject)


def _is_broken(endpoint: str, subject: Subject) -> bool:
    """Tell whether what has this name was left out, or cannot be known."""
    table, dot, name = endpoint.partition(".")
    if not table and subject.site.hooks.module:
        return True  # it depends on the view that renders it, as in Flask's blueprints
    return (
        subject.draft.is_broken("forms", name)
        if dot and table == "form"
        else (subject.draft.is_broken("routes", endpoint))
    )


def _wrong_call(call: UrlFor, name: str, template: str, subject: Subject) -> Iterator[Problem]:
    templates, urls = template_set(subject), named_addresses(subject)
    if name not in urls:
        try:
            urls.find(name)
        except CannotBuild:
            known = [endpoint.name for endpoint in urls]
            yield Problem(
                "unknown-endpoint",
                f"nothing is called `{name}`, so url_for cannot give its address",
                templates.place(template, call.endpoint_spot, f'"{name}"'),
                help=suggestion(name, known) or f"names are {', '.join(known)}",
            )
        return
    yield from _unknown_language(call, template, templates)
    given = {argument.name for argument in call.arguments}
    missing = [variable for variable in urls.find(name).variables if variable not in given]
    if missing and call.is_complete:
        yield Problem(
            "unknown-variable",
            f'url_for("{name}") needs a value for `{missing[0]}`',
            templates.place(template, call.spot, "url_for"),
            help=f'write url_for("{name}", {missing[0]}=…)',
        )
    if isinstance(endpoint := urls.find(name), Named):
        yield from _missing_page(call, endpoint, template, templates)
        return
    if name.startswith("form.") and (form := subject.site.forms.get(name.removeprefix("form."))):
        if form.off:
            yield _off(f"the form `{name}`", templates.place(template, call.endpoint_spot, f'"{name}"'))
        return
    if route := subject.site.routes.get(name):
        if route.off:
            yield _off(f"the route `{name}`", templates.place(template, call.endpoint_spot, f'"{name}"'))
        return
    yield from _missing_static(call, name, template, subject)


def _unknown_language(call: UrlFor, template: str, templates: TemplateSet) -> Iterator[Problem]:
    codes = templates.languages.codes
    for argument in call.arguments:
        if argument.name == "_language" and argument.is_constant and argument.value not in codes:
            yield Problem(
                "unknown-language",
                f"the site has no language `{argument.value}`",
                templates.place(template, argument.spot, f'"{argument.value}"'),
                help=suggestion(str(argument.value), codes) or f"it has {', '.join(codes)}",
            )


def _missing_page(call: UrlFor, pages: Named, template: str, templates: TemplateSet) -> Iterator[Problem]:
    for argument in call.arguments:
        if argument.name == "path" and isinstance(argument.value, str) and pages.find(argument.value) is None:
            yield Problem(
                "unknown-endpoint",
                f"there is no page `{argument.value}`",
                templates.place(template, argument.spot, f'"{argument.value}"'),
                help=suggestion(argument.value, pages.addresses)
                or "pages are named from their folder, without ending: news/first",
            )


def _missing_static(call: UrlFor, name: str, template: str, subject: Subject) -> Iterator[Problem]:
    templates, files = template_set(subject), public_files(subject)
    mount = next((mount for mount, _ in addresses(subject).mounts if mount.endpoint == name), None)
    if mount is not None and mount.off:
        yield _off(f"the folder `{name}`", templates.place(template, call.endpoint_spot, f'"{name}"'))
        return
    for argument in call.arguments if mount else ():
        if mount and argument.name == "filename" and isinstance(argument.value, str):
            if files.named(name, argument.value) is not None:
                continue
            folder = mount.folder.strip("/")
            yield Problem(
                "missing-file",
                f"there is no file `{argument.value}` in {folder}/",
                templates.place(template, argument.spot, f'"{argument.value}"'),
                help=suggestion(argument.value, files.names(name)) or f"files are named from {folder}/",
            )


def missing_assets(subject: Subject) -> Iterator[Problem]:
    """A template asks for the address of a file that is not there."""
    if subject.draft.is_short_of("static"):
        return
    templates, files = template_set(subject), public_files(subject)
    for facts in templates.facts_in_use(with_views=True):
        for asset in facts.assets:
            if files.asset(asset.word) is None:
                yield Problem(
                    "missing-file",
                    f"no [[static]] folder has a file at {asset.word}"
                    if asset.word.startswith("/")
                    else f"there is no file `{asset.word}` in the folder that is called `{ASSETS}`",
                    templates.place(facts.name, asset.spot, asset.word),
                    help=suggestion(asset.word, files.names())
                    or "write its name there, or its path, such as /downloads/a.pdf",
                )


def broken_links(subject: Subject) -> Iterator[Problem]:
    """A link in a template leads to an address of the site that nothing answers."""
    templates = template_set(subject)
    serves = served(subject)
    if subject.draft.is_short_of("routes", "json", "static", "forms"):
        return
    for facts in templates.facts_in_use():
        for link in facts.links:
            path = _own_path(link, subject)
            if path is None:
                continue
            place = templates.place(facts.name, Spot(link.line, link.column), link.value)
            if serves.off(path):
                yield _off(path, place)
            elif not serves(path, navigates=link.tag in OPENS_PAGES):
                yield Problem("broken-link", f"nothing answers {path}", place, help=serves.near(path))


def _own_path(link: Link, subject: Subject) -> str | None:
    """Return the path of this site that a link leads to; None for all others."""
    value = link.value.strip().partition("#")[0].partition("?")[0]
    if not value.startswith("/") or value.startswith("//"):
        return None
    prefix = subject.prefix
    if not prefix:
        return value
    return value.removeprefix(prefix) or "/" if value == prefix or value.startswith(prefix + "/") else None


def _off(what: str, place: Place) -> Problem:
    return Problem(
        "link-to-off", f"{what} is switched off, so this link leads to an error page", place, help="take it out"
    )


RULES: tuple[Rule, ...] = (unknown_endpoints, missing_assets, broken_links)
