"""Templates: what cannot be understood, what they name, and what they are given.

Owns the names that templates may use. Renders nothing.
"""

from collections.abc import Iterator, Mapping, Sequence

from declweb.context import VISIBLE
from declweb.data.dataset import Dataset, Document
from declweb.forms.drawing import DrawnForm
from declweb.forms.drawn_fields import DrawnField
from declweb.model import SiteTable
from declweb.problems import Also, Place, Problem, suggestion
from declweb.rules.base import Rule, Subject, narrowed
from declweb.rules.data import datasets
from declweb.rules.template_code import USER
from declweb.rules.template_set import DATA, FOR_IMPORTS, TemplateSet, template_set
from declweb.rules.template_uses import NAMES_OF_PAGES, Use
from declweb.templating.closures import FreeUse, free_uses
from declweb.templating.positions import Spot

FIELDS_OF_USER = ("name", "roles")
"""What a template knows of the `user` who is signed in."""

OF_SESSIONS = ("session", "get_flashed_messages")
"""Names that every template is given, as in Flask; few need them."""

RESERVED = ("config", "site", "languages", "request", "g", "url_for")
"""Names that every template is given, and that always mean the same."""

GIVEN = (*RESERVED, "pages", "navigation")
"""Names that every template is given."""

FIELDS_OF_ERROR = ("code", "name", "title", "description", "reference")
"""What an error page knows of its `error`."""

FIELDS_OF_ENTRY = ("receipt", "created", "fields")
"""What a template knows of an `entry` besides what the form asks for."""

FIELDS_OF_PAGE = (
    "title", "description", "date", "url", "path", "folder", "language", "tags", "order", "extra", "html", "headings",
    "canonical", "previous", "next", "parents", "children", "translations",
)  # fmt: skip
"""What a template knows of a written `page`."""

FIELDS_OF_LISTING = ("pages", "number", "count", "newer", "older", "urls")
"""What a template knows of a `listing` of dated pages."""


# --- files and syntax -------------------------------------------------------------------------------------------------


def broken_templates(subject: Subject) -> Iterator[Problem]:
    """A template cannot be understood."""
    templates = template_set(subject)
    yield from templates.unreadable.values()
    for name, error in templates.broken.items():
        file = subject.shown(f"{templates.folder_name}/{name}")
        text = templates.texts[name]
        at_key = name in templates.places
        place = (
            templates.place(name, Spot(error.line or 1, 1), error.word)
            if at_key
            else Place.of_line(file, text, error.line or 1, error.word)
        )
        also = (
            (Also(Place.of_line(file, text, error.noticed), "is where it was noticed"),)
            if error.noticed and not at_key
            else ()
        )
        yield Problem("broken-template", error.message, place, also=also, help=error.help)


def missing_templates(subject: Subject) -> Iterator[Problem]:
    """A template is named that is not in the templates folder."""
    templates = template_set(subject)
    known = [name for name in templates.texts if name not in templates.places]
    for use in templates.uses:
        if use.template not in templates.texts and use.template not in templates.unreadable:
            yield Problem(
                "missing-template",
                f"there is no template `{use.template}` in {templates.folder_name}/",
                narrowed(use.place(subject), use.template),
                help=suggestion(use.template, known) or "templates are named from the templates folder",
            )
    reported: set[tuple[str, Spot]] = set()
    for version in templates.versions_in_use:
        for drawn in templates.closure(version).missing:
            for name, where in zip(drawn.reference.names, drawn.reference.spots, strict=False):
                if name in templates.texts or name in templates.unreadable or (drawn.template, where) in reported:
                    continue
                reported.add((drawn.template, where))
                yield Problem(
                    "missing-template",
                    f"there is no template `{name}` in {templates.folder_name}/",
                    templates.place(drawn.template, where, name),
                    help=suggestion(name, known) or "templates are named from the templates folder",
                )


def template_circles(subject: Subject) -> Iterator[Problem]:
    """Templates draw in each other without an end."""
    templates = template_set(subject)
    reported: set[frozenset[str]] = set()
    for version in templates.versions_in_use:
        for cycle in templates.closure(version).cycles:
            members = frozenset(step.template for step in cycle.steps)
            if cycle.is_endless and members not in reported:
                reported.add(members)
                first = cycle.steps[0]
                way = " → ".join([*(step.template for step in cycle.steps), first.template])
                yield Problem(
                    "template-circle",
                    f"these templates draw in each other without an end: {way}",
                    templates.place(first.template, first.reference.spots[0]),
                    help="take one of these lines out",
                )


