"""Names that dangle, and names that mislead: files, folders, words of the language among the author's own."""

from collections.abc import Iterator

from declweb.files import real_path
from declweb.model.kinds import homes, kinds
from declweb.problems import Place, Problem, suggestion
from declweb.rules.base import Rule, Subject
from declweb.rules.files import ASSETS, MANY
from declweb.rules.template_uses import texts_of_form
from declweb.sitefile import KeyPath


def missing_files(subject: Subject) -> Iterator[Problem]:
    """A route sends a file, or the server needs one, that is not in the site folder."""
    wanted: list[tuple[str, KeyPath]] = [
        (route.file, ("routes", name, "file")) for name, route in subject.site.routes.items() if route.file is not None
    ]
    server = subject.site.server
    wanted += [(name, ("server", key)) for key in ("tls_certificate", "tls_key") if (name := getattr(server, key))]
    for name, key in wanted:
        if not real_path(subject.folder.root / name).is_relative_to(subject.folder.root):
            yield _outside(subject, name, key)
        elif subject.folder.find(name) is None:
            yield subject.problem(
                "missing-file",
                f"there is no file `{name}` in the site folder",
                key,
                help=suggestion(name, subject.folder.names(most=MANY))
                or "files are named from the site folder, with `/` between",
            )


def missing_folders(subject: Subject) -> Iterator[Problem]:
    """A folder that the site file names is not there, or not inside the site folder."""
    site = subject.site
    wanted: list[tuple[str, KeyPath]] = [
        (mount.folder, ("static", index, "folder"))
        for index, mount in enumerate(site.static)
        if not subject.draft.is_broken("static", index)
    ]
    wanted += [
        (pages.folder, ("pages", index, "folder"))
        for index, pages in enumerate(site.pages)
        if not subject.draft.is_broken("pages", index)
    ]
    named = [*(route.template for route in site.routes.values()), *(form.template for form in site.forms.values())]
    named.append(site.login.template)
    if subject.document.find(("templates", "folder")) or any(named):
        wanted.append((site.templates.folder, ("templates", "folder")))
    root = subject.folder.root
    folders = [path.name for path in root.iterdir() if path.is_dir() and not path.name.startswith(".")]
    for name, key in wanted:
        path = real_path(root / name)
        if not path.is_relative_to(root):
            yield _outside(subject, name, key)
        elif not path.is_dir():
            yield subject.problem(
                "missing-folder",
                f"there is no folder `{name}` in the site folder",
                key,
                help=suggestion(name, folders) or "make it, or take the key out",
            )


def links_to_outside(subject: Subject) -> Iterator[Problem]:
    """A folder that a site has without naming it is a link that leads outside."""
    site = subject.site
    named = {"pages": site.pages, ASSETS: site.static, "templates": subject.document.find(("templates", "folder"))}
    for name in (name for name, others in named.items() if not others):
        path = subject.folder.root / name
        if path.is_symlink() and not real_path(path).is_relative_to(subject.folder.root):
            yield Problem(
                "outside-folder",
                f"`{name}` is a link that leads out of the site folder, and nothing outside is ever read",
                Place(subject.shown(name)),
                help="move what it leads to into the site folder",
            )


def _outside(subject: Subject, name: str, key: KeyPath) -> Problem:
    return subject.problem(
        "outside-folder",
        f"`{name}` is not inside the site folder, and nothing outside is ever read",
        key,
        help="move it into the site folder",
    )


IN_LINES = frozenset({"a line of [forms.NAME.fields]"})
"""Where keys stand in tables of one line, out of which none can fall into [config]."""


def words_in_config(subject: Subject) -> Iterator[Problem]:
    """A value of the author's own is called like a word of the language, and may have been meant as one."""
    for name in subject.site.config:
        where = [header for header in homes().get(name, ()) if header != "[config]" and header not in IN_LINES]
        if name in kinds() and kinds()[name].shape != "top":
            where = [kinds()[name].header]
        if where:
            yield Problem(
                "word-in-config",
                f"`{name}` is also a word of {' and '.join(where)}; here it is only a value of yours",
                subject.document.key_place(("config", name)),
                help=f"if it was meant for {where[0]}, move it there; else all is well, or give it another name",
            )


def unused_redirect_files(subject: Subject) -> Iterator[Problem]:
    """Netlify's `_redirects` lies in the site folder, but nothing reads it."""
    if subject.folder.find("_redirects") and "_redirects" not in subject.site.redirects_from:
        yield subject.problem(
            "unread-file",
            "the site folder has a file `_redirects`, but nothing reads it",
            (),
            help='add redirects_from = ["_redirects"] at the top of the file',
        )


READ_AS_TEMPLATE = ("text", "html")
"""Keys of a route whose text is a template, in which these signs of a variable's value would mean something."""


def variables_that_would_be_read(subject: Subject) -> Iterator[Problem]:
    """The value of an environment variable has signs that mean something where it is put in."""
    of_forms = {key: text for name, form in subject.site.forms.items() for key, text, _ in texts_of_form(name, form)}
    for path, values in subject.document.filled.items():
        key = str(path[2]) if path[0] == "routes" and len(path) > 2 else ""
        text = getattr(subject.site.routes.get(str(path[1])), key, "") if key in READ_AS_TEMPLATE else None
        if text is None:
            text = of_forms.get(path) or of_forms.get((*path, 0))
        signs, what = _signs(path) if text is None else _signs_of_templates(key, text)
        found = sorted({sign for value in values for sign in signs if sign in value})
        if found:
            yield subject.problem(
                "variable-with-signs",
                f"the value that is put in here has {' '.join(f'`{sign}`' for sign in found)}, which {what}",
                path,
                word="${",
                help="take these signs out of the variable"
                if text is None
                else 'write { NAME = "${NAME}" } below [config], and {{ config.NAME }} here',
            )


def _signs_of_templates(key: str, text: object) -> tuple[str, str]:
    """Return the signs that a value must not bring to a text that is a template, and what they would do."""
    html = "<>&" if key == "html" else ""
    quotes = "\"'\\" if "{{" in str(text) or "{%" in str(text) else ""
    return "{}" + quotes + html, "would be read as a part of the template"


def _signs(path: KeyPath) -> tuple[str, str]:
    """Return the signs that a value must not bring to this key, and what they would do."""
    if path[-1] in {"path", "to"} or (path[0] == "redirects" and len(path) == 2):
        return "<>*", "would be read as a part of the pattern"
    return "", ""


RULES: tuple[Rule, ...] = (
    variables_that_would_be_read,
    missing_files,
    missing_folders,
    links_to_outside,
    words_in_config,
    unused_redirect_files,
)
