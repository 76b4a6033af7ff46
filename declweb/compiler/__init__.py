"""Stage 3: Site -> App, one module per table.

Owns the order of matching; what each table becomes stands in its own module. Builds only what has been checked: what
is wrong here is a mistake of declweb, but for what shows only when a template is rendered. Must not know how a site
file is written, nor anything of a request.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

from declweb.app import App, ErrorPages, Level, Limits
from declweb.compiler.building import Building, Parts
from declweb.compiler.canonical import canonical
from declweb.compiler.crossing import crossing
from declweb.compiler.data import bind_entries
from declweb.compiler.errors import errors
from declweb.compiler.feeds import add_feeds, add_generated, is_own
from declweb.compiler.headers import header_rules
from declweb.compiler.json import add_endpoints
from declweb.compiler.matching import Addresses
from declweb.compiler.middleware import surrounded
from declweb.compiler.pages import WrittenPages, add_pages
from declweb.compiler.proxy import forwarded
from declweb.compiler.redirects import Redirects, list_redirects, redirects
from declweb.compiler.rewrites import list_rewrites, rewrites, rewriting
from declweb.compiler.routes import add_routes
from declweb.compiler.sessions import sessions
from declweb.compiler.static import list_mounts, mounts
from declweb.compiler.templates import Templates
from declweb.http.library import Remembered
from declweb.http.paths import as_path_info
from declweb.model import Site
from declweb.model.storage import DATABASE_FILE
from declweb.rules.feeds import OPENAPI

if TYPE_CHECKING:
    from declweb.compiler.hooks import RequestCycle
    from declweb.compiler.protection import Protection
    from declweb.delivery.settings import Settings
    from declweb.storage import Store

__all__ = ["Parts", "compile_site"]


def compile_site(site: Site, parts: Parts, templates: Templates, written: WrittenPages) -> App:
    """Return the running site; its pages have been rehearsed.

    Raises CannotMake where middleware of the site's own raises.
    """
    building = Building(site, parts)
    forced, ordinary = redirects(building)
    shown_first, shown_last = rewrites(building)

    protection = _protection(building)

    def is_closed(path: str) -> bool:
        return protection is not None and protection.is_closed(path)

    def is_claimed(path: str) -> bool:
        return forced.concerns(path) or shown_first.concerns(path) or is_closed(path)

    cycle = _cycle(building, templates)

    def is_late(path: str) -> bool:
        """Tell whether a path is only answered after something else was asked."""
        return is_claimed(path) or (cycle is not None and cycle.concerns(path))

    building.is_late = is_late
    add_routes(building, templates)
    add_endpoints(building, templates.data)
    add_pages(building, written)
    add_feeds(building, written.views)
    if protection is not None:
        from declweb.compiler.login import add_login  # noqa: PLC0415 # see _protection

        add_login(building, templates, protection)
    store = _forms(building, templates) or (protection.door.store if protection is not None else None)
    store = _inbox(building, store, protection) or store
    store = _entries(building, templates, store) or store
    _queries(building, templates)
    _document(building, templates, is_claimed)
    prepared = building.prepared(is_closed)
    prepared |= add_generated(building, written.views, prepared, is_claimed)
    addresses = Addresses(
        building.exact, building.patterns, prepared, parts.prefix, building.finisher, building.pages,
        mounts(building, is_late, is_closed),
    )  # fmt: skip
    list_redirects(building)
    list_rewrites(building)
    list_mounts(building)
    building.library.public.update(_rows(building, is_late))
    app = App(
        name=site.site.name,
        prefix=parts.prefix,
        prepared={as_path_info(path): ready for path, ready in prepared.items() if not is_late(path)},
        files=building.library.public,
        forget=building.library.forget,
        levels=_levels(
            building, addresses, (forced, ordinary), (shown_first, shown_last), protection.guard if protection else None
        ),
        errors=_errors(building, errors(building, templates, written), cycle),
        finisher=building.finisher,
        limits=Limits(site.limits.body, site.limits.url, _paths_of_forms(building), _views(site)),
        urls=parts.urls,
        overview=tuple(protection.listed(each) if protection is not None else each for each in building.overview),
        made_of=parts.files,
        forwarded=forwarded(site.proxy),
        languages=building.languages,
        sessions=sessions(site, parts.folder.root, parts.prefix),
        store=store,
        guard=protection.guard if protection is not None else None,
        who=protection.door.find if protection is not None else None,
        delivery=_delivery(site, store),
        code=cycle.code if cycle is not None else None,
        cycle=cycle,
        foresee=addresses.foresee,
        crossing=crossing(building),
        commands={name: parts.functions[named] for name, named in site.hooks.commands.items()},
    )
    url = site.site.url if site.site.canonical and parts.environment != "development" else None
    app = canonical(app, url) if url else app
    whole = surrounded(app, site.middleware, parts.functions)
    if cycle is not None:
        cycle.code.app = whole
    return whole


def _rows(building: Building, is_late: Callable[[str], bool]) -> dict[str, Remembered]:
    """Return what answers with rows before anything else is looked at, by PATH_INFO; the first pages are made."""
    found: dict[str, Remembered] = {}
    for path, rows in building.rows.items():
        rows.warm(path, building.prefix)
        ready = None if is_late(path) else rows.ready(path, building.prefix)
        if ready is not None:
            found[as_path_info(path)] = ready
    return found


def _cycle(building: Building, templates: Templates) -> "RequestCycle | None":
    """Return what the Python of a site does with every request; nothing of it is imported for sites that have none."""
    if not building.site.hooks.module:
        return None
    from declweb.compiler.hooks import request_cycle  # noqa: PLC0415 # see above

    return request_cycle(building, templates)


def _errors(building: Building, pages: ErrorPages, cycle: "RequestCycle | None") -> ErrorPages:
    if cycle is None or not building.site.hooks.errors:
        return pages
    return lambda status, context: cycle.page(status, context, pages)


def _forms(building: Building, templates: Templates) -> "Store | None":
    """Add the forms of a site that has any; nothing that they need is imported for others.

    Where all are switched off or gone, what they received is still kept, for as long as they say, and still sent.
    """
    folder = building.parts.folder.root / building.site.storage.folder
    if not building.site.forms and not (folder / DATABASE_FILE).exists():
        return None
    from declweb.compiler.forms import add_forms, store_of  # noqa: PLC0415 # see above

    if all(form.off for form in building.site.forms.values()):
        return store_of(building)
    return add_forms(building, templates)


def _entries(building: Building, templates: Templates, store: "Store | None") -> "Store | None":
    """Let datasets of forms have the entries that the store keeps; return the store, where any does."""
    shown = {name: data for name, data in building.site.data.items() if data.form is not None}
    if not shown:
        return store
    from declweb.compiler.forms import store_of  # noqa: PLC0415 # most sites need none of it

    store = store or store_of(building)
    for name, data in shown.items():
        bind_entries(name, data, templates.data, store)
    return store


def _queries(building: Building, templates: Templates) -> None:
    """Let datasets of databases have the rows that are there whenever somebody asks."""
    asked = {name: data for name, data in building.site.data.items() if data.database is not None}
    if asked:
        from declweb.compiler.queries import bind_query  # noqa: PLC0415 # few sites have a database

        for name, data in asked.items():
            bind_query(name, data, templates.data, building)


def _document(building: Building, templates: Templates, is_claimed: Callable[[str], bool]) -> None:
    """Describe what a site offers to programs; nothing that it needs is imported for sites that offer nothing."""
    if OPENAPI in building.parts.generated and not is_own(OPENAPI, building):
        from declweb.compiler.openapi import add_document  # noqa: PLC0415 # see above

        add_document(building, templates.data, is_claimed)


def _protection(building: Building) -> "Protection | None":
    """Return what is protected on a site that has users; nothing that it needs is imported for others."""
    if not building.site.users:
        return None
    from declweb.compiler.protection import Protection  # noqa: PLC0415 # see above

    return Protection(building)


def _delivery(site: Site, store: "Store | None") -> "Settings | None":
    if store is None:
        return None
    from declweb.delivery.settings import Settings  # noqa: PLC0415 # as above

    return Settings.of(site, store.uploads)


def _inbox(building: Building, store: "Store | None", protection: "Protection | None") -> "Store | None":
    """Add the owner's pages to a site that has them; without users nobody could see them."""
    inbox = building.site.inbox
    if inbox is None or inbox.off or protection is None:
        return None
    from declweb.compiler.inbox import add_inbox  # noqa: PLC0415 # see above

    return add_inbox(building, inbox, store or protection.door.store, protection.door)


