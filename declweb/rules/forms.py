"""`[forms.NAME]`: conditions that never hold, templates without their form, places where nobody sees what is said.

Owns what is to be said about a form beyond its own table. Judges no HTML: what an author writes by hand is compared
where forms are drawn.
"""

from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from declweb.forms.handwritten import compared
from declweb.forms.questions import questions
from declweb.forms.written import is_meant, written_forms
from declweb.http.paths import path_of
from declweb.model import Form, FormField, Storage
from declweb.model.days import RelativeDay
from declweb.model.fields import choice_meant, misfits
from declweb.model.moments import moment as moment_of
from declweb.model.urls import is_external
from declweb.model.words import spoken_size
from declweb.problems import Problem, suggestion
from declweb.rules.addresses import DEFAULT_MOUNT, addresses, served
from declweb.rules.base import Rule, Subject
from declweb.rules.languages import addresses_of_form, languages
from declweb.rules.pages import page_set
from declweb.rules.template_set import TemplateSet, Version, template_set
from declweb.sitefile import KeyPath
from declweb.templating.analysis import free_uses
from declweb.templating.positions import Spot

SQLITE = "sqlite:///"
"""How the URL of a database begins that is a file."""
SAID_ABOUT = frozenset(
    {
        "action",
        "button",
        "closed",
        "errors",
        "honeypot",
        "language",
        "method",
        "name",
        "notice",
        "script",
        "style",
        "summary",
    }
)
"""Parts of `form` that draw nothing which visitors could write in."""


# --- conditions -------------------------------------------------------------------------------------------------------


def _conditions(name: str, form: Form) -> Iterator[tuple[KeyPath, Mapping[str, object], str | None]]:
    """Yield the conditions of a form, where they stand, and the field that each is about."""
    for word, field in form.fields.items():
        for key in ("show_when", "required_when"):
            if conditions := getattr(field, key):
                yield ("forms", name, "fields", word, key), conditions, word
    for index, send in enumerate(form.send):
        if send.when:
            yield ("forms", name, "send", index, "when"), send.when, None


def impossible_conditions(subject: Subject) -> Iterator[Problem]:
    """A condition names a field that the form does not have, or a value that the field cannot have."""
    for name, form in subject.site.forms.items():
        for path, conditions, about in _conditions(name, form):
            for word, value in conditions.items():
                at = (*path, word)
                if subject.draft.is_broken("forms", name, "fields", word):
                    continue
                if word not in form.fields:
                    yield _unknown_field(subject, at, word, name, form)
                elif word != about:
                    yield from _impossible_values(subject, at, form.fields[word], word, value)


def _unknown_field(subject: Subject, path: KeyPath, word: str, name: str, form: Form) -> Problem:
    return Problem(
        "unknown-field",
        f"the form `{name}` has no field `{word}`",
        subject.key_place(path),
        help=suggestion(word, form.fields) or f"its fields are {', '.join(form.fields)}",
    )


def _impossible_values(
    subject: Subject, path: KeyPath, field: FormField, word: str, value: object
) -> Iterator[Problem]:
    for index, one in enumerate(value) if isinstance(value, list) else [(None, value)]:
        at = path if index is None else (*path, index)
        why, help_ = _why_impossible(field, one)
        if why:
            yield subject.problem("impossible-condition", f"`{word}` {why}", at, help=help_)


def _why_impossible(field: FormField, value: object) -> tuple[str, str | None]:
    """Return why a field never has a value, and what would be right; nothing where it may."""
    if isinstance(value, bool):
        is_always = field.required and not field.show_when
        if value is False and is_always:
            return "must always be answered, so this never holds", "take it out, or write `true`"
        return "", None
    if field.type in {"file", "password"}:
        return f"is a {field.type}, which a condition cannot look into", "write `true` for one that is filled in"
    why = next(misfits(field, value), "")
    if not why:
        return "", None
    if field.type == "checkbox":
        return "is ticked or not, and nothing else", "write `true` or `false`"
    help_ = choice_meant(field, value) if field.options else None
    return f"can never be {_written(value)}: it {why}", help_


def _written(value: object) -> str:
    return f'`"{value}"`' if isinstance(value, str) else f"`{value}`"