def unknown_filters(subject: Subject) -> Iterator[Problem]:
    """A template uses a filter or a test that does not exist."""
    templates = template_set(subject)
    environment = templates.environment
    for facts in templates.facts_in_use(with_views=True):
        for words, known, what in (
            (facts.filters, environment.filters, "filter"),
            (facts.tests, environment.tests, "test"),
        ):
            for each in words:
                if each.word not in known:
                    yield Problem(
                        "unknown-filter",
                        f"there is no {what} `{each.word}`",
                        templates.place(facts.name, each.spot, each.word),
                        help=suggestion(each.word, known) or f"known are {', '.join(sorted(known))}",
                    )


# --- names ------------------------------------------------------------------------------------------------------------


def reserved_names(subject: Subject) -> Iterator[Problem]:
    """A template gives another meaning to a name that every template is given."""
    templates = template_set(subject)
    for facts in templates.facts_in_use():
        for word in facts.stored:
            if word.word in {*RESERVED, *OF_SESSIONS, *_of_users(subject), *_of_data(subject)}:
                yield Problem(
                    "reserved-name",
                    f"`{word.word}` is given to every template, and cannot be used for something else",
                    templates.place(facts.name, word.spot, word.word),
                    help="use another name",
                )


def unknown_imports(subject: Subject) -> Iterator[Problem]:
    """A template imports a name from another one that does not define it."""
    templates = template_set(subject)
    seen: set[tuple[str, Spot, str]] = set()
    for use in templates.uses:
        drawn = templates.closure(use.version)
        for each in drawn.templates.values():
            for reference in each.references:
                sources = [facts for name in reference.names if (facts := drawn.find(name)) is not None]
                defined = {name for source in sources for name in source.assigned}
                for name in reference.imported if sources else ():
                    where = (each.name, reference.spots[0], name)
                    if name not in defined and where not in seen:
                        seen.add(where)
                        yield Problem(
                            "unknown-name",
                            f"{sources[0].name} defines no `{name}`",
                            templates.place(each.name, reference.spots[0], name),
                            help=suggestion(name, defined) or f"it defines {', '.join(sorted(defined)) or 'nothing'}",
                        )


def unknown_names(subject: Subject) -> Iterator[Problem]:
    """A template uses a name, or a key of config, site, request or error, that does not exist."""
    templates = template_set(subject)
    seen: set[tuple[str, Spot]] = set()
    for use in templates.uses:
        for free in free_uses(templates.closure(use.version)):
            problem = _unknown_name(free, use, subject, templates) or _unknown_key(free, use, subject, templates)
            if problem is not None and (free.template, free.use.spot) not in seen:
                seen.add((free.template, free.use.spot))
                yield problem


def _of_data(subject: Subject) -> frozenset[str]:
    """Return the names that the templates of a site with data are given."""
    return frozenset({DATA} if subject.site.data or subject.draft.is_broken("data") else ())


def _of_users(subject: Subject) -> frozenset[str]:
    """Return the names that the templates of a site with users are given."""
    return frozenset({USER} if subject.site.users or subject.draft.is_broken("users") else ())


def _unknown_name(free: FreeUse, use: Use, subject: Subject, templates: TemplateSet) -> Problem | None:
    name = free.use.name
    of_all = {*OF_SESSIONS, *_of_users(subject), *_of_data(subject)}
    allowed = (
        ({*FOR_IMPORTS} - {USER}) | of_all
        if free.isolated
        else {*GIVEN, *of_all, *templates.names.get(free.template, ())}
    )
    known = {*templates.environment.globals, *GIVEN, *allowed}
    if free.use.guarded or name in known or (not free.isolated and templates.may_be_given(name)):
        return None
    is_hidden = free.isolated and name in templates.names.get(free.template, ())
    return Problem(
        "unknown-name",
        f"there is no `{name}` here",
        templates.place(free.template, free.use.spot, name),
        help="import the template `with context`"
        if is_hidden
        else suggestion(name, known) or _what_is_known(use, templates),
    )


def _what_is_known(use: Use, templates: TemplateSet) -> str:
    own = sorted(templates.names.get(use.template, ()))
    return f"known here are {', '.join([*own, *GIVEN])}; your own values are config.NAME"


