"""The three stages in their order: read, validate, compile.

Owns which stage runs when an earlier one found something, and what outlives them. Knows no table by what is in it.
"""

import gc
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from weakref import finalize

from declweb.app import App
from declweb.compiler import Parts, compile_site
from declweb.compiler.assets import Assets
from declweb.compiler.data import SiteData
from declweb.compiler.middleware import CannotMake, around
from declweb.compiler.pages import WrittenPages
from declweb.compiler.rehearsal import rehearse
from declweb.compiler.templates import Templates
from declweb.hook_modules import Modules
from declweb.model import Limits, Logging, Mail, Server, Session, Site, Storage, Trial, User
from declweb.problems import Also, Place, Problem, in_order
from declweb.rules import RULES, Subject
from declweb.rules.addresses import addresses, named_addresses, public_files
from declweb.rules.choices import with_choices
from declweb.rules.data import datasets
from declweb.rules.feeds import feeds, generated
from declweb.rules.forms import next_change
from declweb.rules.hooks import code, place_of
from declweb.rules.languages import addresses_of, addresses_of_form
from declweb.rules.pages import page_set, with_former_addresses
from declweb.rules.policies import blocked_in_other_files, blocked_in_stylesheets
from declweb.rules.public_folders import public_folders
from declweb.rules.redirect_files import with_redirect_files
from declweb.rules.served import served
from declweb.rules.template_set import template_set
from declweb.rules.watching import NOTHING_APART, Apart, apart
from declweb.sitefile import KeyPath, Reading, read
from declweb.validation import validate

FOLLOW_UPS = frozenset({"dead-link", "missing-key", "no-answer", "unknown-endpoint", "unread-file"})
"""What may be wrong only because a line that could not be read would have said it."""

HOW_IT_IS_RUN = {
    "server": Server(),
    "limits": Limits(),
    "logging": Logging(),
    "proxy": None,
    "session": Session(),
    "storage": Storage(),
    "mail": Mail(),
    "users": dict[str, User](),
    "tests": list[Trial](),
}
"""Tables that change no page: environments that differ in these alone are rehearsed once."""