def circular_conditions(subject: Subject) -> Iterator[Problem]:
    """Fields wait for each other, so that none of them is ever shown."""
    for name, form in subject.site.forms.items():
        waits = {word: [*(field.show_when or ())] for word, field in form.fields.items()}
        told: set[str] = set()
        for word in waits:
            circle = _circle(word, waits)
            if circle and told.isdisjoint(circle):
                told.update(circle)
                way = " → ".join([*circle, word])
                what = "is shown when it is answered itself" if len(circle) == 1 else f"wait for each other: {way}"
                yield Problem(
                    "condition-circle",
                    f"`{word}` {what}" if len(circle) == 1 else f"these fields {what}",
                    subject.key_place(("forms", name, "fields", word, "show_when")),
                    help="let one of them be shown always",
                )
        for word, field in form.fields.items():
            if field.required_when and word in field.required_when:
                yield Problem(
                    "condition-circle",
                    f"`{word}` must be answered when it is answered",
                    subject.key_place(("forms", name, "fields", word, "required_when", word)),
                    help="name another field, or write `required = true`",
                )


def _circle(start: str, waits: Mapping[str, list[str]]) -> list[str]:
    """Return the fields on a way from a field back to itself; nothing where there is none."""
    ways = [[start]]
    seen: set[str] = set()
    while ways:
        way = ways.pop(0)
        for other in waits.get(way[-1], ()):
            if other == start:
                return way
            if other not in seen:
                seen.add(other)
                ways.append([*way, other])
    return []


# --- fields and messages ----------------------------------------------------------------------------------------------


def attached_fields(subject: Subject) -> Iterator[Problem]:
    """A mail is to have files attached that the form does not take."""
    for name, form in subject.site.forms.items():
        for index, send in enumerate(form.send):
            for number, word in enumerate(send.attach or ()):
                at: KeyPath = ("forms", name, "send", index, "attach", number)
                if subject.draft.is_broken("forms", name, "fields", word):
                    continue
                if word not in form.fields:
                    files = [each for each, field in form.fields.items() if field.type == "file"]
                    yield subject.problem(
                        "unknown-field",
                        f"the form `{name}` has no field `{word}`",
                        at,
                        help=suggestion(word, form.fields)
                        or (f"its files are {', '.join(files)}" if files else "it takes no files"),
                    )
                elif form.fields[word].type != "file":
                    yield subject.problem(
                        "wrong-kind",
                        f"`{word}` is a field of type `{form.fields[word].type}`: only files can be attached",
                        at,
                        help="take it out: what is written in it stands in the mail",
                    )


def large_files(subject: Subject) -> Iterator[Problem]:
    """A field takes larger files than a form may send at all."""
    limits = subject.site.limits
    for name, form in subject.site.forms.items():
        for word, field in form.fields.items():
            if field.max_size is not None and field.max_size > limits.entry:
                yield subject.problem(
                    "out-of-range",
                    f"a form may send {spoken_size(limits.entry)} in all, so a file of this size never arrives",
                    ("forms", name, "fields", word, "max_size"),
                    help=f'write a smaller size, or a larger `entry` in [limits], such as entry = "{_more(field)}"',
                )


def _more(field: FormField) -> str:
    return spoken_size((field.max_size or 0) + 1_000_000)


def past_ranges(subject: Subject) -> Iterator[Problem]:
    """A day is asked for that has passed, or will have passed before anybody can choose it."""
    today = datetime.now(ZoneInfo(subject.site.site.timezone)).date()
    for name, form in subject.site.forms.items():
        for word, field in form.fields.items():
            if isinstance(field.min, RelativeDay) and isinstance(field.max, date):
                last = field.max.date() if isinstance(field.max, datetime) else field.max
                if field.min.on(today) > last:
                    yield subject.problem(
                        "past-range",
                        f"no day is at least {field.min} and at most {field.max} any more",
                        ("forms", name, "fields", word, "max"),
                        help="write a later day, or `ends` of the form",
                    )


def forms_without_end(subject: Subject) -> Iterator[Problem]:
    """Nothing says how long what visitors wrote is kept."""
    for name, form in subject.site.forms.items():
        if form.keep is None and not subject.draft.is_broken("forms", name, "keep"):
            yield Problem(
                "missing-keep",
                f"nothing says how long the entries of `{name}` are kept",
                subject.document.header_place(("forms", name)),
                help='add keep = "180 days", or keep = "forever"',
            )


def mails_without_sender(subject: Subject) -> Iterator[Problem]:
    """A mail is to be sent, but nothing says from which address."""
    if subject.site.mail.from_ is not None or subject.draft.is_broken("mail"):
        return
    for name, form in subject.site.forms.items():
        for index, send in enumerate(form.send):
            if send.email and not send.off and not form.off:
                yield subject.problem(
                    "mail-waits",
                    "nothing says how mail leaves the site, so it waits in the outbox",
                    ("forms", name, "send", index),
                    help='add [mail] with from = "My site <website@site.example>", and `server`',
                )
                return