def _roots(free: FreeUse, page: Use, subject: Subject, templates: TemplateSet) -> Mapping[str, object]:
    """Return what is known of the tables that a template may look at."""
    given = templates.names.get(free.template, ())
    roots: dict[str, object] = {
        "config": subject.site.config,
        "site": dict.fromkeys(SiteTable.model_fields),
        "request": dict.fromkeys(VISIBLE),
        "error": dict.fromkeys(FIELDS_OF_ERROR) if "error" in given else None,
    }
    if USER not in given:
        roots[USER] = dict.fromkeys(FIELDS_OF_USER)
    if DATA not in given:
        roots[DATA] = _known_data(subject)
    if free.use.name == "item" and page.key[:1] == ("routes",):
        roots["item"] = _columns_of_item(page, subject)
    if free.use.name in {"entry", "form"}:
        roots |= _of_form(page, subject)
    return roots


def _unknown_key(free: FreeUse, page: Use, subject: Subject, templates: TemplateSet) -> Problem | None:
    use = free.use
    if use.name in {"entry", "form"} and use.path and subject.draft.is_broken(*page.key[:2], "fields", use.path[0]):
        return None
    roots = _roots(free, page, subject, templates)
    value = roots[use.name] if use.name in roots else _fields_of_pages(use.name, free.template, templates)
    if subject.draft.is_broken(use.name, *use.path[:1]) and use.name in {"config", "site", DATA}:
        return None
    for index, step in enumerate(use.path):
        if not isinstance(value, dict) or (step in _OF_TABLES and use.called and step not in value):
            return None
        if step not in value:
            if use.guarded > index + 1:
                return None
            where = ".".join(map(str, (use.name, *use.path[:index])))
            known = [*map(str, value), *(subject.draft.left_out(use.name) if index == 0 else ())]
            return Problem(
                "unknown-name",
                f"{where} has no `{step}`",
                templates.place(free.template, use.spots[index + 1], str(step)),
                help=suggestion(str(step), known) or _add_it(where, str(step), value),
            )
        value = value[step]
    return None


def _of_form(page: Use, subject: Subject) -> Mapping[str, object]:
    """Return what a template knows of the form that uses it, and of its entries."""
    form = subject.site.forms.get(str(page.key[1])) if page.key[:1] == ("forms",) else None
    if form is None:
        return {}
    fields = dict.fromkeys(form.fields, PARTS_OF_FIELD)
    entry = None if form.before_store else dict.fromkeys([*form.fields, *FIELDS_OF_ENTRY])
    return {"entry": entry, "form": {**PARTS_OF_FORM, **fields}}


def _known_data(subject: Subject) -> Mapping[str, object]:
    """Return what templates may ask of `data`: the keys of documents, and of rows nothing that is known here."""
    found = {name: known.made for name, known in datasets(subject).items()}
    return {name: made.value if isinstance(made, Document) else None for name, made in found.items()}


def _columns_of_item(page: Use, subject: Subject) -> Mapping[str, None] | None:
    """Return the columns of the row that a route is about; None where it is about none, or they are not known."""
    route = subject.site.routes.get(str(page.key[1]))
    known = datasets(subject).get(route.item.data) if route is not None and route.item is not None else None
    made = known.made if known is not None else None
    return dict.fromkeys(made.names) if isinstance(made, Dataset) else None


def _parts(kind: type, *more: str) -> Mapping[str, None]:
    return dict.fromkeys([*(name for name in dir(kind) if not name.startswith("_")), *more])


PARTS_OF_FORM = _parts(DrawnForm, "action", "errors", "method", "name")
PARTS_OF_FIELD = _parts(DrawnField, "help_text", "id", "label_text", "name", "required", "type")
_OF_PAGES: Mapping[str, Sequence[str]] = {"page": FIELDS_OF_PAGE, "listing": FIELDS_OF_LISTING}


def _fields_of_pages(name: str, template: str, templates: TemplateSet) -> Mapping[str, object] | None:
    """Return the fields of what written pages give their templates; None where another table gives the name too."""
    if name not in _OF_PAGES:
        return None
    gives = [
        use for use in templates.uses if name in use.names and template in templates.closure(use.version).templates
    ]
    is_of_pages = bool(gives) and all(use.names == NAMES_OF_PAGES for use in gives)
    return dict.fromkeys(_OF_PAGES[name]) if is_of_pages else None


_OF_TABLES = frozenset({"items", "keys", "values", "get"})
"""What templates may call on a table."""


def _add_it(where: str, key: str, value: Mapping[str, object]) -> str:
    if where == DATA:
        return f"known are {', '.join(value)}; data is declared as [data.NAME]"
    if where == "config":
        return f"add `{key} = …` below [config]"
    return f"it has {', '.join(map(str, value))}"


RULES: tuple[Rule, ...] = (
    broken_templates,
    missing_templates,
    template_circles,
    unknown_filters,
    reserved_names,
    unknown_imports,
    unknown_names,
)