MANY = 20_000
"""New objects after which Python looks for cycles while a site is loaded."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """What became of a site file."""

    app: App | None
    """The running site; None when a problem is an error."""
    site: Site | None
    """What the site file says of the site and of how it is run, and nothing else."""
    problems: tuple[Problem, ...]
    watched: frozenset[Path]
    """Folders and files whose change means a new site."""
    until: datetime | None = None
    """When it becomes another site by itself: the day of a page comes, a form opens or closes."""
    apart: Apart = NOTHING_APART
    """Folders in them whose change does not, and the files in those whose change does."""


@contextmanager
def _with_few_collections() -> Iterator[None]:
    """Let Python look for cycles less often meanwhile: nearly all that is made stays, and is looked at in vain."""
    before = gc.get_threshold()
    gc.set_threshold(MANY, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)


def load_site(  # noqa: PLR0913 # what, for whom, and how it is run
    path: Path,
    environment: str | None,
    variables: Mapping[str, str],
    *,
    is_development: bool = False,
    is_rehearsed: bool = False,
    change: Callable[[Site], Site] | None = None,
) -> Loaded:
    """Return the site of a site file, or of the folder with it, in one environment.

    In development drafts and pages of days to come are shown. What `is_rehearsed` already is not rendered once more to
    see whether it can be. With `change` the site runs otherwise than it is declared, and what is wrong is judged
    before. Raises OSError when the site file itself cannot be read.
    """
    with _with_few_collections():
        reading = read(path, variables)
        modules = Modules(reading.folder)
        stage = _Stage(reading, environment, is_development=is_development, change=change, modules=modules)
        return _load(stage, modules, is_rehearsed=is_rehearsed)


def check_site(path: Path, variables: Mapping[str, str], *, imports: bool = True) -> tuple[Problem, ...]:
    """Return every problem of a site, in every environment that it declares; raises as load_site does.

    Where it `imports` nothing, the site's own Python is not looked at.
    """
    reading = read(path, variables)
    modules = Modules(reading.folder) if imports else None
    try:
        return in_order(_checked(reading, modules))
    finally:
        if modules is not None:
            modules.forget()


def _checked(reading: Reading, modules: Modules | None) -> list[Problem]:
    """Return every problem of a site, in every environment that it declares."""
    rehearsed: list[tuple[Site, frozenset[str]]] = []
    problems: list[Problem] = []
    for name in (None, *reading.environments):
        stage = _Stage(reading, name, modules=modules)
        problems += [*stage.problems, *public_folders(stage.subject, reading.files)]
        problems += [*blocked_in_stylesheets(stage.subject), *blocked_in_other_files(stage.subject)]
        shown = frozenset(page.file for page in page_set(stage.subject).pages)
        content = stage.subject.draft.whole.model_copy(update=HOW_IT_IS_RUN), shown
        if not stage.has_errors and content not in rehearsed:
            problems += rehearse(stage.site, stage.templates, stage.written, stage.subject)
        if not stage.has_errors and modules is not None:
            problems += stage.unmade
        rehearsed.append(content)
    return problems


def environments(path: Path) -> tuple[str, ...]:
    """Return the names of the environments that a site file declares; raises as load_site does."""
    return read(path, {}).environments


def declared_site(
    path: Path, environment: str | None, variables: Mapping[str, str]
) -> tuple[Site | None, tuple[Problem, ...]]:
    """Return what a site file says, as far as it is right; None where it does not say for certain where entries lie.

    Raises as load_site does.
    """
    reading = read(path, variables)
    document = reading.document(environment)
    draft = validate(document)
    problems = in_order([*reading.problems, *document.problems, *draft.problems])
    is_unsure = any(problem.is_error for problem in (*reading.problems, *document.problems))
    if is_unsure or draft.is_broken("storage"):
        return None, problems
    return with_choices(Subject(draft, document)).draft.whole, problems


def places(path: Path, environment: str | None, variables: Mapping[str, str]) -> Callable[[KeyPath], Place]:
    """Return what tells where something stands in a site file; raises as load_site does."""
    return read(path, variables).document(environment).place


class _Stage:
    """A site in one environment, read and validated, and all that is wrong with it so far."""

    def __init__(
        self,
        reading: Reading,
        environment: str | None,
        *,
        is_development: bool = False,
        change: Callable[[Site], Site] | None = None,
        modules: Modules | None = None,
    ) -> None:
        document = reading.document(environment)
        draft = validate(document)
        self.reading = reading
        self.change = change
        is_development = is_development or environment == "development"
        subject = with_redirect_files(Subject(draft, document, is_development=is_development, modules=modules))
        self.subject = with_choices(with_former_addresses(subject))
        problems = [*reading.problems, *document.problems, *draft.problems]
        for rule in RULES:
            problems += rule(self.subject)
        self.problems = list(_without_follow_ups(problems, reading.problems))

    @property
    def has_errors(self) -> bool:
        return any(problem.is_error for problem in self.problems)

    @cached_property
    def site(self) -> Site:
        site = self.subject.draft.whole.model_copy(update={"redirects": self.subject.redirects})
        return self.change(site) if self.change else site

    @cached_property
    def templates(self) -> Templates:
        subject = self.subject
        known, urls = template_set(subject), named_addresses(subject)
        root, pages = subject.folder.root, page_set(subject)
        serves, filters = served(subject), {"asset": self.assets}
        start = {code: known.languages.address("/", code) for code in known.languages.codes}
        starts = frozenset(code for code, path in start.items() if serves.surely(path) and not serves.off(path))
        found = (code(subject).functions.find(spec) for spec in self.site.hooks.context_processors)
        processors = tuple(each for each in found if each is not None)
        data = SiteData(datasets(subject))
        return Templates(self.site, known, urls, root, subject.prefix, pages, filters, starts, processors, data)

    @cached_property
    def assets(self) -> Assets:
        return Assets(public_files(self.subject))

    @cached_property
    def written(self) -> WrittenPages:
        subject = self.subject
        key = (subject.document.environment, subject.is_development)
        known, found = template_set(subject), feeds(subject)
        return WrittenPages(self.site, self.templates, known, found, subject.folder.root, key, self.assets)

    @property
    def unmade(self) -> list[Problem]:
        """What is wrong with middleware that raises while it is made; it is made around nothing, to see."""
        try:
            around(_nothing, self.site.middleware, code(self.subject).functions)
        except CannotMake as error:
            return [_unmade(self.subject, error)]
        return []

    def app(self) -> App:
        subject = self.subject
        parts = Parts(
            folder=subject.folder,
            classes=subject.classes,
            prefix=subject.prefix,
            environment=subject.document.environment,
            mounts=tuple(
                (mount, _short(subject, key or ())) for mount, key in addresses(subject).mounts if not mount.off
            ),
            urls=named_addresses(subject),
            addresses_of=lambda route: addresses_of(route, subject),
            form_addresses=lambda form: addresses_of_form(form, subject),
            pages=page_set(subject),
            feeds=feeds(subject),
            generated=generated(subject),
            rewrites=subject.moved.rewrites if subject.moved else {},
            place=lambda path: _short(subject, path),
            files=frozenset(self.reading.files),
            functions=code(subject).functions,
            is_development=subject.is_development,
        )
        return compile_site(self.site, parts, self.templates, self.written)


def _load(stage: _Stage, modules: Modules, *, is_rehearsed: bool) -> Loaded:
    problems = list(stage.problems)
    if not stage.has_errors and not is_rehearsed:
        problems += rehearse(stage.site, stage.templates, stage.written, stage.subject)
    app = None
    if not any(problem.is_error for problem in problems):
        try:
            app = stage.app()
        except CannotMake as error:
            problems.append(_unmade(stage.subject, error))
    moments = (page_set(stage.subject).until, next_change(stage.subject))
    until = min((moment for moment in moments if moment is not None), default=None)
    apart_ = apart(stage.subject) if app else NOTHING_APART
    stage.subject.forget()
    watched = frozenset({stage.reading.folder, *stage.reading.files})
    if app is None:
        modules.forget()
    else:
        finalize(app, modules.forget)
    return Loaded(app, _in_short(stage.subject.draft.whole), in_order(problems), watched, until, apart_)


def _nothing(_environ: object, _start_response: object) -> list[bytes]:
    """Stand where middleware wants an application, and is not asked for anything."""
    return []


def _unmade(subject: Subject, error: CannotMake) -> Problem:
    """Return what is wrong with middleware that cannot be made."""
    spot = subject.modules.last_spot(error.__cause__) if subject.modules and error.__cause__ else None
    also = (Also(place_of(subject, spot), "is where it goes wrong"),) if spot else ()
    return Problem("failing-middleware", error.message, subject.place(("middleware", error.index, "use")), also=also)


def _in_short(site: Site) -> Site:
    """Return what a site file says of the site and of how it is run, without all that the App knows better."""
    return Site.model_construct(site=site.site, **{name: getattr(site, name) for name in HOW_IT_IS_RUN})


def _short(subject: Subject, path: KeyPath) -> str:
    place = subject.document.place(path)
    return f"{Path(place.file).name}:{place.line}" if place.line else Path(place.file).name


def _without_follow_ups(problems: Sequence[Problem], unread: Iterable[Problem]) -> Iterator[Problem]:
    """Leave out what may only be wrong because a line could not be read, and quotes that a bad name needs not."""
    is_unread = any(problem.is_error for problem in unread)
    bad_names = {(problem.place.file, problem.place.line) for problem in problems if problem.code == "bad-name"}
    for problem in problems:
        is_of_bad_name = problem.code == "unquoted-key" and (problem.place.file, problem.place.line) in bad_names
        if not (is_of_bad_name or (is_unread and problem.code in FOLLOW_UPS)):
            yield problem
