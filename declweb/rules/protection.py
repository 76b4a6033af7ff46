"""`[users.NAME]`, `[[protect]]` and `[login]`: names that nobody has, and protection that protects nothing or all.

Owns what is to be said of who may see what. Judges no password: the model does.
"""

from collections.abc import Collection, Iterator
from urllib.parse import urlsplit

from declweb.files import real_path
from declweb.forms.written import written_forms
from declweb.http.visitors import is_near
from declweb.model import User
from declweb.problems import Problem, suggestion
from declweb.routing.covering import Covering
from declweb.rules.addresses import addresses
from declweb.rules.base import Rule, Subject
from declweb.rules.feeds import generated
from declweb.rules.languages import languages
from declweb.rules.pages import page_set
from declweb.rules.template_set import template_set
from declweb.sitefile import KeyPath
from declweb.templating.closures import names_used


def _allowing(subject: Subject) -> Iterator[tuple[KeyPath, list[str]]]:
    """Yield every `allow` of the site file."""
    for index, protect in enumerate(subject.site.protect):
        if not subject.draft.is_broken("protect", index):
            yield ("protect", index, "allow"), protect.allow
    inbox = subject.site.inbox
    if inbox is not None and not subject.draft.is_broken("inbox"):
        yield ("inbox", "allow"), inbox.allow


def names_of(name: str, user: User) -> frozenset[str]:
    """Return all that a user is called in `allow`."""
    return frozenset({name, *user.roles})


def unknown_users(subject: Subject) -> Iterator[Problem]:
    """Somebody is let in whom nobody is called, and who is no role of anybody."""
    users = subject.site.users
    known = dict.fromkeys([*users, *(role for user in users.values() for role in user.roles)])
    is_unsure = subject.draft.is_broken("users")
    for path, allow in _allowing(subject):
        for number, name in enumerate(allow):
            near = suggestion(name, known)
            if name in known or (is_unsure and near is None):
                continue
            others = f"there are {', '.join(known)}" if known else f'add [users.NAME] with roles = ["{name}"]'
            message = f"no user is called `{name}`, and none has it as a role"
            yield subject.problem("unknown-user", message, (*path, number), word=name, help=near or others)


def roles_like_users(subject: Subject) -> Iterator[Problem]:
    """A role is called like a user: whoever has it would be let in as that user."""
    users = subject.site.users
    for name, user in users.items():
        for number, role in enumerate(user.roles):
            if role in users:
                yield subject.problem(
                    "duplicate-name",
                    f"`{role}` is a role here, and the name of a user: who has the role would be let in as that user",
                    ("users", name, "roles", number),
                    word=role,
                    help="give the role another name",
                )


def closed_to_all(subject: Subject) -> Iterator[Problem]:
    """Nobody of those who are let in has a password."""
    users = subject.site.users
    if subject.draft.is_broken("users"):
        return
    for path, allow in _allowing(subject):
        let_in = {name: user for name, user in users.items() if not names_of(name, user).isdisjoint(allow)}
        if let_in and not any(user.can_sign_in for user in let_in.values()):
            listed = ", ".join(let_in)
            yield subject.problem(
                "closed-to-all",
                f"nobody can get in: {listed} {'has' if len(let_in) == 1 else 'have'} no password",
                path,
                help="give one of them the hash that `declweb hash` makes",
            )


def sessions_elsewhere(subject: Subject) -> Iterator[Problem]:
    """The cookie of sessions does not come along to what is closed, so whoever signs in is asked to sign in again."""
    site = subject.site
    if site.session.path is None or not site.users:
        return
    below = site.session.path.rstrip("/")
    starts = [path.partition("*")[0] for each in site.protect if each.by == "login" for path in each.path]
    outside = [path for path in (site.login.path, *starts) if not f"{subject.prefix}{path}/".startswith(f"{below}/")]
    if outside:
        yield subject.problem(
            "closed-to-all",
            f"nobody can get in: sessions are below {site.session.path} alone, and {outside[0]} is not",
            ("session", "path"),
            help="take `path` out: then they are on the whole site",
        )