# --- where visitors are led -------------------------------------------------------------------------------------------


def led_nowhere(subject: Subject) -> Iterator[Problem]:
    """Visitors are led to an address that nothing serves once their entry is stored."""
    if subject.draft.is_short_of("routes", "json", "static", "forms", "pages"):
        return
    serves = served(subject)
    for name, form in subject.site.forms.items():
        target = form.success.redirect
        path: KeyPath = ("forms", name, "success", "redirect")
        if target is None or is_external(target) or form.off:
            continue
        if serves.off(target):
            yield subject.problem(
                "link-to-off", f"{path_of(target)} is switched off, so visitors would see an error page", path
            )
        elif not serves(target):
            yield subject.problem(
                "broken-link",
                f"nothing answers {target.partition('?')[0]}, so visitors see an error page once their entry is stored",
                path,
                help=serves.near(target),
            )


def unseen_messages(subject: Subject) -> Iterator[Problem]:
    """A message is left for visitors on a page that does not show messages."""
    templates = template_set(subject)
    for name, form in subject.site.forms.items():
        if form.success.message is None or form.off:
            continue
        path: KeyPath = ("forms", name, "success", "message")
        target = form.success.redirect
        if target is not None and is_external(target):
            message = "another site cannot show this message"
            yield subject.problem("unseen-message", message, path, help="take it out, or lead to a page of this site")
            continue
        landing = _landing(form, subject, templates)
        if landing is not None and not _shows_message(landing, templates):
            where = "this page" if landing.template in templates.places else landing.template
            yield subject.problem(
                "unseen-message",
                f"nobody sees this message: {where} does not show messages",
                path,
                help="write {% for text in get_flashed_messages() %}<p>{{ text }}</p>{% endfor %} there",
            )


def _landing(form: Form, subject: Subject, templates: TemplateSet) -> Version | None:
    """Return the template that visitors see once their entry is stored; None where that cannot be told."""
    default = languages(subject).default
    target = path_of(form.success.redirect) if form.success.redirect is not None else form.path
    claim = next(iter(addresses(subject).exact.get(target, ())), None)
    if claim is None:
        return None
    language = languages(subject).of(target)
    if claim.page is not None:
        return None if claim.page.is_document else templates.of_page(claim.page)
    match claim.key[:2]:
        case ("routes", str(name)):
            route = subject.site.routes[name]
            return templates.of_route(name, route, language) if route.file is None else None
        case ("forms", str(name)):
            return templates.of_form(subject.site.forms[name], language or default)
    return None


def _shows_message(landing: Version, templates: TemplateSet) -> bool:
    return templates.shows_messages(landing) or _draws(landing, templates, whole=True)


# --- templates --------------------------------------------------------------------------------------------------------


def _draws(page: Version, templates: TemplateSet, *, whole: bool = False) -> bool:
    """Tell whether a template draws the form that it is given, or as a whole."""
    for free in free_uses(templates.closure(page)):
        if free.use.name == "form":
            part = free.use.path[0] if free.use.path else None
            if part is None or (not whole and part not in SAID_ABOUT):
                return True
    return False


def _drawn_fields(page: Version, form: Form, templates: TemplateSet) -> frozenset[str]:
    """Return the fields that a template draws one by one."""
    paths = [free.use.path for free in free_uses(templates.closure(page)) if free.use.name == "form"]
    if any(path[:1] == ("fields",) for path in paths):
        return frozenset(form.fields)
    drawn = {"input", "options"}
    return frozenset(str(path[0]) for path in paths if len(path) == 1 or (path and path[1] in drawn))


def undrawn_forms(subject: Subject) -> Iterator[Problem]:
    """A form's template does not draw it, or its own HTML is not what is declared."""
    templates = template_set(subject)
    told: set[tuple[str, str]] = set()
    for name, form in subject.site.forms.items():
        if form.template is None or subject.draft.is_broken("forms", name, "fields"):
            continue
        for language, address in addresses_of_form(form, subject).items():
            page = templates.of_form(form, language)
            if page.template not in templates.texts or (name, page.template) in told:
                continue
            told.add((name, page.template))
            yield from _judged(subject, name, form, page, address)


