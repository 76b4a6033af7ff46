"""The three stages in their order: read, validate, compile.

Owns which stage runs when an earlier one found something, and nothing else.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from declweb.app import App
from declweb.compiler import Parts, compile_site
from declweb.compiler.rehearsal import rehearse
from declweb.compiler.templates import Templates
from declweb.files import Folder
from declweb.model import Site
from declweb.problems import Problem, in_order
from declweb.rules import RULES, Subject
from declweb.rules.addresses import addresses, named_addresses
from declweb.rules.redirect_files import with_redirect_files
from declweb.rules.templates import template_set
from declweb.sitefile import Reading, read
from declweb.validation import validate

FOLLOW_UPS = frozenset({"dead-link", "missing-key", "no-answer", "unknown-endpoint", "unread-file", "unused-template"})
"""What may be wrong only because a line that could not be read would have said it."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """What became of a site file."""

    app: App | None
    """The running site; None when a problem is an error."""
    site: Site | None
    problems: tuple[Problem, ...]
    watched: frozenset[Path]
    """Folders and files whose change means a new site."""


def load_site(path: Path, environment: str | None, variables: Mapping[str, str]) -> Loaded:
    """Return the site of a site file, or of the folder with it, in one environment.

    Raises OSError when the site file itself cannot be read.
    """
    return _load(read(path, variables), environment)


def check_site(path: Path, variables: Mapping[str, str]) -> tuple[Problem, ...]:
    """Return every problem of a site, in every environment that it declares; raises as load_site does."""
    reading = read(path, variables)
    names = (None, *reading.environments)
    return in_order(problem for name in names for problem in _load(reading, name).problems)


def environments(path: Path) -> tuple[str, ...]:
    """Return the names of the environments that a site file declares; raises as load_site does."""
    return read(path, {}).environments


def _load(reading: Reading, environment: str | None) -> Loaded:
    document = reading.document(environment)
    problems = [*reading.problems, *document.problems]
    draft = validate(document)
    problems += draft.problems
    subject = with_redirect_files(Subject(draft, document))
    for rule in RULES:
        problems += rule(subject)
    problems = list(_without_follow_ups(problems, reading.problems))
    watched = frozenset({reading.folder, *reading.files})
    if any(problem.is_error for problem in problems):
        return Loaded(None, draft.whole, in_order(problems), watched)
    app, found = _compiled(subject, reading)
    problems += found
    is_broken = any(problem.is_error for problem in found)
    return Loaded(None if is_broken else app, draft.whole, in_order(problems), watched)


def _compiled(subject: Subject, reading: Reading) -> tuple[App | None, list[Problem]]:
    site = subject.draft.whole
    site = (
        site.model_copy(update={"redirects": {**site.redirects, **subject.moved.redirects}}) if subject.moved else site
    )
    urls = named_addresses(subject)
    folder = Folder(reading.folder)
    templates = Templates(site, template_set(subject), urls, folder.root, subject.prefix)
    parts = Parts(
        folder=folder,
        environment=subject.document.environment,
        prefix=subject.prefix,
        mounts=tuple(mount for mount, _ in subject.memo(addresses).mounts),
        urls=urls,
        rewrites=subject.moved.rewrites if subject.moved else {},
        place=lambda path: _short(subject, path),
        files=frozenset(reading.files),
    )
    problems = rehearse(site, templates, subject)
    if any(problem.is_error for problem in problems):
        return None, problems
    return compile_site(site, parts, templates), problems


def _short(subject: Subject, path: tuple[str, ...]) -> str:
    place = subject.document.place(path)
    return f"{Path(place.file).name}:{place.line}" if place.line else Path(place.file).name


def _without_follow_ups(problems: Iterable[Problem], unread: Iterable[Problem]) -> Iterator[Problem]:
    """Leave out what may only be wrong because a line could not be read."""
    is_unread = any(problem.is_error for problem in unread)
    for problem in problems:
        if not (is_unread and problem.code in FOLLOW_UPS):
            yield problem


__all__ = ["Loaded", "check_site", "environments", "load_site"]