def unneeded_users(subject: Subject) -> Iterator[Problem]:
    """A user may sign in, and is let in nowhere."""
    if subject.draft.is_broken("protect") or subject.draft.is_broken("inbox"):
        return
    allowed = {name for _, allow in _allowing(subject) for name in allow}
    for name, user in subject.site.users.items():
        if names_of(name, user).isdisjoint(allowed) and not subject.draft.is_broken("users", name):
            yield Problem(
                "unneeded-user",
                f"`{name}` is let in nowhere: no `allow` names this user, or a role of this user",
                subject.document.header_place(("users", name)),
                help="add the name, or a role, to an `allow`, or take the user out",
            )


def protected_nothing(subject: Subject) -> Iterator[Problem]:
    """A pattern is to be protected under which nothing falls."""
    if subject.draft.is_short_of("routes", "json", "static", "forms", "pages", "rewrites"):
        return
    known = tuple(_addresses(subject))
    for index, protect in enumerate(subject.site.protect):
        for number, pattern in enumerate(protect.path):
            if subject.draft.is_broken("protect", index) or _covers(pattern, known, subject):
                continue
            yield subject.problem(
                "protects-nothing",
                f"nothing of this site is at `{pattern}`, so nothing is protected",
                ("protect", index, "path", number),
                word=pattern,
                help=suggestion(pattern, {*known, *(f"{path.rstrip('/')}/*" for path in known)})
                or "write the address as visitors see it, such as /staff/*",
            )


def _addresses(subject: Subject) -> Iterator[str]:
    """Yield the addresses of a site, but for those of files in folders."""
    found = addresses(subject)
    yield from (claim.path for claim in found.claims())
    yield from page_set(subject).beside.values()
    yield from generated(subject)
    yield from (rewrite.from_ for rewrite in subject.site.rewrites)
    yield from (mount.below for mount, _ in found.mounts)


def _covers(pattern: str, known: Collection[str], subject: Subject) -> bool:
    covering = Covering([(pattern, True)], languages(subject), (mount.index for mount in subject.site.static))
    if any(map(covering.of, known)):
        return True
    start = pattern.partition("*")[0]
    if any(start.startswith(path.partition("<")[0]) for path in known if "<" in path):
        return True
    return any(
        start.startswith(mount.below) and _is_there(mount.folder, start[len(mount.below) :], subject)
        for mount, _ in addresses(subject).mounts
    )


def _is_there(folder: str, start: str, subject: Subject) -> bool:
    """Tell whether something in a folder of files begins like this, or stands for it."""
    above, _, name = start.rpartition("/")
    place = real_path(subject.folder.root / folder.strip("/") / above)
    if not place.is_relative_to(subject.folder.root) or not place.is_dir():
        return False
    return any(each.name.casefold().startswith(name.casefold()) for each in place.iterdir())


def passwords_in_clear(subject: Subject) -> Iterator[Problem]:
    """Users sign in at an address that is not encrypted."""
    url = subject.site.site.url
    if url is None or not subject.site.users or subject.draft.is_broken("site", "url"):
        return
    if urlsplit(url).scheme == "http" and not is_near(urlsplit(url).netloc):
        yield subject.problem(
            "password-in-clear",
            "users sign in here, and http lets everybody on the way read their passwords",
            ("site", "url"),
            word="http",
            help="write https, and let visitors come by it",
        )


def undrawn_login(subject: Subject) -> Iterator[Problem]:
    """The template of the login page does not draw the form."""
    login, templates = subject.site.login, template_set(subject)
    if login.template is None or not subject.site.users:
        return
    page = templates.of_login(languages(subject).default)
    closure = templates.closure(page)
    parts = [part for part in closure.templates if part in templates.texts]
    if page.template not in templates.texts or any(part in templates.broken for part in parts) or closure.missing:
        return
    controls = (one.controls for part in parts for one in written_forms(templates.literal(part)))
    is_written = any(control.name == "password" for found in controls for control in found)
    if not names_used(closure, {"form"}) and not is_written:
        yield subject.problem(
            "form-not-drawn",
            "this template does not draw the form to sign in",
            ("login", "template"),
            help="write {{ form }} in it where the form goes",
        )


RULES: tuple[Rule, ...] = (
    unknown_users,
    roles_like_users,
    closed_to_all,
    sessions_elsewhere,
    unneeded_users,
    protected_nothing,
    passwords_in_clear,
    undrawn_login,
)