def _judged(subject: Subject, name: str, form: Form, page: Version, address: str) -> Iterator[Problem]:
    templates = template_set(subject)
    parts = [part for part in templates.closure(page).templates if part in templates.texts]
    if any(part in templates.broken for part in parts) or templates.closure(page).missing:
        return
    if _draws(page, templates, whole=True):
        return
    asked = questions(form, page.language, languages(subject).default)
    drawn = _drawn_fields(page, form, templates)
    action = subject.prefix + address
    is_drawn = _draws(page, templates)
    for part in parts:
        text = templates.literal(part)
        forms = list(written_forms(text))
        is_drawn = is_drawn or any(is_meant(one, (action,), is_only=len(forms) == 1) for one in forms)
        there = {control.name for one in forms for control in one.controls}
        others = [each for each in asked if each.name in there or each.name not in drawn]
        for found in compared(text, others, action, name):
            is_drawn = True
            place = templates.place(part, Spot(found.line, found.column), found.word)
            yield Problem(found.code, found.message, place, help=found.help)
    if not is_drawn:
        yield subject.problem(
            "form-not-drawn",
            f"this template does not draw the form `{name}`",
            ("forms", name, "template"),
            help='write {{ form }} in it where the form goes, or <form action="…" method="post"> with your own HTML',
        )


# --- when forms change ------------------------------------------------------------------------------------------------


def next_change(subject: Subject, now: datetime | None = None) -> datetime | None:
    """Return the next moment at which a form opens or closes, or asks for other days than before."""
    timezone = subject.site.site.timezone
    now = now or datetime.now(ZoneInfo(timezone))
    forms = [form for form in subject.site.forms.values() if not form.off]
    moments = [moment for form in forms for moment in form.changes(timezone)]
    if any(_counts_from_today(field) for form in forms for field in form.fields.values()):
        today = now.astimezone(ZoneInfo(timezone)).date()
        moments.append(moment_of(today + timedelta(days=1), timezone))
    return min((moment for moment in moments if moment > now), default=None)


def _counts_from_today(field: FormField) -> bool:
    return any(isinstance(day, RelativeDay) for day in (field.min, field.max, field.default))


# --- what is stored ---------------------------------------------------------------------------------------------------


def served_storage(subject: Subject) -> Iterator[Problem]:
    """What visitors wrote lies where the site is made of, or in a folder that anybody may read."""
    site, root = subject.site, subject.folder.root
    kept = dict(_kept(subject)) if site.forms else {}
    public: dict[KeyPath, Path] = {
        ("routes", name, "file"): (root / route.file).resolve()
        for name, route in site.routes.items()
        if route.file is not None and not route.off
    }
    public |= {
        ("static", index, "folder"): (root / mount.folder.strip("/")).resolve()
        for index, mount in enumerate(site.static)
        if not mount.off
    }
    made_of = {site.templates.folder: "templates", DEFAULT_MOUNT.folder: "files"}
    made_of |= {each.folder: "pages" for each in page_set(subject).folders}
    for word, place in kept.items():
        for path, shown in public.items():
            if _meet(shown, place):
                yield subject.problem(
                    "served-storage",
                    f"this is where the site keeps what visitors wrote, in `{getattr(site.storage, word)}`",
                    path,
                    help="name another folder, in which there is only what is public",
                )
        folder = next((each for each in made_of if _is_within(place, (root / each.strip("/")).resolve())), None)
        if folder is not None:
            yield subject.problem(
                "served-storage",
                f"what visitors write cannot be kept in `{folder}`, where the site has its {made_of[folder]}",
                ("storage", word),
                help=f'give it a place of its own, such as folder = "{Storage().folder}"',
            )


def _kept(subject: Subject) -> Iterator[tuple[str, Path]]:
    """Yield the places where something is kept, by the keys of [storage] that name them."""
    storage, root = subject.site.storage, subject.folder.root
    yield "folder", (root / storage.folder).resolve()
    if storage.uploads is not None:
        yield "uploads", (root / storage.uploads).resolve()
    if storage.database is not None and storage.database.startswith(SQLITE):
        yield "database", (root / storage.database.removeprefix(SQLITE).partition("?")[0]).resolve()


def _meet(shown: Path, kept: Path) -> bool:
    """Tell whether something of what is kept is among what is shown."""
    return _is_within(shown, kept) or _is_within(kept, shown)


def _is_within(inner: Path, outer: Path) -> bool:
    return inner.is_relative_to(outer)


RULES: tuple[Rule, ...] = (
    impossible_conditions,
    circular_conditions,
    attached_fields,
    large_files,
    past_ranges,
    forms_without_end,
    mails_without_sender,
    led_nowhere,
    unseen_messages,
    undrawn_forms,
    served_storage,
)