def _views(site: Site) -> frozenset[str]:
    """Return the names of what the site's own Python answers."""
    routes = (name for name, route in site.routes.items() if route.handlers)
    return frozenset((*routes, *(f"json.{name}" for name, endpoint in site.json_.items() if endpoint.handlers)))


def _paths_of_forms(building: Building) -> frozenset[str]:
    forms = [form for form in building.site.forms.values() if not form.off]
    return frozenset(path for form in forms for path in building.parts.form_addresses(form).values())


def _levels(
    building: Building,
    addresses: Addresses,
    moved: tuple[Redirects, Redirects],
    shown: tuple[Redirects, Redirects],
    guard: Level | None,
) -> tuple[Level, ...]:
    """Return the levels of matching in their order (DESIGN §2); of both pairs the forced ones come first.

    What is asked for is guarded before all levels; what is shown in its place, before those that it is looked for on.
    """
    forced, ordinary = moved
    first: list[Level] = [forced.exact, forced.with_variables] if forced else []
    then: list[Level] = [addresses.exactly, *(mount.serve for mount in addresses.mounts)]
    then += [ordinary.exact] if ordinary else []
    then.append(addresses.by_pattern)
    then += [ordinary.with_variables] if ordinary else []
    then.append(addresses.other_spelling)
    rules = header_rules(building.site.headers)
    behind = (*([guard] if guard is not None else []), *first, *then)
    above, below = ([rewriting(each, behind, rules, building.languages)] if each else [] for each in shown)
    return (*first, *above, *then, *below)
