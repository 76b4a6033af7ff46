"""`[forms.NAME]`: templates without their form, places where nobody sees what is said, and when forms change.

Owns what is to be said about a form beyond its own table. Judges no HTML: what an author writes by hand is compared
where forms are drawn.
"""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from declweb.clock import present
from declweb.forms.handwritten import compared
from declweb.forms.questions import questions
from declweb.forms.written import is_meant, written_forms
from declweb.http.paths import path_of
from declweb.model import Form, FormField
from declweb.model.days import RelativeDay
from declweb.model.moments import moment as moment_of
from declweb.model.urls import is_external
from declweb.model.words import spoken_size
from declweb.problems import Problem, suggestion
from declweb.rules.addresses import addresses
from declweb.rules.base import Rule, Subject
from declweb.rules.languages import addresses_of_form, languages
from declweb.rules.served import served
from declweb.rules.template_set import TemplateSet, template_set
from declweb.rules.template_uses import Version
from declweb.sitefile import KeyPath
from declweb.templating.closures import free_uses
from declweb.templating.positions import Spot

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
_WIDEST, _WIDEST_ESCAPED = 3, 9
"""Bytes that a character takes at most in UTF-8, counted as browsers count, and where each byte is written as `%E3`."""


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


def long_answers(subject: Subject) -> Iterator[Problem]:
    """A field takes longer texts than a form may send."""
    most = subject.site.limits.form
    for name, form in subject.site.forms.items():
        has_files = any(field.type == "file" for field in form.fields.values())
        wide = _WIDEST if has_files else _WIDEST_ESCAPED
        for word, field in form.fields.items():
            if field.max_length is not None and field.max_length * wide > most:
                yield subject.problem(
                    "large-answer",
                    f"a form may send {spoken_size(most)} of texts, and {field.max_length} characters can take"
                    f" {spoken_size(field.max_length * wide)} on their way",
                    ("forms", name, "fields", word, "max_length"),
                    help=f"write at most max_length = {most // wide // 100 * 100}, or a larger `form` in [limits],"
                    f' such as form = "{spoken_size(_rounded_up(field.max_length * wide + most // 2))}"',
                )


def _rounded_up(size: int) -> int:
    return -(-size // 100_000) * 100_000


def many_files(subject: Subject) -> Iterator[Problem]:
    """A form asks for more files than an entry may have."""
    most = subject.site.limits.files
    for name, form in subject.site.forms.items():
        files = {word: field for word, field in form.fields.items() if field.type == "file"}
        alone = [word for word, field in files.items() if field.required and not field.show_when]
        if len(alone) > most:
            yield subject.problem(
                "out-of-range",
                f"an entry may have {most} file{'s' * (most > 1)}, so a form that asks for {len(alone)} cannot be sent",
                ("forms", name, "fields", alone[most]),
                help=f"let fewer of them be required, or write a larger `files` in [limits]: files = {len(alone)}",
            )


def _more(field: FormField) -> str:
    return spoken_size((field.max_size or 0) + 1_000_000)


def past_ranges(subject: Subject) -> Iterator[Problem]:
    """A day is asked for that has passed, or will have passed before anybody can choose it."""
    today = present().astimezone(ZoneInfo(subject.site.site.timezone)).date()
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
            return templates.of_route(name, route, language) if route.is_rendered else None
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
    now = now or present().astimezone(ZoneInfo(timezone))
    forms = [form for form in subject.site.forms.values() if not form.off]
    moments = [moment for form in forms for moment in form.changes(timezone)]
    if any(_counts_from_today(field) for form in forms for field in form.fields.values()):
        today = now.astimezone(ZoneInfo(timezone)).date()
        moments.append(moment_of(today + timedelta(days=1), timezone))
    return min((moment for moment in moments if moment > now), default=None)


def _counts_from_today(field: FormField) -> bool:
    return any(isinstance(day, RelativeDay) for day in (field.min, field.max, field.default))


RULES: tuple[Rule, ...] = (
    attached_fields,
    large_files,
    long_answers,
    many_files,
    past_ranges,
    forms_without_end,
    mails_without_sender,
    led_nowhere,
    unseen_messages,
    undrawn_forms,
)
